package web

import (
	"strconv"
	"time"

	"xiaozhi-switchboard/web/ui"
)

// useRows is how many slots one row of a table stands for, by spans: ten minutes, two hours
// and a day.
var useRows = [len(spans)]int{10, 8, 12}

// useChart is one of the charts of what the program uses.
type useChart struct {
	name, kind string
	least      float64
	lines      []useLine
}

type useLine struct {
	gauge gaugeKind
	key   string
}

// useCharts are the charts there are, in their order.
var useCharts = []useChart{
	{"cpu", "share", 0.05, []useLine{{gaugeCPU, "cpuShare"}, {gaugeHost, "hostCpuShare"}}},
	{"memory", "bytes", 16 << 20, []useLine{{gaugeResident, "residentBytes"}, {gaugeHeap, "heapBytes"}}},
	{"calls", "count", 4, []useLine{{gaugeCalls, "callsPerMinute"}}},
	{"links", "count", 2, []useLine{{gaugeUp, "linksUp"}, {gaugeLinks, "links"}}},
	{"goroutines", "count", 20, []useLine{{gaugeGoroutines, "goroutines"}}},
}

// useCharts draw what was in use over a span.
func (p painter) useCharts(charts gaugeCharts, i int, now time.Time) []ui.Chart {
	first := charts.first(i, now)
	var all []ui.Chart
	for _, u := range useCharts {
		c := chart{id: "chart-" + u.name, title: p.say("performance.chart." + u.name), span: i, first: first, now: now, least: u.least,
			plot: plot{Source: "/api/v1/performance/history?span=" + spans[i].name, Kind: u.kind, Least: u.least}}
		switch u.kind {
		case "share":
			c.write = func(x float64) string { return p.words.Percent(x) }
		case "bytes":
			c.write = func(x float64) string { return p.bytes(uint64(x)) }
			c.plot.Units = map[string]string{"mib": p.say("unit.mib", "size", "{}"), "gib": p.say("unit.gib", "size", "{}")}
		default:
			c.write = p.count
		}
		for _, l := range u.lines {
			c.lines = append(c.lines, line{l.key, p.say("performance.line." + l.key), charts.column(i, l.gauge, first)})
		}
		shown := p.draw(c)
		p.describe(&shown, c)
		all = append(all, shown)
	}
	return all
}

// count writes how many of something there were on average.
func (p painter) count(x float64) string {
	if x < 10 {
		return strconv.FormatFloat(float64(int(x*10+0.5))/10, 'f', -1, 64)
	}
	return p.words.Number(int(x + 0.5))
}

// describe says what a chart shows, in words and in a table.
func (p painter) describe(shown *ui.Chart, c chart) {
	shown.Head = []string{p.say("chart.at")}
	means := make([][]mean, len(c.lines))
	rows := useRows[c.span]
	for i, l := range c.lines {
		shown.Head = append(shown.Head, l.word)
		means[i] = make([]mean, (len(l.points)+rows-1)/rows)
		var all mean
		top := 0.0
		for j, x := range l.points {
			if x != nil {
				means[i][j/rows].add(*x)
				all.add(*x)
				top = max(top, *x)
			}
		}
		if average, known := all.of(); known {
			shown.Texts = append(shown.Texts, p.say("performance.chart.text", "line", l.word, "average", c.write(average), "top", c.write(top)))
		}
	}
	if len(shown.Texts) == 0 {
		shown.Texts = []string{p.say("performance.chart.none")}
		return
	}
	for j := range means[0] {
		row := []string{p.slotTime(c.span, c.first.Add(spans[c.span].width*time.Duration(j*rows)))}
		for i := range c.lines {
			cell := p.say("none")
			if x, known := means[i][j].of(); known {
				cell = c.write(x)
			}
			row = append(row, cell)
		}
		shown.Rows = append(shown.Rows, row)
	}
}
