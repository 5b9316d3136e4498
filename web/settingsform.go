package web

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/web/ui"
)

// optionsState is a form of the options between two requests.
type optionsState struct {
	now    config.Snapshot
	values map[string]string // what the fields hold, by key
	errors map[string]string // what is wrong, by key
	differ bool              // say where fields differ from the file
	// preset is the name of one that was filled in.
	preset  string
	trouble string
}

// optionsForm shows the options as they are, or filled in by a preset.
func (s *Server) optionsForm(w http.ResponseWriter, r *http.Request) {
	if s.deps.Editor == nil {
		s.refuse(w, r, kindPage, "unavailable")
		return
	}
	if s.choose(w, r) {
		return
	}
	state := optionsState{now: s.deps.Editor.Snapshot(), values: map[string]string{}}
	for _, o := range options {
		state.values[o.key] = o.of(state.now.Config)
	}
	for _, p := range presets {
		if p.name == r.URL.Query().Get("preset") {
			state.preset, state.differ = p.name, true
			for key, value := range p.values {
				state.values[key] = value
			}
		}
	}
	s.showOptions(w, r, http.StatusOK, state)
}

// saveOptions writes the options that were changed.
func (s *Server) saveOptions(w http.ResponseWriter, r *http.Request) {
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	words := s.words(r)
	state := optionsState{now: s.deps.Editor.Snapshot(), values: map[string]string{}, errors: map[string]string{}}
	for _, o := range options {
		state.values[o.key] = strings.TrimSpace(form.Get(o.name()))
	}
	switch {
	case state.now.Problem != nil:
		state.trouble = words.Say("settings.broken")
		s.showOptions(w, r, http.StatusConflict, state)
		return
	case form.Get("revision") != state.now.Revision:
		state.trouble, state.differ = words.Say("settings.conflict"), true
		s.showOptions(w, r, http.StatusConflict, state)
		return
	}
	var changed []option
	for _, o := range options {
		if o.changed(state.now.Config, state.values[o.key]) {
			changed = append(changed, o)
		}
	}
	refused := s.refusals(r, state)
	after, err := s.deps.Editor.Modify(r.Context(), state.now.Revision, func(e *config.Edit) error {
		clear(state.errors)
		for _, o := range changed {
			value, ok := o.value(state.values[o.key])
			if !ok {
				state.errors[o.key] = words.Say("settings.nan")
				continue
			}
			if err := e.SetOption(o.key, value); err != nil {
				return err
			}
		}
		if _, err := e.Config(); err != nil {
			return err
		}
		maps.Copy(state.errors, refused)
		if len(state.errors) > 0 {
			return errTried
		}
		return nil
	})
	var (
		list     *config.ProblemsError
		conflict *config.ConflictError
	)
	switch {
	case err == nil && len(changed) == 0:
		s.saved(w, r, "/settings", config.Snapshot{}, after, "settings.done.none")
		return
	case err == nil:
		s.saved(w, r, "/settings", state.now, after, "settings.done", "n", len(changed))
		return
	case errors.As(err, &conflict):
		state.now, state.differ, state.trouble = s.deps.Editor.Snapshot(), true, words.Say("settings.conflict")
		s.showOptions(w, r, http.StatusConflict, state)
		return
	case errors.As(err, &list):
		for _, p := range list.Problems {
			if key, ok := config.OptionAt(p.Key); ok {
				state.errors[key] = painter{words: words}.sentences(state.errors[key], problemField(words, p))
			} else {
				state.trouble = ErrorText(words, err)
			}
		}
		for key, text := range refused { // all that is wrong, at once
			if state.errors[key] == "" {
				state.errors[key] = text
			}
		}
	case !errors.Is(err, errTried):
		s.refuse(w, r, kindPage, s.troubleOf("settings", err))
		return
	}
	if state.trouble == "" {
		state.trouble = words.Say("settings.errors", "n", len(state.errors))
	}
	s.showOptions(w, r, http.StatusUnprocessableEntity, state)
}

