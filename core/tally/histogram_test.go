package tally

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
	"unsafe"
)

// TestBuckets holds that buckets follow each other without a gap, and that the middle
// of each is near to all that it holds.
func TestBuckets(t *testing.T) {
	last := -1
	for d := time.Duration(0); d < 1<<(highest+1); d = max(d+1, d+d/1000) {
		i, j := place(d)
		at := i*perOctave + j
		if at != last && at != last+1 {
			t.Fatalf("%v is in bucket %d after %d", d, at, last)
		}
		last = at
		off := math.Abs(float64(middle(i, j) - d))
		if limit := float64(d) / 31; d >= 10*time.Microsecond && off > limit || d < 1<<lowest && off > 256 {
			t.Fatalf("%v is told as %v", d, middle(i, j))
		}
	}
	if last != octaves*perOctave-1 {
		t.Errorf("the last bucket is %d", last)
	}
	// Edges are exact.
	for d, want := range map[time.Duration][2]int{
		0: {0, 0}, 511: {0, 0}, 512: {0, 1}, 1<<13 - 1: {0, 15}, 1 << 13: {1, 0}, 1<<14 - 1: {1, 15}, 1 << 14: {2, 0},
		1<<39 - 1: {26, 15}, 1 << 39: {26, 15}, math.MaxInt64: {26, 15},
	} {
		if i, j := place(d); i != want[0] || j != want[1] {
			t.Errorf("%d ns is in %d, %d; want %v", d, i, j, want)
		}
	}
}

func TestQuantiles(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, draw := range map[string]func() time.Duration{
		"even":        func() time.Duration { return time.Duration(random.Int64N(int64(5 * time.Second))) },
		"logarithmic": func() time.Duration { return time.Duration(1e4 * math.Pow(3e7, random.Float64())) },
		"one value":   func() time.Duration { return 75 * time.Microsecond },
		"two values": func() time.Duration {
			if random.IntN(10) == 0 {
				return 3 * time.Second
			}
			return 31 * time.Millisecond
		},
	} {
		var h Histogram
		var all []time.Duration
		var total time.Duration
		for range 20000 {
			d := draw()
			h.Observe(d)
			all = append(all, d)
			total += d
		}
		slices.Sort(all)
		s := h.Snapshot()
		if s.Count != 20000 || s.Sum != total || s.Mean() != time.Duration(float64(total)/20000) {
			t.Errorf("%s: %d durations of %v, %v on average", name, s.Count, s.Sum, s.Mean())
		}
		for _, q := range []float64{0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1} {
			exact := all[max(int(math.Ceil(q*20000)), 1)-1]
			if got := s.Quantile(q); math.Abs(float64(got-exact)) > max(0.032*float64(exact), 256) {
				t.Errorf("%s: quantile %v is %v, want %v", name, q, got, exact)
			}
		}
	}
}

func TestQuantileOfLittle(t *testing.T) {
	var none Histogram
	if s := none.Snapshot(); s.Quantile(0.5) != 0 || s.Mean() != 0 || s.Count != 0 || (Snapshot{}).Quantile(1) != 0 {
		t.Errorf("an empty histogram tells %v", s)
	}
	var h Histogram
	for _, d := range []time.Duration{-time.Second, time.Millisecond, time.Hour} {
		h.Observe(d)
	}
	s := h.Snapshot()
	near := func(got, want time.Duration) bool { return math.Abs(float64(got-want)) <= 0.032*float64(want)+256 }
	const top = 1 << 39 * time.Nanosecond
	for _, c := range []struct {
		q    float64
		want time.Duration
	}{{-1, 0}, {0, 0}, {0.33, 0}, {0.5, time.Millisecond}, {0.66, time.Millisecond}, {0.67, top}, {1, top}, {7, top}, {math.NaN(), 0}, {math.Inf(1), top}} {
		if got := s.Quantile(c.q); !near(got, c.want) {
			t.Errorf("quantile %v is %v, want %v", c.q, got, c.want)
		}
	}
	if s.Sum != time.Hour+time.Millisecond {
		t.Errorf("the sum is %v", s.Sum)
	}
}

func TestCumulativeAndMerge(t *testing.T) {
	var a, b Histogram
	for range 10 {
		a.Observe(2 * time.Millisecond)
		b.Observe(40 * time.Millisecond)
	}
	b.Observe(2 * time.Millisecond)
	bounds := []time.Duration{time.Millisecond, 5 * time.Millisecond, 50 * time.Millisecond, time.Second}
	for name, c := range map[string]struct {
		of   Snapshot
		want []uint64
	}{
		"none":   {Snapshot{}, []uint64{0, 0, 0, 0}},
		"first":  {a.Snapshot(), []uint64{0, 10, 10, 10}},
		"second": {b.Snapshot(), []uint64{0, 1, 11, 11}},
		"both":   {Merge(a.Snapshot(), Snapshot{}, b.Snapshot()), []uint64{0, 11, 21, 21}},
	} {
		if got := c.of.Cumulative(bounds); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if m := Merge(a.Snapshot(), b.Snapshot()); m.Count != 21 || m.Sum != 422*time.Millisecond {
		t.Errorf("merged: %d of %v", m.Count, m.Sum)
	}
	if m := Merge(); m.Count != 0 || m.Quantile(0.5) != 0 {
		t.Errorf("nothing merged: %v", m)
	}
}

// TestObserveConcurrently holds that nothing is lost, not even when several are the
// first to meet an octave.
func TestObserveConcurrently(t *testing.T) {
	var h Histogram
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 2000 {
				h.Observe(time.Duration(i*(worker+1)) * time.Millisecond)
				if i%500 == 0 {
					if s := h.Snapshot(); s.Cumulative([]time.Duration{time.Hour})[0] != s.Count {
						t.Error("a snapshot contradicts itself")
					}
				}
			}
		})
	}
	all.Wait()
	if s := h.Snapshot(); s.Count != 16000 || s.Sum != 36*1999*1000*time.Millisecond {
		t.Errorf("%d of %v", s.Count, s.Sum)
	}
}

func TestSizes(t *testing.T) {
	if n := unsafe.Sizeof(Histogram{}); n != 224 {
		t.Errorf("an empty histogram takes %d bytes", n)
	}
	if n := unsafe.Sizeof(octave{}); n != 128 {
		t.Errorf("an octave takes %d bytes", n)
	}
	if n := unsafe.Sizeof(Window{}); n != 40 {
		t.Errorf("an empty window takes %d bytes", n)
	}
	if n := unsafe.Sizeof(rings{}); n > 2300 {
		t.Errorf("the rings take %d bytes", n)
	}
	var h Histogram
	var w Window
	now := time.Unix(1e9, 0)
	d := time.Duration(0)
	if n := testing.AllocsPerRun(1000, func() {
		h.Observe(d % time.Second)
		w.Add(now.Add(d), true)
		d += 7 * time.Millisecond
	}); n >= 1 {
		t.Errorf("recording allocates %v times", n)
	}
}

func BenchmarkObserve(b *testing.B) {
	var h Histogram
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for d := time.Millisecond; pb.Next(); d += 7919 {
			h.Observe(d % (100 * time.Millisecond))
		}
	})
}

func BenchmarkSnapshot(b *testing.B) {
	var h Histogram
	for d := time.Millisecond; d < 100*time.Millisecond; d += 10 * time.Microsecond {
		h.Observe(d)
	}
	b.ReportAllocs()
	for b.Loop() {
		h.Snapshot()
	}
}
