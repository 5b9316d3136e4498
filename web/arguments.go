package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"xiaozhi-switchboard/assets"
)

// readArguments reads the arguments of a tool as somebody typed them; nothing is an
// object without members. Wrong says what is the matter with them; empty when nothing is.
func readArguments(words *assets.Translator, typed string) (arguments []byte, wrong string) {
	text := strings.TrimSpace(strings.TrimPrefix(typed, "\ufeff"))
	if text == "" {
		return []byte("{}"), ""
	}
	var value json.RawMessage
	decoder := json.NewDecoder(strings.NewReader(text))
	err := decoder.Decode(&value)
	offset := decoder.InputOffset()
	if err == nil {
		if _, err = decoder.Token(); err == io.EOF {
			err = nil
		} else if err == nil {
			err = errors.New("more than one value")
		}
	}
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.Is(err, io.ErrUnexpectedEOF):
		offset = int64(len(text)) + 1
	}
	if err != nil {
		line, column := placeOf(text, int(offset))
		return nil, words.Say("rehearsal.arguments.syntax", "line", strconv.Itoa(line), "column", strconv.Itoa(column))
	}
	if value[0] != '{' {
		return nil, words.Say("rehearsal.arguments.object")
	}
	return value, ""
}

// placeOf is the line and column, from 1, of the character before which n bytes of s lie.
func placeOf(s string, n int) (line, column int) {
	before := s[:min(max(n-1, 0), len(s))]
	line = strings.Count(before, "\n") + 1
	return line, len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
}

// missingArguments are the required members of a schema that arguments lack.
func missingArguments(schema, arguments []byte) (missing []string) {
	var has map[string]json.RawMessage
	if json.Unmarshal(arguments, &has) != nil {
		return nil
	}
	for _, name := range schemaOf(schema).Required {
		if _, there := has[name]; !there {
			missing = append(missing, name)
		}
	}
	return missing
}

const (
	// exampleDepth and exampleMembers bound how deep and how wide an example is.
	exampleDepth   = 4
	exampleMembers = 20
)

// argumentSchema is what an example needs of a JSON schema. A schema is foreign: what
// has another form than this is passed over.
type argumentSchema struct {
	Type       any                        `json:"type"`
	Properties map[string]json.RawMessage `json:"properties"`
	Required   []string                   `json:"required"`
	Items      json.RawMessage            `json:"items"`
	Enum       []json.RawMessage          `json:"enum"`
	Const      json.RawMessage            `json:"const"`
	Default    json.RawMessage            `json:"default"`
	Examples   []json.RawMessage          `json:"examples"`
	Minimum    json.Number                `json:"minimum"`
}

func schemaOf(raw []byte) (s argumentSchema) {
	_ = json.Unmarshal(raw, &s) // what has another form is left out, and the rest is read
	return s
}

// exampleArguments is an object that a schema allows as far as it is simple, for
// somebody to change: the members that must be there, and those with a default.
func exampleArguments(schema []byte) string {
	var indented bytes.Buffer
	if json.Indent(&indented, exampleObject(schemaOf(schema), 0), "", "  ") != nil {
		return "{}"
	}
	return indented.String()
}

func exampleObject(s argumentSchema, depth int) []byte {
	names := make([]string, 0, len(s.Properties))
	for name, raw := range s.Properties {
		if slices.Contains(s.Required, name) || schemaOf(raw).Default != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	names = names[:min(len(names), exampleMembers)]
	out := []byte{'{'}
	for i, name := range names {
		if i > 0 {
			out = append(out, ',')
		}
		quoted, _ := json.Marshal(name) // a string can be encoded
		out = append(append(out, quoted...), ':')
		out = append(out, exampleValue(s.Properties[name], depth+1)...)
	}
	return append(out, '}')
}

func exampleValue(raw []byte, depth int) []byte {
	s := schemaOf(raw)
	switch {
	case s.Default != nil:
		return s.Default
	case s.Const != nil:
		return s.Const
	case len(s.Examples) > 0:
		return s.Examples[0]
	case len(s.Enum) > 0:
		return s.Enum[0]
	}
	switch exampleType(s.Type) {
	case "number", "integer":
		if s.Minimum != "" {
			return []byte(s.Minimum)
		}
		return []byte("1")
	case "boolean":
		return []byte("true")
	case "array":
		if s.Items != nil && depth < exampleDepth {
			return append(append([]byte{'['}, exampleValue(s.Items, depth+1)...), ']')
		}
		return []byte("[]")
	case "object":
		if depth < exampleDepth {
			return exampleObject(s, depth)
		}
		return []byte("{}")
	case "null":
		return []byte("null")
	}
	return []byte(`""`)
}

// exampleType is the type that a schema names, the first where it names several.
func exampleType(t any) string {
	switch t := t.(type) {
	case string:
		return t
	case []any:
		for _, one := range t {
			if name, ok := one.(string); ok && name != "null" {
				return name
			}
		}
	}
	return ""
}
