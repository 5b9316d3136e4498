package web

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/jsonschema-go/jsonschema"
)

// described is the description of the API as the server serves it.
type described struct {
	OpenAPI    string
	Info       struct{ Title, Version string }
	Tags       []struct{ Name string }
	Security   []map[string][]string
	Paths      map[string]map[string]operation
	Components struct {
		Schemas         map[string]any
		Parameters      map[string]parameter
		Responses       map[string]response
		SecuritySchemes map[string]any
	}
	whole map[string]any
}

type operation struct {
	OperationID, Summary string
	Tags                 []string
	Parameters           []struct {
		Ref string `json:"$ref"`
	}
	RequestBody *struct {
		Required bool
		Content  map[string]media
	}
	Responses map[string]response
}

type parameter struct {
	Name, In, Description string
	Required              bool
	Schema                any
}

type response struct {
	Ref         string `json:"$ref"`
	Description string
	Content     map[string]media
}

type media struct{ Schema, Example any }

// description reads what the server serves.
func description(t *testing.T, s *Server) described {
	t.Helper()
	w := do(s, request("GET", "/api/v1/openapi.json"))
	var d described
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &d.whole); err != nil {
		t.Fatal(err)
	}
	return d
}

// operation returns what describes a route, if anything does.
func (d described) operation(r route) (operation, bool) {
	o, ok := d.Paths[r.pattern][strings.ToLower(r.method)]
	return o, ok
}

// isAPI reports whether a route must be described.
func (r route) isAPI() bool { return r.kind == kindAPI || r.kind == kindHealth }

// TestEveryRouteIsDescribed holds the description against the table of routes, both ways.
func TestEveryRouteIsDescribed(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	d := description(t, s)
	have := map[string]bool{}
	for _, r := range s.routes {
		if !r.isAPI() {
			continue
		}
		have[r.method+" "+r.pattern] = true
		if _, ok := d.operation(r); !ok {
			t.Errorf("%s %s is not described: add it to a file of web/openapi", r.method, r.pattern)
		}
	}
	for path, methods := range d.Paths {
		for method := range methods {
			if name := strings.ToUpper(method) + " " + path; !have[name] {
				t.Errorf("%s is described and does not exist", name)
			}
		}
	}
}

// TestDescriptionIsValid checks what OpenAPI 3.1 asks for beyond the shape of the types above.
func TestDescriptionIsValid(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	d := description(t, s)
	if !strings.HasPrefix(d.OpenAPI, "3.1.") || d.Info.Title == "" || d.Info.Version == "" {
		t.Errorf("head: %s %v", d.OpenAPI, d.Info)
	}
	for _, choice := range d.Security {
		for name := range choice {
			if d.Components.SecuritySchemes[name] == nil {
				t.Errorf("security %s is not defined", name)
			}
		}
	}
	tags := map[string]bool{}
	for _, tag := range d.Tags {
		tags[tag.Name] = true
	}
	ids := map[string]string{}
	for path, methods := range d.Paths {
		for method, o := range methods {
			name := method + " " + path
			if other := ids[o.OperationID]; other != "" || o.OperationID == "" {
				t.Errorf("%s and %s are both called %q", name, other, o.OperationID)
			}
			ids[o.OperationID] = name
			if o.Summary == "" || strings.HasSuffix(o.Summary, ".") || len(o.Tags) != 1 || !tags[o.Tags[0]] {
				t.Errorf("%s has the summary %q and the tags %v", name, o.Summary, o.Tags)
			}
			if o.Responses["200"].Description == "" || o.Responses["default"].Ref != "#/components/responses/Refused" {
				t.Errorf("%s does not say what it answers", name)
			}
			var holes []string
			for _, p := range o.Parameters {
				found, ok := d.Components.Parameters[strings.TrimPrefix(p.Ref, "#/components/parameters/")]
				if !ok || found.Description == "" || found.Schema == nil {
					t.Errorf("%s has no good parameter %s", name, p.Ref)
				}
				if found.In == "path" {
					holes = append(holes, "{"+found.Name+"}")
					if !found.Required {
						t.Errorf("%s: %s must be required", name, found.Name)
					}
				}
			}
			if want := regexp.MustCompile(`\{[^}]*\}`).FindAllString(path, -1); !slices.Equal(want, holes) {
				t.Errorf("%s describes %v", name, holes)
			}
			if (method == "get" || method == "delete") && o.RequestBody != nil {
				t.Errorf("%s has a body", name)
			}
		}
	}
	used := map[string]bool{}
	eachRef(d.whole, func(ref string) {
		used[ref] = true
		at := any(d.whole)
		for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			object, _ := at.(map[string]any)
			at = object[part]
		}
		if at == nil {
			t.Errorf("%s is not there", ref)
		}
	})
	for kind, names := range map[string][]string{"schemas": slices.Collect(maps.Keys(d.Components.Schemas)), "parameters": slices.Collect(maps.Keys(d.Components.Parameters))} {
		for _, name := range names {
			if !used["#/components/"+kind+"/"+name] {
				t.Errorf("nothing uses %s %s", kind, name)
			}
		}
	}
}

// eachRef calls f with every reference in a document.
func eachRef(v any, f func(string)) {
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			if ref, ok := member.(string); ok && key == "$ref" {
				f(ref)
			}
			eachRef(member, f)
		}
	case []any:
		for _, member := range v {
			eachRef(member, f)
		}
	}
}

