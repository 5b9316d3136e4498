package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"xiaozhi-switchboard/core/config"
)

// settingsExample is shown to who sends something else.
const settingsExample = `{"revision":"…","options":{"logLevel":"debug","connectionOptions.toolTimeout":null}}`

// optionValues are all options by their keys, as a file has them.
func optionValues(c *config.Config) map[string]any {
	all := make(map[string]any, len(options))
	for _, o := range options {
		value := o.of(c)
		switch {
		case o.boxed:
			all[o.key] = value == "on"
		case o.listed:
			all[o.key] = append([]string{}, wordsIn(value)...)
		case o.choices != nil || o.wordy:
			all[o.key] = value
		default:
			all[o.key] = json.Number(value)
		}
	}
	return all
}

// settingsReport answers with the options and the revision that they are of.
func (s *Server) settingsReport(w http.ResponseWriter, r *http.Request) {
	now := s.deps.Editor.Snapshot()
	s.json(w, r, http.StatusOK, map[string]any{"revision": now.Revision, "options": optionValues(now.Config)})
}

// settingsCommand changes options: those that the body names, and null goes back to the
// default. With a revision it changes nothing if the file is another one by now.
func (s *Server) settingsCommand(w http.ResponseWriter, r *http.Request) {
	var wish struct {
		Revision string         `json:"revision"`
		Options  map[string]any `json:"options"`
	}
	known := readJSON(r, &wish) && wish.Options != nil
	for key := range wish.Options {
		_, ok := config.OptionAt(key)
		known = known && ok
	}
	if !known {
		s.refuse(w, r, kindAPI, "bad_json", "want", settingsExample)
		return
	}
	before, open := s.deps.Editor.Snapshot().Config, false
	_, err := s.deps.Editor.Modify(r.Context(), wish.Revision, func(e *config.Edit) error {
		for _, o := range options { // in one order, whatever that of the map is
			value, named := wish.Options[o.key]
			if !named {
				continue
			}
			if err := e.SetOption(o.key, optionSent(value)); err != nil {
				return err
			}
		}
		meant, err := e.Config()
		if open = err == nil && unkeyed(before, meant); open {
			return errTried
		}
		if err != nil {
			return err
		}
		return s.lockout(r, meant)
	})
	var list *config.ProblemsError
	switch {
	case open:
		s.notValid(w, r, map[string]string{"host": s.words(r).Say("access.keyfirst")})
	case errors.As(err, &list):
		words := s.words(r)
		wrong := map[string]string{}
		for _, p := range list.Problems {
			wrong[p.Key] = problemSentence(words, p)
		}
		s.notValid(w, r, wrong)
	case err != nil:
		s.refuse(w, r, kindAPI, s.troubleOf("settings", err))
	default:
		s.settingsReport(w, r)
	}
}

// notValid says what is wrong with options, by their keys.
func (s *Server) notValid(w http.ResponseWriter, r *http.Request, wrong map[string]string) {
	s.json(w, r, http.StatusUnprocessableEntity, map[string]any{"error": map[string]any{
		"code": "not_valid", "message": s.words(r).Say("trouble.not_valid.text"), "options": wrong}})
}

// optionSent is a value of JSON as SetOption takes it.
func optionSent(value any) any {
	list, ok := value.([]any)
	if !ok {
		return scalar(value)
	}
	all := make([]any, len(list))
	for i, v := range list {
		all[i] = scalar(v)
	}
	return all
}

// scalar is a value that is neither a list nor an object; one that is becomes text, which
// no option is.
func scalar(value any) any {
	switch v := value.(type) {
	case nil, bool, string:
		return v
	case float64:
		if text := strconv.FormatFloat(v, 'f', -1, 64); !strings.Contains(text, ".") && len(text) < 16 {
			return int(v)
		}
		return v
	}
	text, _ := json.Marshal(value) // it came from JSON
	return string(text)
}