// refusals says why values that are good by themselves cannot be had, by their keys.
func (s *Server) refusals(r *http.Request, state optionsState) map[string]string {
	words, meant := s.words(r), state.now.Config.Clone()
	if meant.Host = state.values["host"]; meant.Host == "" {
		meant.Host = config.Default().Host
	}
	meant.AllowedHosts = wordsIn(strings.ToLower(state.values["allowedHosts"]))
	wrong := map[string]string{}
	if unkeyed(state.now.Config, meant) {
		wrong["host"] = words.Say("access.keyfirst")
	}
	var list *config.ProblemsError
	if errors.As(s.lockout(r, meant), &list) {
		wrong["allowedHosts"] = problemField(words, list.Problems[0])
	}
	return wrong
}

// showOptions answers with the form.
func (s *Server) showOptions(w http.ResponseWriter, r *http.Request, status int, state optionsState) {
	words := s.words(r)
	p := painter{words: words, zone: s.options.Zone}
	frame := s.frame(r, "", settingsView.name)
	shown := p.optionsForm(state)
	shown.Settings = s.settingsTop(r, "options", state.now)
	shown.Themes, shown.Languages = frame.Themes, frame.Languages
	s.settled(w, r, status, state.now.Revision, ui.OptionsPage(shown, words.Say))
}

// optionsForm is the form of a state.
func (p painter) optionsForm(state optionsState) ui.Options {
	shown := ui.Options{Form: ui.Form{Action: "/settings", Trouble: state.trouble, Hidden: []ui.Pair{{Name: "revision", Value: state.now.Revision}}}}
	differing := 0
	for _, section := range sections {
		group := ui.FieldGroup{Title: p.say("option.section." + section)}
		for _, o := range options {
			if o.section != section {
				continue
			}
			f := p.optionField(o, state.values[o.key])
			f.Error = state.errors[o.key]
			if was := o.of(state.now.Config); state.differ && o.changed(state.now.Config, state.values[o.key]) {
				differing++
				f.Hint = p.sentences(p.say("settings.was", "value", p.optionWord(o, was)), f.Hint)
			}
			group.Fields = append(group.Fields, f)
		}
		shown.Groups = append(shown.Groups, group)
	}
	for _, preset := range presets {
		name := p.say("settings.preset." + preset.name)
		shown.Presets = append(shown.Presets, ui.Choice{Tag: preset.name, Name: name, Current: preset.name == state.preset,
			Address: "/settings?" + url.Values{"preset": {preset.name}}.Encode()})
		switch {
		case preset.name != state.preset:
		case differing == 0:
			shown.Note = p.say("settings.preset.same", "name", name)
		default:
			shown.Note = p.say("settings.preset.filled", "n", differing, "name", name)
		}
	}
	return shown
}

// optionField is the field of an option.
func (p painter) optionField(o option, value string) ui.Field {
	key := "option." + o.name()
	f := ui.Field{Name: o.name(), Label: p.say(key + ".name"), Value: value, Kind: ui.FieldNumber}
	if o.unit == "ms" || o.unit == "bytes" {
		f.Label = p.say("option.label", "name", f.Label, "unit", p.say("option.unit."+o.unit))
	}
	bounds := p.optionBounds(o)
	switch {
	case o.boxed:
		f.Kind = ui.FieldCheck
	case o.listed:
		f.Kind, f.Rows, f.Mono = ui.FieldArea, 3, true
	case o.wordy || o.fraction: // browsers take whole numbers only, unless they are told a step
		f.Kind = ui.FieldText
	case o.choices != nil:
		f.Kind, bounds = ui.FieldSelect, ""
		for _, name := range o.choices {
			word := p.say("option.choice." + name)
			if o.key == "language" {
				word = languageNames[name]
				if name == "" {
					word = p.say("option.language.system")
				}
			}
			f.Options = append(f.Options, ui.Option{Value: name, Word: word})
		}
		if !slices.Contains(o.choices, value) {
			f.Options = append(f.Options, ui.Option{Value: value, Word: value})
		}
	}
	var advice, later string
	if o.advice {
		advice = p.say(key + ".advice")
	}
	if o.later {
		later = p.say("option.later")
	}
	f.Hint = p.sentences(p.say(key+".text"), bounds, p.say("option.default", "value", p.optionWord(o, o.of(config.Default()))), advice, later)
	return f
}
