package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"xiaozhi-switchboard/assets"
)

// request is one as our own page would send it.
func request(method, path string) *http.Request {
	r := httptest.NewRequest(method, path, nil)
	r.Host = "localhost:3001"
	return r
}

// withBody is a request of our own page, or of a program on this computer, that brings something.
func withBody(method, path, media, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "localhost:3001"
	r.Header.Set("Content-Type", media)
	return r
}

// Media types of forms and of the API.
const (
	formMedia = "application/x-www-form-urlencoded"
	jsonMedia = "application/json"
)

func do(s *Server, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// example is an address of a route.
func (r route) example() string {
	if r.kind == kindAsset {
		return assets.Path("app.css")
	}
	return strings.NewReplacer("{$}", "", "{id}", "a1a1a1a1a1a1", "{name}", "switchboard__time", "{server}", "weather", "{tool}", "switchboard__time").Replace(r.pattern)
}

// examples are what to send to the routes that want to be sent something.
var examples = map[string]string{
	"/api/v1/strategy":          strategyExample,
	"/performance/strategy":     "strategy=random",
	"/welcome":                  "language=en&port=3001",
	"/servers/add":              "text=" + url.QueryEscape(importExample),
	"/api/v1/servers/import":    `{"text":"{\"mcpServers\":{\"a\":{\"url\":\"https://a.example/mcp\"}}}","confirm":true}`,
	"/endpoints/add":            "url=wss%3A%2F%2Fnew.example%2F%3Ftoken%3Dabc&name=New&enabled=on&check=on&step=save",
	"/endpoints/{id}/edit":      "name=Other&enabled=on&check=on&step=save",
	"/api/v1/endpoints":         endpointExample,
	"/api/v1/endpoints/examine": examineExample,
	"/api/v1/endpoints/{id}":    `{"name":"Other"}`,
	"/api/v1/tools/{name}/call": callExample,
	"/api/v1/rehearsals":        rehearsalExample,
	"/rehearsal":                "tool=switchboard__time",
	"/activity/log/level":       "level=debug",
	"/api/v1/log/level":         levelExample,
	"/api/v1/tools/{name}":      toolExample,
	"/api/v1/servers":           serverExample,
	"/api/v1/servers/{server}":  `{"url":"https://other.example/mcp"}`,
	"/servers/new":              "kind=stdio&name=files&command=npx&args=-y%0Afiles&trust=on&enabled=on",
	accessPath:                  "do=make",
	"/api/v1/access-key":        "{}",
}

// prepared are what to send to routes that want the name of something there is.
var prepared = map[string]func(*Server) string{
	"/api/v1/settings": func(*Server) string { return `{"options":{}}` },
	"/tools/servers/{server}/edit": func(s *Server) string {
		return "kind=auto&name=weather&url=https%3A%2F%2Fw.example%2Fmcp&enabled=on&revision=" + s.deps.Editor.Snapshot().Revision
	},
	"/tools/{tool}/describe": func(*Server) string { return "description=Other" },
	"/tools/{tool}/try":      func(s *Server) string { return "schema=" + schemaMark(s.deps.Catalogue.Tools()[4].Schema) },
	textPath: func(s *Server) string {
		if s.deps.Editor == nil {
			return "{}"
		}
		now := s.deps.Editor.Snapshot()
		body, _ := json.Marshal(map[string]string{"revision": now.Revision, "text": hiddenText(now.Text)})
		return string(body)
	},
	"/api/v1/settings/versions/{version}/restore": func(*Server) string { return "{}" },
	"/settings":          func(s *Server) string { return optionsAsTheyAre(s).Encode() },
	"/settings/file":     func(s *Server) string { return textAsItIs(s, "look").Encode() },
	"/settings/versions": func(s *Server) string { return someVersion(s).Encode() },
	"/undo":              func(s *Server) string { return "deed=" + s.deeds.keep(harmless) },
	"/api/v1/undo":       func(s *Server) string { return `{"undo":"` + s.deeds.keep(harmless) + `"}` },
}

// harmless is a deed that can be taken back.
var harmless = deed{
	text: func(*assets.Translator) string { return "done" },
	undo: func(context.Context) error { return nil },
}

// request is one that the route answers well.
func (r route) request(s *Server) *http.Request {
	path := r.example()
	if strings.Contains(path, "{version}") && s.deps.Editor != nil {
		path = strings.ReplaceAll(path, "{version}", someVersion(s).Get("id"))
	}
	body, wanted := examples[r.pattern]
	if prepare := prepared[r.pattern]; prepare != nil && r.unsafe() {
		body, wanted = prepare(s), true
	}
	if !wanted {
		return request(r.method, path)
	}
	media := jsonMedia
	if r.kind == kindPage {
		media = formMedia
	}
	return withBody(r.method, path, media, body)
}

// TestGuardOnEveryRoute walks the table, so that no new route can be forgotten.
func TestGuardOnEveryRoute(t *testing.T) {
	s, links, _, settings := newServer(t, nil)
	text := s.deps.Editor.Snapshot().Text
	attacks := map[string]func(*http.Request){
		"foreign host":       func(r *http.Request) { r.Host = "example.com" },
		"rebinding host":     func(r *http.Request) { r.Host = "attacker.com:3001" },
		"empty host":         func(r *http.Request) { r.Host = "" },
		"our host, no port":  func(r *http.Request) { r.Host = "localhost" },
		"another port":       func(r *http.Request) { r.Host = "localhost:3002" },
		"host with our name": func(r *http.Request) { r.Host = "localhost.attacker.com:3001" },
		"any address":        func(r *http.Request) { r.Host = "0.0.0.0:3001" },
		"trailing dot":       func(r *http.Request) { r.Host = "localhost.:3001" },
		"foreign origin":     func(r *http.Request) { r.Header.Set("Origin", "https://attacker.com") },
		"rebinding origin": func(r *http.Request) {
			r.Host = "attacker.com:3001"
			r.Header.Set("Origin", "http://attacker.com:3001")
		},
		"null origin":     func(r *http.Request) { r.Header.Set("Origin", "null") },
		"another program": func(r *http.Request) { r.Header.Set("Origin", "http://localhost:8080") },
		"https origin":    func(r *http.Request) { r.Header.Set("Origin", "https://localhost:3001") },
		"foreign fetch":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"neighbour fetch": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"foreign form": func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Sec-Fetch-Mode", "navigate")
			r.Header.Set("Origin", "https://attacker.com")
		},
	}
	for _, route := range s.routes {
		for name, attack := range attacks {
			r := route.request(s)
			attack(r)
			w := do(s, r)
			if w.Code != http.StatusForbidden {
				t.Errorf("%s %s: %s gets %d", route.method, route.pattern, name, w.Code)
			}
			checkProtected(t, route.pattern, w.Header())
			if h := w.Header().Get("Access-Control-Allow-Origin"); h != "" {
				t.Errorf("%s %s: %s may read", route.method, route.pattern, name)
			}
		}
	}
	if controls, caller := s.deps.Controls.(*fakeControls), s.deps.Caller.(*fakeCaller); len(links.calls)+len(controls.calls)+len(caller.calls) > 0 {
		t.Errorf("attacks did %v %v %v", links.calls, controls.calls, caller.calls)
	}
	if now := s.deps.Editor.Snapshot(); !bytes.Equal(now.Text, text) {
		t.Errorf("attacks changed the configuration: %s", now)
	}

	// enableCors opens reads by programs on this computer, and nothing else.
	settings.mu.Lock()
	settings.view.EnableCORS = true
	settings.mu.Unlock()
	for _, route := range s.routes {
		if route.kind == kindStream {
			continue // it would not end
		}
		for origin, local := range map[string]bool{
			"http://localhost:8080": true, "http://127.0.0.1": true, "https://[::1]:9": true,
			"https://attacker.com": false, "null": false, "http://localhost.attacker.com": false, "http://localhost@attacker.com": false,
		} {
			r := route.request(s)
			r.Header.Set("Origin", origin)
			r.Header.Set("Sec-Fetch-Site", "same-site")
			w := do(s, r)
			want := local && !route.unsafe() && (route.kind == kindAPI || route.kind == kindHealth)
			if got := w.Code == http.StatusOK; got != want {
				t.Errorf("%s %s: origin %s gets %d", route.method, route.pattern, origin, w.Code)
			}
			if got := w.Header().Get("Access-Control-Allow-Origin"); (got == origin) != want {
				t.Errorf("%s %s: origin %s may read: %q", route.method, route.pattern, origin, got)
			}
		}
	}
	if controls, caller := s.deps.Controls.(*fakeControls), s.deps.Caller.(*fakeCaller); len(links.calls)+len(controls.calls)+len(caller.calls) > 0 {
		t.Errorf("attacks did %v %v %v", links.calls, controls.calls, caller.calls)
	}
	if now := s.deps.Editor.Snapshot(); !bytes.Equal(now.Text, text) {
		t.Errorf("attacks changed the configuration: %s", now)
	}
}

