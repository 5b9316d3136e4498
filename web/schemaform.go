package web

import (
	"bytes"
	"encoding/json"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// Bounds of a form that is made from the schema of a tool. A schema beyond them has no
// form, and its arguments are typed as JSON.
const (
	argumentsShown = 60
	choicesShown   = 100
	longestSchema  = 256 << 10
	deepestValue   = 64
)

// argumentKind is how an argument is entered.
type argumentKind uint8

const (
	argumentJSON argumentKind = iota // anything, as JSON
	argumentText
	argumentNumber
	argumentInteger
	argumentFlag
	argumentChoice
	argumentObject // as JSON
	argumentList   // as JSON
)

var argumentKinds = map[string]argumentKind{
	"string": argumentText, "number": argumentNumber, "integer": argumentInteger, "boolean": argumentFlag, "object": argumentObject, "array": argumentList,
}

// argument is one property of the schema of a tool.
type argument struct {
	name     string
	kind     argumentKind
	title    string
	hint     string
	required bool
	preset   string            // what the field holds at first
	choices  []json.RawMessage // of argumentChoice, in their order
	least    float64
	most     float64
	long     bool // text of several lines
}

// argumentsOf reads the schema of a tool as a list of arguments; false when it is not one
// that a form can be made of. It looks at no more than the top of the schema: what is
// nested is typed as JSON, so that neither depth nor references matter.
func argumentsOf(schema []byte) ([]argument, bool) {
	if len(schema) > longestSchema || depthOf(schema) > deepestValue {
		return nil, false
	}
	var top struct {
		Properties json.RawMessage `json:"properties"`
		Required   []any           `json:"required"`
	}
	if json.Unmarshal(schema, &top) != nil {
		return nil, false
	}
	names, values, ok := membersOf(top.Properties)
	if !ok || len(names) > argumentsShown {
		return nil, false
	}
	list := make([]argument, len(names))
	for i, name := range names {
		list[i] = argumentOf(name, values[i])
		list[i].required = slices.Contains(top.Required, any(name))
	}
	return list, true
}

// membersOf reads an object in its order; of a name that comes twice the last counts.
func membersOf(object json.RawMessage) (names []string, values []json.RawMessage, ok bool) {
	if len(object) == 0 || string(object) == "null" {
		return nil, nil, true
	}
	d := json.NewDecoder(bytes.NewReader(object))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, nil, false
	}
	for d.More() {
		key, err := d.Token()
		name, isName := key.(string)
		var value json.RawMessage
		if err != nil || !isName || d.Decode(&value) != nil {
			return nil, nil, false
		}
		if i := slices.Index(names, name); i >= 0 {
			values[i] = value
			continue
		}
		if len(names) > argumentsShown { // more than are shown anyway
			return nil, nil, false
		}
		names, values = append(names, name), append(values, value)
	}
	return names, values, true
}

// depthOf is how deep brackets are nested, without reading any further.
func depthOf(text []byte) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// argumentOf reads the schema of one property.
func argumentOf(name string, schema json.RawMessage) argument {
	a := argument{name: name, least: math.Inf(-1), most: math.Inf(1)}
	var s struct {
		Type        any               `json:"type"`
		Title       any               `json:"title"`
		Description any               `json:"description"`
		Enum        []json.RawMessage `json:"enum"`
		Const       json.RawMessage   `json:"const"`
		Default     json.RawMessage   `json:"default"`
		Minimum     any               `json:"minimum"`
		Maximum     any               `json:"maximum"`
		MaxLength   any               `json:"maxLength"`
	}
	if json.Unmarshal(schema, &s) != nil {
		return a
	}
	a.title, _ = s.Title.(string)
	a.hint, _ = s.Description.(string)
	a.title, a.hint = shorten(secret.Text(a.title), 80), shorten(secret.Text(a.hint), 600)
	a.kind = argumentKinds[onlyType(s.Type)]
	if n, ok := s.Minimum.(float64); ok {
		a.least = n
	}
	if n, ok := s.Maximum.(float64); ok {
		a.most = n
	}
	if n, ok := s.MaxLength.(float64); ok && n > 200 {
		a.long = true
	}
	if len(s.Const) > 0 {
		s.Enum = []json.RawMessage{s.Const}
	}
	if n := len(s.Enum); n > 0 && n <= choicesShown && !slices.ContainsFunc(s.Enum, func(v json.RawMessage) bool { return v[0] == '{' || v[0] == '[' }) {
		a.kind, a.choices = argumentChoice, s.Enum
	}
	if len(s.Default) > 0 && len(s.Default) <= 4<<10 {
		a.preset = a.written(s.Default)
		a.long = a.long || strings.Contains(a.preset, "\n")
	}
	return a
}

