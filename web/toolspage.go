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

// toolsAPage is how many tools one page of the list shows.
const toolsAPage = 50

// toolFilters are the ways to filter tools by what became of them, the usual one first.
var toolFilters = []string{"all", "on", "off", "altered"}

// toolsPage lists the MCP servers, and the tools as its address filters them.
var toolsPage = page{name: "tools", pattern: "/tools", args: []string{"q", "server", "show", "page"}, paint: func(p painter, s snapshot, args url.Values) (screen, bool) {
	list := p.toolList(s, args)
	say := p.words.Say
	show := screen{title: p.say("nav.tools"), content: ui.ToolsPage(list, say)}
	var servers, tools []string
	for _, line := range list.Servers {
		servers = append(servers, line.ID)
	}
	show.list("servers", append(servers, "of", strconv.FormatBool(list.Editable)), ui.ServerLines(list, say))
	for _, line := range list.Servers {
		show.child("servers", "server-"+line.ID, ui.ServerLineOf(line, say))
	}
	show.add("tool-count", ui.ToolCount(list.Count))
	for _, line := range list.Tools {
		tools = append(tools, line.ID)
	}
	show.list("tools", append(tools, strconv.FormatBool(list.Any)), ui.ToolLines(list, say))
	for _, line := range list.Tools {
		show.child("tools", "tool-"+line.ID, ui.ToolLineOf(line, say))
	}
	show.add("tool-pages", ui.ToolPages(list, say))
	return show, true
}}

func (p painter) toolList(s snapshot, args url.Values) ui.ToolList {
	list := ui.ToolList{Editable: s.file != nil, Any: len(s.tools) > 0, Query: args.Get("q"), From: p.here, Show: p.options("filter.tools.", toolFilters, args.Get("show"))}
	if s.rehearses {
		list.Rehearsal = rehearsalPath
	}
	for _, server := range configuredServers(s) {
		list.Servers = append(list.Servers, p.serverLine(server, s))
	}
	list.Of = []ui.Option{{Value: "", Word: p.say("tools.of.all")}}
	var shown []ToolView
	on := 0
	for _, t := range configuredTools(s) {
		if !slices.ContainsFunc(list.Of, func(o ui.Option) bool { return o.Value == t.Server }) {
			list.Of = append(list.Of, ui.Option{Value: t.Server, Word: secret.Text(t.Server), On: t.Server == args.Get("server")})
		}
		if t.Enabled {
			on++
		}
		if t.matches(args.Get("q"), args.Get("server"), args.Get("show")) {
			shown = append(shown, t)
		}
	}
	switch n := len(s.tools); {
	case n == 0:
	case len(shown) < n:
		list.Count = p.say("tools.count.some", "n", n, "shown", len(shown))
	case on < n:
		list.Count = p.say("tools.total.some", "n", n, "enabled", on)
	default:
		list.Count = p.say("tools.total", "n", n)
	}
	pages := max(1, (len(shown)+toolsAPage-1)/toolsAPage)
	page, _ := strconv.Atoi(args.Get("page")) // what is no number is the first
	page = min(max(page, 1), pages)
	if pages > 1 {
		list.Place = p.say("tools.place", "page", page, "n", pages)
		list.Before, list.After = neighbours(args, page, pages)
	}
	for _, t := range shown[(page-1)*toolsAPage : min(page*toolsAPage, len(shown))] {
		list.Tools = append(list.Tools, p.toolLine(t, s))
	}
	return list
}

// neighbours are the addresses of the pages before and after one.
func neighbours(args url.Values, page, pages int) (before, after string) {
	at := func(n int) string {
		to := url.Values{}
		for _, name := range []string{"q", "server", "show"} {
			if v := args.Get(name); v != "" {
				to.Set(name, v)
			}
		}
		if n > 1 {
			to.Set("page", strconv.Itoa(n))
		}
		return "/tools?" + to.Encode() + "#tools-title"
	}
	if page > 1 {
		before = at(page - 1)
	}
	if page < pages {
		after = at(page + 1)
	}
	return before, after
}

// matches reports whether a tool passes the filters of a page.
func (t ToolView) matches(query, server, show string) bool {
	if server != "" && t.Server != server && !slices.Contains(t.Listers, server) {
		return false
	}
	switch show {
	case "on":
		if !t.Enabled {
			return false
		}
	case "off":
		if t.Enabled {
			return false
		}
	case "altered":
		if len(t.Notes) == 0 && !t.Overridden {
			return false
		}
	}
	if query == "" {
		return true
	}
	text := strings.ToLower(t.Name + " " + t.Original + " " + t.Server + " " + t.Description)
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// toolLine is one tool of a list.
func (p painter) toolLine(t ToolView, s snapshot) ui.ToolLine {
	return ui.ToolLine{ID: domID(t.Name), Name: t.Name, Path: toolAddress(t.Name), Description: shorten(secret.Text(t.Description), 300), Server: secret.Text(t.Server),
		Notes: noteTexts(p.words, t), On: t.Enabled, Fixed: s.file == nil || len(ownersOf(s.file(), t)) == 0 || slices.Contains(t.Notes, "no_name"), From: p.here}
}

// configuredTools are the tools, switched as the file says.
func configuredTools(s snapshot) []ToolView {
	if s.file == nil {
		return s.tools
	}
	c := s.file()
	list := make([]ToolView, len(s.tools))
	for i, t := range s.tools {
		list[i] = asConfigured(c, t)
	}
	return list
}

// configuredServers are the servers of the file, in its order, with the state that they
// have; those that were saved a moment ago are about to start or to stop. Without a file
// they are those that run.
func configuredServers(s snapshot) []ServerView {
	if s.file == nil {
		return s.servers
	}
	var list []ServerView
	for _, v := range s.servers {
		if v.Kind == "builtin" {
			list = append(list, v)
		}
	}
	for _, f := range s.file().Servers {
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
	return list
}

// kindNames are how a ServerView names the kinds of the file.
var kindNames = map[config.Kind]string{config.KindStdio: "stdio", config.KindSSE: "sse", config.KindHTTP: "http", config.KindAuto: "auto"}

// serverLine is one server with its state and what can be done about it.
func (p painter) serverLine(v ServerView, s snapshot) ui.ServerLine {
	line := ui.ServerLine{Server: p.server(v, s.at), Path: serverAddress(v.Name), On: v.State != ServerDisabled && v.Kind != "builtin", From: p.here}
	if v.Group != "" {
		line.Facts = append([]string{p.say("server.group", "name", secret.Text(v.Group))}, line.Facts...)
	}
	if !v.Since.IsZero() && v.State != ServerDisabled {
		line.Since = p.moment(v.Since, s.at, "server.since")
	}
	if s.file != nil {
		line.Editable = slices.ContainsFunc(s.file().Servers, func(f config.Server) bool { return f.Name == v.Name })
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
	add("server.fact.restarts", p.words.Number(v.Restarts))
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
