package web

import (
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestBrowserFollowsTheLog: lines appear and are followed, until the reader scrolls up.
func TestBrowserFollowsTheLog(t *testing.T) {
	b := openBrowser(t)
	s, _, _, _ := newServer(t, nil)
	log := s.deps.Log.(*fakeLog)
	for i := range 120 {
		log.say(time.Now(), slog.LevelInfo, "early "+strconv.Itoa(i))
	}
	address := serve(t, s)
	b.open(address + "/activity/log?lang=en")
	b.holds(live)
	const box, atEnd = `document.querySelector("#log")`, `(e => e.scrollHeight - e.clientHeight - e.scrollTop < 8)(document.querySelector("#log"))`
	b.holds(box + `.innerText.includes("early 119") && ` + atEnd)

	say := func(message string) { log.say(time.Now(), slog.LevelWarn, message, "secret", "<b>x</b>") }
	say("the first")
	b.holds(box + `.innerText.includes("the first") && ` + atEnd)
	b.holds(`document.querySelector("#log li:last-child").classList.contains("warn") && !document.querySelector("#log li b b")`)

	// Who reads further up is left alone, with what is selected.
	b.eval(`{ const box = document.querySelector("#log"); box.scrollTop = 200; const range = document.createRange(); range.selectNodeContents(box.querySelectorAll("li")[20]); getSelection().removeAllRanges(); getSelection().addRange(range); null }`)
	b.holds(`!document.querySelector("#newest").hidden`)
	b.eval(`window.picked = getSelection().toString(); null`)
	say("the second")
	b.holds(`document.querySelector("#log li:last-child").innerText.includes("the second")`)
	b.holds(box + `.scrollTop === 200 && window.picked.includes("early") && getSelection().toString() === window.picked && !document.querySelector("#newest").hidden`)
	b.click("#newest")
	b.holds(atEnd + ` && document.querySelector("#newest").hidden`)
	say("the third")
	b.holds(box + `.innerText.includes("the third") && ` + atEnd)

	// A long flood is bounded, and nothing is shown twice or out of order.
	for range logShown + 50 {
		say("flood")
	}
	say("the end")
	b.holds(box + `.innerText.includes("the end") && ` + atEnd + ` && document.querySelectorAll("#log li").length <= ` + strconv.Itoa(logShown))
	b.holds(`(seqs => seqs.every((n, i) => i === 0 || n > seqs[i - 1]))([...document.querySelectorAll("#log li")].map(line => Number(line.dataset.seq)))`)
	b.quiet()
}

// TestBrowserChoosesWhatIsLogged switches the level and filters, with and without scripts.
func TestBrowserChoosesWhatIsLogged(t *testing.T) {
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			b := openBrowser(t)
			s, _, _, _ := newServer(t, nil)
			log := s.deps.Log.(*fakeLog)
			address := serve(t, s)
			if !scripts {
				address = withoutScripts(t, s)
			}
			text := `document.querySelector("#log").innerText`
			sees := func(message string, want bool) {
				t.Helper()
				log.say(time.Now(), slog.LevelDebug, message)
				log.say(time.Now(), slog.LevelInfo, message+" end")
				if !scripts {
					b.open(address + "/activity/log?lang=en")
				}
				b.holds(text + `.includes("` + message + ` end") && ` +
					`[...document.querySelectorAll("#log li.debug")].some(line => line.innerText.includes("` + message + `")) === ` + strconv.FormatBool(want))
			}
			b.open(address + "/activity/log?lang=en")
			if scripts {
				b.holds(live)
			}
			sees("as it was", false)
			b.must(chromedp.Do(b.ctx, chromedp.SetValue(`#log-level select`, "debug")))
			b.click(`#log-level form button`)
			b.holds(`document.querySelector("#done")?.innerText.includes("Debug and above")`)
			sees("in detail", true)

			// The end of the log is in sight from the start, also without scripts.
			for range 100 {
				log.say(time.Now(), slog.LevelInfo, "filler")
			}
			log.say(time.Now(), slog.LevelError, "at the bottom")
			b.open(address + "/activity/log?lang=en")
			b.holds(`(e => { const r = e.getBoundingClientRect(), box = document.querySelector("#log").getBoundingClientRect(); return e.innerText.includes("at the bottom") && r.bottom <= box.bottom + 1 && r.top >= box.top })(document.querySelector("#log li:last-child"))`)

			b.must(chromedp.Do(b.ctx, chromedp.SendKeys(`input[name="q"]`, "bottom\r")))
			b.holds(`location.search.includes("q=bottom") && document.querySelectorAll("#log li").length === 1 && document.querySelector("#log-state").innerText === "1 record"`)
			b.open(address + "/activity/log?lang=en&endpoint=e5e5e5e5e5e5")
			b.holds(`document.querySelectorAll("#log li").length === 1 && document.querySelector("select[name=endpoint]").value === "e5e5e5e5e5e5"`)
			if scripts {
				b.holds(live)
				log.say(time.Now(), slog.LevelInfo, "about another")
				log.say(time.Now(), slog.LevelInfo, "about this", "endpoint", "e5e5e5e5e5e5")
				b.holds(`document.querySelectorAll("#log li").length === 2 && ` + text + `.includes("about this")`)
			}
			b.quiet()
		})
	}
}

