package tally

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

func TestWindow(t *testing.T) {
	start := time.Unix(1e9, 0)
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	var w Window
	if c := w.Recent(start, time.Minute); c.Total() != 0 {
		t.Errorf("an empty window holds %v", c)
	}
	if c := w.Day(start); c.Total() != 0 {
		t.Errorf("an empty day holds %v", c)
	}
	for s := range 120 { // one a second for two minutes, every fourth failed
		w.Add(at(s), s%4 != 0)
	}
	for _, c := range []struct {
		name string
		now  int
		span time.Duration
		want Counts
	}{
		{"a minute", 119, time.Minute, Counts{49, 16}}, // from 55 s on: 12 steps and the current one
		{"less than a step", 119, time.Second, Counts{8, 2}},
		{"no time", 119, 0, Counts{4, 1}},
		{"less than none", 119, -time.Hour, Counts{}},
		{"all", 119, 15 * time.Minute, Counts{90, 30}},
		{"more than there is", 119, time.Hour, Counts{90, 30}},
		{"later", 150, time.Minute, Counts{23, 7}},
		{"when it is over", 185, time.Minute, Counts{}},
		{"long after", 1e7, 15 * time.Minute, Counts{}},
		{"before", 60, time.Minute, Counts{49, 16}}, // a clock that went back counts as the last
	} {
		if got := w.Recent(at(c.now), c.span); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	for seconds, want := range map[int]Counts{119: {90, 30}, 86400: {90, 30}, 86400 + 899: {90, 30}, 86400 + 900: {}, 1e8: {}} {
		if got := w.Day(at(seconds)); got != want {
			t.Errorf("a day at %d s: %v, want %v", seconds, got, want)
		}
	}
	w.Add(at(30), true) // back in time: it counts as the newest
	if got := w.Recent(at(119), 0); got != (Counts{5, 1}) {
		t.Errorf("after a step back: %v", got)
	}
	w.Add(start.Add(-time.Hour), false)
	if got := w.Recent(at(119), -1); got != (Counts{}) {
		t.Errorf("a span of less than nothing has %v", got)
	}
	if got := w.Recent(at(119), 0); got != (Counts{5, 2}) {
		t.Errorf("after a step before the start: %v", got)
	}
}

// TestOpenWindowIsEmpty: it counts from when it was opened on, as if nobody had.
func TestOpenWindowIsEmpty(t *testing.T) {
	now := time.Unix(1e9, 0)
	var w Window
	w.Open(now)
	if got := w.Day(now.Add(time.Hour)); got != (Counts{}) {
		t.Errorf("an open window counts %v", got)
	}
	w.Add(now.Add(time.Hour), true)
	w.Open(now.Add(2 * time.Hour))
	if got := w.Day(now.Add(2 * time.Hour)); got != (Counts{OK: 1}) {
		t.Errorf("opened again it counts %v", got)
	}
	if n := testing.AllocsPerRun(100, func() { w.Add(now.Add(3*time.Hour), true) }); n != 0 {
		t.Errorf("a later Add allocates %v times", n)
	}
}

// TestWindowAgainstAList holds a window against a plain list of what happened.
func TestWindowAgainstAList(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	type event struct {
		at time.Duration
		ok bool
	}
	start := time.Unix(1e9, 0)
	var w Window
	var events []event
	count := func(now, from, step time.Duration) Counts {
		var c Counts
		from = from.Truncate(step) // steps count as a whole
		for _, e := range events {
			if e.at >= from && e.ok {
				c.OK++
			} else if e.at >= from {
				c.Failed++
			}
		}
		return c
	}
	now := time.Duration(0)
	for range 20000 {
		gap := time.Duration(random.ExpFloat64() * float64(20*time.Second))
		if random.IntN(2000) == 0 {
			gap = time.Duration(random.Int64N(int64(30 * time.Hour)))
		}
		if len(events) > 0 {
			now += gap
		}
		events = append(events, event{now, random.IntN(3) > 0})
		w.Add(start.Add(now), events[len(events)-1].ok)
		if random.IntN(50) > 0 {
			continue
		}
		span := time.Duration(random.IntN(180)+1) * fineStep
		back := now.Truncate(fineStep) - span
		if got, want := w.Recent(start.Add(now), span), count(now, max(back, 0), fineStep); got != want {
			t.Fatalf("the last %v at %v: %v, want %v", span, now, got, want)
		}
		back = now.Truncate(coarseStep) - coarseSpan
		if got, want := w.Day(start.Add(now)), count(now, max(back, 0), coarseStep); got != want {
			t.Fatalf("the last day at %v: %v, want %v", now, got, want)
		}
	}
}

func TestShare(t *testing.T) {
	for c, want := range map[Counts]float64{{3, 1}: 0.75, {1, 0}: 1, {0, 5}: 0} {
		if got, known := c.Share(); !known || got != want {
			t.Errorf("%v: %v %v", c, got, known)
		}
	}
	if got, known := (Counts{}).Share(); known || got != 0 {
		t.Errorf("of nothing: %v %v", got, known)
	}
}

func TestAddConcurrently(t *testing.T) {
	start := time.Unix(1e9, 0)
	var w Window
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 1000 {
				w.Add(start.Add(time.Duration(i)*100*time.Millisecond), i%2 == 0)
				w.Recent(start, time.Minute)
				w.Day(start)
			}
		})
	}
	all.Wait()
	if got := w.Day(start); got != (Counts{4000, 4000}) {
		t.Errorf("%v", got)
	}
}

func BenchmarkAdd(b *testing.B) {
	var w Window
	now := time.Unix(1e9, 0)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for d := time.Duration(0); pb.Next(); d += time.Millisecond {
			w.Add(now.Add(d), true)
		}
	})
}
