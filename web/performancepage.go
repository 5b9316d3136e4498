package web

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/web/ui"
)

// performancePage shows how the program has done.
var performancePage = page{name: "performance", pattern: "/performance", args: []string{"range"}, draws: true, paint: func(p painter, s snapshot, args url.Values) (screen, bool) {
	say := p.words.Say
	if s.performance == nil {
		return screen{}, false
	}
	v := p.charted(s, args)
	show := screen{title: p.say("nav.performance"), content: ui.PerformancePage(v, say)}
	show.add("watched", ui.WatchedFigures(v.Figures, say))
	show.add("oddities", ui.Oddities(v.Oddities, say))
	for _, c := range v.Charts {
		show.add(c.ID+"-words", ui.ChartWords(c, say))
	}
	show.add("load", ui.LoadPanel(v.Load, say))
	show.add("runs", ui.RunsPanel(v.Runs, say))
	show.add("use", ui.UsePanel(v.Facts, say))
	show.add("busy", ui.BusyTools(v.Tools, say))
	return show, true
}}

const (
	// runsShown and busyShown bound what the page lists.
	runsShown, busyShown = 8, 8
)

// charted is the page at one moment, with charts of the stretch of time that the address
// chooses.
func (p painter) charted(s snapshot, args url.Values) ui.Performance {
	v := p.performance(*s.performance(), s.controls)
	span, _ := spanOf(args.Get("range"))
	charts := s.gauges.soFar(func() PerformanceView { return *s.performance() }, s.at)
	v.Charts, v.Ranges = p.useCharts(charts, span, s.at), p.ranges(span, "/performance", "#charts")
	return v
}

// performance is the page without its charts.
func (p painter) performance(v PerformanceView, controls bool) ui.Performance {
	v = presentable(p.words, v)
	shown := ui.Performance{Figures: p.watched(v), Facts: p.uses(v), Load: p.load(v)}
	for _, a := range slices.Backward(v.Anomalies) {
		o := ui.Oddity{Level: ui.Slow, Text: a.Text, When: p.moment(a.Since, v.At, "performance.since"), Detail: a.Detail}
		if !a.Until.IsZero() {
			o.Level, o.When = ui.Paused, p.moment(a.Until, v.At, "performance.until")
		}
		shown.Oddities = append(shown.Oddities, o)
	}
	slices.SortStableFunc(shown.Oddities, func(a, b ui.Oddity) int { return cmp.Compare(a.Level, b.Level) })
	shown.Oddities = shown.Oddities[:min(len(shown.Oddities), 6)]
	for _, r := range slices.Backward(v.Runs[max(0, len(v.Runs)-runsShown):]) {
		shown.Runs = append(shown.Runs, p.run(r, v.At))
	}
	tools := slices.DeleteFunc(slices.Clone(v.Tools), func(t ToolCalls) bool { return t.Calls == 0 })
	slices.SortStableFunc(tools, func(a, b ToolCalls) int { return cmp.Compare(b.Calls, a.Calls) })
	for _, t := range tools[:min(len(tools), busyShown)] {
		shown.Tools = append(shown.Tools, []string{t.Name, p.words.Number(clamp(t.Calls)), p.words.Number(clamp(t.Errors)),
			p.took(t.Latency, 0.5), p.took(t.Latency, 0.95)})
	}
	if controls {
		shown.Act = ui.Actions{Possible: true, Strategy: ui.Field{Name: "strategy", Label: p.say("option.loadBalanceStrategy.name"), Value: v.Strategy.String()}}
		for _, s := range balance.Strategies() {
			shown.Act.Strategy.Options = append(shown.Act.Strategy.Options, ui.Option{Value: s.String(), Word: p.say("performance.strategy." + s.String())})
		}
	}
	return shown
}

// took is a quantile of how long calls took.
func (p painter) took(l Latency, q float64) string {
	if l.Count == 0 {
		return p.say("none")
	}
	return p.duration(l.Quantile(q))
}

// watched are the five figures that the program is judged by.
func (p painter) watched(v PerformanceView) []ui.Figure {
	none := p.say("none")
	success := ui.Figure{Value: none, Note: p.say("performance.success", "n", clamp(v.Dials.Total))}
	if v.Dials.Total > 0 {
		success.Value = p.words.Percent(float64(v.Dials.Successful) / float64(v.Dials.Total))
	}
	response := ui.Figure{Value: none, Note: p.say("performance.response", "p95", p.took(v.Calls.Latency, 0.95))}
	if v.Calls.Latency.Count > 0 {
		response.Value = p.duration(v.Calls.Latency.Mean())
	}
	growth := ui.Figure{Value: none, Note: p.say("performance.growth")}
	if g := v.Process.GrowthPerHour; g != nil {
		growth.Value = signed(*g / (1 << 20))
		growth.Unit = p.say("performance.growth.unit")
	}
	reconnects := ui.Figure{Value: none, Note: p.say("performance.reconnects", "n", clamp(v.Dials.Reconnects))}
	if r := v.Dials.ReconnectsPerHour; r != nil {
		reconnects.Value, reconnects.Unit = strconv.FormatFloat(*r, 'f', 1, 64), p.say("performance.reconnects.unit")
	}
	even := ui.Figure{Value: none, Note: p.say("performance.evenness.none")}
	for _, g := range v.Groups { // the least even group is the one to look at
		if g.Evenness != nil && (even.Value == none || p.evenness(*g.Evenness) < even.Value) {
			even.Value, even.Note = p.evenness(*g.Evenness), p.say("performance.evenness", "name", g.Name)
		}
	}
	return []ui.Figure{success, response, growth, reconnects, even}
}

