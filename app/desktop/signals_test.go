package desktop

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// computer is what a watcher watches in tests: in virtual time, without a system.
type computer struct {
	hint   chan struct{}
	mute   error // what listening ends with
	looks  atomic.Int64
	asleep atomic.Int64

	mu    sync.Mutex
	seen  string
	fails error
	told  []string
	start time.Time
}

// onComputer runs f while a watcher watches.
func onComputer(t *testing.T, mute error, f func(t *testing.T, c *computer)) {
	synctest.Test(t, func(t *testing.T) {
		c := &computer{hint: make(chan struct{}), mute: mute, seen: "eth0 192.0.2.1/24", start: time.Now()}
		w := newWatcher(nil)
		w.listen = func(ctx context.Context, hint func()) error {
			for c.mute == nil {
				select {
				case <-c.hint:
					hint()
				case <-ctx.Done():
					return nil
				}
			}
			return c.mute
		}
		w.addresses = func() (string, error) {
			c.looks.Add(1)
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.seen, c.fails
		}
		w.asleep = func() time.Duration { return time.Duration(c.asleep.Load()) }
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			w.begin(time.Now())
			w.run(ctx, func(s Signal) {
				c.mu.Lock()
				defer c.mu.Unlock()
				text := fmt.Sprint(s.At.Sub(c.start).Round(time.Millisecond), " ", s.Kind)
				if s.Slept != 0 {
					text += " after " + s.Slept.String()
				}
				c.told = append(c.told, text)
			})
		})
		defer running.Wait()
		defer cancel()
		synctest.Wait()
		f(t, c)
	})
}

// see makes the computer have other addresses, and says so when it can.
func (c *computer) see(seen string) {
	c.mu.Lock()
	c.seen = seen
	c.mu.Unlock()
	if c.mute == nil {
		c.hint <- struct{}{}
		synctest.Wait()
	}
}

func (c *computer) want(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if got := strings.Join(c.told, ", "); got != strings.Join(want, ", ") {
		t.Errorf("told %q, want %q", got, strings.Join(want, ", "))
	}
}

func TestWatchTellsWhenTheNetworkIsBack(t *testing.T) {
	onComputer(t, nil, func(t *testing.T, c *computer) {
		time.Sleep(time.Minute + time.Millisecond)
		c.see("")
		time.Sleep(10 * time.Minute)
		c.want(t)
		c.see("eth0 192.0.2.1/24")
		time.Sleep(time.Second)
		c.want(t, "11m1.001s network back")
		time.Sleep(9 * time.Second)
		c.see("eth0 192.0.2.1/24, tun0 10.0.0.1/32")
		time.Sleep(time.Hour)
		c.want(t, "11m1.001s network back", "11m11.001s network changed")
	})
}

func TestWatchLooksWithoutHints(t *testing.T) {
	onComputer(t, nil, func(t *testing.T, c *computer) {
		time.Sleep(time.Millisecond)
		c.mu.Lock()
		c.seen = "eth1 192.0.2.9/24" // the system forgets to say so
		c.mu.Unlock()
		time.Sleep(35 * time.Second)
		c.want(t, "31s network changed")
	})
}

func TestWatchOnASystemWithoutHints(t *testing.T) {
	onComputer(t, errors.New("cannot tell"), func(t *testing.T, c *computer) {
		time.Sleep(time.Second)
		c.see("")
		time.Sleep(time.Minute)
		c.see("eth0 192.0.2.7/24")
		time.Sleep(10 * time.Second)
		c.want(t, "1m6s network back")
	})
}

func TestWatchCostsLittleUnderManyHints(t *testing.T) {
	onComputer(t, nil, func(t *testing.T, c *computer) {
		before := c.looks.Load()
		for range 10_000 { // in 10 s
			c.hint <- struct{}{}
			time.Sleep(time.Millisecond)
		}
		if looks := c.looks.Load() - before; looks > 55 {
			t.Errorf("%d looks in 10 s", looks)
		}
		before = c.looks.Load()
		time.Sleep(time.Hour)
		if looks := c.looks.Load() - before; looks > 125 {
			t.Errorf("%d looks in a quiet hour", looks)
		}
		c.want(t)
	})
}

func TestWatchTellsSleep(t *testing.T) {
	onComputer(t, nil, func(t *testing.T, c *computer) {
		time.Sleep(time.Minute + time.Second)
		c.asleep.Add(int64(8 * time.Hour))
		time.Sleep(5 * time.Second)
		c.want(t, "1m5s woke up after 8h0m0s")
		c.asleep.Add(int64(time.Minute))
		c.see("") // a hint comes before the next tick
		c.want(t, "1m5s woke up after 8h0m0s", "1m6s woke up after 1m0s")
		c.see("wlan0 192.0.2.3/24")
		time.Sleep(time.Hour)
		c.want(t, "1m5s woke up after 8h0m0s", "1m6s woke up after 1m0s", "1m7.2s network back")
	})
}

func TestWatchOutlivesFailingLooks(t *testing.T) {
	onComputer(t, nil, func(t *testing.T, c *computer) {
		c.mu.Lock()
		c.fails = errors.New("no buffer space")
		c.mu.Unlock()
		time.Sleep(time.Hour)
		c.want(t)
		c.mu.Lock()
		c.fails, c.seen = nil, "eth0 192.0.2.8/24"
		c.mu.Unlock()
		time.Sleep(time.Minute)
		c.want(t, "1h0m31s network changed")
	})
}

func TestASlowReceiverIsNoSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asleep atomic.Int64
		w := newWatcher(nil)
		w.listen = func(ctx context.Context, _ func()) error { <-ctx.Done(); return nil }
		w.addresses = func() (string, error) { return "a", nil }
		w.asleep = func() time.Duration { return time.Duration(asleep.Load()) }
		ctx, cancel := context.WithCancel(t.Context())
		told := 0
		var running sync.WaitGroup
		running.Go(func() {
			w.begin(time.Now())
			w.run(ctx, func(Signal) { told++; time.Sleep(time.Hour) })
		})
		synctest.Wait()
		asleep.Add(int64(time.Hour))
		time.Sleep(5 * time.Hour)
		cancel()
		running.Wait()
		if told != 1 {
			t.Errorf("told %d times, want once", told)
		}
	})
}

func TestRealWatchEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for range 3 {
		running.Go(func() { Watch(ctx, nil, func(s Signal) { t.Errorf("told %+v of a quiet computer", s) }) })
	}
	cancel()
	running.Wait()
	if before := asleep(); asleep()-before > time.Second {
		t.Error("the computer slept between two lines of this test")
	}
}

func TestKindNames(t *testing.T) {
	for kind, want := range map[Kind]string{NetworkChanged: "network changed", NetworkBack: "network back", WokeUp: "woke up", 9: "kind(9)"} {
		if got, err := kind.MarshalText(); err != nil || string(got) != want {
			t.Errorf("%d: %s %v, want %s", uint8(kind), got, err, want)
		}
	}
}
