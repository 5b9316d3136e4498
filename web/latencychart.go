package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"xiaozhi-switchboard/web/ui"
)

// latencyChart draws round trips over the stretch of time that the address chooses.
func (p painter) latencyChart(t trace, args url.Values, now time.Time) ui.Chart {
	chosen := 0
	for i, span := range spans {
		if span.name == args.Get("range") {
			chosen = i
		}
	}
	c := ui.Chart{Title: p.say("chart.latency"), Head: []string{p.say("chart.at"), p.say("chart.average"), p.say("chart.checks"), p.say("chart.failed")}}
	id := args.Get("id")
	for i, span := range spans {
		address := endpointAddress(id)
		if i > 0 {
			address += "?range=" + span.name
		}
		c.Ranges = append(c.Ranges, ui.Choice{Name: p.say("chart.range." + span.name), Address: address + "#chart", Current: i == chosen})
	}
	span := spans[chosen]
	layout := "time.short"
	if span.width >= time.Hour {
		layout = "time.date"
	}
	first := now.Truncate(span.width).Add(-span.width * time.Duration(span.count-1))
	c.Start, c.End = first.In(p.zone).Format(p.say(layout)), now.In(p.zone).Format(p.say(layout))
	var top, sum time.Duration
	var timed, checks, failed int
	chart := t.charts[chosen]
	for len(chart) > 0 && chart[len(chart)-1].at > now.Unix() { // the clock ran ahead
		chart = chart[:len(chart)-1]
	}
	for _, b := range chart {
		if b.at < first.Unix() {
			continue
		}
		checks += int(b.checks)
		failed += int(b.failed)
		if b.timed > 0 {
			top = max(top, b.took/time.Duration(b.timed))
			sum += b.took
			timed += int(b.timed)
		}
	}
	c.Text = p.say("chart.none")
	if checks == 0 {
		return c
	}
	scale := max(float64(top)*1.15, float64(20*time.Millisecond))
	c.Top = p.duration(time.Duration(scale))
	var line, marks strings.Builder
	joined := false
	lastAt := int64(0)
	for _, b := range chart {
		if b.at < first.Unix() {
			continue
		}
		x := float64(b.at-first.Unix()) / span.width.Seconds() * 600 / float64(span.count)
		x += 300 / float64(span.count)
		if b.failed > 0 {
			fmt.Fprintf(&marks, "M%.0f 112v8", x)
		}
		if b.timed == 0 {
			joined = false
			continue
		}
		y := 120 - float64(b.took/time.Duration(b.timed))/scale*120
		if joined && b.at-lastAt <= 2*int64(span.width.Seconds()) {
			fmt.Fprintf(&line, "L%.0f %.1f", x, y)
		} else {
			fmt.Fprintf(&line, "M%.0f %.1fh.1", x, y)
		}
		joined, lastAt = true, b.at
	}
	c.Line, c.Marks = line.String(), marks.String()
	if timed > 0 {
		c.Text = p.say("chart.text", "n", checks, "failed", failed, "average", p.duration(sum/time.Duration(timed)), "top", p.duration(top))
	} else {
		c.Text = p.say("chart.text.failed", "n", checks, "failed", failed)
	}
	for _, b := range slices.Backward(chart) {
		if b.at < first.Unix() {
			break
		}
		average := p.say("none")
		if b.timed > 0 {
			average = p.duration(b.took / time.Duration(b.timed))
		}
		c.Rows = append(c.Rows, []string{time.Unix(b.at, 0).In(p.zone).Format(p.say(layout)), average, p.words.Number(int(b.checks)), p.words.Number(int(b.failed))})
	}
	return c
}
