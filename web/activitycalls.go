package web

import (
	"math"
	"net/url"
	"slices"
	"time"

	"xiaozhi-switchboard/core/journal"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// callsPage lists the calls of tools, the newest first.
var callsPage = page{name: "calls", pattern: "/activity/calls", section: "activity", args: activityArgs, serve: serveActivity("calls"),
	paint: func(p painter, s snapshot, args url.Values) (screen, bool) {
		f, bad := readFilter(args, s.at, activityShown)
		if s.journal == nil || bad != nil {
			return screen{}, false
		}
		say := p.words.Say
		l := p.callList(s, f, args)
		show := screen{title: p.say("activity.tab.calls") + " · " + p.say("nav.activity"), content: ui.CallsPage(l, say)}
		show.add("activity-figures", ui.ActivityFigures(l.Figures, say))
		show.add("activity-rows", ui.CallRows(l, say))
		show.add("activity-pager", ui.ActivityPagerBar(l.Pager, say))
		return show, true
	}}

// callList is the content of the page.
func (p painter) callList(s snapshot, f activityFilter, args url.Values) ui.Calls {
	found := p.findCalls(s, f)
	kept, older := cutTo(f, found)
	l := ui.Calls{Activity: p.activityTop(s.parts, "calls"), Filters: p.activityFilters(s, "/activity/calls", args), Figures: p.callFigures(found)}
	var tools []string
	for _, c := range s.journal.Calls(0, 0) {
		tools = append(tools, c.Tool)
	}
	l.Filters.Selects = append(l.Filters.Selects, p.endpointChoice(s, args, true), p.toolChoice(s, tools, args),
		p.choice("level", []string{"", "warning", "error"}, args), p.choice("span", activitySpans, args))
	for _, c := range kept {
		l.Rows = append(l.Rows, ui.CallRow{Seq: c.Seq, Level: levelShapes[c.Outcome.Level()], Word: p.say("activity.outcome." + c.Outcome.String()),
			At: p.clock(c.At, s.at), Tool: secret.Text(c.Tool), Caller: p.callerName(s, c), Address: callerAddress(s, c), Source: p.sourceName(s, c.Source),
			Took: p.duration(c.Took), Share: tookShare(c.Took), In: p.bytes(uint64(max(c.BytesIn, 0))), Out: p.bytes(uint64(max(c.BytesOut, 0)))})
	}
	if len(kept) > 0 {
		l.Pager = pager("/activity/calls", args, kept[len(kept)-1].Seq, older)
	} else {
		l.Pager = pager("/activity/calls", args, 0, false)
	}
	return l
}

// findCalls returns the calls that a filter wants, the newest first.
func (p painter) findCalls(s snapshot, f activityFilter) []journal.Call {
	return slices.DeleteFunc(s.journal.Calls(f.after, f.before), func(c journal.Call) bool {
		return !f.wantsCall(c) || len(f.words) > 0 && !f.says(c.Tool, p.callerName(s, c), p.sourceName(s, c.Source), p.say("activity.outcome."+c.Outcome.String()))
	})
}

// callerName is what to call the caller.
func (p painter) callerName(s snapshot, c journal.Call) string {
	if c.Caller == journal.ByEndpoint {
		return p.sourceName(s, c.Endpoint)
	}
	return p.say("activity.caller." + c.Caller.String())
}

// callerAddress is the page of the endpoint that called; empty when there is none.
func callerAddress(s snapshot, c journal.Call) string {
	for _, l := range s.links {
		if c.Caller == journal.ByEndpoint && l.ID == c.Endpoint {
			return endpointAddress(l.ID)
		}
	}
	return ""
}

// tookShare is how much of its bar a time fills, in percent: each tenfold from 1 ms to 10 s
// takes a quarter, so that both a cached answer and a slow one can be seen.
func tookShare(d time.Duration) int {
	if d <= time.Millisecond {
		return 1
	}
	return min(100, max(1, int(math.Log10(float64(d)/float64(time.Millisecond))*25+0.5)))
}

// callFigures sum the calls up. What the caller did not wait for says nothing about time.
func (p painter) callFigures(calls []journal.Call) []ui.Figure {
	errors := 0
	var times []time.Duration
	for _, c := range calls {
		if c.Outcome.Level() >= journal.Warning {
			errors++
		}
		if c.Outcome != journal.Cut {
			times = append(times, c.Took)
		}
	}
	figures := []ui.Figure{
		{Value: p.words.Number(len(calls)), Note: p.say("activity.figure.calls")},
		{Value: p.words.Number(errors), Note: p.say("activity.figure.errors"), Alarm: errors > 0},
	}
	slices.Sort(times)
	for _, q := range []struct {
		key   string
		share float64
	}{{"activity.figure.p50", 0.5}, {"activity.figure.p95", 0.95}} {
		f := ui.Figure{Value: p.say("none"), Note: p.say(q.key)}
		if len(times) > 0 {
			f.Value = p.duration(quantile(times, q.share))
		}
		figures = append(figures, f)
	}
	return figures
}

// quantile is the time that a share of sorted times does not exceed; there must be one.
func quantile(sorted []time.Duration, share float64) time.Duration {
	return sorted[max(0, int(math.Ceil(share*float64(len(sorted))))-1)]
}
