package web

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzRequest sends headers as an attacker may: nothing may panic, and only our
// own names and origins get an answer.
func FuzzRequest(f *testing.F) {
	f.Add("/", "localhost:3001", "", "zh-CN,zh;q=0.9", "", "", "gzip, br")
	f.Add("/api/v1/connections/x", "[::1]:3001", "http://localhost:3001", "*;q=x", "cafe-18446744073709551616", "application/json; a", "gzip;q=0")
	f.Add("/assets/..%2f", "LOCALHOST:3001", "http://u@localhost:1/", "", "-", "text/plain", ",;,")
	s, _, _, _ := newServer(f, &Options{Hosts: []string{"box.lan"}})
	allowed := map[string]bool{"localhost:3001": true, "127.0.0.1:3001": true, "[::1]:3001": true, "box.lan": true, "box.lan:3001": true}
	f.Fuzz(func(t *testing.T, path, host, origin, accept, last, media, encoding string) {
		u, err := url.ParseRequestURI(path)
		if err != nil || u.Path == "/events" || u.Host != "" {
			return // a stream would not end
		}
		for _, method := range []string{"GET", "POST"} {
			r := httptest.NewRequest(method, "/", nil)
			r.URL, r.Host = u, host
			for name, value := range map[string]string{
				"Origin": origin, "Accept-Language": accept, "Last-Event-ID": last, "Content-Type": media, "Accept-Encoding": encoding, "Cookie": last,
			} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			w := do(s, r)
			if !allowed[strings.ToLower(host)] && w.Code != 403 {
				t.Errorf("host %q gets %d", host, w.Code)
			}
			scheme, name, _ := strings.Cut(origin, "://")
			ours := (scheme == "http" || scheme == "https") && allowed[strings.ToLower(name)]
			if origin != "" && !ours && w.Code != 403 {
				t.Errorf("origin %q gets %d", origin, w.Code)
			}
			if w.Code == 500 {
				t.Errorf("%s %q: 500", method, path)
			}
			s.has(r)
		}
	})
}