func checkProtected(t *testing.T, what string, h http.Header) {
	t.Helper()
	policy := h.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("%s: policy %q lacks %s", what, policy, part)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("%s: policy %q is unsafe", what, policy)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if h.Get(name) != want {
			t.Errorf("%s: %s is %q", what, name, h.Get(name))
		}
	}
}

func TestEveryRouteAnswersUs(t *testing.T) {
	s, _, _, _ := newServer(t, &Options{Hosts: []string{"Box.lan", "proxy.example:443"}})
	text := s.deps.Editor.Snapshot().Text
	for _, route := range s.routes {
		if route.kind == kindStream || route.kind == kindMCP {
			continue // stream_test.go, mcp_test.go
		}
		for _, host := range []string{"localhost:3001", "LOCALHOST:3001", "127.0.0.1:3001", "[::1]:3001", "box.lan", "box.lan:3001", "proxy.example:443"} {
			restored(t, s, text)
			r := route.request(s)
			r.Host = host
			r.Header.Set("Origin", "http://"+host)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			w := do(s, r)
			if w.Code != http.StatusOK && w.Code != http.StatusSeeOther {
				t.Errorf("%s %s from %s: %d %.300s", route.method, route.pattern, host, w.Code, w.Body)
			}
			checkProtected(t, route.pattern, w.Header())
			want := "no-store"
			if route.kind == kindAsset {
				want = "public, max-age=31536000, immutable"
			}
			if got := w.Header().Get("Cache-Control"); got != want {
				t.Errorf("%s: may be cached: %s", route.pattern, got)
			}
		}
	}
	// A link on another site may lead here.
	r := request("GET", "/")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	if w := do(s, r); w.Code != http.StatusOK {
		t.Errorf("a link leads to %d", w.Code)
	}
}

