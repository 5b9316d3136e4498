package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// newServer shows an empty form, for a program or an address.
func (s *Server) newServer(w http.ResponseWriter, r *http.Request) {
	if s.choose(w, r) {
		return
	}
	sh := supply{server: config.Server{Kind: config.KindStdio, Enabled: true}, status: http.StatusOK}
	if r.URL.Query().Get("kind") == "address" {
		sh.server.Kind = config.KindAuto
	}
	s.showSupply(w, r, sh)
}

// editServer shows the form of a server.
func (s *Server) editServer(w http.ResponseWriter, r *http.Request) {
	if s.choose(w, r) {
		return
	}
	now := s.deps.Editor.Snapshot()
	f, ok := rawServer(now, r.PathValue("server"))
	if !ok {
		s.refuse(w, r, kindPage, "unknown_server")
		return
	}
	s.showSupply(w, r, supply{server: f, old: &f, revision: now.Revision, status: http.StatusOK})
}

// addServer takes the form of a new server, and changeServer that of one that is there.
func (s *Server) addServer(w http.ResponseWriter, r *http.Request) { s.takeSupply(w, r, nil) }

func (s *Server) changeServer(w http.ResponseWriter, r *http.Request) {
	f, ok := rawServer(s.deps.Editor.Snapshot(), r.PathValue("server"))
	if !ok {
		s.refuse(w, r, kindPage, "unknown_server")
		return
	}
	s.takeSupply(w, r, &f)
}

func (s *Server) takeSupply(w http.ResponseWriter, r *http.Request, old *config.Server) {
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	sh := s.readSupply(s.words(r), form, old)
	words := s.words(r)
	maps.Copy(sh.wrong, sh.mistakes(words, s.deps.Editor.Snapshot().Config))
	sh.unsure = sh.runsAnew() && form.Get("trust") != "on"
	if len(sh.wrong) > 0 || sh.unsure {
		sh.status = http.StatusUnprocessableEntity
		s.showSupply(w, r, sh)
		return
	}
	d, code := s.saveSupply(r.Context(), words, &sh)
	if code != "" {
		sh.status, sh.revision = statuses[code], s.deps.Editor.Snapshot().Revision
		if len(sh.wrong) == 0 && sh.trouble == "" {
			sh.trouble = words.Say("trouble." + code + ".text")
		}
		s.showSupply(w, r, sh)
		return
	}
	to := "/tools"
	if old != nil {
		to = serverAddress(sh.server.Name)
	}
	s.finish(w, r, to, d)
}

// saveSupply writes a server to the file. The code is that of the trouble, or ""; what is
// wrong with a field is in sh.
func (s *Server) saveSupply(ctx context.Context, words *assets.Translator, sh *supply) (deed, string) {
	before := s.deps.Editor.Snapshot()
	f := sh.server
	after, err := s.deps.Editor.Modify(ctx, sh.revision, func(e *config.Edit) error {
		if sh.old == nil {
			return e.AddServer(f)
		}
		return e.UpdateServer(sh.old.Name, f)
	})
	var list *config.ProblemsError
	if errors.As(err, &list) {
		sh.blame(words, list)
	}
	if err != nil {
		return deed{}, s.serverTrouble("save server", err)
	}
	done := "done.added"
	if sh.old != nil {
		done = "done.changed"
	}
	return deed{
		text: func(words *assets.Translator) string { return words.Say(done, "name", secret.Text(f.Name)) },
		undo: s.takingBack(before, after, func(e *config.Edit) error {
			if sh.old == nil {
				return e.RemoveServer(f.Name)
			}
			return e.UpdateServer(f.Name, *sh.old)
		}),
	}, ""
}

// takingBack puts the text of the file back as it was before a change, or, when the file
// has changed since, takes back what the change was about.
func (s *Server) takingBack(before, after config.Snapshot, otherwise func(*config.Edit) error) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := s.deps.Editor.Modify(ctx, after.Revision, func(e *config.Edit) error { e.Replace(before.Text); return nil })
		if conflict := (*config.ConflictError)(nil); errors.As(err, &conflict) {
			return s.change(otherwise)(ctx)
		}
		return err
	}
}

// blame puts what the file says about a server beside the fields.
func (sh *supply) blame(words *assets.Translator, list *config.ProblemsError) {
	if sh.wrong == nil {
		sh.wrong = map[string]string{}
	}
	for _, p := range list.Problems {
		text, found := problemField(words, p), false
		for _, field := range []string{"command", "args", "env", "cwd", "url", "headers", "prefix"} {
			if strings.HasSuffix(p.Key, "."+field) || strings.Contains(p.Key, "."+field+".") || strings.Contains(p.Key, "."+field+"[") {
				sh.wrong[field], found = text, true
			}
		}
		if !found {
			sh.trouble = strings.TrimSpace(sh.trouble + " " + ProblemAtKey(words, p))
		}
	}
}

// serverTrouble is troubleOf for what is about a server.
func (s *Server) serverTrouble(action string, err error) string {
	code := s.troubleOf(action, err)
	if code == "unknown_endpoint" {
		return "unknown_server"
	}
	return code
}

