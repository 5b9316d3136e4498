package web

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// enterKey fills the field of the key and sends the form.
func (b *browser) enterKey(key string) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.SendKeys("#f-key", key)))
	b.click(`form[action="/login"] button`)
}

// TestBrowserSignsIn goes from a page to the key and back, and sees the session end.
func TestBrowserSignsIn(t *testing.T) {
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			b := openBrowser(t)
			s, settings := newKeyed(t, nil)
			address := serve(t, s)
			if !scripts {
				address = withoutScripts(t, s)
			}
			b.open(address + "/endpoints?lang=en")
			b.holds(`location.pathname === "/login" && document.getElementById("f-key")`)
			b.enterKey("wrong-key-wrong-key")
			b.holds(`document.getElementById("e-key")?.innerText.includes("not the access key")`)
			b.enterKey(testKey.Reveal())
			b.holds(`location.pathname === "/endpoints" && document.querySelector('form[action="/logout"]')`)
			if scripts {
				b.holds(live)
				settings.setKey("another-horse-battery")
				b.holds(`location.pathname === "/login"`)
				settings.setKey(testKey)
				b.enterKey(testKey.Reveal())
				b.holds(`location.pathname === "/endpoints" && document.readyState === "complete" && ` + live)
			}
			b.click(`form[action="/logout"] button`)
			b.holds(`location.pathname === "/login" && document.readyState === "complete"`)
			b.open(address + "/endpoints")
			b.holds(`location.pathname === "/login"`)
			b.quiet("401") // of the wrong key
		})
	}
}

// TestBrowserSeesTheProgramForgetSessions holds that an open page leads to the key when the
// program has been started again meanwhile.
func TestBrowserSeesTheProgramForgetSessions(t *testing.T) {
	b := openBrowser(t)
	s, _ := newKeyed(t, nil)
	address := serve(t, s)
	b.open(address + "/login?lang=en")
	b.holds(`document.getElementById("f-key")`)
	b.enterKey(testKey.Reveal())
	b.holds(live)
	s.gate.mu.Lock()
	clear(s.gate.sessions) // without a word to the page
	s.gate.mu.Unlock()
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](`htmx.find("#stream")._htmx.sse.reader.cancel(); null`))
	b.must(err)
	b.holds(`location.pathname === "/login"`)
	b.quiet("401")
}

func TestBrowserMakesAKey(t *testing.T) {
	b := openBrowser(t)
	s, _, _, _ := newServer(t, nil)
	b.open(serve(t, s) + accessPath + "?lang=en")
	b.holds(live)
	b.click(`button[value="make"]`)
	b.holds(`document.querySelector("code.key")?.innerText.length === 23`)
	b.quiet()
}

// TestBrowserLoginInEveryShape is TestBrowserInEveryShape for the page that the others hide.
func TestBrowserLoginInEveryShape(t *testing.T) {
	b := openBrowser(t)
	s, _ := newKeyed(t, nil)
	address, script := serve(t, s), axe(t)
	for _, shape := range []struct {
		lang, theme string
		width       int64
	}{{"en", "light", 1280}, {"en", "dark", 360}, {"zh", "light", 360}, {"zh", "dark", 1280}} {
		what := fmt.Sprintf("%s and %s at %d", shape.lang, shape.theme, shape.width)
		b.must(chromedp.Do(b.ctx, chromedp.EmulateViewport(shape.width, 900)))
		b.media(shape.theme)
		b.open(address + "/login?lang=" + shape.lang)
		b.holds(`document.documentElement.lang.startsWith("` + shape.lang + `") && document.readyState === "complete"`)
		b.inspect(what, shape.width, script)
	}
	b.quiet()
}
