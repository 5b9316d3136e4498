package app

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"xiaozhi-switchboard/web/browsertest"
)

// tab is one tab of a real Chromium, which notes every complaint in its console. It works
// without scripts too: it looks from outside, and clicks as a mouse does.
type tab struct {
	t       *testing.T
	ctx     context.Context
	console *browsertest.Console
}

// openTab opens a tab; a page in it may run scripts or not.
func openTab(t *testing.T, scripts bool) *tab {
	t.Helper()
	b := &tab{t: t}
	b.ctx, b.console = browsertest.Open(t)
	// A click must not miss a page that still scrolls.
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	b.must(err)
	_, err = chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts})
	b.must(err)
	return b
}

func (b *tab) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) open(address string) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.Navigate(address)))
}

// pagePatience is how long a page may take to do what it is asked, on a busy machine.
const pagePatience = time.Minute

// holds looks until an expression is true, and returns how long that took.
func (b *tab) holds(expression string) time.Duration {
	b.t.Helper()
	start := time.Now()
	for {
		// An error is a page that was left while it was looked at: the next one may do.
		if is, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`!!(`+expression+`)`)); err == nil && is {
			return time.Since(start)
		}
		if time.Since(start) > pagePatience {
			text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
			b.t.Fatalf("never held: %s\n%s", expression, text)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// says waits until the page has a text.
func (b *tab) says(text string) {
	b.t.Helper()
	b.holds(`document.readyState === "complete" && document.body.innerText.includes(` + quoted(text) + `)`)
}

// at waits until the page has a path, and all of it is there.
func (b *tab) at(path string) {
	b.t.Helper()
	b.holds(`document.readyState === "complete" && (location.pathname + location.search).startsWith(` + quoted(path) + `)`)
}

// run runs a script of the test's own.
func (b *tab) run(script string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](script+"; null"))
	b.must(err)
}

// click clicks what a selector finds, once it is there.
func (b *tab) click(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, pagePatience)
	defer cancel()
	if err := browsertest.Click(ctx, selector); err != nil {
		text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
		b.t.Fatalf("click on %s: %v\n%s", selector, err, text)
	}
}

// fill types into a field, in place of what is there.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.holds(`document.querySelector(` + quoted(selector) + `)`)
	b.run(`document.querySelector(` + quoted(selector) + `).value = ""`)
	b.must(chromedp.Do(b.ctx, chromedp.SendKeys(selector, text)))
}

// quiet fails the test if the console complained of anything that has none of the words.
func (b *tab) quiet(but ...string) {
	b.t.Helper()
	b.console.Quiet(b.t, but...)
}
