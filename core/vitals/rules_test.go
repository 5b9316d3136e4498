package vitals

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

var epoch = time.Unix(1_700_000_000, 0)

// seen is a reading at a moment, of a computer with 16 GiB.
func seen(at time.Duration, rss, live, held, available uint64) *Reading {
	return &Reading{
		At: epoch.Add(at), RSS: known(rss << 20), HeapLive: live << 20, HeapHeld: held << 20,
		SystemMemory: known(uint64(16 << 30)), SystemAvailable: known(available << 20),
	}
}

// TestCompactionIsNeeded plays courses of memory, in MiB, and holds the moments of
// compactions and their reasons against what is wanted. A compaction leaves left behind.
func TestCompactionIsNeeded(t *testing.T) {
	const plenty = 8 << 10
	steady := func(time.Duration) *Reading { return seen(0, 20, 5, 8, plenty) }
	for _, c := range []struct {
		name   string
		course func(at time.Duration) *Reading
		left   float64
		want   []string
	}{
		{"a quiet program", steady, 20, nil},
		{"a burst that is left", func(at time.Duration) *Reading {
			if at == 50*time.Second {
				return seen(0, 30, 5, 18, plenty)
			}
			return steady(at)
		}, 20, []string{"50s waste"}},
		{"a busy program, which always has garbage", func(time.Duration) *Reading { return seen(0, 40, 20, 38, plenty) }, 40,
			[]string{"0s waste", "30s waste", "1m30s waste", "3m30s waste", "7m30s waste", "15m30s waste"}},
		{"a program that is put to work", func(at time.Duration) *Reading {
			if at < time.Minute {
				return steady(at)
			}
			return seen(0, 80, 70, 75, plenty)
		}, 80, []string{"1m0s growth"}},
		{"a program that grows and makes garbage", func(at time.Duration) *Reading {
			if at < time.Minute {
				return steady(at)
			}
			return seen(0, 90, 70, 85, plenty)
		}, 75, []string{"1m0s waste", "1m30s growth", "2m30s waste", "4m30s waste", "8m30s waste", "16m30s waste"}},
		{"growth by half, of little", func(at time.Duration) *Reading {
			if at < time.Minute {
				return steady(at)
			}
			return seen(0, 50, 40, 42, plenty)
		}, 50, nil},
		{"growth by little, of much", func(at time.Duration) *Reading {
			if at < time.Minute {
				return seen(0, 200, 150, 155, plenty)
			}
			return seen(0, 290, 240, 245, plenty)
		}, 200, nil},
		{"little memory on the computer, up and down", func(at time.Duration) *Reading {
			switch {
			case at < time.Minute:
				return seen(0, 20, 5, 5, plenty)
			case at < 8*time.Minute: // between 9 and 13 %
				return seen(0, 20, 5, 5, []uint64{1475, 2130}[int(at.Seconds())/5%2])
			case at < 10*time.Minute:
				return seen(0, 20, 5, 5, plenty)
			}
			return seen(0, 20, 5, 5, 1000)
		}, 20, []string{"1m0s pressure", "10m0s pressure"}},
		{"little memory, and ours to give", func(time.Duration) *Reading { return seen(0, 20, 5, 7, 1000) }, 20,
			[]string{"0s pressure", "30s pressure", "1m30s pressure", "3m30s pressure", "7m30s pressure", "15m30s pressure"}},
		{"a computer that does not say", func(time.Duration) *Reading { return &Reading{HeapHeld: 5 << 20, HeapLive: 5 << 20} }, 5, nil},
		{"growth of the heap where nobody says more", func(at time.Duration) *Reading {
			if at < time.Minute {
				return &Reading{HeapHeld: 5 << 20, HeapLive: 5 << 20}
			}
			return &Reading{HeapHeld: 60 << 20, HeapLive: 60 << 20}
		}, 60, []string{"1m0s growth"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var n need
			var got []string
			for at := time.Duration(0); at < 20*time.Minute; at += 5 * time.Second {
				r := c.course(at)
				r.At = epoch.Add(at)
				n.see(r)
				if why, ok := n.reason(r); ok {
					got = append(got, fmt.Sprint(at, " ", why))
					n.ran(r.At, why, c.left*(1<<20))
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("it ran at\n%q, want\n%q", got, c.want)
			}
		})
	}
}

func TestPaceCalmsDown(t *testing.T) {
	var p pace
	now := epoch
	if !p.allows(now) {
		t.Error("the first had to wait")
	}
	p.ran(now)
	if p.allows(now.Add(minGap-1)) || !p.allows(now.Add(minGap)) {
		t.Error("the second comes at another time than after the gap")
	}
	for range 10 {
		now = now.Add(p.gap)
		p.ran(now)
	}
	if p.gap != maxGap {
		t.Errorf("the gap is %s at last, want %s", p.gap, maxGap)
	}
	p.ran(now.Add(2 * maxGap))
	if p.gap != minGap {
		t.Errorf("the gap is %s after a rest, want %s", p.gap, minGap)
	}
}

func TestStretchFollowsTheProcessors(t *testing.T) {
	unknown := Figure{}
	for _, c := range []struct {
		name   string
		course func(at time.Duration) Figure
		want   []string
	}{
		{"idle", func(time.Duration) Figure { return known(0.1) }, nil},
		{"peaks of ten seconds a minute", func(at time.Duration) Figure {
			if at%time.Minute < 10*time.Second {
				return known(1.0)
			}
			return known(0.3)
		}, nil},
		{"busy for five minutes", func(at time.Duration) Figure {
			if at >= time.Minute && at < 6*time.Minute {
				return known(0.98)
			}
			return known(0.05)
		}, []string{"1m55s 2", "2m55s 4", "6m15s 2", "7m15s 1"}},
		{"busy between the thresholds after being very busy", func(at time.Duration) Figure {
			if at < 3*time.Minute {
				return known(1.0)
			}
			return known(0.75)
		}, []string{"1m0s 2", "2m0s 4"}},
		{"nobody says", func(time.Duration) Figure { return unknown }, nil},
		{"nobody says any more", func(at time.Duration) Figure {
			if at < 2*time.Minute {
				return known(1.0)
			}
			return unknown
		}, []string{"1m0s 2", "2m0s 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s stretcher
			var got []string
			for at := time.Duration(0); at < 15*time.Minute; at += 5 * time.Second {
				before, after := s.see(&Reading{At: epoch.Add(at), SystemCPU: c.course(at)})
				if before != after {
					got = append(got, fmt.Sprint(at, " ", after))
				}
				if after < 1 || after > stretchMost {
					t.Fatalf("the factor is %v", after)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("it changed at %q, want %q", got, c.want)
			}
		})
	}
}

func TestLimitFor(t *testing.T) {
	const mib = 1 << 20
	silent := &Reading{RSS: known(uint64(40 * mib))}
	for _, c := range []struct {
		name    string
		r       *Reading
		wish    int64
		pressed bool
		want    int64
	}{
		{"an eighth", seen(0, 40, 5, 5, 8<<10), 0, false, 2048 * mib},
		{"by wish", seen(0, 40, 5, 5, 8<<10), 500 * mib, false, 500 * mib},
		{"by a small wish", seen(0, 40, 5, 5, 8<<10), 1, false, 256 * mib},
		{"none by wish", seen(0, 40, 5, 5, 8<<10), -1, false, 0},
		{"an unknown computer", silent, 0, false, 0},
		{"by wish on an unknown computer", silent, 500 * mib, true, 500 * mib},
		{"under pressure", seen(0, 40, 5, 5, 1000), 0, true, 540 * mib},
		{"under great pressure", seen(0, 40, 5, 5, 10), 0, true, 256 * mib},
		{"under pressure, when it is low already", seen(0, 40, 5, 5, 1000), 300 * mib, true, 300 * mib},
	} {
		if got := limitFor(c.r, c.wish, c.pressed); got != c.want {
			t.Errorf("%s: %d MiB, want %d", c.name, got/mib, c.want/mib)
		}
	}
}
