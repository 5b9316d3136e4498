package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// openTo are origins with what a page of theirs is.
var openTo = map[string]bool{
	"http://localhost:8080": true, "http://127.0.0.1": true, "http://127.8.8.8:1": true, "https://[::1]:9": true,
	"https://attacker.com": false, "null": false, "http://192.168.1.5:3001": false, "http://localhost.attacker.com": false,
	"http://localhost@attacker.com": false, "http://0.0.0.0:3001": false, "file://": false, "chrome-extension://abc": false,
}

// TestCORSByKindOfRoute holds what the pages of other programs may have: reads of the API, of
// the figures and of the stream, on this computer and with enableCors alone.
func TestCORSByKindOfRoute(t *testing.T) {
	s, _, _, settings := newServer(t, nil)
	text := s.deps.Editor.Snapshot().Text
	for _, cors := range []bool{false, true} {
		settings.mu.Lock()
		settings.view.EnableCORS = cors
		settings.mu.Unlock()
		for _, c := range []struct {
			method, path string
			opens        bool // with enableCors
		}{
			{"GET", "/api/v1/connections", true}, {"HEAD", "/api/v1/connections", true}, {"GET", "/api/v1/settings", true},
			{"GET", "/api/v1/openapi.json", true}, {"GET", "/metrics", true}, {"GET", "/healthz", true},
			{"HEAD", "/events", true}, // TestCORSOfTheStream reads one
			{"POST", "/api/v1/connections/a1a1a1a1a1a1/pause", false}, {"PATCH", "/api/v1/settings", false}, {"PUT", "/api/v1/log/level", false},
			{"DELETE", "/api/v1/endpoints/a1a1a1a1a1a1", false}, {"POST", "/api/v1/entrance", false}, {"POST", "/api/v1/tools/switchboard__time/call", false},
			{"GET", "/", false}, {"GET", "/settings", false}, {"GET", "/login", false}, {"POST", "/login", false}, {"GET", "/activity/diagnostics/download", false},
			{"POST", "/endpoints/a1a1a1a1a1a1/pause", false}, {"GET", route{kind: kindAsset}.example(), false},
			{"GET", "/mcp", false}, {"POST", "/mcp", false}, {"DELETE", "/mcp", false},
			// What a browser asks before it sends anything but a plain read.
			{"OPTIONS", "/api/v1/connections", false}, {"OPTIONS", "/api/v1/settings", false}, {"OPTIONS", "/mcp", false}, {"OPTIONS", "/metrics", false},
		} {
			for origin, local := range openTo {
				r := request(c.method, c.path)
				r.Header.Set("Origin", origin)
				if c.method == "OPTIONS" {
					r.Header.Set("Access-Control-Request-Method", "POST")
				}
				w := do(s, r)
				h, may := w.Header(), cors && local && c.opens
				if may && (w.Code != http.StatusOK || h.Get("Access-Control-Allow-Origin") != origin) ||
					!may && (w.Code != http.StatusForbidden || h.Get("Access-Control-Allow-Origin") != "") {
					t.Errorf("enableCors %v: %s %s for %s: %d %v", cors, c.method, c.path, origin, w.Code, h)
				}
				for _, more := range []string{"Credentials", "Methods", "Headers", "Private-Network"} {
					if got := h.Get("Access-Control-Allow-" + more); got != "" {
						t.Errorf("%s %s for %s allows %s", c.method, c.path, origin, got)
					}
				}
				if may && !slices.Contains(h.Values("Vary"), "Origin") {
					t.Errorf("%s %s may be cached for another origin", c.method, c.path)
				}
			}
		}
	}
	if now := s.deps.Editor.Snapshot(); string(now.Text) != string(text) {
		t.Error("a foreign page changed the configuration")
	}
}

// TestCORSOfTheStream holds that a page of another program gets the stream as it gets reads.
func TestCORSOfTheStream(t *testing.T) {
	s, _, _, settings := newServer(t, nil)
	address := serve(t, s)
	for _, cors := range []bool{false, true} {
		settings.mu.Lock()
		settings.view.EnableCORS = cors
		settings.mu.Unlock()
		for origin, local := range openTo {
			ctx, cancel := context.WithCancel(t.Context())
			r, err := http.NewRequestWithContext(ctx, "GET", address+"/events?lang=en", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Origin", origin)
			w, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			cancel()
			w.Body.Close()
			if may := cors && local; (w.StatusCode == http.StatusOK) != may || (w.Header.Get("Access-Control-Allow-Origin") == origin) != may {
				t.Errorf("enableCors %v: %s gets %d", cors, origin, w.StatusCode)
			}
		}
	}
}

// TestCORSWithAKey holds that enableCors opens nothing that the access key closes.
func TestCORSWithAKey(t *testing.T) {
	s, settings := newKeyed(t, nil)
	settings.mu.Lock()
	settings.view.EnableCORS = true
	settings.mu.Unlock()
	ask := func(path, key string) *httptest.ResponseRecorder {
		r := request("GET", path)
		r.Header.Set("Origin", "http://localhost:8080")
		if key != "" {
			r.Header.Set("Authorization", "Bearer "+key)
		}
		return do(s, r)
	}
	for _, path := range []string{"/api/v1/connections", "/api/v1/log", "/metrics", "/events"} {
		if w := ask(path, ""); w.Code != http.StatusUnauthorized {
			t.Errorf("%s without the key: %d", path, w.Code)
		}
	}
	if w := ask("/api/v1/connections", testKey.Reveal()); w.Code != http.StatusOK {
		t.Errorf("with the key: %d", w.Code)
	}
}
