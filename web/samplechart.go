package web

import (
	"fmt"
	"strings"
	"time"

	"xiaozhi-switchboard/web/ui"
)

const (
	// sampleSpan is how much of the past a chart shows, sampleWidth what one of its points
	// stands for, and sampleRow one row of its table.
	sampleSpan  = time.Hour
	sampleWidth = time.Minute
	sampleRow   = 10 * time.Minute
)

// sampleCharts draw what was in use during the last hour. They end with the last minute
// that is over, so that they change once a minute.
func (p painter) sampleCharts(v PerformanceView) []ui.Chart {
	if v.History == nil {
		return nil
	}
	samples := v.History()
	percent := func(x float64) string { return p.words.Percent(x) }
	return []ui.Chart{
		p.sampleChart("memory", samples, v.At, 16<<20, func(x float64) string { return p.bytes(uint64(x)) }, func(s SampleView) (float64, bool) {
			if s.ResidentBytes == nil {
				return 0, false
			}
			return float64(*s.ResidentBytes), true
		}),
		p.sampleChart("cpu", samples, v.At, 0.05, percent, share(func(s SampleView) *float64 { return s.CPUShare })),
		p.sampleChart("host", samples, v.At, 0.2, percent, share(func(s SampleView) *float64 { return s.HostCPUShare })),
	}
}

// share reads a number that may be unknown.
func share(of func(SampleView) *float64) func(SampleView) (float64, bool) {
	return func(s SampleView) (float64, bool) {
		if x := of(s); x != nil {
			return *x, true
		}
		return 0, false
	}
}

// mean collects numbers.
type mean struct {
	sum float64
	n   int
}

func (m *mean) add(x float64) { m.sum, m.n = m.sum+x, m.n+1 }

// of is the mean, and whether there is one.
func (m mean) of() (float64, bool) { return m.sum / float64(max(m.n, 1)), m.n > 0 }

// sampleChart draws one number. Least is the least that the upper edge stands for.
func (p painter) sampleChart(name string, samples []SampleView, now time.Time, least float64, write func(float64) string, of func(SampleView) (float64, bool)) ui.Chart {
	end := now.Truncate(sampleWidth)
	start := end.Add(-sampleSpan)
	at := func(t time.Time) string { return t.In(p.zone).Format(p.say("time.short")) }
	c := ui.Chart{Title: p.say("performance.chart." + name), Start: at(start), End: at(end), Text: p.say("performance.chart.none"),
		Head: []string{p.say("chart.at"), p.say("chart.average")}}
	points := make([]mean, sampleSpan/sampleWidth)
	rows := make([]mean, sampleSpan/sampleRow)
	var all mean
	for _, s := range samples {
		x, known := of(s)
		if !known || s.At.Before(start) || !s.At.Before(end) {
			continue
		}
		points[s.At.Sub(start)/sampleWidth].add(x)
		rows[s.At.Sub(start)/sampleRow].add(x)
		all.add(x)
	}
	average, known := all.of()
	if !known {
		return c
	}
	top := 0.0
	for _, m := range points {
		x, _ := m.of()
		top = max(top, x)
	}
	scale := max(top*1.15, least)
	c.Top, c.Text = write(scale), p.say("performance.chart.text", "average", write(average), "top", write(top))
	var line strings.Builder
	joined := false
	for i, m := range points {
		x, known := m.of()
		if !known {
			joined = false // a gap is not bridged: nobody knows what was there
			continue
		}
		if joined {
			fmt.Fprintf(&line, "L%d %.1f", i*10+5, 120-x/scale*120)
		} else {
			fmt.Fprintf(&line, "M%d %.1fh.1", i*10+5, 120-x/scale*120) // seen even if nothing follows
		}
		joined = true
	}
	c.Line = line.String()
	for i, m := range rows {
		cell := p.say("none")
		if x, known := m.of(); known {
			cell = write(x)
		}
		c.Rows = append(c.Rows, []string{at(start.Add(time.Duration(i) * sampleRow)), cell})
	}
	return c
}
