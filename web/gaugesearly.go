package web

import (
	"slices"
	"time"
)

// known reports whether there is any figure of a span from first on.
func (c gaugeCharts) known(i int, first time.Time) bool {
	return slices.ContainsFunc(c[i], func(g gauge) bool {
		_, shown := spans[i].place(first, g.at)
		return shown && slices.ContainsFunc(g.figures[:], func(m mean) bool { return m.n > 0 })
	})
}

// first is where charts start: those of minutes end with the last one that is over, for
// there are few readings of the one that is not, unless there are no others.
func (c gaugeCharts) first(i int, now time.Time) time.Time {
	first := spans[i].first(now)
	if i > 0 {
		return first
	}
	over := first.Add(-spans[0].width)
	if !c.known(0, over) && c.known(0, first) {
		return first
	}
	return over
}

// soFar returns the charts with what there is of the first minute of the program, while it
// is not over, in those that would show nothing at all.
func (c gaugeCharts) soFar(look func() PerformanceView, now time.Time) gaugeCharts {
	if c.known(0, spans[0].first(now).Add(-spans[0].width)) {
		return c
	}
	v := look()
	var begun gauges
	if minute := spans[0].width; time.Duration(v.Uptime) < 2*minute { // else it slept, and its calls are not of this minute
		begun.looked = now.Add(-minute)
	}
	begun.note(v, now)
	for i, chart := range begun.charts {
		if i == 0 || !c.known(i, spans[i].first(now)) {
			c[i] = chart
		}
	}
	return c
}
