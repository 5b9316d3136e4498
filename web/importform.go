package web

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// importSheet is the form that takes MCP servers as other programs write them.
type importSheet struct {
	// from is the page that the form is on, and next the one to go to afterwards.
	from, next string
	text       string
	wrong      string // what is wrong with the text
	unsure     bool   // programs would run, and nobody has said that they may
	trouble    string
	found      []config.Server
	status     int
}

// importPages are the pages that hold the form, and where each leads to.
var importPages = map[string]string{
	"/servers/add":         "/tools",
	"/welcome?step=server": "/welcome?step=done",
}

// importForm shows an empty form.
func (s *Server) importForm(w http.ResponseWriter, r *http.Request) {
	if s.choose(w, r) {
		return
	}
	s.showImport(w, r, importSheet{from: "/servers/add", status: http.StatusOK})
}

// importServers takes the form: at first it shows what would be added, and adds it once
// that was agreed to. Programs need a word of their own.
//
// The text may hold keys of services. Between the two steps it stays here; only text
// that has a mistake goes back to the page, for its author to mend.
func (s *Server) importServers(w http.ResponseWriter, r *http.Request) {
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	sh := importSheet{from: form.Get("from"), text: form.Get("text"), status: http.StatusOK}
	if sh.next, ok = importPages[sh.from]; !ok {
		sh.from, sh.next = "/servers/add", "/tools"
	}
	agreed := false
	if draft := form.Get("draft"); draft != "" {
		if sh.text, agreed = s.pasted.find(draft); !agreed {
			s.refuse(w, r, kindPage, "too_late")
			return
		}
	}
	words := s.words(r)
	var err error
	if sh.found, err = config.ImportServers([]byte(sh.text)); err != nil {
		sh.status, sh.wrong = http.StatusUnprocessableEntity, capital(ErrorText(words, err))
		s.showImport(w, r, sh)
		return
	}
	fresh := s.fresh(sh.found)
	switch {
	case !agreed:
	case len(fresh) == 0:
		sh.status, sh.trouble = http.StatusConflict, words.Say("trouble.exists.text")
	case runsPrograms(fresh) && form.Get("trust") != "on":
		sh.status, sh.unsure = http.StatusUnprocessableEntity, true
	default:
		d, trouble, status := s.addServers(r.Context(), words, fresh)
		if trouble == "" {
			s.pasted.take(form.Get("draft"))
			s.finish(w, r, sh.next, d)
			return
		}
		sh.status, sh.trouble = status, trouble
	}
	s.showImport(w, r, sh)
}

// fresh are the servers whose names the file does not have.
func (s *Server) fresh(found []config.Server) []config.Server {
	there := s.deps.Editor.Snapshot().Config.Servers
	return slices.DeleteFunc(slices.Clone(found), func(f config.Server) bool {
		return slices.ContainsFunc(there, func(t config.Server) bool { return t.Name == f.Name })
	})
}

// runsPrograms reports whether any of the servers is a program that we would start.
func runsPrograms(list []config.Server) bool {
	return slices.ContainsFunc(list, func(f config.Server) bool { return f.Kind == config.KindStdio })
}

