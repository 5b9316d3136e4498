package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/web/ui"
)

// welcomeSteps are what a first run asks, in turn.
var welcomeSteps = []string{"basics", "endpoint", "server", "done"}

// laterArg lets the first page be seen before there is an endpoint.
const laterArg = "later"

// first answers with the first page, or, as long as there is no endpoint and nobody
// said that this can wait, leads to the first run.
func (s *Server) first(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if s.deps.Editor != nil && !query.Has(laterArg) && !query.Has("lang") && !query.Has("theme") && len(s.status()) == 0 {
		if now := s.deps.Editor.Snapshot(); now.Problem == nil && len(now.Config.Endpoints) == 0 {
			http.Redirect(w, r, "/welcome", http.StatusSeeOther)
			return
		}
	}
	s.live(overviewPage)(w, r)
}

// welcome is a step of the first run.
func (s *Server) welcome(w http.ResponseWriter, r *http.Request) {
	if s.choose(w, r) {
		return
	}
	words := s.words(r)
	switch r.URL.Query().Get("step") {
	case "endpoint":
		sh := sheet{wish: wish{Enabled: true, HealthCheck: true}, first: true}
		s.showWelcome(w, r, http.StatusOK, "endpoint", ui.EndpointFormSheet(s.sheetForm(words, sh), words.Say))
	case "server":
		s.showImport(w, r, importSheet{from: "/welcome?step=server", next: "/welcome?step=done", status: http.StatusOK})
	case "done":
		s.showWelcome(w, r, http.StatusOK, "done", ui.WelcomeDone(s.deps.Editor.Snapshot().Path, words.Say))
	default:
		now := s.deps.Editor.Snapshot()
		s.showBasics(w, r, http.StatusOK, basics{language: now.Config.Language, port: strconv.Itoa(now.Config.Port)})
	}
}

// showWelcome answers with a step of the first run around its content.
func (s *Server) showWelcome(w http.ResponseWriter, r *http.Request, status int, step string, content templ.Component) {
	words := s.words(r)
	steps := make([]ui.Choice, len(welcomeSteps))
	for i, name := range welcomeSteps {
		steps[i] = ui.Choice{Tag: strconv.Itoa(i + 1), Name: words.Say("welcome.step." + name), Address: skipTo(name), Current: name == step}
	}
	page := ui.WelcomePage(steps, words.Say)
	s.still(w, r, status, words.Say("welcome.title"), "", templ.ComponentFunc(func(ctx context.Context, out io.Writer) error {
		return page.Render(templ.WithChildren(ctx, content), out)
	}))
}

// basics is the first step, as typed.
type basics struct {
	language, port string
	wrongPort      string
	trouble        string
}

func (s *Server) showBasics(w http.ResponseWriter, r *http.Request, status int, b basics) {
	words := s.words(r)
	languages := []ui.Option{{Value: "", Word: words.Say("welcome.language.auto")}}
	for _, lang := range assets.Languages() {
		languages = append(languages, ui.Option{Value: lang, Word: languageNames[lang]})
	}
	f := ui.Form{Action: "/welcome", Trouble: b.trouble, Fields: []ui.Field{
		{Kind: ui.FieldSelect, Name: "language", Label: words.Say("welcome.language"), Hint: words.Say("welcome.language.hint"), Value: b.language, Options: languages},
		{Kind: ui.FieldNumber, Name: "port", Label: words.Say("welcome.port"), Hint: words.Say("welcome.port.hint"), Value: b.port, Error: b.wrongPort},
	}}
	s.showWelcome(w, r, status, "basics", ui.WelcomeBasics(f, words.Say))
}

// takeBasics saves language and port. Another port is tried first.
func (s *Server) takeBasics(w http.ResponseWriter, r *http.Request) {
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	words, now := s.words(r), s.deps.Editor.Snapshot()
	b := basics{language: form.Get("language"), port: strings.TrimSpace(form.Get("port"))}
	port, err := strconv.Atoi(b.port)
	switch {
	case err != nil || port < 1 || port > 65535:
		b.wrongPort = words.Say("welcome.port.range")
	case port != now.Config.Port && port != s.guard.portOf(r):
		b.wrongPort = tryPort(words, now.Config.Host, port)
	}
	if !assetsLanguage(b.language) {
		b.language = ""
	}
	if b.wrongPort != "" {
		s.showBasics(w, r, http.StatusUnprocessableEntity, b)
		return
	}
	_, err = s.deps.Editor.Modify(r.Context(), "", func(e *config.Edit) error {
		for key, want := range map[string]struct {
			have, value any
		}{"language": {now.Config.Language, b.language}, "port": {now.Config.Port, port}} {
			if want.have == want.value {
				continue
			}
			if err := e.SetOption(key, orDefault(want.value)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		code := s.troubleOf("save basics", err)
		b.trouble = words.Say("trouble." + code + ".text")
		s.showBasics(w, r, statuses[code], b)
		return
	}
	to := url.Values{"step": {"endpoint"}}
	if b.language != "" {
		to.Set("lang", b.language) // the choice counts for this browser too
	}
	http.Redirect(w, r, "/welcome?"+to.Encode(), http.StatusSeeOther)
}

// orDefault is the value of an option; an empty text stands for the default.
func orDefault(value any) any {
	if value == "" {
		return nil
	}
	return value
}

// assetsLanguage reports whether we speak a language.
func assetsLanguage(lang string) bool {
	for _, known := range assets.Languages() {
		if lang == known {
			return true
		}
	}
	return false
}

// tryPort says why a port cannot be had; empty when it can.
func tryPort(words *assets.Translator, host string, port int) string {
	l, err := Listen(host, port)
	if err == nil {
		l.Close()
		return ""
	}
	var problem *PortError
	if errors.As(err, &problem) && problem.Problem == PortInUse {
		return words.Say("welcome.port.used")
	}
	return words.Say("welcome.port.unusable")
}
