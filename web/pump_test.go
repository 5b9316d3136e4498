package web

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/endpoint"
)

// counted counts how often it is asked.
type counted struct {
	*fakeLinks
	asked atomic.Int64
}

func (c *counted) Status() []endpoint.Status {
	c.asked.Add(1)
	return c.fakeLinks.Status()
}

// english is the first page in English.
var english = view{lang: "en", page: "overview"}

func startPump(t *testing.T, set ...func(*pump)) (*pump, *counted, func()) {
	links := &counted{fakeLinks: &fakeLinks{all: invented(noon)}}
	p := newPump(&Deps{Links: links}, func() snapshot { return snapshot{at: time.Now(), links: links.Status()} }, livePages(), time.UTC, slog.New(slog.DiscardHandler))
	for _, f := range set {
		f(p)
	}
	ctx, stop := context.WithCancel(context.Background())
	go p.run(ctx)
	return p, links, func() { stop(); <-p.done }
}

func TestPumpMergesNudges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, links, stop := startPump(t)
		defer stop()
		bell, unsubscribe := p.bell.Subscribe()
		defer unsubscribe()
		_, unwatch, err := p.watch(t.Context(), english)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		rings, start := 0, time.Now()
		for time.Since(start) < 10*time.Second { // a storm of nudges
			links.change("a1a1a1a1a1a1", func(s *endpoint.Status) { s.RoundTrip += time.Millisecond })
			time.Sleep(10 * time.Millisecond)
			synctest.Wait()
			select {
			case <-bell:
				rings++
			default:
			}
		}
		if rings < 18 || rings > 22 {
			t.Errorf("10 s of changes rang %d times", rings)
		}

		// Without nudges counters are looked at still, and without watchers nothing is.
		before := links.asked.Load()
		time.Sleep(20 * time.Second)
		if asked := links.asked.Load() - before; asked < 9 || asked > 11 {
			t.Errorf("20 quiet seconds asked %d times", asked)
		}
		unwatch()
		time.Sleep(pumpIdle)
		synctest.Wait()
		before = links.asked.Load()
		for range 100 {
			links.Ring()
			time.Sleep(time.Second)
		}
		if asked := links.asked.Load() - before; asked > 0 {
			t.Errorf("with nobody watching it asked %d times", asked)
		}
	})
}

// While the processors are busy, open pages are updated more seldom; as soon as they are
// not, as often as before.
func TestPumpStretches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var factor atomic.Value
		factor.Store(4.0)
		p, links, stop := startPump(t, func(p *pump) { p.stretch = func() float64 { return factor.Load().(float64) } })
		defer stop()
		_, unwatch, err := p.watch(t.Context(), english)
		if err != nil {
			t.Fatal(err)
		}
		defer unwatch()
		// asked is how often the links were looked at in a minute, nudged or left alone.
		asked := func(storm bool) int64 {
			time.Sleep(4 * pumpIdle) // what was planned before is over
			synctest.Wait()
			before := links.asked.Load()
			for start := time.Now(); time.Since(start) < time.Minute; {
				if storm {
					links.Ring()
				}
				time.Sleep(10 * time.Millisecond)
				synctest.Wait()
			}
			return links.asked.Load() - before
		}
		for _, test := range []struct {
			factor       float64
			storm, quiet int64 // updates in a minute with and without nudges
		}{
			{4, 30, 7},
			{2, 60, 15},
			{1, 120, 30},
			{0, 120, 30}, // no sense, but no harm
		} {
			factor.Store(test.factor)
			if n := asked(true); n < test.storm-2 || n > test.storm+2 {
				t.Errorf("stretched by %v, a minute of nudges updated %d times, want about %d", test.factor, n, test.storm)
			}
			if n := asked(false); n < test.quiet-1 || n > test.quiet+1 {
				t.Errorf("stretched by %v, a quiet minute updated %d times, want about %d", test.factor, n, test.quiet)
			}
			// Who asks is answered at once.
			start := time.Now()
			if _, err := p.edition(t.Context(), english); err != nil || time.Since(start) > 0 {
				t.Errorf("stretched by %v, an edition took %v: %v", test.factor, time.Since(start), err)
			}
		}
	})
}

func TestPumpKeepsRevisions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, links, stop := startPump(t)
		defer stop()
		first, err := p.edition(t.Context(), english)
		if err != nil || first.rev != 1 {
			t.Fatalf("first edition is %d: %v", first.rev, err)
		}
		if again, _ := p.edition(t.Context(), english); again != first {
			t.Error("nothing changed, but the edition did")
		}
		links.change("a1a1a1a1a1a1", func(s *endpoint.Status) { s.RoundTrip = 99 * time.Millisecond })
		second, _ := p.edition(t.Context(), english)
		if second.rev != 2 {
			t.Errorf("second edition is %d", second.rev)
		}
		if html, _ := second.since(t.Context(), 1); targets(html) != "link-a1a1a1a1a1a1" {
			t.Errorf("since the first: %s", targets(html))
		}
		if html, _ := second.since(t.Context(), 2); html != "" {
			t.Errorf("since the second: %s", targets(html))
		}
		if other, _ := p.edition(t.Context(), view{lang: "zh", page: "overview"}); other.rev != 3 {
			t.Errorf("another language is at %d", other.rev)
		}
	})
}

// bad is a dependency that panics at first.
type bad struct {
	*fakeLinks
	panics atomic.Int64
}

func (b *bad) Status() []endpoint.Status {
	if b.panics.Add(-1) >= 0 {
		panic("status of nothing")
	}
	return b.fakeLinks.Status()
}

func TestPumpSurvivesAPanic(t *testing.T) {
	links := &bad{fakeLinks: &fakeLinks{all: invented(noon)}}
	links.panics.Store(1 << 30)
	s := New(Deps{Links: links}, &Options{Port: testPort})
	if w := do(s, request("GET", "/")); w.Code != 500 {
		t.Errorf("with a panic below: %d", w.Code)
	}
	links.panics.Store(0)
	if w := do(s, request("GET", "/")); w.Code != 200 {
		t.Errorf("afterwards: %d", w.Code)
	}
	s.Close()
	if w := do(s, request("GET", "/")); w.Code != 500 {
		t.Errorf("after Close: %d", w.Code)
	}
	if w := do(s, request("GET", "/events")); w.Code != 503 {
		t.Errorf("stream after Close: %d", w.Code)
	}
}
