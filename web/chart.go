package web

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"xiaozhi-switchboard/web/ui"
)

// chart is what there is to draw: figures of the slots of a span.
type chart struct {
	id, title string
	span      int
	first     time.Time // where the first slot starts
	now       time.Time
	lines     []line
	// failed are failures of each slot; nil where there are none to speak of.
	failed []int
	// least is the least that the upper edge stands for, and write writes a figure.
	least float64
	write func(float64) string
	plot  plot
}

// line is one figure over time.
type line struct {
	key    string     // in the answer of the API
	word   string     // in the language of the page
	points []*float64 // nil is what is not known
}

// plot tells the script of the page how to draw the same, and from where to get it.
type plot struct {
	// Source is an address of the API, whose answer has Lines, and Marks where there are any.
	Source string   `json:"source"`
	Lines  []string `json:"lines"`
	Marks  string   `json:"marks,omitempty"`
	// Kind is what the figures are: "ms", "share", "bytes" or "count". Units write them, with
	// {} for the number.
	Kind  string            `json:"kind"`
	Units map[string]string `json:"units,omitempty"`
	// Least is the least that the upper edge stands for, in the unit of the answer.
	Least float64 `json:"least"`
	// Offset is our clock's distance from UTC in seconds. Days says that the axis needs dates.
	Offset int  `json:"offset"`
	Days   bool `json:"days"`
}

// slotTime writes when a slot starts.
func (p painter) slotTime(i int, at time.Time) string {
	layout := "time.short"
	if spans[i].width >= time.Hour {
		layout = "time.date"
	}
	return at.In(p.zone).Format(p.say(layout))
}

// draw makes the picture of a chart; words and table are the caller's.
func (p painter) draw(c chart) ui.Chart {
	span := spans[c.span]
	end := c.first.Add(span.width * time.Duration(span.count))
	if end.After(c.now) {
		end = c.now // the last slot is not over
	}
	shown := ui.Chart{ID: c.id, Title: c.title, Start: p.slotTime(c.span, c.first), End: p.slotTime(c.span, end)}
	top := 0.0
	for _, l := range c.lines {
		for _, x := range l.points {
			if x != nil {
				top = max(top, *x)
			}
		}
		c.plot.Lines = append(c.plot.Lines, l.key)
	}
	scale := ceiling(top, c.least, c.plot.Kind)
	shown.Top = c.write(scale)
	for _, l := range c.lines {
		shown.Lines = append(shown.Lines, ui.Line{Path: curve(l.points, scale), Word: l.word})
	}
	var marks strings.Builder
	for i, n := range c.failed {
		if n > 0 {
			fmt.Fprintf(&marks, "M%.0f 112v8", across(i, span.count))
		}
	}
	shown.Marks = marks.String()
	_, c.plot.Offset = end.In(p.zone).Zone()
	c.plot.Days = span.width >= time.Hour
	text, err := json.Marshal(c.plot)
	if err == nil { // texts and numbers can be encoded
		shown.Plot = string(text)
	}
	return shown
}

// ceiling is what the upper edge of a chart stands for: some air above the highest figure,
// but no more than the whole when the figures are shares of it. (A program on several cores
// uses more than one.)
func ceiling(top, least float64, kind string) float64 {
	airy := max(top*1.15, least)
	if kind == "share" && top <= 1 {
		return min(airy, 1)
	}
	return airy
}

// across is where a slot lies in a picture of 600.
func across(i, count int) float64 { return (float64(i) + 0.5) * 600 / float64(count) }

// curve draws figures in a picture of 600 by 120. A gap is not bridged: nobody knows what
// was there.
func curve(points []*float64, scale float64) string {
	var b strings.Builder
	joined := false
	for i, x := range points {
		if x == nil {
			joined = false
			continue
		}
		at, y := across(i, len(points)), 120-*x/scale*120
		if joined {
			fmt.Fprintf(&b, "L%.0f %.1f", at, y)
		} else {
			fmt.Fprintf(&b, "M%.0f %.1fh.1", at, y) // seen even if nothing follows
		}
		joined = true
	}
	return b.String()
}

// ranges are the spans to choose from, at an address without a query.
func (p painter) ranges(chosen int, address, fragment string) []ui.Choice {
	var list []ui.Choice
	for i, span := range spans {
		to := address
		if i > 0 {
			to += "?range=" + span.name
		}
		list = append(list, ui.Choice{Name: p.say("chart.range." + span.name), Address: to + fragment, Current: i == chosen})
	}
	return list
}
