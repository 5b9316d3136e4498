package app

import (
	"testing"
	"time"

	"xiaozhi-switchboard/core/endpoint"
)

func TestTripsAreSteady(t *testing.T) {
	const ms = time.Millisecond
	shown := trips{}
	for i, step := range []struct{ measured, want time.Duration }{
		{100 * ms, 100 * ms}, {119 * ms, 100 * ms}, {81 * ms, 100 * ms}, {121 * ms, 121 * ms}, {100 * ms, 121 * ms}, {90 * ms, 90 * ms},
		{0, 0}, {90 * ms, 90 * ms}, // a new connection
		{3 * ms, 3 * ms}, {5 * ms, 3 * ms}, {6 * ms, 6 * ms},
	} {
		links := []linkSight{{Status: endpoint.Status{Identity: endpoint.Identity{ID: "a"}, RoundTrip: step.measured}},
			{Status: endpoint.Status{Identity: endpoint.Identity{ID: "b"}, RoundTrip: 50 * ms}}}
		shown.steady(links)
		if links[0].RoundTrip != step.want || links[1].RoundTrip != 50*ms {
			t.Errorf("step %d: shows %v and %v, want %v", i, links[0].RoundTrip, links[1].RoundTrip, step.want)
		}
	}
	shown.steady(nil)
	if len(shown) != 0 {
		t.Errorf("links that have gone are remembered: %v", shown)
	}
}
