package web

import (
	"strconv"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// snapshot is what the dependencies say at one moment.
type snapshot struct {
	at       time.Time
	links    []endpoint.Status
	servers  []ServerView
	tools    []ToolView
	settings SettingsView
}

// snapshot looks at everything.
func (srv *Server) snapshot() snapshot {
	s, d := snapshot{at: time.Now()}, &srv.deps
	if d.Links != nil {
		s.links = d.Links.Status()
	}
	if d.Catalogue != nil {
		s.servers, s.tools = d.Catalogue.Servers(), d.Catalogue.Tools()
	}
	if d.Settings != nil {
		s.settings = d.Settings.View()
	}
	return s
}

// painter turns snapshots into what components show, in one language.
type painter struct {
	words *assets.Translator
	zone  *time.Location
	here  string // the address of the page that is painted
}

func (p painter) say(key string, args ...any) string { return p.words.Say(key, args...) }

func (p painter) overview(s snapshot) ui.Overview {
	o := ui.Overview{ConfigPath: s.settings.Path}
	enabled := 0
	for _, t := range s.tools {
		if t.Enabled {
			enabled++
		}
	}
	for _, status := range s.links {
		h := HealthOf(status, s.at)
		link := p.link(status, h, enabled, s.at)
		o.Links = append(o.Links, link)
		if h.Urgent {
			o.Alerts = append(o.Alerts, p.linkAlert(link, h))
		}
	}
	for _, server := range s.servers {
		row := p.server(server, s.at)
		o.Servers = append(o.Servers, row)
		if server.State == ServerFailed {
			cause := row.Cause
			if cause == "" {
				cause = p.say("server.cause.failed")
			}
			o.Alerts = append(o.Alerts, ui.Alert{
				ID: row.ID, Level: ui.Down, Name: row.Name, Cause: cause, Detail: row.Detail,
				Show: "#server-" + row.ID, Verb: p.say("verb.show"),
			})
		}
	}
	o.Figures = p.figures(s, enabled, len(o.Alerts))
	o.Tools, o.ToolTotal = p.tools(s.tools, enabled)
	return o
}

// problem is what is wrong with the configuration file; nil when nothing is.
func (p painter) problem(s SettingsView) *ui.Problem {
	if s.Problem == nil {
		return nil
	}
	shown := &ui.Problem{Path: s.Path, Text: secret.Text(s.Problem.Texts.In(p.words.Lang()))}
	if s.Problem.Line > 0 {
		shown.Place = p.say("problem.place", "line", strconv.Itoa(s.Problem.Line), "column", strconv.Itoa(s.Problem.Column))
	}
	return shown
}

func (p painter) figures(s snapshot, tools, alerts int) []ui.Figure {
	var connected, wanted, running, ready, servers int
	var calls, requests, successes uint64
	for _, l := range s.links {
		if l.State != endpoint.Paused {
			wanted++
		}
		if l.Connected() {
			connected++
		}
		running += l.InFlight
		calls += l.Calls
		requests += l.Requests
		successes += l.Successes
	}
	for _, v := range s.servers {
		if v.State != ServerDisabled {
			servers++
		}
		if v.State == ServerReady {
			ready++
		}
	}
	links := ui.Figure{Value: p.say("figure.links", "up", connected, "all", wanted), Note: p.say("figure.links.well")}
	switch {
	case alerts > 0:
		links.Note, links.Alarm = p.say("figure.links.alerts", "n", alerts), true
	case len(s.links) == 0:
		links.Note = p.say("figure.links.none")
	case connected < wanted:
		links.Note = p.say("figure.links.soon")
	case wanted < len(s.links):
		links.Note = p.say("figure.links.paused", "n", len(s.links)-wanted)
	}
	success := ui.Figure{Value: p.say("none"), Note: p.say("figure.success.none")}
	if requests > 0 {
		success.Value = p.words.Percent(float64(successes) / float64(requests))
		success.Note = p.say("figure.success")
	}
	return []ui.Figure{
		links,
		{Value: p.words.Number(clamp(calls)), Unit: p.say("figure.calls.unit", "n", clamp(calls)), Note: p.say("figure.calls.running", "running", running)},
		success,
		{Value: p.say("figure.servers", "up", ready, "all", servers), Note: p.say("figure.servers.note")},
		{Value: p.words.Number(tools), Note: p.say("figure.tools.note", "n", tools)},
	}
}
