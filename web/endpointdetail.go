package web

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web/ui"
)

// endpointPage is the page of one endpoint.
var endpointPage = page{name: "endpoint", pattern: "/endpoints/{id}", section: "endpoints", args: []string{"id", "range"}, paint: func(p painter, s snapshot, args url.Values) (screen, bool) {
	i := slices.IndexFunc(s.links, func(l endpoint.Status) bool { return l.ID == args.Get("id") })
	if i < 0 {
		return screen{}, false
	}
	d := p.endpointDetail(s.links[i], s, args)
	say := p.words.Say
	show := screen{title: d.Link.Name, content: ui.EndpointPage(d, say)}
	show.add("head", ui.EndpointHead(d, say))
	show.add("chart", ui.EndpointChart(d.Chart, say))
	show.add("score", ui.EndpointScore(d, say))
	show.add("facts", ui.EndpointFacts(d, say))
	show.add("timings", ui.EndpointTimings(d, say))
	show.add("events", ui.EndpointEvents(d, say))
	show.add("retries", ui.EndpointRetries(d, say))
	show.add("sees", ui.EndpointSees(d, say))
	return show, true
}}

// endpointAddress is where the page of an endpoint is.
func endpointAddress(id string) string { return "/endpoints/" + url.PathEscape(id) }

// restMinutes are the lengths of a pause to choose from; 0 lasts until it is ended.
var restMinutes = []int{0, 15, 60, 480}

func (p painter) endpointDetail(status endpoint.Status, s snapshot, args url.Values) ui.EndpointDetail {
	h := HealthOf(status, s.at)
	past := s.traces[status.ID]
	d := ui.EndpointDetail{
		Link: p.tracedLink(status, h, enabledTools(s.tools), s), Facts: p.facts(status, h, s.at), Score: p.scoreBars(status.Score),
		Timings: p.timingBars(status.Timings), Chart: p.latencyChart(past, args, s.at), Events: p.events(past, s.at), Retries: p.retries(status, s.at),
	}
	if len(d.Timings) == 0 {
		d.TimingsNote = p.say("detail.timings.none")
	}
	for _, minutes := range restMinutes {
		d.Rests = append(d.Rests, ui.Option{Value: strconv.Itoa(minutes), Word: p.restWord(minutes)})
	}
	ep, ok := s.configured(status)
	d.Editable, d.Off = ok, ok && !ep.Enabled
	switch {
	case d.Off:
		d.Note = p.say("detail.off")
	case !ok && s.file != nil:
		d.Note = p.say("detail.foreign")
	}
	d.Sees, d.ToolNames, d.More = p.sees(ep, ok, status.Role, s.tools)
	return d
}

func (p painter) restWord(minutes int) string {
	switch {
	case minutes == 0:
		return p.say("rest.forever")
	case minutes%60 == 0:
		return p.say("rest.hours", "n", minutes/60)
	}
	return p.say("rest.minutes", "n", minutes)
}

// facts are what is known of an endpoint.
func (p painter) facts(s endpoint.Status, h Health, now time.Time) []ui.Fact {
	facts := []ui.Fact{{Name: p.say("fact.since"), When: p.moment(h.Since, now, "fact.when")}}
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, ui.Fact{Name: p.say(key), Value: value})
		}
	}
	add("fact.agent", s.Agent)
	add("fact.address", s.URL.String())
	if !s.Expires.IsZero() {
		f := ui.Fact{Name: p.say("fact.expires"), Value: s.Expires.In(p.zone).Format(p.say("time.day"))}
		switch left := s.Expires.Sub(now); {
		case left < 0:
			f.Level = ui.Down
		case left < 14*24*time.Hour:
			f.Level = ui.Slow
		}
		facts = append(facts, f)
	}
	add("fact.role", p.say("role."+string(s.Role)))
	check := "fact.check.off"
	if s.HealthCheck {
		check = "fact.check.on"
	}
	add("fact.check", p.say(check))
	if !s.LastConnected.IsZero() {
		facts = append(facts, ui.Fact{Name: p.say("fact.connected"), When: p.moment(s.LastConnected, now, "fact.when")})
	}
	add("fact.calls", p.say("fact.calls.text", "n", clamp(s.Calls), "requests", clamp(s.Requests), "well", clamp(s.Successes)))
	add("fact.bytes", p.say("fact.bytes.text", "in", p.bytes(s.BytesIn), "out", p.bytes(s.BytesOut)))
	add("fact.sockets", p.say("fact.sockets.text", "n", clamp(s.Sockets), "again", clamp(s.Reconnects)))
	return facts
}

// bytes writes an amount of data.
func (p painter) bytes(n uint64) string {
	switch {
	case n < 1<<10:
		return p.say("unit.bytes", "n", int(n))
	case n < 1<<20:
		return p.say("unit.kib", "size", strconv.FormatFloat(float64(n)/(1<<10), 'f', 1, 64))
	case n >= 1<<30:
		return p.say("unit.gib", "size", strconv.FormatFloat(float64(n)/(1<<30), 'f', 1, 64))
	}
	return p.say("unit.mib", "size", strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64))
}

