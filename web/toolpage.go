package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// toolPage is the page of one tool.
var toolPage = page{name: "tool", pattern: "/tools/{tool}", section: "tools", args: []string{"tool"}, paint: func(p painter, s snapshot, args url.Values) (screen, bool) {
	list := configuredTools(s)
	i := slices.IndexFunc(list, func(t ToolView) bool { return t.Name == args.Get("tool") })
	if i < 0 {
		return screen{}, false
	}
	d := p.toolDetail(list[i], s)
	say := p.words.Say
	show := screen{title: d.Name, content: ui.ToolPage(d, say)}
	show.add("head", ui.ToolHead(d, say))
	// The forms change their bytes only when the tool does, so that nobody loses what was typed.
	show.add("try", ui.TryPanel(d, say))
	show.add("schema", ui.ToolSchema(d, say))
	show.add("description", ui.ToolDescription(d, say))
	show.add("sources", ui.ToolSources(d, say))
	show.add("seen", ui.ToolSeen(d, say))
	show.add("facts", ui.ToolFacts(d, say))
	return show, true
}}

func (p painter) toolDetail(t ToolView, s snapshot) ui.ToolDetail {
	d := ui.ToolDetail{ToolLine: p.toolLine(t, s), Owner: secret.Text(t.Server), Overridden: t.Overridden, Own: shorten(secret.Text(t.Own), 2000), Schema: laidOut(t.Schema)}
	d.Description = secret.Text(t.Description)
	if slices.ContainsFunc(s.servers, func(v ServerView) bool { return v.Name == t.Server && v.Kind != "builtin" }) {
		d.OwnerPath = serverAddress(t.Server)
	}
	d.Describe = ui.Form{Action: d.Path + "/describe", Fields: []ui.Field{{Kind: ui.FieldArea, Name: "description", Label: p.say("tool.description.label"), Value: d.Description, Rows: 5, Hint: p.say("tool.description.hint")}}}
	d.Sources = p.toolSources(t, s)
	d.Seen = p.seenBy(s, t)
	switch {
	case !t.Enabled:
		d.Seen, d.SeenNote = nil, p.say("tool.seen.off")
	case len(d.Seen) == 0:
		d.SeenNote = p.say("tool.seen.none")
	}
	d.About = p.toolFacts(t, s)
	d.Try = p.try(t, trial{})
	if s.rehearses {
		d.Rehearsal = rehearsalAddress("tool", t.Name)
	}
	return d
}

// toolFacts are what is known of a tool.
func (p painter) toolFacts(t ToolView, s snapshot) []ui.Fact {
	var facts []ui.Fact
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, ui.Fact{Name: p.say(key), Value: value})
		}
	}
	add("tool.fact.original", secret.Text(t.Original))
	add("tool.fact.listers", secret.Text(strings.Join(t.Listers, p.say("list.comma"))))
	if s.performance == nil {
		return facts
	}
	for _, c := range s.performance().Tools {
		if c.Name != t.Name {
			continue
		}
		add("tool.fact.calls", p.say("tool.fact.calls.text", "n", clamp(c.Calls), "errors", clamp(c.Errors)))
		if c.Calls > 0 {
			add("tool.fact.took", p.say("tool.fact.took.text", "p50", p.duration(c.Latency.Quantile(0.5)), "p95", p.duration(c.Latency.Quantile(0.95))))
			add("tool.fact.bytes", p.say("fact.bytes.text", "in", p.bytes(c.BytesIn), "out", p.bytes(c.BytesOut)))
		}
	}
	return facts
}

