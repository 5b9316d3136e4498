package web

import (
	"context"
	"net/http"
	"strings"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// accessPath is the page of the settings about who may use the dashboard.
const accessPath = "/settings/access"

// accessState is the page between two requests.
type accessState struct {
	now config.Snapshot
	// made is a key that is shown this once.
	made secret.Key
	// wrong is what is wrong with a key that was typed, and trouble why nothing was done.
	wrong, trouble string
}

// accessForm shows whether there is a key, and how to make one.
func (s *Server) accessForm(w http.ResponseWriter, r *http.Request) {
	if s.choose(w, r) {
		return
	}
	s.showAccess(w, r, http.StatusOK, accessState{now: s.deps.Editor.Snapshot()})
}

// changeAccess makes a key, takes one that was typed, or removes the one there is. The
// browser that did it stays signed in; all others are signed out.
func (s *Server) changeAccess(w http.ResponseWriter, r *http.Request) {
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	words, state := s.words(r), accessState{now: s.deps.Editor.Snapshot()}
	var key secret.Key
	switch form.Get("do") {
	case "make":
		key = secret.NewKey()
		state.made = key
	case "save":
		key = secret.Key(strings.TrimSpace(form.Get("key")))
		if key == "" {
			state.wrong = words.Say("login.empty")
			s.showAccess(w, r, http.StatusUnprocessableEntity, state)
			return
		}
	case "remove":
	default:
		s.refuse(w, r, kindPage, "bad_form")
		return
	}
	after, list, code := s.setAccessKey(r.Context(), form.Get("revision"), key)
	switch {
	case len(list) > 0:
		state.wrong = problemField(words, list[0])
		s.showAccess(w, r, http.StatusUnprocessableEntity, state)
		return
	case code != "":
		state.now, state.trouble = s.deps.Editor.Snapshot(), words.Say("trouble."+code+".text")
		s.showAccess(w, r, statuses[code], state)
		return
	}
	if key != "" {
		s.giveSession(w, r)
	}
	state.now = after
	if state.made != "" {
		s.showAccess(w, r, http.StatusOK, state) // to show it is what was asked for
		return
	}
	told := "access.saved"
	if key == "" {
		told = "access.removed"
	}
	s.saved(w, r, accessPath, config.Snapshot{}, after, told)
}

// setAccessKey writes a key into the file, or removes the one there is. List is what is wrong
// with the key, and code any other trouble.
func (s *Server) setAccessKey(ctx context.Context, revision string, key secret.Key) (after config.Snapshot, list []config.Problem, code string) {
	if now := s.deps.Editor.Snapshot(); key == "" && (s.options.Exposed || now.Config.Exposed()) {
		return now, nil, "key_in_use"
	}
	after, err := s.deps.Editor.Modify(ctx, revision, func(e *config.Edit) error { return e.SetAccessKey(key) })
	if err == nil {
		return after, nil, ""
	}
	if list = keyProblems(err); list != nil {
		return after, list, ""
	}
	return after, nil, s.troubleOf("access key", err)
}

// unkeyed reports whether a change of the configuration would open the dashboard to other
// computers without a key: then the program would not start the next time.
func unkeyed(before, after *config.Config) bool {
	return after.Exposed() && after.AccessKey == "" && after.Host != before.Host
}

// showAccess answers with the page.
func (s *Server) showAccess(w http.ResponseWriter, r *http.Request, status int, state accessState) {
	words, c := s.words(r), state.now.Config
	a := ui.Access{
		Settings: s.settingsTop(r, "access", state.now), Keyed: c.AccessKey != "", Exposed: s.options.Exposed, Fixed: s.options.Exposed || c.Exposed(),
		Made: state.made.Reveal(),
		Form: ui.Form{Action: accessPath, Trouble: state.trouble, Hidden: []ui.Pair{{Name: "revision", Value: state.now.Revision}},
			Fields: []ui.Field{{Kind: ui.FieldSecret, Name: "key", Label: words.Say("access.own"), Mono: true, Error: state.wrong, Hint: words.Say("access.own.hint")}}},
	}
	s.settled(w, r, status, state.now.Revision, ui.AccessPage(a, words.Say))
}

// accessExample is shown to who sends something else.
const accessExample = `{} or {"key":"…"}`

// accessCommand makes a key, or takes the one that the body names. A key that was made is
// in the answer.
func (s *Server) accessCommand(w http.ResponseWriter, r *http.Request) {
	var wish struct {
		Key string `json:"key"`
	}
	if !readJSON(r, &wish) {
		s.refuse(w, r, kindAPI, "bad_json", "want", accessExample)
		return
	}
	key, answer := secret.Key(wish.Key), map[string]any{"accessKey": true}
	if key == "" {
		key = secret.NewKey()
		answer["made"] = key.Reveal() // to see it is what was asked for
	}
	_, list, code := s.setAccessKey(r.Context(), "", key)
	switch {
	case len(list) > 0:
		s.json(w, r, http.StatusUnprocessableEntity, map[string]any{"error": map[string]any{"code": "not_valid", "message": problemField(s.words(r), list[0])}})
	case code != "":
		s.refuse(w, r, kindAPI, code)
	default:
		s.json(w, r, http.StatusOK, answer)
	}
}

// openCommand removes the key.
func (s *Server) openCommand(w http.ResponseWriter, r *http.Request) {
	if _, _, code := s.setAccessKey(r.Context(), "", ""); code != "" {
		s.refuse(w, r, kindAPI, code)
		return
	}
	s.json(w, r, http.StatusOK, map[string]any{"accessKey": false})
}
