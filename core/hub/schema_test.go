package hub

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestFlattenSchema(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		note           Note
	}{
		{"none", ``, emptySchema, 0},
		{"plain keeps order", `{"type":"object","required":["b"],"properties":{"b":{"type":"string"},"a":{"type":"number"}}}`,
			`{"type":"object","properties":{"b":{"type":"string"},"a":{"type":"number"}},"required":["b"]}`, 0},
		{"no type", `{"properties":{"a":{}}}`, `{"type":"object","properties":{"a":{}}}`, 0},
		{"type list", `{"type":["object","null"]}`, `{"type":"object","properties":{}}`, 0},
		{"large number", `{"properties":{"a":{"maximum":9007199254740993}}}`, `{"type":"object","properties":{"a":{"maximum":9007199254740993}}}`, 0},
		{"a string", `{"type":"string"}`, emptySchema, NoteSchemaNotObject},
		{"a list", `[1]`, emptySchema, NoteSchemaNotObject},
		{"true", `true`, emptySchema, NoteSchemaNotObject},
		{"required without property", `{"required":["x","a",5],"properties":{"a":{}}}`, `{"type":"object","properties":{"a":{}},"required":["a"]}`, 0},
		{"refs", `{"$schema":"x","$defs":{"p":{"type":"object","properties":{"q":{"$ref":"#/$defs/n"}}},"n":{"type":"number"}},"properties":{"a":{"$ref":"#/$defs/p","description":"d"}}}`,
			`{"type":"object","properties":{"a":{"type":"object","properties":{"q":{"type":"number"}},"description":"d"}}}`, 0},
		{"definitions, escaped", `{"definitions":{"a/b c":{"type":"integer"}},"properties":{"a":{"items":{"$ref":"#/definitions/a~1b%20c"}}}}`,
			`{"type":"object","properties":{"a":{"items":{"type":"integer"}}}}`, 0},
		{"top ref", `{"$ref":"#/$defs/t","$defs":{"t":{"type":"object","properties":{"a":{}},"required":["a"]}}}`,
			`{"type":"object","properties":{"a":{}},"required":["a"]}`, 0},
		{"cycle", `{"properties":{"a":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}}}}}`,
			`{"type":"object","properties":{"a":{"type":"object","properties":{"next":{}}}}}`, NoteSchemaCycle},
		{"self", `{"$ref":"#"}`, `{"type":"object","properties":{}}`, NoteSchemaCycle},
		{"remote", `{"properties":{"a":{"$ref":"https://example.com/x"}}}`, `{"type":"object","properties":{"a":{}}}`, NoteSchemaUnresolved},
		{"nowhere", `{"properties":{"a":{"$ref":"#/$defs/x"}}}`, `{"type":"object","properties":{"a":{}}}`, NoteSchemaUnresolved},
		{"properties of that name", `{"properties":{"$ref":{"type":"string"},"default":{"$ref":"#/$defs/d"}},"$defs":{"d":{"type":"null"}}}`,
			`{"type":"object","properties":{"$ref":{"type":"string"},"default":{"type":"null"}}}`, 0},
		{"data is not a schema", `{"properties":{"a":{"default":{"$ref":"#/x"},"enum":[{"$ref":"#/y"}]}}}`,
			`{"type":"object","properties":{"a":{"default":{"$ref":"#/x"},"enum":[{"$ref":"#/y"}]}}}`, 0},
		{"allOf", `{"allOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{}},"required":["b"]}]}`,
			`{"type":"object","properties":{"a":{"type":"string"},"b":{}},"required":["a","b"]}`, NoteSchemaMerged},
		{"anyOf", `{"type":"object","properties":{"k":{}},"required":["k"],"anyOf":[{"properties":{"a":{"type":"string"}},"required":["a","k"]},{"properties":{"a":{"type":"number"},"b":{}},"required":["a"]}]}`,
			`{"type":"object","properties":{"k":{},"a":{"anyOf":[{"type":"string"},{"type":"number"}]},"b":{}},"required":["k","a"]}`, NoteSchemaMerged},
		{"oneOf of refs", `{"oneOf":[{"$ref":"#/$defs/a"},{"$ref":"#/$defs/b"}],"$defs":{"a":{"type":"object","properties":{"x":{}},"required":["x"]},"b":{"type":"object","properties":{"y":{}},"required":["y"]}}}`,
			`{"type":"object","properties":{"x":{},"y":{}}}`, NoteSchemaMerged},
		{"allOf with anyOf", `{"allOf":[{"anyOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]}]}`,
			`{"type":"object","properties":{"a":{},"b":{}}}`, NoteSchemaMerged},
		{"anyOf nonsense", `{"anyOf":5,"allOf":[1,"x"]}`, `{"type":"object","properties":{}}`, NoteSchemaMerged},
		{"nested anyOf stays", `{"properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]}}}`,
			`{"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]}}}`, 0},
		{"too deep", strings.Repeat(`{"properties":{"a":`, 40) + `{}` + strings.Repeat(`}}`, 40), emptySchema, NoteSchemaTooBig},
		{"too large", `{"description":"` + strings.Repeat("x", longestSchema) + `"}`, emptySchema, NoteSchemaTooBig},
		{"doubling", doubling(40), emptySchema, NoteSchemaTooBig},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, notes := flattenSchema([]byte(tt.in))
			if string(got) != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if tt.note == 0 && len(notes) > 0 || tt.note != 0 && !slices.Contains(notes, tt.note) {
				t.Errorf("notes %v, want %v", notes, tt.note)
			}
		})
	}
}

// doubling is a schema in which every level refers twice to the next.
func doubling(levels int) string {
	var defs []string
	for i := range levels {
		defs = append(defs, fmt.Sprintf(`"d%d":{"properties":{"a":{"$ref":"#/$defs/d%d"},"b":{"$ref":"#/$defs/d%d"}}}`, i, i+1, i+1))
	}
	return `{"$ref":"#/$defs/d0","$defs":{` + strings.Join(defs, ",") + `}}`
}

func FuzzFlattenSchema(f *testing.F) {
	f.Add([]byte(doubling(12)))
	f.Add([]byte(`{"$ref":"#/allOf/0","allOf":[{"$ref":"#/allOf/1"},{"anyOf":[{"$ref":"#"}],"required":["a"]}],"properties":{"a":true}}`))
	f.Add([]byte(`{"type":["object"],"oneOf":[{"oneOf":[{"allOf":[{"properties":{"x":{"items":[{"$ref":"#/properties"}]}}}]}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 0 && !json.Valid(raw) {
			return // what reaches it was parsed
		}
		out, _ := flattenSchema(raw)
		if len(out) > longestSchema {
			t.Fatalf("%d bytes", len(out))
		}
		var schema map[string]any // a struct would take "tYpe" for "type"
		if err := json.Unmarshal(out, &schema); err != nil || schema["type"] != "object" {
			t.Fatalf("%q became %q: %v", raw, out, err)
		}
		if _, ok := schema["properties"].(map[string]any); !ok {
			t.Fatalf("%q became %q", raw, out)
		}
		if whole := wholeSchema(raw); whole != nil {
			var members map[string]any
			if err := json.Unmarshal(whole, &members); err != nil || members["type"] != "object" || len(whole) > longestSchema {
				t.Fatalf("%q is listed as it is", raw)
			}
		}
		again, _ := flattenSchema(out)
		if !json.Valid(again) {
			t.Fatalf("%q became %q", out, again)
		}
	})
}
