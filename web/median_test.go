package web

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	var m median
	if m.of() != 0 {
		t.Errorf("the median of nothing is %v", m.of())
	}
	for _, c := range []struct{ add, want time.Duration }{{5, 5}, {7, 6}, {1, 5}, {1, 3}, {100, 5}} {
		if m.add(c.add); m.of() != c.want {
			t.Errorf("after %d: %d, want %d", c.add, m.of(), c.want)
		}
	}
	m.begin(3, 20)
	if m.of() != 20 {
		t.Errorf("begun with 20: %d", m.of())
	}
	if m.add(2); m.of() != 20 {
		t.Errorf("one other: %d", m.of())
	}
	m.begin(0, 0)
	if m.of() != 0 {
		t.Errorf("begun with nothing: %d", m.of())
	}
}

// TestMedianOfMany holds that it stays near the truth, and small.
func TestMedianOfMany(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{medianKept, medianKept + 1, 240, 7200} {
		var m median
		var all []time.Duration
		for range n {
			d := time.Duration(1e7 * math.Exp(random.NormFloat64()/4)) // some 10 ms, with a tail
			all = append(all, d)
			m.add(d)
		}
		slices.Sort(all)
		exact := all[n/2]
		if off := math.Abs(float64(m.of()-exact)) / float64(exact); off > 0.06 || len(m.sorted) > medianKept {
			t.Errorf("of %d: %v instead of %v, from %d", n, m.of(), exact, len(m.sorted))
		}
	}
}
