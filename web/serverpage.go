package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// configuredServers are the servers of the file, in its order, with the state that they
// have, and the built-in tools; those that were saved a moment ago are about to start or to
// stop. Without a file they are those that run.
func configuredServers(s snapshot) []ServerView {
	if s.file == nil {
		return s.servers
	}
	var list []ServerView
	c := s.file()
	for _, f := range c.Servers {
		i := slices.IndexFunc(s.servers, func(v ServerView) bool { return v.Name == f.Name })
		v := ServerView{Name: f.Name, Kind: kindNames[f.Kind], Group: f.Group, State: ServerStarting}
		if i >= 0 {
			v = s.servers[i]
		}
		switch {
		case !f.Enabled:
			v.State, v.Problem, v.LastError, v.PID = ServerDisabled, "", "", 0
		case v.State == ServerDisabled:
			v.State = ServerStarting
		}
		list = append(list, v)
	}
	return append(list, builtinServer(s, c.Builtin.Enabled))
}

// builtinServer is what the program itself offers, as one of the servers.
func builtinServer(s snapshot, enabled bool) ServerView {
	v := ServerView{Name: config.ReservedServer, Kind: "builtin", Title: "Xiaozhi Switchboard", State: ServerDisabled}
	if enabled {
		v.State = ServerReady
	}
	for _, t := range s.tools {
		if t.Server == v.Name && !t.Remote && enabled {
			v.Tools++
		}
	}
	return v
}

// kindNames are how a ServerView names the kinds of the file.
var kindNames = map[config.Kind]string{config.KindStdio: "stdio", config.KindSSE: "sse", config.KindHTTP: "http", config.KindAuto: "auto"}

// serverLine is one server with its state and what can be done about it.
func (p painter) serverLine(v ServerView, s snapshot) ui.ServerLine {
	line := ui.ServerLine{Server: p.server(v, s.at), Path: serverAddress(v.Name), On: v.State != ServerDisabled, Own: v.Kind == "builtin", From: p.here}
	if v.Group != "" {
		line.Facts = append([]string{p.say("server.group", "name", secret.Text(v.Group))}, line.Facts...)
	}
	if !v.Since.IsZero() && v.State != ServerDisabled {
		line.Since = p.moment(v.Since, s.at, "server.since")
	}
	if s.file != nil {
		line.Editable = line.Own || slices.ContainsFunc(s.file().Servers, func(f config.Server) bool { return f.Name == v.Name })
	}
	if v.State == ServerFailed && v.NextStart.After(s.at) {
		line.Retry = p.moment(v.NextStart, s.at, "server.again")
		line.Retry.Due = true
	}
	if line.Cause == "" {
		return line
	}
	switch v.Problem {
	case "config", "not_found", "spawn", "auth":
		if line.Editable {
			line.Verb, line.Address = p.say("verb.edit"), line.Path+"/edit"
		}
	default:
		line.Verb, line.Address, line.Posts = p.say("verb.restart"), line.Path+"/restart", true
	}
	return line
}

// serverPage is the page of one MCP server.
var serverPage = page{name: "server", pattern: "/tools/servers/{server}", section: "tools", args: []string{"server"}, paint: func(p painter, s snapshot, args url.Values) (screen, bool) {
	list := configuredServers(s)
	i := slices.IndexFunc(list, func(v ServerView) bool { return v.Name == args.Get("server") })
	if i < 0 {
		return screen{}, false
	}
	d := p.serverDetail(list[i], s)
	say := p.words.Say
	show := screen{title: d.Name, content: ui.ServerPage(d, say)}
	show.add("head", ui.ServerHead(d, say))
	if d.Stdio {
		show.add("stderr", ui.ServerStderr(d, say))
	}
	show.add("server-tools", ui.ServerTools(d, say))
	show.add("facts", ui.ServerFacts(d, say))
	return show, true
}}

// serverToolsShown bounds the tools on the page of a server; all are in the list.
const serverToolsShown = 50

func (p painter) serverDetail(v ServerView, s snapshot) ui.ServerDetail {
	d := ui.ServerDetail{ServerLine: p.serverLine(v, s), Stdio: v.Kind == "stdio"}
	d.All = "/tools?" + url.Values{"server": {v.Name}}.Encode()
	if d.Stdio && s.stderr != nil {
		for _, line := range s.stderr(v.Name) {
			d.Lines = append(d.Lines, secret.Text(line))
		}
	}
	n := 0
	for _, t := range configuredTools(s) {
		if t.Remote || t.Server != v.Name && !slices.Contains(t.Listers, v.Name) {
			continue
		}
		if n++; n <= serverToolsShown {
			line := p.toolLine(t, s)
			line.Server = ""
			d.Offers = append(d.Offers, line)
		}
	}
	if n > serverToolsShown {
		d.More = p.say("tools.more", "n", n-serverToolsShown)
	}
	d.About = p.serverFacts(v, s)
	return d
}

// serverFacts are what is known of a server, without its credentials.
func (p painter) serverFacts(v ServerView, s snapshot) []ui.Fact {
	var facts []ui.Fact
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, ui.Fact{Name: p.say(key), Value: value})
		}
	}
	if v.Title != "" || v.Version != "" {
		add("server.fact.program", shorten(secret.Text(strings.TrimSpace(v.Title+" "+v.Version)), 200))
	}
	if s.file != nil {
		for _, f := range s.file().Servers {
			if f.Name != v.Name {
				continue
			}
			preview := serverPreview(p.words, f, false)
			key, names := "field.url", "server.fact.headers"
			if preview.Runs {
				key, names = "server.fact.command", "server.fact.env"
			}
			add(key, preview.What)
			add("server.fact.folder", secret.Text(f.Dir))
			add(names, strings.Join(preview.Names, p.say("list.comma")))
			if f.Prefix != nil {
				prefix := *f.Prefix
				if prefix == "" {
					prefix = p.say("none")
				}
				add("server.fact.prefix", prefix)
			}
		}
	}
	add("server.fact.group", secret.Text(v.Group))
	if v.Kind != "builtin" {
		add("server.fact.restarts", p.words.Number(v.Restarts))
	}
	if v.PID > 0 {
		add("server.fact.pid", strconv.Itoa(v.PID))
	}
	if !v.Since.IsZero() {
		facts = append(facts, ui.Fact{Name: p.say("fact.since"), When: p.moment(v.Since, s.at, "fact.when")})
	}
	if !v.NextStart.IsZero() && v.NextStart.After(s.at.Add(-time.Minute)) {
		when := p.moment(v.NextStart, s.at, "server.again")
		when.Due = true
		facts = append(facts, ui.Fact{Name: p.say("server.fact.next"), When: when})
	}
	return facts
}