// signed writes a number with its sign; what rounds to nothing has none.
func signed(v float64) string {
	text := fmt.Sprintf("%+.1f", v)
	if text == "-0.0" || text == "+0.0" {
		return "0.0"
	}
	return strings.Replace(text, "-", "−", 1)
}

// evenness writes an index in [0, 1].
func (p painter) evenness(share float64) string { return strconv.FormatFloat(share, 'f', 2, 64) }

// uses are what the program and its computer use now.
func (p painter) uses(v PerformanceView) []ui.Fact {
	none := p.say("none")
	percent := func(share *float64) string {
		if share == nil {
			return none
		}
		return p.words.Percent(*share)
	}
	size := func(n *uint64) string {
		if n == nil {
			return none
		}
		return p.bytes(*n)
	}
	connected := 0
	for _, l := range v.Links {
		if l.Connected {
			connected++
		}
	}
	fact := func(key string, args ...any) ui.Fact {
		return ui.Fact{Name: p.say("performance.use." + key), Value: p.say("performance.use."+key+".text", args...)}
	}
	checks := fact("checks", "n", clamp(v.HealthChecks.Pings), "share", p.fineShare(v.HealthChecks.CPUShare))
	if v.HealthChecks.CPUShare == nil {
		checks.Value = p.say("performance.use.checks.alone", "n", clamp(v.HealthChecks.Pings))
	}
	return []ui.Fact{
		fact("process", "memory", size(v.Process.ResidentBytes), "heap", size(v.Process.HeapBytes)),
		fact("cpu", "process", percent(v.Process.CPUShare), "host", percent(v.Host.CPUShare)),
		fact("host", "used", size(v.Host.UsedBytes), "all", size(v.Host.MemoryBytes)),
		fact("goroutines", "n", v.Process.Goroutines),
		fact("links", "up", connected, "all", len(v.Links)),
		fact("calls", "n", clamp(v.Calls.Total), "failed", clamp(v.Calls.Errors), "rate", strconv.Itoa(int(v.Calls.PerMinute+0.5))),
		checks,
		fact("uptime", "time", p.length(time.Duration(v.Uptime))),
	}
}

// fineShare writes a share that is small.
func (p painter) fineShare(share *float64) string {
	if share == nil {
		return p.say("none")
	}
	return strconv.FormatFloat(*share*100, 'f', 2, 64) + "%"
}

// load is how calls were spread.
func (p painter) load(v PerformanceView) ui.Load {
	l := ui.Load{Strategy: p.say("performance.strategy." + v.Strategy.String())}
	for _, g := range v.Groups {
		group := ui.LoadGroup{Name: g.Name, Evenness: p.say("performance.evenness.none")}
		if g.Evenness != nil {
			group.Evenness = p.say("performance.even", "index", p.evenness(*g.Evenness))
		}
		for _, s := range g.Sources {
			source := ui.LoadSource{Name: s.Name, Picked: p.words.Number(clamp(s.Picked)), Share: int(s.Share*100 + 0.5),
				Word: p.say("performance.breaker." + s.Breaker.String())}
			switch s.Breaker {
			case balance.Open:
				source.Level = ui.Down
			case balance.HalfOpen:
				source.Level = ui.Connecting
			}
			if s.Failed+s.Moved > 0 {
				source.Note = p.say("performance.source", "failed", clamp(s.Failed), "moved", clamp(s.Moved))
			}
			group.Sources = append(group.Sources, source)
		}
		l.Groups = append(l.Groups, group)
	}
	return l
}

// run is one run of a routine.
func (p painter) run(r RunView, now time.Time) ui.Run {
	write := func(v float64) string {
		switch r.Unit {
		case "bytes":
			if v <= 0 {
				return p.say("none") // no memory limit, for one
			}
			return p.bytes(uint64(v))
		case "ms":
			return p.duration(time.Duration(v * float64(time.Millisecond)))
		case "share":
			return p.words.Percent(v)
		}
		return "×" + plain(v)
	}
	shown := ui.Run{At: p.moment(r.At, now, "performance.ran"), What: p.say("performance.routine." + r.Routine), Why: p.reason(r.Reason),
		Before: write(r.Before), After: write(r.After), Took: p.say("performance.took", "time", p.duration(time.Duration(r.Took)))}
	if r.Unit == "bytes" && r.After < r.Before {
		shown.Diff = "−" + write(r.Before-r.After)
	}
	return shown
}

// reason says why a routine ran; one that is new to us comes as it is.
func (p painter) reason(reason string) string {
	key := "performance.reason." + reason
	if text := p.say(key); text != key {
		return text
	}
	return reason
}
