package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// sent is a request of the table's own with another body.
func (r route) sent(path, media, body string) *http.Request {
	q := httptest.NewRequest(r.method, path, strings.NewReader(body))
	q.Host = "localhost:3001"
	q.Header.Set("Content-Type", media)
	if strings.Contains(path, "?") {
		return q
	}
	q.URL.RawQuery = "lang=en"
	return q
}

// speaks checks that a trouble comes in the language of whoever asked: HTML on pages, and
// JSON to programs.
func speaks(t *testing.T, what string, w *httptest.ResponseRecorder, status int, asJSON bool) {
	t.Helper()
	if w.Code != status {
		t.Errorf("%s: %d, want %d: %.200s", what, w.Code, status, w.Body)
		return
	}
	if !asJSON {
		if !strings.HasPrefix(w.Body.String(), "<!doctype html>") {
			t.Errorf("%s: no page: %.80s", what, w.Body)
		}
		return
	}
	var v struct {
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || v.Error.Code == "" || v.Error.Message == "" {
		t.Errorf("%s: %.200s %v", what, w.Body, err)
	}
}

// TestBodiesOfEveryRoute sends every route that takes something too much of it, and what
// is of another kind.
func TestBodiesOfEveryRoute(t *testing.T) {
	s, links, _, _ := newServer(t, nil)
	text := s.deps.Editor.Snapshot().Text
	for _, route := range s.routes {
		if !route.unsafe() || route.kind == kindMCP {
			continue // mcp_test.go
		}
		asJSON, media := !route.kind.page(), "application/x-www-form-urlencoded"
		if asJSON {
			media = "application/json"
		}
		most := defaultBody
		if route.pattern == filePath || route.pattern == textPath {
			most = fileBody
		}
		what := route.method + " " + route.pattern
		r := route.sent(route.example(), media, strings.Repeat("x", most+1))
		speaks(t, what+" with too much", do(s, r), 413, asJSON)
		r = route.sent(route.example(), media, strings.Repeat("x", most+1))
		r.ContentLength = -1
		speaks(t, what+" with too much that it does not tell", do(s, r), 413, asJSON)
		for _, other := range []string{"text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "application/json", ";;", ""} {
			if other == media {
				continue
			}
			r := route.sent(route.example(), other, "a=1")
			if other == "" {
				r.Header.Del("Content-Type")
			}
			speaks(t, what+" with "+other, do(s, r), 415, asJSON)
		}
	}
	if controls, caller := s.deps.Controls.(*fakeControls), s.deps.Caller.(*fakeCaller); len(links.calls)+len(controls.calls)+len(caller.calls) > 0 {
		t.Errorf("wrong bodies did %v %v %v", links.calls, controls.calls, caller.calls)
	}
	if now := s.deps.Editor.Snapshot(); string(now.Text) != string(text) {
		t.Errorf("wrong bodies changed the configuration: %s", now)
	}
}

// TestUnknownNamesOnEveryRoute asks every route that is about something for something that
// there is not, as a browser and as a program.
func TestUnknownNamesOnEveryRoute(t *testing.T) {
	s, links, _, _ := newServer(t, nil)
	asked := 0
	for _, route := range s.routes {
		if !strings.Contains(route.pattern, "{") || strings.Contains(route.pattern, "{$}") {
			continue
		}
		asked++
		path := strings.NewReplacer("{id}", "nobody", "{name}", "nobody__nothing", "{file}", "nothing.css", "{version}", "nothing").Replace(route.pattern)
		for _, accept := range []string{"text/html", "application/json"} {
			r := route.request(s)
			r.URL.Path, r.URL.RawPath = path, ""
			r.Header.Set("Accept", accept)
			asJSON := route.kind == kindAPI || accept == "application/json" && route.kind == kindPage
			if route.kind == kindAsset {
				if w := do(s, r); w.Code != 404 {
					t.Errorf("%s: %d", path, w.Code)
				}
				continue
			}
			speaks(t, route.method+" "+path+" for "+accept, do(s, r), 404, asJSON)
		}
	}
	if asked < 15 {
		t.Errorf("only %d routes were asked", asked)
	}
	for _, call := range links.calls {
		if !strings.HasSuffix(call, " nobody") {
			t.Errorf("an unknown name did %s", call)
		}
	}
}

// mistaken is a form with mistakes: what is sent, what is said about it, and what of it
// comes back.
type mistaken struct {
	form   func(*Server) url.Values
	status int
	says   []string
	keeps  []string
}

// plainly is a form with these fields.
func plainly(fields url.Values) func(*Server) url.Values {
	return func(*Server) url.Values { return fields }
}

var wrongEndpoint = url.Values{"url": {"https://no"}, "name": {strings.Repeat("x", maxName+1)}, "role": {"boss"}, "sees": {"some"}, "servers": {"weather"}, "tools": {"a__b"}, "step": {"save"}}

// mistakes are the forms of all pages, each with as many mistakes as it can have.
var mistakes = map[string]mistaken{
	"/endpoints/add": {plainly(wrongEndpoint), 422, []string{`id="e-url"`, `id="e-name"`, `id="e-role"`},
		[]string{`value="https://no"`, strings.Repeat("x", maxName+1), `value="weather" checked`, "a__b"}},
	"/endpoints/{id}/edit": {plainly(wrongEndpoint), 422, []string{`id="e-url"`, `id="e-name"`, `id="e-role"`},
		[]string{`value="https://no"`, strings.Repeat("x", maxName+1), `value="weather" checked`, "a__b"}},
	"/servers/add": {plainly(url.Values{"text": {"{\n  \"mcpServers\": {\"a\": }\n}"}}), 422, []string{"Line 2, column 23"}, []string{"&#34;a&#34;: }"}},
	"/welcome":     {plainly(url.Values{"port": {"many"}, "language": {"zh"}}), 422, []string{`id="e-port"`}, []string{`value="many"`, `value="zh" selected`}},
	"/settings": {func(s *Server) url.Values {
		form := optionsAsTheyAre(s)
		form.Set("port", "many")
		form.Set("toolTimeout", "5")
		form.Set("logLevel", "debug")
		return form
	}, 422, []string{`id="e-port"`, `id="e-toolTimeout"`}, []string{`value="many"`, `value="5"`, `value="debug" selected`}},
	filePath: {func(s *Server) url.Values {
		form := textAsItIs(s, "save")
		form.Set("text", "{\n  \"port\": 99999,\n  \"logLevel\": \"loud\"\n}")
		return form
	}, 422, []string{"2 mistakes", "Line 2, column 11", "Line 3, column 15"}, []string{"99999", "&#34;loud&#34;"}},
	"/servers/new": {plainly(url.Values{"kind": {"stdio"}, "name": {".."}, "env": {"none"}, "args": {"-y"}}), 422,
		[]string{`id="e-name"`, `id="e-command"`, `id="e-env"`, `id="e-trust"`}, []string{`value=".."`, ">none<", ">-y<"}},
	"/tools/servers/{server}/edit": {plainly(url.Values{"kind": {"magic"}, "name": {"notes"}, "url": {"ftp://x"}, "headers": {"none"}}), 422,
		[]string{`id="e-name"`, `id="e-kind"`, `id="e-url"`, `id="e-headers"`}, []string{`value="notes"`, `value="ftp://x"`, ">none<"}},
	"/tools/{tool}/describe": {plainly(url.Values{"description": {strings.Repeat("x", longestDescription+1)}}), 422, []string{`id="e-description"`}, []string{strings.Repeat("x", longestDescription+1)}},
	"/tools/{tool}/try":      {plainly(url.Values{"arguments": {"{typed"}}), 422, []string{`id="e-arguments"`}, []string{">{typed<"}},
	accessPath:               {plainly(url.Values{"do": {"save"}, "key": {"short"}}), 422, []string{`id="e-key"`}, nil}, // a key never comes back
	"/settings/versions":     {plainly(url.Values{"id": {"nothing"}}), 404, nil, nil},
	"/performance/strategy":  {plainly(url.Values{"strategy": {"best"}}), 422, []string{"health-based"}, nil},
	"/rehearsal": {plainly(url.Values{"family": {"mars"}, "endpoint": {"nobody"}, "tool": {"a__b"}, "arguments": {"{\"n\": }"}}), 422,
		[]string{`id="e-family"`, `id="e-endpoint"`, `id="e-tool"`, `id="e-arguments"`}, []string{"{&#34;n&#34;: }"}},
	"/activity/log/level":   {plainly(url.Values{"level": {"loud"}}), 422, []string{"debug, info, warn or error"}, nil},
	"/undo":                 {plainly(url.Values{"deed": {"nothing"}}), 410, nil, nil},
	"/endpoints/{id}/pause": {plainly(url.Values{"minutes": {"many"}}), 400, nil, nil},
}

// buttons are the forms without a field: there is nothing to be mistaken in.
var buttons = []string{
	"/endpoints/check", "/endpoints/{id}/check", "/endpoints/{id}/reconnect", "/endpoints/{id}/resume",
	"/endpoints/{id}/enable", "/endpoints/{id}/disable", "/endpoints/{id}/remove", "/performance/prewarm", "/performance/optimize", "/logout",
	"/tools/servers/{server}/restart", "/tools/servers/{server}/enable", "/tools/servers/{server}/disable", "/tools/servers/{server}/remove",
	"/tools/{tool}/enable", "/tools/{tool}/disable",
}

// TestMistakesOnEveryForm posts every form of the table with mistakes, as a browser without
// scripts does: all come back at once beside their fields, with what was typed.
func TestMistakesOnEveryForm(t *testing.T) {
	s, links, _, _ := newServer(t, nil)
	text := s.deps.Editor.Snapshot().Text
	seen := map[string]bool{}
	for _, route := range s.routes {
		if route.kind != kindPage || !route.unsafe() {
			continue
		}
		seen[route.pattern] = true
		m, known := mistakes[route.pattern]
		if !known {
			if !slices.Contains(buttons, route.pattern) {
				t.Errorf("%s has no mistakes here: add them, or say that it is a button", route.pattern)
			}
			continue
		}
		r := route.sent(route.example(), "application/x-www-form-urlencoded", m.form(s).Encode())
		w := do(s, r)
		speaks(t, route.pattern, w, m.status, false)
		for _, part := range slices.Concat(m.says, m.keeps) {
			if !strings.Contains(w.Body.String(), part) {
				t.Errorf("%s lacks %s", route.pattern, part)
			}
		}
		checkProtected(t, route.pattern, w.Header())
	}
	for pattern := range mistakes {
		if !seen[pattern] {
			t.Errorf("there is no form %s", pattern)
		}
	}
	for _, pattern := range buttons {
		if !seen[pattern] {
			t.Errorf("there is no button %s", pattern)
		}
	}
	if len(links.calls) > 0 {
		t.Errorf("mistakes did %v", links.calls)
	}
	if now := s.deps.Editor.Snapshot(); string(now.Text) != string(text) {
		t.Errorf("mistakes changed the configuration: %s", now)
	}
}

// bare are the routes of the API that want nothing to be sent.
var bare = []string{
	"/api/v1/prewarm", "/api/v1/optimize", "/api/v1/check", "/api/v1/reconnect", "/api/v1/pause", "/api/v1/resume",
	"/api/v1/connections/{id}/check", "/api/v1/connections/{id}/reconnect", "/api/v1/connections/{id}/resume",
	"/api/v1/connections/{id}/failover", "DELETE /api/v1/endpoints/{id}", "DELETE /api/v1/access-key",
	"DELETE /api/v1/servers/{server}", "/api/v1/servers/{server}/restart", "/api/v1/entrance",
}

// TestBrokenJSONOnEveryRoute sends what is no JSON to every route of the API that reads some.
func TestBrokenJSONOnEveryRoute(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	unsaid := slices.Clone(bare)
	for _, route := range s.routes {
		if route.kind != kindAPI || !route.unsafe() {
			continue
		}
		if i := max(slices.Index(unsaid, route.pattern), slices.Index(unsaid, route.method+" "+route.pattern)); i >= 0 {
			unsaid = slices.Delete(unsaid, i, i+1)
			continue
		}
		for _, body := range []string{"{", "[1,", "\x00", `{"a":1} x`, "nil", "\"\xff"} {
			w := do(s, route.sent(route.example(), "application/json", body))
			speaks(t, route.method+" "+route.pattern+" with "+body, w, 400, true)
		}
	}
	if len(unsaid) > 0 {
		t.Errorf("there are no routes %v", unsaid)
	}
}
