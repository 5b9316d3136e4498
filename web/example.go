package web

import (
	"bytes"
	"encoding/json"
	"slices"
)

const (
	// exampleDepth and exampleMembers bound how deep and how wide an example is.
	exampleDepth   = 4
	exampleMembers = 20
)

// exampleArguments is an object that a schema allows as far as it is simple, for
// somebody to change: the members that must be there, and those with a default.
func exampleArguments(schema []byte) string {
	var indented bytes.Buffer
	if json.Indent(&indented, exampleObject(schemaOf(schema), 0), "", "  ") != nil {
		return "{}"
	}
	return indented.String()
}

func exampleObject(s toolSchema, depth int) []byte {
	var properties map[string]json.RawMessage
	if json.Unmarshal(s.Properties, &properties) != nil {
		return []byte("{}")
	}
	names := make([]string, 0, len(properties))
	for name, raw := range properties {
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
		out = append(out, exampleValue(properties[name], depth+1)...)
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
