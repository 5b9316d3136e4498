package web

import (
	"cmp"
	"net/url"
	"slices"
	"time"

	"xiaozhi-switchboard/web/ui"
)

// latencyChart draws round trips over the stretch of time that the address chooses.
func (p painter) latencyChart(t trace, args url.Values, now time.Time) ui.Chart {
	i, _ := spanOf(args.Get("range"))
	id := args.Get("id")
	v := latencyHistory(id, i, t.charts[i], now)
	span, first := spans[i], spans[i].first(now)
	medians := make([]*float64, span.count)
	for j, m := range v.Median {
		if m != nil {
			medians[j] = new(float64(time.Duration(*m)))
		}
	}
	c := p.draw(chart{
		id: "chart", title: p.say("chart.latency"), span: i, first: first, now: now, failed: v.Failed,
		lines: []line{{"medianMs", p.say("chart.median"), medians}},
		least: float64(20 * time.Millisecond), write: func(x float64) string { return p.duration(time.Duration(x)) },
		plot: plot{Source: "/api/v1/connections/" + url.PathEscape(id) + "/history?span=" + span.name, Marks: "failed", Kind: "ms", Least: 20,
			Units: map[string]string{"ms": p.say("unit.ms", "time", "{}"), "s": p.say("unit.s", "time", "{}")}},
	})
	c.Ranges, c.MarkWord = p.ranges(i, endpointAddress(id), "#chart"), p.say("chart.mark")
	c.Head = []string{p.say("chart.at"), p.say("chart.median"), p.say("chart.average"), p.say("chart.checks"), p.say("chart.failed")}
	took := func(m *Milliseconds) string {
		if m == nil {
			return p.say("none")
		}
		return p.duration(time.Duration(*m))
	}
	var checks, failed int
	for j, at := range slices.Backward(v.At) {
		if v.Checks[j] == 0 {
			continue
		}
		checks, failed = checks+v.Checks[j], failed+v.Failed[j]
		c.Rows = append(c.Rows, []string{p.slotTime(i, time.Unix(at, 0)), took(v.Median[j]), took(v.Average[j]), p.words.Number(v.Checks[j]), p.words.Number(v.Failed[j])})
	}
	middle, top := overall(t.charts[i], first)
	switch {
	case checks == 0:
		c.Texts = []string{p.say("chart.none")}
	case top == 0:
		c.Texts = []string{p.say("chart.text.failed", "n", checks, "failed", failed)}
	default:
		c.Texts = []string{p.say("chart.text", "n", checks, "failed", failed, "median", p.duration(middle), "top", p.duration(top))}
	}
	return c
}

// overall is the median of all checks from first on, as far as those of the slots tell, and
// the highest of these. Both are 0 when there is none.
func overall(chart []bucket, first time.Time) (middle, top time.Duration) {
	shown := slices.DeleteFunc(slices.Clone(chart), func(b bucket) bool { return b.at < first.Unix() || b.timed == 0 })
	slices.SortFunc(shown, func(a, b bucket) int { return cmp.Compare(a.median, b.median) })
	var all, passed int32
	for _, b := range shown {
		all += b.timed
		top = b.median
	}
	for _, b := range shown {
		if passed += b.timed; 2*passed >= all {
			return b.median, top
		}
	}
	return 0, 0
}