func TestWrongRequests(t *testing.T) {
	s, links, _, _ := newServer(t, &Options{MaxBody: 100})
	for _, c := range []struct {
		name, method, path, accept, media, body string
		status                                  int
		code                                    string // of a JSON answer
	}{
		{"no page", "GET", "/nothing", "text/html", "", "", 404, ""},
		{"no page, for a program", "GET", "/nothing", "application/json", "", "", 404, "not_found"},
		{"no API", "GET", "/api/v2/x", "text/html", "", "", 404, "not_found"},
		{"no asset", "GET", "/assets/app.css", "", "", "", 404, ""},
		{"climbing", "GET", "/assets/..%2f..%2fgo.mod", "", "", "", 404, ""},
		{"page by post", "POST", "/", "text/html", "", "", 405, ""},
		{"API by delete", "DELETE", "/api/v1/tools", "", "", "", 405, "method_not_allowed"},
		{"action by get", "GET", "/endpoints/a1a1a1a1a1a1/pause", "text/html", "", "", 405, ""},
		{"unknown link", "GET", "/api/v1/connections/nobody", "", "", "", 404, "unknown_endpoint"},
		{"action on an unknown link", "POST", "/api/v1/connections/nobody/pause", "", "", "", 404, "unknown_endpoint"},
		{"form for an unknown link", "POST", "/endpoints/nobody/pause", "text/html", "", "", 404, ""},
		{"unknown action", "POST", "/endpoints/a1a1a1a1a1a1/explode", "text/html", "", "", 404, ""},
		{"form to the API", "POST", "/api/v1/connections/a1a1a1a1a1a1/pause", "", "application/x-www-form-urlencoded", "a=b", 415, "unsupported_type"},
		{"text to the API", "POST", "/api/v1/connections/a1a1a1a1a1a1/pause", "", "text/plain", "{}", 415, "unsupported_type"},
		{"body without a type", "POST", "/api/v1/connections/a1a1a1a1a1a1/pause", "", "", "{}", 415, "unsupported_type"},
		{"JSON to a form", "POST", "/endpoints/a1a1a1a1a1a1/pause", "", "application/json", "{}", 415, ""},
		{"malformed type", "POST", "/endpoints/a1a1a1a1a1a1/pause", "", "a/b/c;;", "{}", 415, ""},
		{"large", "POST", "/api/v1/connections/a1a1a1a1a1a1/pause", "", "application/json", strings.Repeat("x", 101), 413, "too_large"},
	} {
		r := request(c.method, c.path)
		if c.body != "" {
			r = httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
			r.Host = "localhost:3001"
		}
		if c.accept != "" {
			r.Header.Set("Accept", c.accept)
		}
		if c.media != "" {
			r.Header.Set("Content-Type", c.media)
		}
		w := do(s, r)
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d", c.name, w.Code, c.status)
		}
		if c.status == 405 && w.Header().Get("Allow") == "" {
			t.Errorf("%s: nothing is said to be allowed", c.name)
		}
		if c.code == "" {
			if !strings.HasPrefix(w.Body.String(), "<!doctype html>") {
				t.Errorf("%s: not a page: %.80s", c.name, w.Body)
			}
			continue
		}
		var v struct {
			Error struct{ Code, Message string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || v.Error.Code != c.code || v.Error.Message == "" {
			t.Errorf("%s: %s %v", c.name, w.Body, err)
		}
	}
	// A body whose length is not told is counted.
	r := withBody("POST", "/api/v1/connections/a1a1a1a1a1a1/pause", jsonMedia, strings.Repeat("x", 101))
	r.ContentLength = -1
	if w := do(s, r); w.Code != 413 {
		t.Errorf("large without a length: %d", w.Code)
	}
	for _, call := range links.calls {
		if !strings.HasSuffix(call, " nobody") {
			t.Errorf("a wrong request did %s", call)
		}
	}
}

func TestPanicIsSurvived(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	h := s.Handler()
	s.mux.HandleFunc("GET /boom", func(http.ResponseWriter, *http.Request) { panic("boom") })
	s.routes = append(s.routes, route{"GET", "/boom", kindPage, nil})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request("GET", "/boom"))
	if w.Code != 500 || strings.Contains(w.Body.String(), "boom") {
		t.Errorf("panic gives %d %s", w.Code, w.Body)
	}
	if w := do(s, request("GET", "/healthz")); w.Code != 200 {
		t.Errorf("afterwards: %d", w.Code)
	}
}