// addServers writes servers to the file, or says what is the matter.
func (s *Server) addServers(ctx context.Context, words *assets.Translator, list []config.Server) (d deed, trouble string, status int) {
	_, err := s.deps.Editor.Modify(ctx, "", func(e *config.Edit) error {
		for _, server := range list {
			if err := e.AddServer(server); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		code := s.troubleOf("add servers", err)
		trouble = words.Say("trouble." + code + ".text")
		if problems := (*config.ProblemsError)(nil); errors.As(err, &problems) {
			trouble += " " + ErrorText(words, err)
		}
		return deed{}, trouble, statuses[code]
	}
	names := make([]string, len(list))
	for i, server := range list {
		names[i] = secret.Text(server.Name)
	}
	return deed{
		text: func(words *assets.Translator) string {
			return words.Say("done.servers", "names", strings.Join(names, words.Say("list.comma")))
		},
		undo: s.change(func(e *config.Edit) error {
			for _, server := range list {
				if err := e.RemoveServer(server.Name); err != nil {
					return err
				}
			}
			return nil
		}),
	}, "", 0
}

// showImport answers with the form.
func (s *Server) showImport(w http.ResponseWriter, r *http.Request, sh importSheet) {
	words := s.words(r)
	f := s.importView(words, sh)
	if strings.HasPrefix(sh.from, "/welcome") {
		s.showWelcome(w, r, sh.status, "server", ui.ImportSheet(f, words.Say))
		return
	}
	s.still(w, r, sh.status, f.Title, "tools", ui.ImportPage(f, words.Say))
}

func (s *Server) importView(words *assets.Translator, sh importSheet) ui.ImportForm {
	say := words.Say
	f := ui.ImportForm{Tabs: serverTabs(words, "paste"), Title: say("import.title"), From: sh.from, Inner: strings.HasPrefix(sh.from, "/welcome"), Back: "/tools", Trouble: sh.trouble, Example: importExample}
	if sh.next != "" {
		f.Back = sh.next
	}
	f.Text = ui.Field{Kind: ui.FieldArea, Name: "text", Label: say("import.text"), Hint: say("import.text.hint"), Rows: 9, Mono: true, Value: sh.text, Error: sh.wrong, Placeholder: importExample}
	if sh.wrong != "" || len(sh.found) == 0 {
		return f
	}
	fresh := s.fresh(sh.found)
	for _, server := range sh.found {
		f.Servers = append(f.Servers, serverPreview(words, server, !slices.ContainsFunc(fresh, func(o config.Server) bool { return o.Name == server.Name })))
	}
	f.Draft = s.pasted.keep(sh.text)
	f.Verb = say("import.add", "n", len(fresh))
	f.Nothing = len(fresh) == 0
	if runsPrograms(fresh) {
		f.Trust = &ui.Field{Kind: ui.FieldCheck, Name: "trust", Label: say("import.trust")}
		if sh.unsure {
			f.Trust.Error = say("import.unsure")
		}
	}
	return f
}

// importExample is how other programs write servers.
const importExample = `{
  "mcpServers": {
    "weather": {"url": "https://example.com/mcp"},
    "files": {"command": "npx", "args": ["-y", "some-mcp-server"]}
  }
}`

// serverPreview is what would be added, without secrets: of variables and headers only
// the names.
func serverPreview(words *assets.Translator, f config.Server, there bool) ui.ServerPreview {
	p := ui.ServerPreview{Name: secret.Text(f.Name), Kind: words.Say("kind.auto"), There: there, Runs: f.Kind == config.KindStdio}
	switch f.Kind {
	case config.KindStdio:
		shown, _ := veiled(f)
		p.Kind = words.Say("kind.stdio")
		p.What = unmarked(shown.Command)
		for _, arg := range shown.Args {
			arg = unmarked(arg)
			if strings.ContainsAny(arg, " \t\"'") {
				arg = fmt.Sprintf("%q", arg)
			}
			p.What += " " + arg
		}
		p.What = shorten(p.What, 400)
		p.Names = slices.Sorted(maps.Keys(f.Env))
	default:
		if f.Kind == config.KindSSE {
			p.Kind = words.Say("kind.sse")
		} else if f.Kind == config.KindHTTP {
			p.Kind = words.Say("kind.http")
		}
		p.What = f.URL.String()
		p.Names = slices.Sorted(maps.Keys(f.Headers))
	}
	return p
}

// ImportPreview is an MCP server that would be added, for programs.
type ImportPreview struct {
	Name string `json:"name"`
	// Kind is that of ServerView.
	Kind string `json:"kind"`
	// What is its command or its address, without secrets.
	What string `json:"what"`
	// Names are those of its variables or headers.
	Names []string `json:"names"`
	// Runs: it is a program that we would start.
	Runs bool `json:"runsProgram"`
	// There: the configuration has a server of this name, which stays.
	There bool `json:"exists"`
}

// PreviewImport shows what adding servers to those that are there would do, in the order
// of found.
func PreviewImport(words *assets.Translator, found, there []config.Server) []ImportPreview {
	list := make([]ImportPreview, 0, len(found))
	for _, f := range found {
		p := serverPreview(words, f, slices.ContainsFunc(there, func(t config.Server) bool { return t.Name == f.Name }))
		list = append(list, ImportPreview{p.Name, f.Kind.String(), p.What, append([]string{}, p.Names...), p.Runs, p.There})
	}
	return list
}

// importWish is shown to who sends something else.
const importWish = `{"text":"{\"mcpServers\":{…}}","confirm":false}`

// importCommand is importServers for programs: without confirm it says what would be
// added, with it it adds them.
func (s *Server) importCommand(w http.ResponseWriter, r *http.Request) {
	var what struct {
		Text    string `json:"text"`
		Confirm bool   `json:"confirm"`
	}
	if !readJSON(r, &what) {
		s.refuse(w, r, kindAPI, "bad_json", "want", importWish)
		return
	}
	words := s.words(r)
	found, err := config.ImportServers([]byte(what.Text))
	var problems *config.ProblemsError
	if errors.As(err, &problems) {
		first := problems.Problems[0]
		s.json(w, r, http.StatusUnprocessableEntity, map[string]any{"error": map[string]any{
			"code": "not_valid", "message": ErrorText(words, err), "line": first.Line, "column": first.Column,
		}})
		return
	}
	fresh := s.fresh(found)
	answer := map[string]any{"servers": PreviewImport(words, found, s.deps.Editor.Snapshot().Config.Servers), "added": false}
	if what.Confirm && len(fresh) > 0 {
		d, trouble, status := s.addServers(r.Context(), words, fresh)
		if trouble != "" {
			s.json(w, r, status, map[string]any{"error": map[string]string{"code": "not_valid", "message": trouble}})
			return
		}
		answer["added"], answer["undo"] = true, s.deeds.keep(d)
	}
	s.json(w, r, http.StatusOK, answer)
}

// skipTo is the address of a step after the one that is skipped.
func skipTo(step string) string { return "/welcome?" + url.Values{"step": {step}}.Encode() }
