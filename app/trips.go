package app

import "time"

const (
	// tripNoise is by how much a round trip may differ from what is shown before that
	// changes: a share of it, and at least this much. Each change wakes the panel, too.
	tripNoise      = 0.2
	leastTripNoise = 2 * time.Millisecond
)

// trips are the round trips that the tray shows, by the ID of the link.
type trips map[string]time.Duration

// steady puts what is shown in place of what was measured, where that is near.
func (t trips) steady(links []linkSight) {
	if len(t) > len(links) { // some have gone
		clear(t)
	}
	for i := range links {
		l := &links[i]
		shown := t[l.ID]
		noise := max(time.Duration(tripNoise*float64(shown)), leastTripNoise)
		if shown > 0 && l.RoundTrip > 0 && (l.RoundTrip-shown).Abs() <= noise {
			l.RoundTrip = shown
			continue
		}
		t[l.ID] = l.RoundTrip
	}
}
