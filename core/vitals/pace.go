package vitals

import "time"

const (
	minGap = 30 * time.Second
	maxGap = 16 * minGap
)

// pace spaces out compactions that nobody asked for. Its zero value lets the first one
// through.
type pace struct {
	last time.Time
	gap  time.Duration
}

// allows reports whether one may run at now.
func (p *pace) allows(now time.Time) bool { return p.last.IsZero() || now.Sub(p.last) >= p.gap }

// ran notes one at now.
func (p *pace) ran(now time.Time) {
	if !p.last.IsZero() && now.Sub(p.last) < 2*p.gap {
		p.gap = min(2*p.gap, maxGap)
	} else {
		p.gap = minGap
	}
	p.last = now
}
