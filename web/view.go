package web

import (
	"strconv"
	"sync"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
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
	traces   map[string]trace
	gauges   gaugeCharts
	rests    map[string]time.Time // until when links are paused
	parts    []string             // of Activity that there are
	journal  Journal              // nil when there is none
	// file is the configuration as it stands in the file; performance is nil when it is
	// not known. Only pages that show them cause a look.
	file        func() *config.Config
	disk        func() config.Snapshot // the same with the text and the revision of the file
	performance func() *PerformanceView
	controls    bool // there is something to be done about it
	tray        TrayState
	rehearses   bool                         // a call can be rehearsed
	log         Log                          // nil when there is none
	stderr      func(server string) []string // nil without servers
}

// configured returns the endpoint of the file that a link is for; false when it is not
// of the file.
func (s snapshot) configured(l endpoint.Status) (config.Endpoint, bool) {
	if s.file == nil {
		return config.Endpoint{}, false
	}
	return endpointOf(s.file(), l.ID, l.URL)
}

// endpointOf finds an endpoint by the ID of its link, or by its address.
func endpointOf(c *config.Config, id string, address secret.URL) (config.Endpoint, bool) {
	for _, e := range c.Endpoints {
		if e.URL == address {
			return e, true
		}
	}
	for _, e := range c.Endpoints {
		if found, err := endpoint.Identify(e.URL); err == nil && found.ID == id {
			return e, true
		}
	}
	return config.Endpoint{}, false
}

// snapshot looks at everything.
func (srv *Server) snapshot() snapshot {
	s, d := snapshot{at: time.Now(), parts: srv.parts, journal: srv.deps.Journal}, &srv.deps
	if d.Links != nil {
		s.links = d.Links.Status()
		srv.traces.note(s.links, s.at) // what is shown of the past includes this moment
	}
	if d.Catalogue != nil {
		s.servers, s.tools = d.Catalogue.Servers(), d.Catalogue.Tools()
		s.stderr = d.Catalogue.Stderr
	}
	if d.Settings != nil {
		s.settings = d.Settings.View()
	}
	s.controls, s.log = d.Controls != nil, d.Log
	if d.Desktop != nil {
		s.tray = d.Desktop.Tray()
	}
	s.rehearses = d.Rehearser != nil
	if d.Editor != nil {
		s.disk = sync.OnceValue(d.Editor.Snapshot)
		s.file = func() *config.Config { return s.disk().Config }
	}
	if d.Performance != nil {
		s.performance = sync.OnceValue(func() *PerformanceView { return new(d.Performance.Performance()) })
	}
	s.traces, s.gauges, s.rests = srv.traces.all(), srv.gauges.all(), srv.rests.until()
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
	o := ui.Overview{ConfigPath: s.settings.Path, Editable: s.file != nil, From: p.here, Tray: trayNotice(p.words, s.tray)}
	enabled := enabledTools(s.tools)
	names := p.linkNames(s.links)
	for i, status := range s.links {
		h := HealthOf(status, s.at)
		link := p.tracedLink(status, h, enabled, s)
		link.Name = names[i]
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
	o.Recent = p.recent(o.Links, s)
	o.Figures = p.figures(s, enabled, len(o.Alerts))
	o.Alerts = p.summedUp(o.Alerts)
	if s.performance != nil {
		o.Traffic = new(p.traffic(presentable(p.words, *s.performance()), s))
	}
	o.Tools, o.ToolTotal = p.tools(s.tools, enabled)
	return o
}

// problem is what is wrong with the configuration file; nil when nothing is.
func (p painter) problem(now snapshot) *ui.Problem {
	s := now.settings
	if s.Problem == nil {
		return nil
	}
	shown := &ui.Problem{Path: s.Path, Text: secret.Text(s.Problem.Texts.In(p.words.Lang()))}
	if now.file != nil {
		shown.Mend = filePath
	}
	if s.Problem.Line > 0 {
		shown.Place = p.say("problem.place", "line", strconv.Itoa(s.Problem.Line), "column", strconv.Itoa(s.Problem.Column))
	}
	return shown
}
