package web

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// members are the names of a type in JSON, and those that are always there.
func members(t reflect.Type) (all, always []string) {
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "":
			inner, there := members(field.Type)
			all, always = append(all, inner...), append(always, there...)
		case name == "-":
		default:
			all = append(all, name)
			if !strings.Contains(options, "omit") {
				always = append(always, name)
			}
		}
	}
	slices.Sort(all)
	slices.Sort(always)
	return all, always
}

// object is what the description says of the members of a schema.
func object(schema any) (all, always []string) {
	o, _ := schema.(map[string]any)
	properties, _ := o["properties"].(map[string]any)
	required, _ := o["required"].([]any)
	for _, name := range required {
		always = append(always, name.(string))
	}
	slices.Sort(always)
	return slices.Sorted(maps.Keys(properties)), always
}

// TestViewsAreAsDescribed holds every member of our types against the description, those
// too that no answer of a test has.
func TestViewsAreAsDescribed(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	d := description(t, s)
	answer := func(path, method string) any {
		return d.Paths[path][method].Responses["200"].Content["application/json"].Schema
	}
	for name, c := range map[string]struct {
		schema any
		of     reflect.Type
	}{
		"Server":        {d.Components.Schemas["Server"], reflect.TypeFor[ServerView]()},
		"ServerEntry":   {d.Components.Schemas["ServerEntry"], reflect.TypeFor[ServerEntry]()},
		"Tool":          {d.Components.Schemas["Tool"], reflect.TypeFor[ToolView]()},
		"ToolReport":    {d.Components.Schemas["ToolReport"], reflect.TypeFor[ToolReport]()},
		"Endpoint":      {d.Components.Schemas["Endpoint"], reflect.TypeFor[EndpointView]()},
		"Event":         {d.Components.Schemas["Event"], reflect.TypeFor[EventView]()},
		"Call":          {d.Components.Schemas["Call"], reflect.TypeFor[CallView]()},
		"Failover":      {d.Components.Schemas["Failover"], reflect.TypeFor[MoveView]()},
		"Record":        {d.Components.Schemas["Record"], reflect.TypeFor[recordReport]()},
		"Rehearsal":     {d.Components.Schemas["Rehearsal"], reflect.TypeFor[rehearsalView]()},
		"RehearsalStep": {d.Components.Schemas["RehearsalStep"], reflect.TypeFor[rehearsalStepView]()},
		"a history":     {answer("/api/v1/connections/{id}/history", "get"), reflect.TypeFor[LatencyHistory]()},
		"a use":         {answer("/api/v1/performance/history", "get"), reflect.TypeFor[UseHistory]()},
	} {
		all, always := members(c.of)
		gotAll, gotAlways := object(c.schema)
		if !slices.Equal(all, gotAll) {
			t.Errorf("%s has the members %v, described are %v", name, all, gotAll)
		}
		if !slices.Equal(always, gotAlways) {
			t.Errorf("%s always has %v, described are %v", name, always, gotAlways)
		}
	}
	all, _ := members(reflect.TypeFor[serverWish]())
	if got, _ := object(d.Components.Schemas["ServerWish"]); !slices.Equal(all, got) {
		t.Errorf("ServerWish has the members %v, described are %v", all, got)
	}
}

// wrongValues are values that a described parameter does not take.
func wrongValues(p parameter) []string {
	schema, _ := p.Schema.(map[string]any)
	var wrong []string
	if schema["enum"] != nil || schema["format"] == "date-time" {
		wrong = append(wrong, "nonsense")
	}
	if most, ok := schema["maxLength"].(float64); ok {
		wrong = append(wrong, strings.Repeat("x", int(most)+1))
	}
	if schema["type"] == "integer" {
		wrong = append(wrong, "nonsense", "1.5")
		if least, ok := schema["minimum"].(float64); ok {
			wrong = append(wrong, strconv.Itoa(int(least)-1))
		}
		if most, ok := schema["maximum"].(float64); ok {
			wrong = append(wrong, strconv.Itoa(int(most)+1))
		}
	}
	return wrong
}

// rightValues are values that a described parameter takes.
func rightValues(p parameter) []string {
	schema, _ := p.Schema.(map[string]any)
	var right []string
	if names, ok := schema["enum"].([]any); ok {
		for _, name := range names {
			right = append(right, name.(string))
		}
	}
	for _, bound := range []string{"minimum", "maximum"} {
		if n, ok := schema[bound].(float64); ok {
			right = append(right, strconv.Itoa(int(n)))
		}
	}
	if most, ok := schema["maxLength"].(float64); ok {
		right = append(right, strings.Repeat("x", int(most)))
	}
	if schema["format"] == "date-time" {
		right = append(right, "2026-01-02T03:04:05Z")
	}
	return right
}

// TestParametersAreAsDescribed sends what parameters take at their bounds, and what is
// beyond.
func TestParametersAreAsDescribed(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	d := description(t, s)
	tried := 0
	for _, r := range s.routes {
		o, ok := d.operation(r)
		if !ok || r.unsafe() {
			continue
		}
		path := r.request(s).URL.EscapedPath()
		for _, ref := range o.Parameters {
			p := d.Components.Parameters[strings.TrimPrefix(ref.Ref, "#/components/parameters/")]
			if p.In != "query" {
				continue
			}
			ask := func(value string) *httptest.ResponseRecorder {
				return do(s, request(r.method, path+"?"+url.Values{p.Name: {value}}.Encode()))
			}
			for _, value := range rightValues(p) {
				if w := ask(value); w.Code != http.StatusOK {
					t.Errorf("%s?%s=%.20s: %d %s", r.pattern, p.Name, value, w.Code, w.Body)
				}
				tried++
			}
			if p.Name == "lang" { // a language that is not there is one that somebody else may want
				continue
			}
			for _, value := range wrongValues(p) {
				if w := ask(value); w.Code != http.StatusUnprocessableEntity {
					t.Errorf("%s?%s=%.20s: %d", r.pattern, p.Name, value, w.Code)
				}
				tried++
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d values were tried", tried)
	}
}
