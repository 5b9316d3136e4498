package web

import (
	"encoding/json"
	"math"
	"strconv"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// argumentField is the name of the field of the argument i. Names of properties may hold
// anything, and make no good ids.
func argumentField(i int) string { return "arg" + strconv.Itoa(i) }

// field is the control that a is entered with.
func (a argument) field(words *assets.Translator, i int, typed, wrong string) ui.Field {
	f := ui.Field{Name: argumentField(i), Label: shorten(secret.Text(a.name), 80), Value: typed, Hint: a.hint}
	if a.title != "" && a.title != f.Label {
		f.Label += " · " + a.title
	}
	if a.required {
		f.Label += " " + words.Say("try.required")
	}
	if wrong != "" {
		f.Error = words.Say(wrong, "least", bound(a.least), "most", bound(a.most))
	}
	switch a.kind {
	case argumentText:
		if a.long {
			f.Kind, f.Rows = ui.FieldArea, 4
		}
	case argumentNumber, argumentInteger: // a number field of browsers takes no exponents, and hides what it does not take
		f.Mono = true
	case argumentFlag:
		f.Kind, f.Options = ui.FieldSelect, []ui.Option{{Value: "", Word: words.Say("try.unset")}, {Value: "true", Word: "true"}, {Value: "false", Word: "false"}}
	case argumentChoice:
		unset := "try.unset"
		if a.required {
			unset = "try.choose"
		}
		f.Kind, f.Options = ui.FieldSelect, []ui.Option{{Value: "", Word: words.Say(unset)}}
		for i, choice := range a.choices {
			word := string(choice)
			var text string
			if json.Unmarshal(choice, &text) == nil && text != "" && choice[0] == '"' {
				word = text
			}
			f.Options = append(f.Options, ui.Option{Value: strconv.Itoa(i), Word: shorten(secret.Text(word), 120)})
		}
	default:
		f.Kind, f.Rows, f.Mono = ui.FieldArea, 4, true
		f.Placeholder = map[argumentKind]string{argumentObject: "{}", argumentList: "[]"}[a.kind]
	}
	return f
}

// bound writes a limit of a number.
func bound(n float64) string {
	if math.IsInf(n, 0) {
		return "∞"
	}
	return strconv.FormatFloat(n, 'g', -1, 64)
}

// argumentsFrom puts what was typed together to the arguments of a call. Wrong holds the
// keys of texts about mistakes, by the field.
func argumentsFrom(list []argument, typed func(field string) string) (arguments []byte, wrong map[string]string) {
	wrong = map[string]string{}
	b := []byte{'{'}
	for i, a := range list {
		value, key := a.value(typed(argumentField(i)))
		if key != "" {
			wrong[argumentField(i)] = key
			continue
		}
		if value == nil {
			continue
		}
		name, err := json.Marshal(a.name)
		if err != nil {
			continue // a string is always written
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}'), wrong
}