// scoreBars are the two parts of a score.
func (p painter) scoreBars(s endpoint.Score) []ui.Bar {
	part := func(key string, share float64) ui.Bar {
		b := ui.Bar{Name: p.say(key), Value: p.words.Percent(share), Percent: int(math.Round(min(max(share, 0), 1) * 100))}
		switch {
		case share < 0.5:
			b.Level = ui.Down
		case share < 0.8:
			b.Level = ui.Slow
		}
		return b
	}
	return []ui.Bar{part("score.success", s.Success), part("score.latency", s.Latency)}
}

// timingBars are the parts of a dial, one after the other.
func (p painter) timingBars(t endpoint.Timings) []ui.Bar {
	total := t.DNS + t.TCP + t.TLS + t.Upgrade
	if total <= 0 {
		return nil
	}
	var bars []ui.Bar
	var before time.Duration
	for _, part := range []struct {
		key  string
		took time.Duration
	}{{"timing.dns", t.DNS}, {"timing.tcp", t.TCP}, {"timing.tls", t.TLS}, {"timing.upgrade", t.Upgrade}} {
		if part.took <= 0 { // it was not needed, or is not known
			bars = append(bars, ui.Bar{Name: p.say(part.key), Value: p.say("none")})
			continue
		}
		offset := min(int(before*100/total), 99)
		bars = append(bars, ui.Bar{Name: p.say(part.key), Value: p.fine(part.took), Offset: offset, Percent: max(1, int(part.took*100/total))})
		before += part.took
	}
	return append(bars, ui.Bar{Name: p.say("timing.total"), Value: p.fine(total), Percent: 100})
}

// fine writes a duration that may be far below a millisecond.
func (p painter) fine(d time.Duration) string {
	if d > 0 && d < 10*time.Millisecond {
		return p.say("unit.ms", "time", strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 1, 64))
	}
	if d <= 0 {
		return p.say("unit.ms", "time", "0")
	}
	return p.duration(d)
}

// events are the changes of a link, the newest first.
func (p painter) events(t trace, now time.Time) []ui.Event {
	events := make([]ui.Event, 0, len(t.changes))
	for _, c := range slices.Backward(t.changes) {
		events = append(events, p.event(c, now))
	}
	return events
}

func (p painter) event(c change, now time.Time) ui.Event {
	e := ui.Event{At: ui.Moment{}, Level: c.level, Word: p.say(c.word)}
	e.At = p.moment(c.at, now, "fact.when")
	e.At.Live = "" // a list of times is read from top to bottom
	if c.cause != "" {
		e.Cause = p.say(c.cause)
	}
	return e
}

// retries are the last attempts to connect, the newest first.
func (p painter) retries(s endpoint.Status, now time.Time) []ui.Retry {
	var list []ui.Retry
	for _, r := range slices.Backward(s.History) {
		shown := ui.Retry{At: p.moment(r.At, now, "fact.when"), Attempt: p.words.Number(r.Attempt), Waited: p.fine(r.Delay), Took: p.fine(r.Took)}
		shown.At.Live = ""
		if shown.Level, shown.Word = ui.Up, p.say("retry.ok"); !r.OK {
			shown.Level, shown.Word = ui.Down, p.say(causeOf(endpoint.Status{Kind: r.Kind, State: endpoint.Waiting}, now))
		}
		list = append(list, shown)
	}
	return list
}

// namesShown bounds a list of names.
const namesShown = 60

// sees says which servers and tools an endpoint sees.
func (p painter) sees(ep config.Endpoint, known bool, role endpoint.Role, tools []ToolView) (text string, names []string, more string) {
	if role == endpoint.RoleCall {
		return p.say("sees.call"), nil, ""
	}
	for _, t := range tools {
		if t.Enabled && (!known || visible(ep, t)) {
			names = append(names, t.Name)
		}
	}
	switch {
	case known && ep.Servers != nil && ep.Tools != nil:
		text = p.say("sees.some", "n", len(names))
	case known && ep.Servers != nil:
		text = p.say("sees.servers", "n", len(names), "names", strings.Join(ep.Servers, p.say("list.comma")))
	case known && ep.Tools != nil:
		text = p.say("sees.some", "n", len(names))
	default:
		text = p.say("sees.all", "n", len(names))
	}
	if len(names) > namesShown {
		more = p.say("tools.more", "n", len(names)-namesShown)
		names = names[:namesShown]
	}
	return text, names, more
}

// visible reports whether an endpoint sees a tool.
func visible(ep config.Endpoint, t ToolView) bool {
	return (ep.Servers == nil || slices.Contains(ep.Servers, t.Server)) && (ep.Tools == nil || slices.Contains(ep.Tools, t.Name))
}

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
