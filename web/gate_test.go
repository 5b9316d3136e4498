package web

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/secret"
)

const (
	testKey  = secret.Key("correct-horse-battery")
	testPass = secret.Key("pass-of-the-command-line-0123456789")
)

// setKey puts another access key in place, as the configuration would.
func (f *fakeSettings) setKey(key secret.Key) {
	f.mu.Lock()
	f.view.AccessKey = key
	f.mu.Unlock()
	f.Ring()
}

// newKeyed returns a server that asks for testKey.
func newKeyed(t testing.TB, opts *Options) (*Server, *fakeSettings) {
	t.Helper()
	if opts == nil {
		opts = &Options{}
	}
	opts.Pass = testPass
	s, _, _, settings := newServer(t, opts)
	settings.setKey(testKey)
	return s, settings
}

// keyedInBubble is newKeyed without a file, which could not be watched in a bubble.
func keyedInBubble() *Server {
	settings := &fakeSettings{view: SettingsView{AccessKey: testKey}}
	return New(Deps{Settings: settings, Catalogue: inventedCatalogue(noon)}, &Options{Port: testPort})
}

// sentForm is a form as our own page would send it.
func sentForm(path string, form url.Values) *http.Request {
	r := withBody("POST", path, formMedia, form.Encode())
	r.Header.Set("Origin", "http://localhost:3001")
	return r
}

// signedInCookie signs a browser in.
func signedInCookie(t testing.TB, s *Server) *http.Cookie {
	t.Helper()
	w := do(s, sentForm("/login", url.Values{"key": {testKey.Reveal()}}))
	cookies := w.Result().Cookies()
	if w.Code != http.StatusSeeOther || len(cookies) != 1 {
		t.Fatalf("signing in: %d %s", w.Code, w.Body)
	}
	return cookies[0]
}

// openRoutes are the routes of a guarded dashboard that ask for no key, and what they answer.
var openRoutes = map[string]int{
	"GET /login": http.StatusOK, "POST /login": http.StatusUnprocessableEntity, "GET /healthz": http.StatusOK, "GET /assets/{file}": http.StatusOK,
}

// TestKeyOnEveryRoute walks the table, so that no new route can be forgotten.
func TestKeyOnEveryRoute(t *testing.T) {
	s, _ := newKeyed(t, &Options{MaxClients: 4})
	keyless, _, _, _ := newServer(t, &Options{Exposed: true})
	text := s.deps.Editor.Snapshot().Text
	wrong := map[string]func(*http.Request){
		"nothing":         func(*http.Request) {},
		"another scheme":  func(r *http.Request) { r.SetBasicAuth("x", testKey.Reveal()) },
		"an empty key":    func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") },
		"a wrong session": func(r *http.Request) { r.AddCookie(&http.Cookie{Name: s.gate.cookie(r), Value: "x"}) },
		"the key as a session": func(r *http.Request) {
			r.AddCookie(&http.Cookie{Name: s.gate.cookie(r), Value: testKey.Reveal()})
		},
		"the key in the address": func(r *http.Request) { r.URL.RawQuery = "key=" + testKey.Reveal() },
	}
	for _, route := range s.routes {
		name := route.method + " " + route.pattern
		open, isOpen := openRoutes[name]
		for what, spoil := range wrong {
			s.gate.attempts = attempts{}
			r := route.request(s)
			spoil(r)
			w := do(s, r)
			want := http.StatusUnauthorized
			switch {
			case isOpen:
				want = open
			case route.kind == kindPage && what != "an empty key":
				want = http.StatusSeeOther
			}
			if w.Code != want {
				t.Errorf("%s with %s: %d, want %d", name, what, w.Code, want)
			}
			if to := w.Header().Get("Location"); w.Code == http.StatusSeeOther && !strings.HasPrefix(to, "/login?next=") {
				t.Errorf("%s with %s leads to %s", name, what, to)
			}
			if w.Code == http.StatusUnauthorized && w.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("%s with %s does not say what is wanted", name, what)
			}
			checkProtected(t, name, w.Header())
		}
		// A server that lost its key lets nobody in.
		if w := do(keyless, route.request(keyless)); !isOpen && w.Code != http.StatusForbidden {
			t.Errorf("%s without a key there: %d", name, w.Code)
		}
		// The guard comes before the gate.
		r := route.request(s)
		r.Host = "attacker.com:3001"
		r.Header.Set("Authorization", "Bearer "+testKey.Reveal())
		if w := do(s, r); w.Code != http.StatusForbidden {
			t.Errorf("%s of a foreign host: %d", name, w.Code)
		}
	}
	if now := s.deps.Editor.Snapshot(); string(now.Text) != string(text) {
		t.Errorf("the configuration is changed: %s", now)
	}
	for path := range map[string]bool{"/nothing": true, "/api/v1/nothing": true, "/events/nothing": true} {
		if w := do(s, request("GET", path)); w.Code == http.StatusNotFound {
			t.Errorf("%s tells that it is not there", path)
		}
	}
}

