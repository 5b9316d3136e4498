package web

import (
	"strconv"
	"time"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web/ui"
)

// figures are the summary: how many links are up, and how they do.
func (p painter) figures(s snapshot, tools, alerts int) []ui.Figure {
	figures := []ui.Figure{p.linksFigure(s.links, alerts)}
	if s.performance != nil {
		return append(figures, p.performanceFigures(*s.performance(), s.links)...)
	}
	var running, ready, servers int
	var calls uint64
	for _, l := range s.links {
		running += l.InFlight
		calls += l.Calls
	}
	for _, v := range s.servers {
		if v.State != ServerDisabled {
			servers++
		}
		if v.State == ServerReady {
			ready++
		}
	}
	return append(figures,
		ui.Figure{Value: p.words.Number(clamp(calls)), Unit: p.say("figure.calls.unit", "n", clamp(calls)), Note: p.say("figure.calls.running", "running", running)},
		p.successFigure(s.links),
		ui.Figure{Value: p.say("figure.servers", "up", ready, "all", servers), Note: p.say("figure.servers.note")},
		ui.Figure{Value: p.words.Number(tools), Note: p.say("figure.tools.note", "n", tools)},
	)
}

// linksFigure is how many links are up of those that should be.
func (p painter) linksFigure(links []endpoint.Status, alerts int) ui.Figure {
	var connected, wanted, poor int
	for _, l := range links {
		if l.State != endpoint.Paused {
			wanted++
		}
		if !l.Connected() {
			continue
		}
		connected++
		if level, _, _ := connectedHealth(l); level != ui.Up {
			poor++
		}
	}
	f := ui.Figure{Value: p.say("figure.links", "up", connected, "all", wanted), Note: p.say("figure.links.well")}
	switch {
	case alerts > 0:
		f.Note, f.Alarm = p.say("figure.links.alerts", "n", alerts), true
	case len(links) == 0:
		f.Note = p.say("figure.links.none")
	case connected < wanted:
		f.Note = p.say("figure.links.soon")
	case poor > 0:
		f.Note = p.say("figure.links.poor", "n", poor)
	case wanted < len(links):
		f.Note = p.say("figure.links.paused", "n", len(links)-wanted)
	}
	return f
}

// successFigure is the share of requests that were answered.
func (p painter) successFigure(links []endpoint.Status) ui.Figure {
	var requests, successes uint64
	for _, l := range links {
		requests += l.Requests
		successes += l.Successes
	}
	if requests == 0 {
		return ui.Figure{Value: p.say("none"), Note: p.say("figure.success.none")}
	}
	return ui.Figure{Value: p.words.Percent(float64(successes) / float64(requests)), Note: p.say("figure.success")}
}

// performanceFigures are calls, their success and time, and what the program uses.
func (p painter) performanceFigures(v PerformanceView, links []endpoint.Status) []ui.Figure {
	took := ui.Figure{Value: p.say("none"), Note: p.say("figure.latency.none")}
	if v.Calls.Latency.Count > 0 {
		took = ui.Figure{Value: p.duration(v.Calls.Latency.Quantile(0.5)), Note: p.say("figure.latency", "time", p.duration(v.Calls.Latency.Quantile(0.95)))}
	}
	use := ui.Figure{Value: p.say("none"), Note: p.say("figure.memory", "time", p.length(time.Duration(v.Uptime)))}
	if v.Process.CPUShare != nil {
		use.Value = p.words.Percent(*v.Process.CPUShare)
	}
	memory := p.say("none")
	if v.Process.ResidentBytes != nil {
		memory = p.bytes(*v.Process.ResidentBytes)
	}
	use.Unit = p.say("figure.cpu.unit", "size", memory)
	return []ui.Figure{
		{Value: strconv.Itoa(int(v.Calls.PerMinute + 0.5)), Unit: p.say("figure.rate.unit"), Note: p.say("figure.rate", "n", clamp(v.Calls.Total))},
		p.successFigure(links), took, use,
	}
}

// length writes how long something lasted, in its greatest unit.
func (p painter) length(d time.Duration) string {
	switch {
	case d < time.Minute:
		return p.say("length.seconds", "n", int(d/time.Second))
	case d < time.Hour:
		return p.say("length.minutes", "n", int(d/time.Minute))
	case d < 48*time.Hour:
		return p.say("length.hours", "n", int(d/time.Hour))
	}
	return p.say("length.days", "n", int(d/(24*time.Hour)))
}
