package web

import "testing"

func TestCeiling(t *testing.T) {
	for _, c := range []struct {
		kind             string
		top, least, want float64
	}{
		{"ms", 0, 20, 20},
		{"ms", 100, 20, 115},
		{"share", 0.01, 0.05, 0.05},
		{"share", 0.5, 0.05, 0.575},
		{"share", 0.95, 0.05, 1},
		{"share", 1, 0.05, 1},
		{"share", 2, 0.05, 2.3},
		{"count", 1, 4, 4},
	} {
		if got := ceiling(c.top, c.least, c.kind); got < c.want-1e-9 || got > c.want+1e-9 {
			t.Errorf("%s up to %v: the upper edge is %v, not %v", c.kind, c.top, got, c.want)
		}
	}
}
