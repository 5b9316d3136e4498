package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// settingsView is what every page of the settings follows: whether the file is still the
// one that it was made from. The pages themselves are forms, which the server makes.
var settingsView = page{name: "settings", pattern: "/settings", args: []string{"revision"}, calm: true,
	paint: func(p painter, s snapshot, args url.Values) (screen, bool) {
		var show screen
		if s.disk != nil {
			show.add("file-changed", ui.FileChanged(fileState(s.disk(), args.Get("revision")), p.words.Say))
		}
		return show, true
	}}

// settingsPage is the first of them.
var settingsPage = func() page {
	p := settingsView
	p.serve = (*Server).optionsForm
	return p
}()

// settingsTabs are the pages of the settings by their names.
var settingsTabs = []struct{ name, path string }{
	{"options", "/settings"}, {"file", "/settings/file"}, {"versions", "/settings/versions"}, {"access", accessPath},
}

// fileState compares the file with the one that a page was made from.
func fileState(now config.Snapshot, revision string) ui.FileState {
	return ui.FileState{Changed: revision != "" && now.Revision != revision, Reload: "/settings"}
}

// settingsTop is the head of a page of the settings.
func (s *Server) settingsTop(r *http.Request, tab string, now config.Snapshot) ui.Settings {
	top := ui.Settings{Path: now.Path}
	for _, t := range settingsTabs {
		top.Tabs = append(top.Tabs, ui.Choice{Tag: t.name, Name: s.words(r).Say("settings.tab." + t.name), Address: t.path, Current: t.name == tab})
	}
	return top
}

// settled answers with a page of the settings that was made from a revision of the file.
func (s *Server) settled(w http.ResponseWriter, r *http.Request, status int, revision string, content templ.Component) {
	lang, args := s.words(r).Lang(), url.Values{"revision": {revision}}
	e, err := s.pump.edition(r.Context(), view{lang, settingsView.name, args.Encode()})
	if err != nil {
		s.refuse(w, r, kindPage, "internal")
		return
	}
	f := s.frame(r, s.words(r).Say("nav.settings"), settingsView.name)
	s.follow(&f, settingsView, lang, args, e)
	s.page(w, r, status, f, content)
}

// errTried ends an edit that was only to be tried.
var errTried = errors.New("the edit was only tried")

// tryText says what a text of the whole file would mean, and writes nothing.
func (s *Server) tryText(ctx context.Context, revision string, text []byte) (*config.Config, error) {
	var (
		c   *config.Config
		bad error
	)
	_, err := s.deps.Editor.Modify(ctx, revision, func(e *config.Edit) error {
		e.Replace(text)
		if c, bad = e.Config(); bad != nil {
			return bad
		}
		return errTried
	})
	if errors.Is(err, errTried) {
		return c, nil
	}
	return nil, err
}

// replaceText puts a text in place of the file as it is at a revision.
func (s *Server) replaceText(ctx context.Context, revision string, text []byte) (config.Snapshot, error) {
	return s.deps.Editor.Modify(ctx, revision, func(e *config.Edit) error {
		e.Replace(text)
		return nil
	})
}

// restoring is how to take back what made a snapshot from a text. Nothing is taken back
// once the file has changed again, or if there was no file.
func (s *Server) restoring(text []byte, made config.Snapshot) func(context.Context) error {
	if text == nil {
		return nil
	}
	return func(ctx context.Context) error {
		_, err := s.replaceText(ctx, made.Revision, text)
		return err
	}
}

// saved tells what was done to the file.
func (s *Server) saved(w http.ResponseWriter, r *http.Request, to string, before, after config.Snapshot, key string, args ...any) {
	s.finish(w, r, to, deed{
		text: func(words *assets.Translator) string { return words.Say(key, args...) },
		undo: s.restoring(before.Text, after),
	})
}

// programs are the commands that a configuration runs and that the one before did not.
func programs(before, after *config.Config) []string {
	known := map[string]bool{}
	for _, server := range before.Servers {
		if server.Enabled {
			known[runs(server)] = true
		}
	}
	var fresh []string
	for _, server := range after.Servers {
		if server.Enabled && server.Kind == config.KindStdio && !known[runs(server)] {
			fresh = append(fresh, command(server))
		}
	}
	return fresh
}

// runs is everything that decides what a server of ours does on this computer.
func runs(server config.Server) string {
	var b strings.Builder
	for _, part := range append([]string{server.Command, server.Dir}, server.Args...) {
		b.WriteString(part + "\x00")
	}
	for _, pair := range sortedPairs(server.Env) {
		b.WriteString("\x00" + pair)
	}
	return b.String()
}

// command is the command line of a server for showing.
func command(server config.Server) string {
	line := strings.Join(append([]string{server.Command}, server.Args...), " ")
	if len(server.Env) > 0 {
		var names []string
		for _, pair := range sortedPairs(server.Env) {
			name, _, _ := strings.Cut(pair, "=")
			names = append(names, name+"="+secret.Hidden)
		}
		line = strings.Join(names, " ") + " " + line
	}
	return shorten(secret.Text(line), 400)
}

// sortedPairs are the entries of a map as NAME=VALUE.
func sortedPairs(m map[string]string) []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		all = append(all, name+"="+m[name])
	}
	return all
}
