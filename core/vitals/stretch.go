package vitals

import (
	"math"
	"time"
)

const (
	stretchMost = 4
	busyAbove   = 0.85
	calmBelow   = 0.60
	busyMemory  = 30 * time.Second // time constant of the moving average
	stretchGap  = time.Minute      // between two steps
)

// stretcher finds the factor for Stretch. Its zero value stands at 1.
type stretcher struct {
	busy    float64 // moving average of the processors' use
	last    time.Time
	factor  float64
	changed time.Time
}

// see takes a reading in, and returns the factor and the one before.
func (s *stretcher) see(r *Reading) (before, after float64) {
	if s.factor == 0 {
		s.factor = 1
	}
	before = s.factor
	if r.SystemCPU.Known {
		weight := 1 - math.Exp(-float64(max(r.At.Sub(s.last), 0))/float64(busyMemory))
		if s.last.IsZero() {
			weight = 0 // it starts out calm: many a program is busy while it starts
		}
		s.busy += weight * (r.SystemCPU.Value - s.busy)
	} else {
		s.busy = 0
	}
	s.last = r.At
	if !s.changed.IsZero() && r.At.Sub(s.changed) < stretchGap {
		return before, before
	}
	switch {
	case s.busy > busyAbove:
		s.factor = min(2*s.factor, stretchMost)
	case s.busy < calmBelow:
		s.factor = max(s.factor/2, 1)
	}
	if s.factor != before {
		s.changed = r.At
	}
	return before, s.factor
}
