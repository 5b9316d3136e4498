package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web/ui"
)

// onePage shows one link, by the id in its path.
var onePage = page{name: "one", pattern: "/one/{id}", section: "overview", args: []string{"id", "q"},
	paint: func(p painter, s snapshot, args url.Values) (screen, bool) {
		for _, l := range s.links {
			if l.ID == args.Get("id") {
				var show screen
				show.add("one", ui.Notice(l.Name+" "+args.Get("q")+" "+p.duration(l.RoundTrip)+" "+p.here))
				return show, true
			}
		}
		return screen{}, false
	}}

func TestAddressOfAPage(t *testing.T) {
	for _, c := range []struct {
		args url.Values
		want string
	}{
		{url.Values{"id": {"a1"}}, "/one/a1"},
		{url.Values{"id": {"a/1 ?"}, "q": {"x&y"}}, "/one/a%2F1%20%3F?q=x%26y"},
	} {
		if got := onePage.address(c.args); got != c.want {
			t.Errorf("%v is at %s, want %s", c.args, got, c.want)
		}
		s := &Server{views: newViews([]page{overviewPage, onePage})}
		if v, ok := s.viewAt(c.want, "en"); !ok || v != (view{"en", "one", c.args.Encode()}) {
			t.Errorf("%s shows %+v %v", c.want, v, ok)
		}
	}
	if got := onePage.keep(url.Values{"q": {strings.Repeat("x", maxArg+1)}, "other": {"1"}, "id": {"2"}}).Encode(); got != "id=2" {
		t.Errorf("kept %s", got)
	}
	if got := overviewPage.address(nil); got != "/" {
		t.Errorf("the first page is at %s", got)
	}
}

func TestOnlyOurOwnAddresses(t *testing.T) {
	s := &Server{views: newViews(livePages())}
	for _, address := range []string{"", "//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "evil", "/%zz", "/nothing", "/\nx"} {
		if v, ok := s.viewAt(address, "en"); ok {
			t.Errorf("%q is taken for %+v", address, v)
		}
	}
}

func TestEachPageHasItsOwnPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, links, stop := startPump(t)
		defer stop()
		p.pages["one"] = onePage
		one := view{"en", "one", "id=a1a1a1a1a1a1"}
		first, err := p.edition(t.Context(), one)
		if err != nil {
			t.Fatal(err)
		}
		links.change("c3c3c3c3c3c3", func(s *endpoint.Status) { s.RoundTrip = 99 * time.Millisecond })
		if again, _ := p.edition(t.Context(), one); again != first {
			t.Error("another link changed, and so did the page")
		}
		links.change("a1a1a1a1a1a1", func(s *endpoint.Status) { s.RoundTrip = 98 * time.Millisecond })
		next, _ := p.edition(t.Context(), one)
		html, _ := next.since(t.Context(), first.rev)
		if targets(html) != "one" || !strings.Contains(html, "98 ms /one/a1a1a1a1a1a1") {
			t.Errorf("the link changed, and the page got %s", html)
		}

		// Many views that nobody follows leave no trace but a few, and a page whose
		// board was thrown away is told everything.
		for i := range 10 * boardsKept {
			if _, err := p.edition(t.Context(), view{"en", "one", url.Values{"id": {"a1a1a1a1a1a1"}, "q": {strings.Repeat("x", i+1)[:min(i+1, maxArg)]}}.Encode()}); err != nil {
				t.Fatal(err)
			}
		}
		again, _ := p.edition(t.Context(), one)
		if html, _ := again.since(t.Context(), next.rev); targets(html) != "problem one" {
			t.Errorf("made anew, the page is told of %q", targets(html))
		}
		if e, _ := p.edition(t.Context(), view{"en", "one", "id=nobody"}); !e.gone {
			t.Error("a page about nothing is shown")
		}
		if _, err := p.edition(t.Context(), view{"en", "nothing", ""}); err != errNoPage {
			t.Errorf("a page that does not exist: %v", err)
		}
	})
}

func TestStreamOfNoPage(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	if w := do(s, request("GET", "/events?page=nothing")); w.Code != 404 {
		t.Errorf("a stream of no page gets %d", w.Code)
	}
}

func TestChoicesAreKept(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	w := do(s, request("GET", "/?theme=dark&lang=zh&q=1"))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/?q=1" || len(w.Result().Cookies()) != 2 {
		t.Fatalf("choosing gets %d %s %v", w.Code, w.Header().Get("Location"), w.Result().Cookies())
	}
	r := request("GET", "/")
	for _, c := range w.Result().Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("cookie %s can be read or sent by others", c.Name)
		}
		r.AddCookie(c)
	}
	body := do(s, r).Body.String()
	for _, want := range []string{`<html lang="zh-CN" data-theme="dark">`, `<meta name="color-scheme" content="dark">`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, wrong := range []string{"/?theme=pink", "/?lang=tlh"} {
		if w := do(s, request("GET", wrong)); w.Code != 200 || len(w.Result().Cookies()) != 0 {
			t.Errorf("%s: %d", wrong, w.Code)
		}
	}
}

func TestUndo(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	undone := 0
	done := deed{text: harmless.text, undo: func(ctx context.Context) error { undone++; return nil }}
	w := httptest.NewRecorder()
	s.finish(w, request("POST", "/x"), "/?q=1#card", done)
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || to.Path != "/" || to.Fragment != "card" || to.Query().Get("q") != "1" {
		t.Fatalf("it leads to %s", to)
	}
	name := to.Query().Get(doneArg)
	if body := do(s, request("GET", "/?"+to.RawQuery)).Body.String(); !strings.Contains(body, `name="deed" value="`+name+`"`) {
		t.Error("the page offers no undo")
	}
	post := func() *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/undo", strings.NewReader(url.Values{"deed": {name}, "from": {"//evil.example"}}.Encode()))
		r.Host = "localhost:3001"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return do(s, r)
	}
	if w := post(); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/?done=") {
		t.Errorf("undo: %d %s", w.Code, w.Header().Get("Location"))
	}
	if w := post(); w.Code != http.StatusGone || undone != 1 {
		t.Errorf("the second undo: %d, undone %d times", w.Code, undone)
	}
}