// TestKeyOpensEveryRoute holds that whoever knows the key gets what a dashboard without one
// gives.
func TestKeyOpensEveryRoute(t *testing.T) {
	s, _ := newKeyed(t, nil)
	text := s.deps.Editor.Snapshot().Text
	cookie := signedInCookie(t, s)
	for _, route := range s.routes {
		if route.kind == kindStream || route.kind == kindMCP || route.kind == kindLogin || route.pattern == "/logout" {
			continue
		}
		for what, show := range map[string]func(*http.Request){
			"the key": func(r *http.Request) { r.Header.Set("Authorization", "bearer  "+testKey.Reveal()) },
			"a pass":  func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+testPass.Reveal()) },
			"session": func(r *http.Request) { r.AddCookie(cookie) },
		} {
			restored(t, s, text)
			r := route.request(s)
			show(r)
			w := do(s, r)
			if w.Code != http.StatusOK && w.Code != http.StatusSeeOther || strings.HasPrefix(w.Header().Get("Location"), "/login") {
				t.Errorf("%s %s with %s: %d %s", route.method, route.pattern, what, w.Code, w.Header().Get("Location"))
			}
		}
	}
}

func TestGuessing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := keyedInBubble()
		defer s.Close()
		try := func(from, key string) int {
			r := request("GET", "/api/v1/tools")
			r.RemoteAddr = from
			r.Header.Set("Authorization", "Bearer "+key)
			w := do(s, r)
			if w.Code == 429 && w.Header().Get("Retry-After") == "" {
				t.Error("nothing says how long to wait")
			}
			return w.Code
		}
		for i := range 50 {
			if got := try("192.168.1.5:1", testKey.Reveal()); got != 200 {
				t.Fatalf("the right key, time %d: %d", i, got)
			}
		}
		for i := range attemptsEach {
			if got := try(fmt.Sprintf("192.168.1.9:%d", i), "wrong"); got != 401 {
				t.Fatalf("wrong key %d: %d", i, got)
			}
		}
		for from, want := range map[string]int{"192.168.1.9:7": 429, "[::ffff:192.168.1.9]:7": 429, "192.168.1.5:1": 200} {
			if got := try(from, testKey.Reveal()); got != want {
				t.Errorf("the right key from %s: %d", from, got)
			}
		}
		if w := do(s, func() *http.Request {
			r := sentForm("/login", url.Values{"key": {testKey.Reveal()}})
			r.RemoteAddr = "192.168.1.9:9"
			return r
		}()); w.Code != 429 || len(w.Result().Cookies()) > 0 {
			t.Errorf("signing in: %d", w.Code)
		}
		time.Sleep(attemptEach)
		if got := try("192.168.1.9:7", testKey.Reveal()); got != 200 {
			t.Errorf("later: %d", got)
		}
		// A network of IPv6 is one source, and all sources together are bounded too.
		time.Sleep(time.Hour)
		for i := range attemptsEach + 1 {
			want := 401
			if i == attemptsEach {
				want = 429
			}
			if got := try(fmt.Sprintf("[2001:db8::%x]:1", i), "wrong"); got != want {
				t.Errorf("from a network, time %d: %d", i, got)
			}
		}
		time.Sleep(time.Hour)
		for i := range attemptsAll + 1 {
			want := 401
			if i == attemptsAll {
				want = 429
			}
			if got := try(fmt.Sprintf("10.0.%d.1:1", i), "wrong"); got != want {
				t.Errorf("from everywhere, time %d: %d", i, got)
			}
		}
	})
}

func TestAttemptsAreBounded(t *testing.T) {
	var a attempts
	now := noon
	for i := range 3 * attemptSources {
		a.weigh(fmt.Sprintf("10.%d.%d.1:1", i/250, i%250), now, false)
		if i%2 == 0 {
			now = now.Add(attemptAll)
		}
		if len(a.each) > attemptSources {
			t.Fatalf("%d addresses are remembered", len(a.each))
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := keyedInBubble()
		defer s.Close()
		first := signedInCookie(t, s)
		in := func(c *http.Cookie) bool {
			r := request("GET", "/api/v1/tools")
			r.AddCookie(c)
			return do(s, r).Code == 200
		}
		time.Sleep(sessionLife - time.Second)
		if !in(first) {
			t.Error("a session ends early")
		}
		time.Sleep(2 * time.Second)
		if in(first) {
			t.Error("a session does not end")
		}
		var all []*http.Cookie
		for range maxSessions + 1 {
			all = append(all, signedInCookie(t, s))
			time.Sleep(time.Millisecond)
		}
		if in(all[0]) || !in(all[1]) || !in(all[maxSessions]) || len(s.gate.sessions) != maxSessions {
			t.Errorf("%d sessions are kept", len(s.gate.sessions))
		}
	})
}

