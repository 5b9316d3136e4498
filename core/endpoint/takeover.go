package endpoint

import "time"

// takeovers counts how often another program took the endpoint over lately. It
// is pure.
type takeovers struct {
	at [takeoverLimit]time.Time // the newest last
}

// add records one takeover and reports whether there were takeoverLimit of them
// within takeoverWindow: then the other program dials as stubbornly as we do, and
// going on would only make both useless.
func (t *takeovers) add(now time.Time) bool {
	copy(t.at[:], t.at[1:])
	t.at[takeoverLimit-1] = now
	return !t.at[0].IsZero() && now.Sub(t.at[0]) <= takeoverWindow
}

// forget starts anew, after the user has stepped in.
func (t *takeovers) forget() { *t = takeovers{} }