// onlyType is the type of a schema, also where null is allowed beside it; empty when there
// are several.
func onlyType(declared any) string {
	if list, ok := declared.([]any); ok {
		list = slices.DeleteFunc(slices.Clone(list), func(t any) bool { return t == "null" })
		if len(list) != 1 {
			return ""
		}
		declared = list[0]
	}
	name, _ := declared.(string)
	return name
}

// written is how a value stands in the field of a; empty when it is none for it.
func (a argument) written(value json.RawMessage) string {
	var v any
	if json.Unmarshal(value, &v) != nil {
		return ""
	}
	switch a.kind {
	case argumentText:
		text, _ := v.(string)
		return text
	case argumentNumber, argumentInteger:
		if _, ok := v.(float64); ok {
			return string(value)
		}
		return ""
	case argumentFlag:
		if is, ok := v.(bool); ok {
			return strconv.FormatBool(is)
		}
		return ""
	case argumentChoice:
		for i, choice := range a.choices {
			var c any
			if json.Unmarshal(choice, &c) == nil && c == v {
				return strconv.Itoa(i)
			}
		}
		return ""
	}
	if v == nil {
		return ""
	}
	return laidOut(value)
}

// value is what was typed as JSON; nil leaves the argument out. Wrong is the key of a text
// about what is wrong with it.
func (a argument) value(typed string) (value json.RawMessage, wrong string) {
	if a.kind != argumentText {
		typed = strings.TrimSpace(typed)
	}
	if typed == "" {
		if a.required {
			return nil, "try.wrong.required"
		}
		return nil, ""
	}
	switch a.kind {
	case argumentText:
		text, err := json.Marshal(strings.ReplaceAll(typed, "\r\n", "\n"))
		if err != nil || !utf8.ValidString(typed) {
			return nil, "try.wrong.text"
		}
		return text, ""
	case argumentNumber, argumentInteger:
		n, err := strconv.ParseFloat(typed, 64)
		switch {
		case err != nil || !json.Valid([]byte(typed)):
			return nil, "try.wrong.number"
		case a.kind == argumentInteger && n != math.Trunc(n):
			return nil, "try.wrong.integer"
		case n < a.least || n > a.most:
			return nil, "try.wrong.range"
		}
		return json.RawMessage(typed), ""
	case argumentFlag:
		if typed != "true" && typed != "false" {
			return nil, "try.wrong.choice"
		}
		return json.RawMessage(typed), ""
	case argumentChoice:
		i, err := strconv.Atoi(typed)
		if err != nil || i < 0 || i >= len(a.choices) {
			return nil, "try.wrong.choice"
		}
		return a.choices[i], ""
	}
	switch {
	case depthOf([]byte(typed)) > deepestValue, !json.Valid([]byte(typed)):
		return nil, "try.wrong.json"
	case a.kind == argumentObject && typed[0] != '{':
		return nil, "try.wrong.object"
	case a.kind == argumentList && typed[0] != '[':
		return nil, "try.wrong.list"
	}
	return json.RawMessage(typed), ""
}

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

// schemaMark tells schemas apart, so that a form that was made from another one is noticed.
func schemaMark(schema []byte) string {
	sum := fnv.New64a()
	sum.Write(schema)
	return strconv.FormatUint(sum.Sum64(), 36)
}

// laidOut is JSON for reading; what is no JSON stays as it is.
func laidOut(value []byte) string {
	var b bytes.Buffer
	if depthOf(value) > deepestValue || json.Indent(&b, value, "", "  ") != nil {
		return string(value)
	}
	return b.String()
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