// toolSources are those that answer calls of a tool, with their part of the calls of the
// group where there is one.
func (p painter) toolSources(t ToolView, s snapshot) []ui.ToolSource {
	var shares []SourceView
	if s.performance != nil && len(t.Sources) > 1 {
		for _, g := range s.performance().Groups {
			if g.Name == t.Server {
				shares = g.Sources
			}
		}
	}
	var list []ui.ToolSource
	for _, name := range t.Sources {
		source := ui.ToolSource{Name: secret.Text(name), Level: ui.Up}
		switch i := slices.IndexFunc(s.servers, func(v ServerView) bool { return v.Name == name }); {
		case t.Remote:
			source.Word = p.say("tool.source.endpoint")
			if j := slices.IndexFunc(s.links, func(l endpoint.Status) bool { return l.Role == endpoint.RoleCall && l.Label() == name }); j >= 0 {
				h := HealthOf(s.links[j], s.at)
				source.Level, source.Word, source.Path = h.Level, p.say(h.Word), endpointAddress(s.links[j].ID)
			}
		case i >= 0:
			row := p.server(s.servers[i], s.at)
			source.Level, source.Word = row.Level, row.Word
			if s.servers[i].Kind != "builtin" {
				source.Path = serverAddress(name)
			}
		case name == config.ReservedServer:
			source.Word = p.say("kind.builtin")
		}
		for _, share := range shares {
			if share.Name != name {
				continue
			}
			source.Calls = p.say("tool.source.calls", "n", clamp(share.Picked))
			source.Share = p.say("tool.source.share", "share", p.words.Percent(share.Share))
			source.Breaker = p.say("performance.breaker." + share.Breaker.String())
		}
		list = append(list, source)
	}
	return list
}

// switchTool answers the switch of a tool.
func (s *Server) switchTool(on bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		form, ok := s.fields(w, r)
		if !ok {
			return
		}
		t, ok := s.findTool(r.PathValue("tool"))
		if !ok {
			s.refuse(w, r, kindPage, "unknown_tool")
			return
		}
		s.button(w, r, form, "tool-"+domID(t.Name), func() string {
			_, code := s.setTool(r.Context(), t, "", func(set *config.Tool) { set.Enabled = on })
			return code
		})
	}
}

// describeTool takes the form of a tool's description.
func (s *Server) describeTool(w http.ResponseWriter, r *http.Request) {
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	t, ok := s.findTool(r.PathValue("tool"))
	if !ok {
		s.refuse(w, r, kindPage, "unknown_tool")
		return
	}
	text := strings.TrimSpace(strings.ReplaceAll(form.Get("description"), "\r\n", "\n"))
	if form.Get("do") == "reset" || text == strings.TrimSpace(t.Own) {
		text = ""
	}
	if key := wrongDescription(text); key != "" {
		s.showTool(w, r, http.StatusUnprocessableEntity, t, func(_ painter, d *ui.ToolDetail) {
			d.Describe.Fields[0].Value, d.Describe.Fields[0].Error = text, s.words(r).Say(key)
		})
		return
	}
	d, code := s.setTool(r.Context(), t, "", func(set *config.Tool) { set.Description = text })
	if code != "" {
		s.refuse(w, r, kindPage, code)
		return
	}
	s.finish(w, r, toolAddress(t.Name), d)
}

// wrongDescription is the key of a text about what is wrong with a description, or "".
func wrongDescription(text string) string {
	if utf8.RuneCountInString(text) > longestDescription || !utf8.ValidString(text) || strings.ContainsFunc(text, func(c rune) bool { return c < ' ' && c != '\n' && c != '\t' || c == 0x7f }) {
		return "mistake.description"
	}
	return ""
}

// showTool answers with the page of a tool after a form on it was sent.
func (s *Server) showTool(w http.ResponseWriter, r *http.Request, status int, t ToolView, change func(painter, *ui.ToolDetail)) {
	now := s.snapshot()
	if now.file != nil {
		t = asConfigured(now.file(), t)
	}
	p := painter{words: s.words(r), zone: s.options.Zone, here: toolAddress(t.Name)}
	d := p.toolDetail(t, now)
	change(p, &d)
	s.still(w, r, status, d.Name, "tools", ui.ToolPage(d, p.words.Say))
}

// otherContent names what of a result is not text.
func (p painter) otherContent(c content) string {
	size := p.bytes(uint64(len(c.Data)) * 3 / 4)
	switch c.Type {
	case "image", "audio":
		return p.say(fmt.Sprint("try.content.", c.Type), "type", shorten(secret.Text(c.MimeType), 80), "size", size)
	case "resource", "resource_link":
		name := c.URI
		if name == "" {
			name = c.Resource.URI
		}
		return p.say("try.content.resource", "name", shorten(secret.Text(name), 200))
	}
	return p.say("try.content.other", "type", shorten(secret.Text(fmt.Sprint(c.Type)), 40))
}