// TestBrowserCopiesTheLog copies by the clipboard of the page, and, where that is
// refused, as older browsers do.
func TestBrowserCopiesTheLog(t *testing.T) {
	b := openBrowser(t)
	s, _, _, _ := newServer(t, nil)
	address := serve(t, s)
	for _, way := range []string{
		`Object.defineProperty(navigator, "clipboard", {value: {writeText: async text => { window.copied = text }}}); null`,
		`Object.defineProperty(navigator, "clipboard", {value: {writeText: async () => { throw new Error("refused") }}}); document.addEventListener("copy", () => { window.copied = document.activeElement.value }); null`,
	} {
		b.open(address + "/activity/log?lang=en&q=moved")
		b.holds(live)
		b.eval(way)
		// It says so for two seconds, in which a busy machine may not look.
		b.eval(`{ const button = document.querySelector("button[data-copy]"); new MutationObserver(() => { window.said ??= button.innerText }).observe(button, {childList: true, subtree: true, characterData: true}); null }`)
		b.click("button[data-copy]")
		b.holds(`window.said === "Copied"`)
		copied, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`window.copied`))
		b.must(err)
		if !strings.HasSuffix(copied, "Z Info call moved tool=weather__forecast from=a1a1a1a1a1a1 to=c3c3c3c3c3c3\n") {
			t.Errorf("copied %q", copied)
		}
		b.holds(`document.querySelector("button[data-copy]").innerText === "Copy" && !document.querySelector("textarea")`)
	}
	b.quiet()
}

// eval runs a script for its effect.
func (b *browser) eval(script string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](script))
	b.must(err)
}

// TestBrowserLooksThroughABundle opens every file of one before it is saved.
func TestBrowserLooksThroughABundle(t *testing.T) {
	b := openBrowser(t)
	s, _, _, _ := newServer(t, nil)
	b.open(serve(t, s) + "/activity/diagnostics?lang=en")
	b.holds(live)
	files := strconv.Itoa(len(bundleParts)) // the problems of the configuration are none, and there is a readme
	b.holds(`document.querySelectorAll(".bundle details").length === ` + files)
	b.click(".bundle details:nth-of-type(4) summary")
	b.holds(`document.querySelector(".bundle details[open] pre").innerText.includes("mcpServers") && document.querySelector(".bundle details[open] pre").offsetHeight > 100`)
	b.eval(`for (const d of document.querySelectorAll(".bundle details")) d.open = true; null`)
	if script := axe(t); script != "" {
		b.eval(script + ";null")
		broken, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](findings, chromedp.EvalAwaitPromise))
		b.must(err)
		if broken != "" {
			t.Error(broken)
		}
	}
	saved, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`fetch(document.querySelector("a[download]").href).then(async r => r.status + " " + r.headers.get("Content-Type") + " " + String.fromCharCode(...new Uint8Array(await r.arrayBuffer()).slice(0, 2)))`, chromedp.EvalAwaitPromise))
	b.must(err)
	if saved != "200 application/zip PK" {
		t.Errorf("the link leads to %s", saved)
	}
	b.quiet()
}