// showSupply answers with the form. Its credentials stay here, and marks stand for them.
func (s *Server) showSupply(w http.ResponseWriter, r *http.Request, sh supply) {
	words := s.words(r)
	shown, hidden := veiled(sh.server)
	veil := ""
	if len(hidden) > 0 {
		veil = s.veils.keep(hidden)
	}
	f := supplySheet(words, sh, shown, veil)
	s.still(w, r, sh.status, f.Title, "tools", ui.ServerFormPage(f, words.Say))
}

// supplySheet is the form of a veiled server.
func supplySheet(words *assets.Translator, sh supply, shown config.Server, veil string) ui.ServerSheet {
	say := words.Say
	program := shown.Kind == config.KindStdio
	f := ui.ServerSheet{Title: say("import.title"), Back: "/tools", Verb: say("serverform.add"), Form: ui.Form{Action: "/servers/new", Trouble: sh.trouble}}
	if sh.old != nil {
		f.Title, f.Verb, f.Back = say("form.edit", "name", secret.Text(sh.old.Name)), say("verb.save"), serverAddress(sh.old.Name)
		f.Form.Action = f.Back + "/edit"
		f.Form.Hidden = append(f.Form.Hidden, ui.Pair{Name: "revision", Value: sh.revision})
	} else {
		f.Tabs = serverTabs(words, map[bool]string{true: "program", false: "address"}[program])
	}
	if veil != "" {
		f.Form.Hidden = append(f.Form.Hidden, ui.Pair{Name: "veil", Value: veil})
	}
	field := func(name, value string) ui.Field {
		if typed, ok := sh.typed[name]; ok {
			value = typed
		}
		return ui.Field{Name: name, Label: say("serverform." + name), Value: value, Error: sh.wrong[name]}
	}
	area := func(name, value, example string) ui.Field {
		a := field(name, value)
		a.Kind, a.Rows, a.Mono, a.Placeholder, a.Hint = ui.FieldArea, 3, true, example, say("serverform."+name+".hint")
		if veilMark.MatchString(a.Value) {
			a.Hint += " " + say("serverform.kept")
		}
		return a
	}
	name := field("name", shown.Name)
	name.Hint = say("serverform.name.hint")
	f.Form.Fields = append(f.Form.Fields, name)
	if program {
		f.Form.Hidden = append(f.Form.Hidden, ui.Pair{Name: "kind", Value: "stdio"})
		command := field("command", shown.Command)
		command.Mono, command.Placeholder = true, "npx"
		f.Form.Fields = append(f.Form.Fields, command, area("args", linesOfList(shown.Args), "-y\nsome-mcp-server"), area("env", linesOfPairs(shown.Env, "="), "API_KEY=…"))
		folder := field("cwd", shown.Dir)
		folder.Mono, folder.Hint = true, say("serverform.cwd.hint")
		f.More = append(f.More, folder)
	} else {
		address := field("url", shown.URL.Reveal())
		address.Mono, address.Placeholder = true, "https://example.com/mcp"
		kind := field("kind", kindNames[shown.Kind])
		kind.Kind, kind.Options = ui.FieldSelect, []ui.Option{{Value: "auto", Word: say("serverform.kind.auto")}, {Value: "http", Word: say("serverform.kind.http")}, {Value: "sse", Word: say("kind.sse")}}
		f.Form.Fields = append(f.Form.Fields, address, area("headers", linesOfPairs(shown.Headers, ": "), "Authorization: Bearer …"))
		f.More = append(f.More, kind)
	}
	group, prefix, prefixed := field("group", shown.Group), field("prefix", ""), ui.Field{Kind: ui.FieldCheck, Name: "prefixed", Label: say("serverform.prefixed")}
	group.Hint, prefix.Hint = say("serverform.group.hint"), say("serverform.prefix.hint")
	if shown.Prefix != nil {
		prefix.Value, prefixed.Value = *shown.Prefix, "on"
	}
	enabled := ui.Field{Kind: ui.FieldCheck, Name: "enabled", Label: say("serverform.enabled")}
	if shown.Enabled {
		enabled.Value = "on"
	}
	f.More = append(f.More, group, prefixed, prefix, enabled)
	if program {
		f.Trust = &ui.Field{Kind: ui.FieldCheck, Name: "trust", Label: say("import.trust")}
		if sh.old != nil {
			f.Trust.Hint = say("serverform.trust.edit")
		}
		if sh.unsure {
			f.Trust.Error = say("serverform.unsure")
		}
	}
	return f
}

// serverTabs are the ways to add a server; chosen is the one that is open.
func serverTabs(words *assets.Translator, chosen string) []ui.Choice {
	return []ui.Choice{
		{Tag: "paste", Name: words.Say("serverform.tab.paste"), Address: "/servers/add", Current: chosen == "paste"},
		{Tag: "program", Name: words.Say("serverform.tab.program"), Address: "/servers/new", Current: chosen == "program"},
		{Tag: "address", Name: words.Say("serverform.tab.address"), Address: "/servers/new?kind=address", Current: chosen == "address"},
	}
}
