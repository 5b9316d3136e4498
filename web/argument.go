package web

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"xiaozhi-switchboard/core/secret"
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
	if len(schema) > longestSchema || depthOf(schema) > deepestValue || !json.Valid(schema) || bytes.TrimSpace(schema)[0] != '{' {
		return nil, false
	}
	top := schemaOf(schema)
	names, values, ok := membersOf(top.Properties)
	if !ok || len(names) > argumentsShown {
		return nil, false
	}
	list := make([]argument, len(names))
	for i, name := range names {
		list[i] = argumentOf(name, values[i])
		list[i].required = slices.Contains(top.Required, name)
	}
	return list, true
}

// argumentOf reads the schema of one property.
func argumentOf(name string, schema json.RawMessage) argument {
	a := argument{name: name, least: math.Inf(-1), most: math.Inf(1)}
	s := schemaOf(schema)
	a.title, a.hint = shorten(secret.Text(s.Title), 80), shorten(secret.Text(s.Description), 600)
	a.kind = argumentKinds[onlyType(s.Type)]
	if n, err := s.Minimum.Float64(); err == nil {
		a.least = n
	}
	if n, err := s.Maximum.Float64(); err == nil {
		a.most = n
	}
	if n, err := s.MaxLength.Float64(); err == nil && n > 200 {
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
