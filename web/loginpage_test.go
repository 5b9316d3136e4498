package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestSignInAndOut(t *testing.T) {
	s, settings := newKeyed(t, nil)
	w := do(s, request("GET", "/endpoints?q=a&lang=en"))
	if to := w.Header().Get("Location"); w.Code != 303 || to != "/login?next=%2Fendpoints%3Fq%3Da%26lang%3Den" {
		t.Fatalf("without a session: %d %s", w.Code, to)
	}
	w = do(s, request("GET", w.Header().Get("Location")))
	if w.Code != 200 || !strings.Contains(w.Body.String(), `value="/endpoints?q=a&amp;lang=en"`) || strings.Contains(w.Body.String(), testKey.Reveal()) {
		t.Fatalf("the form: %d %s", w.Code, w.Body)
	}
	w = do(s, sentForm("/login", url.Values{"key": {"wrong-key-wrong-key"}, "next": {"/endpoints"}}))
	if w.Code != 401 || len(w.Result().Cookies()) > 0 || strings.Contains(w.Body.String(), "wrong-key") {
		t.Errorf("a wrong key: %d %s", w.Code, w.Body)
	}
	w = do(s, sentForm("/login", url.Values{"key": {" " + testKey.Reveal() + "\n"}, "next": {"/endpoints"}}))
	if w.Code != 303 || w.Header().Get("Location") != "/endpoints" {
		t.Fatalf("the right key: %d %s", w.Code, w.Header().Get("Location"))
	}
	cookie := w.Result().Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Secure || len(cookie.Value) != 64 || cookie.MaxAge != 30*24*3600 || cookie.Path != "/" {
		t.Errorf("the cookie is %s", cookie)
	}
	as := func(r *http.Request) *httptest.ResponseRecorder { r.AddCookie(cookie); return do(s, r) }
	if w := as(request("GET", "/endpoints")); w.Code != 200 || !strings.Contains(w.Body.String(), `action="/logout"`) {
		t.Errorf("signed in: %d", w.Code)
	}
	if w := as(request("GET", "/login?next=/help")); w.Code != 303 || w.Header().Get("Location") != "/help" {
		t.Errorf("signed in already: %d", w.Code)
	}
	w = as(sentForm("/logout", nil))
	if w.Code != 303 || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("signing out: %d", w.Code)
	}
	if w := as(request("GET", "/endpoints")); w.Code != 303 {
		t.Errorf("signed out: %d", w.Code)
	}
	// Another key signs everybody out.
	cookie = signedInCookie(t, s)
	settings.setKey("another-horse-battery")
	if w := as(request("GET", "/endpoints")); w.Code != 303 {
		t.Errorf("with another key: %d", w.Code)
	}
	settings.setKey(testKey)
	if w := as(request("GET", "/endpoints")); w.Code != 303 {
		t.Errorf("with the first key again: %d", w.Code)
	}
	// Without a key there is nothing to enter.
	settings.setKey("")
	for _, r := range []*http.Request{request("GET", "/login?next=/help"), sentForm("/login", url.Values{"key": {"x"}, "next": {"/help"}})} {
		if w := do(s, r); w.Code != 303 || w.Header().Get("Location") != "/help" || len(w.Result().Cookies()) > 0 {
			t.Errorf("without a key: %d", w.Code)
		}
	}
}

func TestCookieBehindTLS(t *testing.T) {
	s, _ := newKeyed(t, &Options{Hosts: []string{"dash.example.com"}})
	r := sentForm("/login", url.Values{"key": {testKey.Reveal()}})
	r.Host = "dash.example.com"
	r.Header.Set("Origin", "https://dash.example.com")
	if w := do(s, r); w.Code != 303 || !w.Result().Cookies()[0].Secure {
		t.Errorf("%d %v", w.Code, w.Result().Cookies())
	}
}

func TestNoOpenRedirect(t *testing.T) {
	for wish, want := range map[string]string{
		"/help": "/help", "/endpoints?q=a#b": "/endpoints?q=a#b", "": "/", "https://attacker.com": "/", "//attacker.com": "/", "/\\attacker.com": "/",
		"\\\\attacker.com": "/", "javascript:alert(1)": "/", "/\r\nx: y": "/", "/\t/attacker.com": "/", "help": "/", "/login?next=/login": "/", "/logout": "/",
		"/" + strings.Repeat("a", 3000): "/",
	} {
		if got := nextPage(wish); got != want {
			t.Errorf("%q leads to %q", wish, got)
		}
	}
}

// TestLinkOfAnotherSite holds that a browser that keeps the cookie back for a link of another
// site is asked again by a page of ours.
func TestLinkOfAnotherSite(t *testing.T) {
	s, _ := newKeyed(t, nil)
	r := request("GET", "/login?next=/help")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	if w := do(s, r); w.Code != 200 || w.Header().Get("Refresh") != "0; url=/help" {
		t.Errorf("%d %s", w.Code, w.Header().Get("Refresh"))
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if w := do(s, r); w.Header().Get("Refresh") != "" {
		t.Error("the page asks for ever")
	}
}

func TestEntrance(t *testing.T) {
	s, settings := newKeyed(t, nil)
	address := s.Entrance("http://localhost:3001/")
	path := strings.TrimPrefix(address, "http://localhost:3001")
	if w := do(s, request("GET", path)); w.Code != 303 || w.Header().Get("Location") != "/" || len(w.Result().Cookies()) != 1 {
		t.Errorf("the entrance gives %d", w.Code)
	}
	if w := do(s, request("GET", path)); w.Code != 200 || len(w.Result().Cookies()) > 0 {
		t.Errorf("the second time it gives %d", w.Code)
	}
	settings.setKey("")
	if got := s.Entrance("http://localhost:3001/"); got != "http://localhost:3001/" {
		t.Errorf("without a key the entrance is %s", got)
	}
}

// TestEntranceCommand holds that only who is let in gets an entrance for a browser.
func TestEntranceCommand(t *testing.T) {
	s, settings := newKeyed(t, nil)
	ask := func(key string) (path string, status int) {
		r := request("POST", "/api/v1/entrance")
		if key != "" {
			r.Header.Set("Authorization", "Bearer "+key)
		}
		w := do(s, r)
		var v struct{ Path string }
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		return v.Path, w.Code
	}
	for _, key := range []string{"", "wrong"} {
		if path, status := ask(key); status != 401 || path != "" {
			t.Errorf("with the key %q: %d %s", key, status, path)
		}
	}
	path, status := ask(testKey.Reveal())
	if w := do(s, request("GET", path)); status != 200 || w.Code != 303 || w.Header().Get("Location") != "/" || len(w.Result().Cookies()) != 1 {
		t.Errorf("the entrance gives %d", w.Code)
	}
	if w := do(s, request("GET", path)); w.Code != 200 || len(w.Result().Cookies()) > 0 {
		t.Errorf("the second time it gives %d", w.Code)
	}
	settings.setKey("")
	if path, status := ask(""); status != 200 || path != "/" {
		t.Errorf("without a key: %d %s", status, path)
	}
}
