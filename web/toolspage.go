package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"xiaozhi-switchboard/core/endpoint"
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
	show.list("servers", append(servers, "of", strconv.FormatBool(list.Editable), strconv.FormatBool(list.Bare)), ui.ServerLines(list, say))
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
	list.Bare = true
	for _, server := range configuredServers(s) {
		line := p.serverLine(server, s)
		list.Bare = list.Bare && line.Own
		list.Servers = append(list.Servers, line)
	}
	list.Of = []ui.Option{{Value: "", Word: p.say("tools.of.all")}}
	var shown []ToolView
	on, away := 0, 0
	for _, t := range configuredTools(s) {
		if !slices.ContainsFunc(list.Of, func(o ui.Option) bool { return o.Value == t.Server }) {
			list.Of = append(list.Of, ui.Option{Value: t.Server, Word: secret.Text(t.Server), On: t.Server == args.Get("server")})
		}
		if t.Enabled {
			on++
		}
		if t.matches(args.Get("q"), args.Get("server"), args.Get("show")) {
			shown = append(shown, t)
			if s.away(t) {
				away++
			}
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
	if away > 0 {
		list.Count += " · " + p.say("tools.total.away", "n", away)
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
		Notes: noteTexts(p.words, t), On: t.Enabled, Away: s.away(t), Fixed: s.file == nil || len(ownersOf(s.file(), t)) == 0 || slices.Contains(t.Notes, "no_name"), From: p.here}
}

// away reports whether nobody can answer calls of a tool that is on, though it stays in the
// catalogue. Of sources that are not known nothing is said.
func (s snapshot) away(t ToolView) bool {
	return t.Enabled && len(t.Sources) > 0 && !slices.ContainsFunc(t.Sources, func(name string) bool {
		known, there := false, false
		if t.Remote {
			for _, l := range s.links {
				if l.Role == endpoint.RoleCall && l.Label() == name {
					known, there = true, there || l.State == endpoint.Ready && l.Missing == endpoint.MissingNothing
				}
			}
		} else if i := slices.IndexFunc(s.servers, func(v ServerView) bool { return v.Name == name }); i >= 0 {
			known, there = true, s.servers[i].State == ServerReady
		}
		return there || !known
	})
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
