package desktop

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestNetwork(t *testing.T) {
	tests := map[string]struct {
		seen string // at the start
		then string // "at:seen", in milliseconds; rest is asked every 100 ms
		want string
	}{
		"nothing changes":              {"a", "100:a 5000:a", ""},
		"comes":                        {"", "100:a", "1100 network back"},
		"goes":                         {"a", "100:", ""},
		"goes and comes back":          {"a", "100: 9000:a", "10000 network back"},
		"flaps":                        {"a", "100: 300:a", "1300 network back"},
		"another address":              {"a", "100:b", "1100 network changed"},
		"one more, one less":           {"a", "100:ab 4000:b", "1100 network changed, 5000 network changed"},
		"piece by piece":               {"", "100:a 900:ab 1500:abc", "2500 network back"},
		"goes while it settles":        {"", "100:a 900:", ""},
		"goes, settles, comes":         {"a", "100:ab 900: 5000:ab", "6000 network back"},
		"never rests":                  {"a", "100:b 900:c 1700:d 2500:e 3300:f 4100:g 4900:h 5700:i", "5100 network changed, 6700 network changed"},
		"changes and changes back":     {"a", "100:ab 300:a", "1300 network changed"},
		"told once":                    {"", "100:a 5000:a 9000:a", "1100 network back"},
		"goes when it was told":        {"", "100:a 3000: 8000:a", "1100 network back, 9000 network back"},
		"gone twice before it settles": {"a", "100: 300:a 500: 700:a", "1700 network back"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			looks := map[int]string{}
			for step := range strings.FieldsSeq(tt.then) {
				var at int
				when, seen, _ := strings.Cut(step, ":")
				if _, err := fmt.Sscan(when, &at); err != nil {
					t.Fatal(err)
				}
				looks[at] = seen
			}
			var told []string
			start := time.Unix(1000, 0)
			n := network{seen: tt.seen}
			for ms := 0; ms <= 15000; ms += 100 {
				now := start.Add(time.Duration(ms) * time.Millisecond)
				if seen, ok := looks[ms]; ok {
					n.look(now, seen)
				}
				if kind, ok := n.rest(now); ok {
					told = append(told, fmt.Sprint(ms, kind))
				}
			}
			if got := strings.Join(told, ", "); got != tt.want {
				t.Errorf("told %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNaps(t *testing.T) {
	const s = time.Second
	tests := map[string]struct {
		later, asleep time.Duration // since the reading before
		want          time.Duration
	}{
		"nothing":                           {tick, 0, 0},
		"a hint came early":                 {0, 0, 0},
		"a busy computer":                   {tick + 8*s, 0, 0},
		"Linux and macOS: own clock stands": {tick, 3600 * s, 3600 * s},
		"Windows: own clock goes on":        {3600 * s, 3598 * s, 3598 * s},
		"frozen":                            {tick + 60*s, 0, 60 * s},
		"frozen and asleep":                 {tick + 60*s, 20 * s, 60 * s},
		"a short nap":                       {tick, 9 * s, 0},
		"just long enough":                  {tick, 10 * s, 10 * s},
		"a clock set back (elsewhere)":      {tick, -3600 * s, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			start := time.Unix(1000, 0)
			n := naps{at: start, asleep: 500 * s}
			slept, woke := n.read(start.Add(tt.later), 500*s+tt.asleep)
			if slept != tt.want || woke != (tt.want > 0) {
				t.Errorf("slept %v (%v), want %v", slept, woke, tt.want)
			}
			if slept, woke := n.read(start.Add(tt.later+tick), 500*s+tt.asleep); woke {
				t.Errorf("told twice: %v", slept)
			}
		})
	}
}

func TestWhichAddressesCount(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1": false, "::1": false, "169.254.10.20": false, "fe80::1": false, "0.0.0.0": false, "::": false, "224.0.0.1": false, "ff02::1": false,
		"192.168.1.5": true, "10.0.0.1": true, "100.64.0.1": true, "8.8.8.8": true, "fd00::2": true, "2001:db8::1": true,
	} {
		if got := reachesFar(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
	for flags, want := range map[net.Flags]bool{
		0: false, net.FlagUp: false, net.FlagRunning: false,
		net.FlagUp | net.FlagRunning:                     true,
		net.FlagUp | net.FlagRunning | net.FlagLoopback:  false,
		net.FlagUp | net.FlagRunning | net.FlagBroadcast: true,
	} {
		if got := leadsOut(flags); got != want {
			t.Errorf("%v: %v, want %v", flags, got, want)
		}
	}
}

func TestAddressesAreTheSameTwice(t *testing.T) {
	first, err := addresses()
	if err != nil {
		t.Fatal(err)
	}
	if second, err := addresses(); err != nil || second != first || strings.Contains(first, "127.0.0.1") {
		t.Errorf("%q, then %q, %v", first, second, err)
	}
}

// BenchmarkLook is what a look costs, which is taken twice a minute.
func BenchmarkLook(b *testing.B) {
	for b.Loop() {
		if _, err := addresses(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTick is what the clocks cost, which are read every five seconds.
func BenchmarkTick(b *testing.B) {
	n := naps{at: time.Now(), asleep: asleep()}
	for b.Loop() {
		if _, woke := n.read(time.Now(), asleep()); woke {
			b.Fatal("slept")
		}
	}
}