// schema makes a schema of the description one of its own. Strict objects have no members
// that are not described.
func (d described) schema(t *testing.T, schema any) *jsonschema.Resolved {
	t.Helper()
	text, err := json.Marshal(map[string]any{"allOf": []any{strict(schema)}, "$defs": strict(d.Components.Schemas)})
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.ReplaceAll(string(text), "#/components/schemas/", "#/$defs/"))
	var root jsonschema.Schema
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	resolved, err := root.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

// strict is a copy of a schema, or of several by their names, that allows no members but
// those that it lists.
func strict(v any) any {
	switch v := v.(type) {
	case map[string]any:
		made := map[string]any{}
		for key, member := range v {
			made[key] = strict(member)
		}
		if _, ok := v["properties"].(map[string]any); ok && v["additionalProperties"] == nil {
			made["additionalProperties"] = false
		}
		return made
	case []any:
		made := make([]any, len(v))
		for i := range v {
			made[i] = strict(v[i])
		}
		return made
	}
	return v
}

// holds checks a text of JSON against a schema.
func (d described) holds(t *testing.T, what string, schema any, text []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if err := d.schema(t, schema).Validate(v); err != nil {
		t.Errorf("%s is not as described: %v\n%.500s", what, err, text)
	}
}

// TestAnswersAreAsDescribed asks every route of the API, and holds what it is sent and what
// it answers against the description.
func TestAnswersAreAsDescribed(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	keyed, _ := newKeyed(t, nil)
	d := description(t, s)
	text := s.deps.Editor.Snapshot().Text
	refused := d.Components.Responses["Refused"].Content["application/json"].Schema
	for _, r := range s.routes {
		o, ok := d.operation(r)
		if !ok || !r.isAPI() {
			continue // another test says so
		}
		name := r.method + " " + r.pattern
		restored(t, s, text)
		sent := r.request(s)
		if body, err := io.ReadAll(sent.Body); err == nil && len(body) > 0 && r.unsafe() && r.method != "DELETE" {
			if o.RequestBody == nil {
				t.Errorf("%s is sent %s, which is not described", name, body)
				continue
			}
			d.holds(t, "what is sent to "+name, o.RequestBody.Content["application/json"].Schema, body)
			sent = r.request(s)
		}
		if o.RequestBody != nil {
			example, err := json.Marshal(o.RequestBody.Content["application/json"].Example)
			if err != nil {
				t.Fatal(err)
			}
			d.holds(t, "the example of "+name, o.RequestBody.Content["application/json"].Schema, example)
		}
		w := do(s, sent)
		media, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
		described, ok := o.Responses["200"].Content[media]
		if w.Code != http.StatusOK || !ok {
			t.Errorf("%s answers %d with %s", name, w.Code, media)
			continue
		}
		if media == "application/json" && r.pattern != "/api/v1/settings/export" { // that has comments
			d.holds(t, "the answer of "+name, described.Schema, w.Body.Bytes())
		}
		if w := do(keyed, r.request(keyed)); r.kind == kindAPI {
			d.holds(t, fmt.Sprintf("the refusal %d of %s", w.Code, name), refused, w.Body.Bytes())
		}
	}
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/api/v1/connections/nobody", "", 404}, {"GET", "/api/v1/nothing", "", 404}, {"DELETE", "/api/v1/tools", "", 405},
		{"POST", "/api/v1/strategy", "{", 400}, {"POST", "/api/v1/strategy", `{"strategy":"x"}`, 422}, {"POST", "/api/v1/undo", `{"undo":"x"}`, 410},
		{"POST", "/api/v1/endpoints", `{"url":"x"}`, 422}, {"PATCH", "/api/v1/settings", `{"options":{"port":0,"host":"a b"}}`, 422},
		{"PATCH", "/api/v1/settings", `{"options":{"host":"0.0.0.0"}}`, 422}, {"POST", "/api/v1/servers/import", `{"text":"{"}`, 422}, {"POST", "/api/v1/access-key", `{"key":"short"}`, 422},
	} {
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		r.Host = "localhost:3001"
		if c.body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		w := do(s, r)
		if w.Code != c.status {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, w.Code, c.status)
		}
		d.holds(t, "the refusal of "+c.method+" "+c.path, refused, w.Body.Bytes())
	}
}

func TestMergeOpenAPI(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	got, err := mergeOpenAPI(fstest.MapFS{
		"openapi/a.json": file(`{"openapi":"3.1.0","paths":{"/x":{"get":{}}},"components":{"schemas":{"A":{}}}}`),
		"openapi/b.json": file(`{"paths":{"/x":{"post":{}},"/y":{"get":{}}},"components":{"schemas":{"B":{}},"parameters":{"p":{}}}}`),
	})
	text, _ := json.Marshal(got)
	if want := `{"components":{"parameters":{"p":{}},"schemas":{"A":{},"B":{}}},"openapi":"3.1.0","paths":{"/x":{"get":{},"post":{}},"/y":{"get":{}}}}`; err != nil || string(text) != want {
		t.Errorf("%s %v", text, err)
	}
	for _, other := range []string{`{"paths":{"/x":{"get":{}}}}`, `{"components":{"schemas":{"A":{}}}}`, `{"openapi":"3.1.0"}`, `{`, `[]`} {
		if _, err := mergeOpenAPI(fstest.MapFS{
			"openapi/a.json": file(`{"openapi":"3.1.0","paths":{"/x":{"get":{}}},"components":{"schemas":{"A":{}}}}`), "openapi/b.json": file(other),
		}); err == nil || !strings.Contains(err.Error(), "b.json") {
			t.Errorf("%s is merged: %v", other, err)
		}
	}
}
