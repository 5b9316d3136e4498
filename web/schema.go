package web

import (
	"bytes"
	"encoding/json"
	"hash/fnv"
	"slices"
	"strconv"
)

// toolSchema is what we read of the schema of a tool, or of one of its arguments. A schema
// is foreign: what has another form than this is passed over.
type toolSchema struct {
	Type        any               `json:"type"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Properties  json.RawMessage   `json:"properties"`
	Required    []string          `json:"required"`
	Items       json.RawMessage   `json:"items"`
	Enum        []json.RawMessage `json:"enum"`
	Const       json.RawMessage   `json:"const"`
	Default     json.RawMessage   `json:"default"`
	Examples    []json.RawMessage `json:"examples"`
	Minimum     json.Number       `json:"minimum"`
	Maximum     json.Number       `json:"maximum"`
	MaxLength   json.Number       `json:"maxLength"`
}

func schemaOf(raw []byte) (s toolSchema) {
	_ = json.Unmarshal(raw, &s) // what has another form is left out, and the rest is read
	return s
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
