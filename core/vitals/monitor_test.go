package vitals

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// puppet is a computer of 16 GiB and four processors whose readings a test sets. Its
// counts go on with time.
type puppet struct {
	mu       sync.Mutex
	rss      uint64
	live     uint64
	held     uint64
	avail    uint64
	own, all float64 // processors in use, by us and by all
	mute     bool    // it tells nothing

	last               time.Time
	ownTime, busy, sum float64
	released           int
	max                int64
	takes              time.Duration // a release
	inside             int
}

func newPuppet() *puppet {
	return &puppet{rss: 20 << 20, live: 5 << 20, held: 6 << 20, avail: 8 << 30, max: math.MaxInt64}
}

func (p *puppet) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

func (p *puppet) sample(now time.Time) sample {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := sample{live: p.live, held: p.held, goroutines: 7}
	if p.mute {
		return s
	}
	if !p.last.IsZero() {
		past := now.Sub(p.last).Seconds()
		p.ownTime, p.busy, p.sum = p.ownTime+past*p.own, p.busy+past*p.all, p.sum+past*4
	}
	p.last = now
	s.rss, s.ownTime, s.busyTime, s.allTime = known(p.rss), known(p.ownTime), known(p.busy), known(p.sum)
	s.systemTotal, s.systemAvailable = known(uint64(16<<30)), known(p.avail)
	return s
}

func (p *puppet) release() {
	p.mu.Lock()
	p.inside++
	if p.inside > 1 {
		panic("two compactions at once")
	}
	p.mu.Unlock()
	time.Sleep(p.takes)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inside--
	p.released++
	p.rss -= p.held - p.live
	p.held = p.live
}

func (p *puppet) limit(bytes int64) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.max
	if bytes >= 0 {
		p.max = bytes
	}
	return before
}

// inBubble runs a Monitor of p in a bubble, and ends it after the test.
func inBubble(t *testing.T, p *puppet, opts *Options, test func(t *testing.T, m *Monitor)) {
	synctest.Test(t, func(t *testing.T) {
		m := newMonitor(opts, p)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { m.Run(ctx) })
		synctest.Wait()
		test(t, m)
		cancel()
		running.Wait()
		if p.max != math.MaxInt64 {
			t.Errorf("the memory limit is %d after the end", p.max)
		}
	})
}

// after waits for a time and then for what happens at it.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestReadings(t *testing.T) {
	p := newPuppet()
	p.own, p.all = 0.5, 3
	inBubble(t, p, &Options{Links: func() int { return 3 }}, func(t *testing.T, m *Monitor) {
		first := m.Latest()
		if first.CPU.Known || first.SystemCPU.Known {
			t.Errorf("processor time of no time at all: %+v", first)
		}
		if first.RSS != known(p.rss) || first.HeapLive != p.live || first.HeapHeld != p.held || first.Goroutines != 7 ||
			first.Links != known(3.0) || first.SystemUsed() != known(0.5) || !first.At.Equal(first.Started) {
			t.Errorf("read %+v", first)
		}
		nudges, end := m.Subscribe()
		defer end()
		after(DefaultInterval)
		<-nudges
		second := m.Latest()
		if second.CPU != known(0.5) || second.SystemCPU != known(0.75) || second.Uptime() != DefaultInterval {
			t.Errorf("read %+v", second)
		}
		after(2 * time.Hour)
		history := m.History()
		if len(history) != historyKept || !history[historyKept-1].At.Equal(m.Latest().At) {
			t.Fatalf("%d readings, the last of %s", len(history), history[len(history)-1].At)
		}
		if span := history[historyKept-1].At.Sub(history[0].At); span != time.Hour-DefaultInterval {
			t.Errorf("they span %s", span)
		}
	})
}

