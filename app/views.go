package app

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/hub"
	"xiaozhi-switchboard/web"
)

// catalogue shows a hub to the pages.
type catalogue struct{ *hub.Hub }

var serverStates = map[hub.State]web.ServerState{
	hub.StateDisabled: web.ServerDisabled,
	hub.StateStarting: web.ServerStarting,
	hub.StateReady:    web.ServerReady,
	hub.StateWaiting:  web.ServerWaiting,
	hub.StateFailed:   web.ServerFailed,
	hub.StateStopped:  web.ServerDisabled,
}

// Servers implements web.Catalogue.
func (c catalogue) Servers() []web.ServerView {
	all := c.Hub.Servers()
	views := make([]web.ServerView, 0, len(all))
	for _, s := range all {
		v := web.ServerView{Name: s.Name, Group: s.Group, Kind: s.Kind.String(), State: serverStates[s.State], Since: s.Since,
			Tools: s.Tools, Restarts: s.Restarts, NextStart: s.NextRetry, PID: s.PID, Title: s.Title, Version: s.Version}
		if s.Problem != nil {
			v.Problem, v.Needs, v.LastError = s.Problem.Kind.String(), s.Problem.Needs.String(), s.Problem.Sentence
		}
		views = append(views, v)
	}
	return views
}

// Tools implements web.Catalogue.
func (c catalogue) Tools() []web.ToolView {
	all := c.Hub.Tools()
	views := make([]web.ToolView, 0, len(all))
	for _, t := range all {
		v := web.ToolView{Name: t.Name, Server: t.Server, Original: t.Original, Sources: t.Sources, Description: t.Description,
			Schema: json.RawMessage(slices.Clone(t.Schema)), Enabled: t.Enabled, Listers: t.Listers, Remote: t.Remote, Own: t.Own, Overridden: t.Overridden}
		for _, note := range t.Notes {
			v.Notes = append(v.Notes, note.String())
		}
		views = append(views, v)
	}
	return views
}

// toolCaller calls tools for the API, which sees all of them.
type toolCaller struct{ hub *hub.Hub }

// CallTool implements web.Caller.
func (c toolCaller) CallTool(ctx context.Context, name string, arguments []byte) ([]byte, error) {
	return c.hub.CallTool(ctx, "", name, arguments)
}

// settings shows the configuration to the pages.
type settings struct{ app *App }

// View implements web.Settings.
func (s settings) View() web.SettingsView {
	s.app.mu.Lock()
	c := s.app.applied
	s.app.mu.Unlock()
	var v web.SettingsView
	if c != nil {
		v.Language, v.EnableCORS = c.Language, c.EnableCORS
	}
	snapshot := s.app.store.Snapshot()
	v.Path = snapshot.Path
	// Who may use the dashboard counts from the moment on that it is saved.
	v.AccessKey, v.Hosts = snapshot.Config.AccessKey, snapshot.Config.AllowedHosts
	if snapshot.Problem != nil {
		v.Problem = problemView(snapshot.Problem)
	}
	return v
}

// Subscribe implements web.Settings.
func (s settings) Subscribe() (<-chan struct{}, func()) {
	return s.app.store.Subscribe()
}

// problemLines are the first of the problems with its place, by language.
func problemLines(err error) map[string]string {
	v := problemView(err)
	for lang, text := range v.Texts {
		if v.Line > 0 {
			text = assets.Words(lang).Say("problem.in.line", "line", strconv.Itoa(v.Line), "column", strconv.Itoa(v.Column), "text", text)
		}
		v.Texts[lang] = detail(text)
	}
	return v.Texts
}

// problemView shows the first of the problems, with its place.
func problemView(err error) *web.ConfigProblem {
	v := &web.ConfigProblem{Texts: web.Texts{}}
	var (
		list *config.ProblemsError
		file *config.FileError
	)
	first := errors.As(err, &list) && len(list.Problems) > 0
	if first {
		v.Line, v.Column = list.Problems[0].Line, list.Problems[0].Column
	}
	for _, lang := range assets.Languages() {
		words := assets.Words(lang)
		switch {
		case first:
			v.Texts[lang] = web.ProblemAtKey(words, list.Problems[0])
		case errors.As(err, &file): // the page shows the path itself
			v.Texts[lang] = web.FileText(words, file)
		default:
			v.Texts[lang] = web.ErrorText(words, err)
		}
	}
	return v
}
