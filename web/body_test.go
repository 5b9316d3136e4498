package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
)

// TestBodyReachesTheRoute holds that a route gets what was sent: whole, or not at all.
func TestBodyReachesTheRoute(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	broken := func() io.Reader {
		return io.MultiReader(strings.NewReader("a=1&b"), iotest.ErrReader(io.ErrUnexpectedEOF))
	}
	for _, c := range []struct {
		name, method, media string
		body                io.Reader
		length              int64 // as declared; -1 is not told
		status              int
		got                 string
	}{
		{"form", "POST", form, strings.NewReader("a=1&b=2"), 7, 200, "a=1&b=2"},
		{"form with parameters", "POST", form + "; charset=utf-8", strings.NewReader("a=1"), 3, 200, "a=1"},
		{"length not told", "POST", form, strings.NewReader("a=1&b=2"), -1, 200, "a=1&b=2"},
		{"nothing", "POST", "", http.NoBody, 0, 200, ""},
		{"as much as goes", "POST", form, strings.NewReader(strings.Repeat("x", 100)), 100, 200, strings.Repeat("x", 100)},
		{"one byte more", "POST", form, strings.NewReader(strings.Repeat("x", 101)), -1, 413, ""},
		{"cut short", "POST", form, broken(), 7, 400, ""},
		{"wrong type", "POST", "text/plain", strings.NewReader("a=1"), 3, 415, ""},
		{"with a GET", "GET", "text/plain", strings.NewReader("a=1"), 3, 200, ""},
		{"too much with a GET", "GET", "", strings.NewReader(strings.Repeat("x", 101)), -1, 413, ""},
	} {
		s, _, _, _ := newServer(t, &Options{MaxBody: 100})
		reached, got := false, ""
		for _, method := range []string{"GET", "POST"} {
			s.mux.HandleFunc(method+" /echo", func(w http.ResponseWriter, r *http.Request) {
				raw, err := io.ReadAll(r.Body)
				if err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
				reached, got = true, string(raw)
			})
			s.routes = append(s.routes, route{method, "/echo", kindPage, nil})
		}
		r := httptest.NewRequest(c.method, "/echo", c.body)
		r.Host, r.ContentLength = "localhost:3001", c.length
		if c.media != "" {
			r.Header.Set("Content-Type", c.media)
		}
		w := do(s, r)
		if w.Code != c.status || got != c.got || reached != (c.status == 200) {
			t.Errorf("%s: %d %q, reached %v; want %d %q", c.name, w.Code, got, reached, c.status, c.got)
		}
	}
}