// TestReadingsKeepTheirPhase: the first is taken at once, and none follows another at once.
func TestReadingsKeepTheirPhase(t *testing.T) {
	for phase, want := range map[time.Duration][]time.Duration{
		0:                      {5, 10, 15},
		2 * time.Second:        {2, 7, 12},
		32 * time.Second:       {2, 7, 12},
		-time.Second:           {4, 9, 14},
		100 * time.Millisecond: {5, 10}, // at 5.1 s: 0.1 s is too near the start
	} {
		p := newPuppet()
		inBubble(t, p, &Options{Phase: phase}, func(t *testing.T, m *Monitor) {
			after(15*time.Second + time.Millisecond)
			var got []time.Duration
			for _, r := range m.History()[1:] {
				got = append(got, r.At.Sub(m.started)/time.Second)
			}
			if !slices.Equal(got, want) {
				t.Errorf("phase %s: readings after %d s, want %d", phase, got, want)
			}
		})
	}
}

// TestSilentSystem holds a Monitor to saying nothing, rather than 0, where nothing is known.
func TestSilentSystem(t *testing.T) {
	p := newPuppet()
	p.mute = true
	inBubble(t, p, nil, func(t *testing.T, m *Monitor) {
		after(time.Hour)
		r := m.Latest()
		for name, f := range map[string]Figure{"rss": r.RSS, "cpu": r.CPU, "system cpu": r.SystemCPU, "memory": r.SystemMemory,
			"available": r.Available(), "used": r.SystemUsed(), "links": r.Links} {
			if f.Known {
				t.Errorf("%s is %v", name, f)
			}
		}
		if runs := m.Runs(); len(runs) > 0 {
			t.Errorf("runs for no reason: %+v", runs)
		}
		if m.Stretch() != 1 {
			t.Errorf("stretched by %v", m.Stretch())
		}
		text, err := json.Marshal(r)
		if err != nil || !strings.Contains(string(text), `"systemCpu":null`) {
			t.Errorf("%s, %v", text, err)
		}
	})
	// A count that falls, as some do after sleep, is no news either.
	if f := share(known(5.0), known(4.0), 1); f.Known {
		t.Errorf("a share of %v", f)
	}
}

func TestRoutinesAreRecorded(t *testing.T) {
	p := newPuppet()
	p.takes = 3 * time.Millisecond
	var dropped int
	var log strings.Builder
	opts := &Options{
		Compact: []func(){func() { dropped++ }, func() { dropped++ }},
		Logger:  slog.New(slog.NewTextHandler(&log, nil)),
	}
	inBubble(t, p, opts, func(t *testing.T, m *Monitor) {
		after(time.Minute)
		p.set(func() { p.held, p.rss = 30<<20, 44<<20 }) // a burst
		after(time.Minute)
		if dropped != 0 {
			t.Error("something was dropped for garbage's sake")
		}
		p.set(func() { p.live, p.held, p.rss = 70<<20, 72<<20, 90<<20 }) // grown for good
		after(time.Minute)
		p.set(func() { p.avail = 1 << 30 }) // pressure
		after(time.Minute)
		p.set(func() { p.avail = 8 << 30 })
		after(time.Minute)
		p.set(func() { p.all = 4 })
		after(2 * time.Minute)
		if m.Stretch() != 4 {
			t.Errorf("stretched by %v while busy", m.Stretch())
		}
		p.set(func() { p.all = 0 })
		after(3 * time.Minute)
		m.Optimize(ByHand)
		var got []string
		for _, r := range m.Runs() {
			got = append(got, r.Routine.String()+" "+r.Reason.String())
		}
		want := []string{
			"memory_limit start", "compaction waste", "compaction growth", "memory_limit pressure", "compaction pressure", "memory_limit relief",
			"stretching busy", "stretching busy", "stretching calm", "stretching calm", "compaction by_hand",
		}
		if !slices.Equal(got, want) {
			t.Fatalf("ran\n%q, want\n%q", got, want)
		}
		runs := m.Runs()
		if r := runs[0]; r.From.Known || r.To != known(uint64(2<<30)) {
			t.Errorf("the first limit went from %v to %v", r.From, r.To)
		}
		if r := runs[1]; r.Before != (Memory{known(uint64(44 << 20)), 30 << 20}) || r.After != (Memory{known(uint64(19 << 20)), 5 << 20}) || r.Took != p.takes {
			t.Errorf("the burst: %+v", r)
		}
		if r := runs[3]; r.To != known(uint64(88<<20+512<<20)) {
			t.Errorf("the limit under pressure is %v", r.To)
		}
		if r := runs[5]; r.To != runs[0].To || r.From != runs[3].To {
			t.Errorf("the limit went back from %v to %v", r.From, r.To)
		}
		if r := runs[7]; r.From != known(2.0) || r.To != known(4.0) || r.Before != r.After {
			t.Errorf("the second stretch: %+v", r)
		}
		if dropped != 6 {
			t.Errorf("%d things were dropped, want two for each of growth, pressure and by hand", dropped)
		}
		if lines := strings.Count(log.String(), "msg=optimised"); lines != len(want)-1 {
			t.Errorf("%d lines, want one for each but the waste:\n%s", lines, log.String())
		}
	})
}