// TestStreamEndsWithItsSession holds that an open page hears that it must sign in again, and
// that a stream of a program ends with its key.
func TestStreamEndsWithItsSession(t *testing.T) {
	s, settings := newKeyed(t, nil)
	address := serve(t, s)
	c := &http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(method, path string, sign func(*http.Request)) *http.Response {
		r, err := http.NewRequest(method, address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		sign(r)
		answer, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { answer.Body.Close() })
		return answer
	}
	if answer := ask("GET", "/events", func(*http.Request) {}); answer.StatusCode != 401 {
		t.Errorf("a stream without a session: %d", answer.StatusCode)
	}
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	session := func() func(*http.Request) {
		token := s.gate.open(time.Now())
		return func(r *http.Request) {
			r.AddCookie(&http.Cookie{Name: "xiaozhi_switchboard_session_" + port, Value: token})
		}
	}
	bearing := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+testKey.Reveal()) }
	signOut := func(sign func(*http.Request)) { ask("POST", "/logout", sign) }
	rekey := func(func(*http.Request)) { settings.setKey("another-horse-battery") }
	for _, c := range []struct {
		what string
		sign func(*http.Request)
		end  func(sign func(*http.Request))
	}{{"signing out", session(), signOut}, {"another key", session(), rekey}, {"another key of a program", bearing, rekey}} {
		stream := ask("GET", "/events", c.sign)
		if stream.StatusCode != 200 {
			t.Fatalf("%s: %d", c.what, stream.StatusCode)
		}
		c.end(c.sign)
		if text, err := io.ReadAll(stream.Body); err != nil || !strings.HasSuffix(string(text), "event: stale\ndata: \n\n") {
			t.Errorf("%s: the stream ends with %.80q %v", c.what, text, err)
		}
		settings.setKey(testKey)
	}
}

func TestExposedNames(t *testing.T) {
	s, settings := newKeyed(t, &Options{Exposed: true})
	settings.mu.Lock()
	settings.view.Hosts = []string{"nas.lan", "dash.example.com:443"}
	settings.mu.Unlock()
	s.guard.hosts = namesOf("Box.example.org")
	local := &net.TCPAddr{IP: net.IPv4(192, 168, 1, 20), Port: 3001}
	sixth := &net.TCPAddr{IP: net.ParseIP("fd00::20"), Port: 3001}
	for _, c := range []struct {
		host, origin string
		at           net.Addr
		want         int
	}{
		{"192.168.1.20:3001", "http://192.168.1.20:3001", local, 200}, {"192.168.1.20", "", local, 403}, {"192.168.1.21:3001", "", local, 403},
		{"192.168.1.20:3001", "http://192.168.1.20:8080", local, 403}, {"192.168.1.20:3001", "http://192.168.1.21:3001", local, 403},
		{"192.168.1.20:3001", "https://192.168.1.20:3001", local, 403},
		{"[fd00::20]:3001", "http://[fd00::20]:3001", sixth, 200}, {"[fd00::21]:3001", "", sixth, 403},
		{"box:3001", "http://box:3001", local, 200}, {"BOX.local:3001", "", local, 200}, {"box.example.org", "", local, 200}, {"box.attacker.com:3001", "", local, 403},
		{"nas.lan:3001", "", local, 200}, {"dash.example.com:443", "https://dash.example.com:443", local, 200}, {"dash.example.com", "", local, 403},
		{"localhost:3001", "", local, 200}, {"0.0.0.0:3001", "", local, 403}, {"attacker.com:3001", "http://attacker.com:3001", local, 403},
	} {
		r := request("GET", "/api/v1/tools")
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, c.at))
		r.Host = c.host
		r.Header.Set("Authorization", "Bearer "+testKey.Reveal())
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if w := do(s, r); w.Code != c.want {
			t.Errorf("%s from %q: %d, want %d", c.host, c.origin, w.Code, c.want)
		}
	}
	// On loopback alone the address is no name: whoever leads here with it is not this computer.
	plain, _ := newKeyed(t, nil)
	r := request("GET", "/healthz")
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(local)))
	r.Host = "192.168.1.20:3001"
	if w := do(plain, r); w.Code != 403 {
		t.Errorf("on loopback: %d", w.Code)
	}
}
