package web

import (
	"encoding/json"
	"strings"
	"testing"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/web/ui"
)

const everySchema = `{"type":"object","required":["place","many",7],"properties":{
	"place":{"type":"string","title":"Place","description":"Where.","default":"Beijing"},
	"many":{"type":"integer","minimum":1,"maximum":5},
	"share":{"type":["number","null"],"default":0.5},
	"deep":{"type":"boolean","default":false},
	"unit":{"enum":["C","F",3,null],"default":"F"},
	"where":{"type":"object","default":{"a":[1]}},
	"list":{"type":"array","items":{"$ref":"#/x"}},
	"any":{"anyOf":[{"type":"string"},{"type":"number"}]},
	"note":{"type":"string","maxLength":5000},
	"odd name \"x\"":{"type":"string"},
	"fixed":{"const":"on"}}}`

func TestArgumentsOfASchema(t *testing.T) {
	list, ok := argumentsOf([]byte(everySchema))
	if !ok || len(list) != 11 {
		t.Fatalf("%v, %d arguments", ok, len(list))
	}
	words := assets.Words("en")
	var got []string
	for i, a := range list {
		f := a.field(words, i, a.preset, "")
		line := f.Label + "=" + f.Value
		switch f.Kind {
		case ui.FieldArea:
			line += " area"
		case ui.FieldSelect:
			for _, o := range f.Options {
				line += "|" + o.Word
			}
		}
		got = append(got, line)
	}
	want := []string{"place · Place (required)=Beijing", "many (required)=", "share=0.5", "deep=false|not given|true|false", "unit=1|not given|C|F|3|null",
		"where={\n  \"a\": [\n    1\n  ]\n} area", "list= area", "any= area", "note= area", "odd name \"x\"=", "fixed=|not given|on"}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
	for name, c := range map[string]struct {
		typed map[string]string
		want  string // the arguments, or the mistakes
	}{
		"all": {map[string]string{"arg0": "a\r\nb", "arg1": " 3 ", "arg2": "1e2", "arg3": "true", "arg4": "2", "arg5": `{"b":1}`, "arg6": "[1]", "arg7": `"x"`, "arg8": "n", "arg9": "o", "arg10": "0"},
			`{"place":"a\nb","many":3,"share":1e2,"deep":true,"unit":3,"where":{"b":1},"list":[1],"any":"x","note":"n","odd name \"x\"":"o","fixed":"on"}`},
		"least":       {map[string]string{"arg0": "x", "arg1": "1"}, `{"place":"x","many":1}`},
		"nothing":     {nil, "arg0 try.wrong.required arg1 try.wrong.required"},
		"odd numbers": {map[string]string{"arg0": "x", "arg1": "1.5", "arg2": "0x10"}, "arg1 try.wrong.integer arg2 try.wrong.number"},
		"not finite":  {map[string]string{"arg0": "x", "arg1": "1e400", "arg2": "NaN"}, "arg1 try.wrong.number arg2 try.wrong.number"},
		"too many":    {map[string]string{"arg0": "x", "arg1": "6"}, "arg1 try.wrong.range"},
		"kinds":       {map[string]string{"arg0": "\xff", "arg1": "2", "arg3": "yes", "arg4": "9", "arg5": "[]", "arg6": "{}", "arg7": "{"}, "arg0 try.wrong.text arg3 try.wrong.choice arg4 try.wrong.choice arg5 try.wrong.object arg6 try.wrong.list arg7 try.wrong.json"},
		"deep":        {map[string]string{"arg0": "x", "arg1": "2", "arg6": strings.Repeat("[", 99) + strings.Repeat("]", 99)}, "arg6 try.wrong.json"},
	} {
		arguments, wrong := argumentsFrom(list, func(field string) string { return c.typed[field] })
		var mistakes []string
		for i := range list {
			if key := wrong[argumentField(i)]; key != "" {
				mistakes = append(mistakes, argumentField(i)+" "+key)
				if text := words.Say(key, "least", "1", "most", "5"); text == key {
					t.Errorf("%s has no text", key)
				}
			}
		}
		got := string(arguments)
		if len(mistakes) > 0 {
			got = strings.Join(mistakes, " ")
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestSchemasWithoutAForm(t *testing.T) {
	many := `{"properties":{` + strings.TrimSuffix(strings.Repeat(`"x":1,`, 9), ",")
	for i := range argumentsShown + 2 {
		many += `,"n` + string(rune('a'+i%26)) + string(rune('a'+i/26)) + `":{}`
	}
	for name, c := range map[string]struct {
		schema string
		form   bool
	}{
		"nothing":        {``, false},
		"no object":      {`[]`, false},
		"boolean":        {`true`, false},
		"no properties":  {`{"type":"object"}`, true},
		"odd properties": {`{"properties":[]}`, false},
		"odd property":   {`{"properties":{"a":true,"b":{"type":7,"title":{},"enum":[]}}}`, true},
		"a reference":    {`{"properties":{"a":{"$ref":"#"}},"$ref":"#"}`, true},
		"many":           {many + `}}`, false},
		"deep":           {strings.Repeat(`{"properties":{"a":`, 100) + "1" + strings.Repeat("}}", 100), false},
		"huge":           {`{"x":"` + strings.Repeat("a", longestSchema) + `"}`, false},
	} {
		if _, form := argumentsOf([]byte(c.schema)); form != c.form {
			t.Errorf("%s: a form is %v", name, form)
		}
	}
}

// FuzzArgumentsOf holds that no schema makes a form that cannot be shown and sent.
func FuzzArgumentsOf(f *testing.F) {
	f.Add([]byte(everySchema), "1")
	f.Add([]byte(`{"properties":{"a":{"$ref":"#/properties/a","enum":[1,1.0,"\ud800"],"default":"\u0000"}},"required":{"a":1}}`), "0")
	f.Add([]byte(`{"properties":{"a":{"enum":[true],"default":{}},"a":{"type":[]}}}`), `{"a":`)
	words := assets.Words("zh")
	f.Fuzz(func(t *testing.T, schema []byte, typed string) {
		list, ok := argumentsOf(schema)
		if len(list) > argumentsShown || !ok && list != nil {
			t.Fatalf("%d arguments", len(list))
		}
		for _, text := range []func(int) string{func(int) string { return typed }, func(i int) string { return list[i].preset }} {
			fields := map[string]string{}
			for i, a := range list {
				if field := a.field(words, i, text(i), ""); len(field.Options) > choicesShown+1 || len(field.Label) > 400 || len(field.Hint) > 700 {
					t.Fatalf("field %+v", field)
				}
				fields[argumentField(i)] = text(i)
			}
			arguments, wrong := argumentsFrom(list, func(name string) string { return fields[name] })
			if !json.Valid(arguments) || len(wrong) > len(list) {
				t.Fatalf("%s: arguments %s", schema, arguments)
			}
		}
	})
}