// TestLimitOfOthersStands leaves alone what GOMEMLIMIT or the program has set.
func TestLimitOfOthersStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPuppet()
		p.max, p.avail = 100<<20, 1<<30
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		newMonitor(nil, p).Run(ctx)
		if p.max != 100<<20 {
			t.Errorf("the limit is %d", p.max)
		}
	})
}

// TestOptimizeTakesTurns lets many ask at once, beside a busy Monitor; the puppet panics
// when two compactions meet.
func TestOptimizeTakesTurns(t *testing.T) {
	p := newPuppet()
	p.takes = time.Second
	inBubble(t, p, &Options{Interval: time.Second}, func(t *testing.T, m *Monitor) {
		var asking sync.WaitGroup
		for range 60 {
			asking.Go(func() {
				if r := m.Optimize(ByHand); r.Took != time.Second || r.Reason != ByHand {
					t.Errorf("ran %+v", r)
				}
			})
		}
		asking.Wait()
		p.set(func() {
			if p.released != 60 {
				t.Errorf("%d compactions", p.released)
			}
		})
		if n := len(m.Runs()); n != runsKept {
			t.Errorf("%d runs are remembered, want %d", n, runsKept)
		}
	})
}

func TestOptimizeNeedsNoRun(t *testing.T) {
	r := New(nil).Optimize(ByHand)
	if r.Routine != Compaction || r.Before.Heap == 0 || r.After.Heap == 0 || r.Took <= 0 {
		t.Errorf("ran %+v", r)
	}
}

// TestAlarms lets memory leak for six hours of a day, and be flat otherwise.
func TestAlarms(t *testing.T) {
	p := newPuppet()
	inBubble(t, p, &Options{Links: func() int { return 3 }, MemoryLimit: -1}, func(t *testing.T, m *Monitor) {
		if m.GrowthRate().Known {
			t.Error("a rate of growth after no time")
		}
		after(time.Hour)
		if rate := m.GrowthRate(); rate != known(0.0) {
			t.Errorf("flat memory grows by %v", rate)
		}
		for range 6 * 60 {
			p.set(func() { p.rss, p.live, p.held = p.rss+1<<20, p.live+1<<20, p.held+1<<20 })
			after(time.Minute)
		}
		alarms := m.Alarms()
		if len(alarms) != 1 || !alarms[0].Until.IsZero() || math.Abs(alarms[0].Rate/(60<<20)-1) > 0.1 {
			t.Fatalf("alarms %v after a leak of 60 MiB an hour", alarms)
		}
		if rate := m.GrowthRate(); !rate.Known || math.Abs(rate.Value/(60<<20)-1) > 0.1 {
			t.Errorf("it grows by %v", rate)
		}
		after(17 * time.Hour)
		alarms = m.Alarms()
		if len(alarms) != 1 || alarms[0].Until.IsZero() {
			t.Fatalf("alarms %v after the leak", alarms)
		}
		if lasted := alarms[0].Until.Sub(alarms[0].Since); lasted < 5*time.Hour || lasted > 8*time.Hour {
			t.Errorf("the alarm of six hours lasted %s", lasted)
		}
	})
}
