package app

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is one tab of a real Chromium, which notes every complaint in its console. It works
// without scripts too: it looks from outside, and clicks as a mouse does.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string
}

// openTab opens a tab; a page in it may run scripts or not.
func openTab(t *testing.T, scripts bool) *tab {
	t.Helper()
	if testing.Short() {
		t.Skip("browser tests take seconds")
	}
	missing := t.Skip
	if os.Getenv("CI") == "true" {
		missing = t.Fatal
	}
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		missing("no Chromium here (apt-get install chromium fonts-noto-cjk)")
	}
	flags := []chromedp.ExecAllocatorOption{chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync"} {
		flags = append(flags, chromedp.Flag(flag, true))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(flags...))
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	b.must(chromedp.Listen(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			text := string(e.Type)
			for _, arg := range e.Args {
				text += " " + string(arg.Value) + " " + arg.Description
			}
			b.complaints = append(b.complaints, text)
		case *runtime.EventExceptionThrown:
			b.complaints = append(b.complaints, fmt.Sprint(e.ExceptionDetails))
		case *log.EventEntryAdded:
			b.complaints = append(b.complaints, e.Entry.Text+" "+e.Entry.URL)
		}
	}))
	// A click must not miss a page that still scrolls.
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	b.must(err)
	_, err = chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts})
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

// holds looks until an expression is true, and returns how long that took.
func (b *tab) holds(expression string) time.Duration {
	b.t.Helper()
	start := time.Now()
	for {
		// An error is a page that was left while it was looked at: the next one may do.
		if is, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`!!(`+expression+`)`)); err == nil && is {
			return time.Since(start)
		}
		if time.Since(start) > 30*time.Second {
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
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Click(selector)); err != nil {
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
	b.mu.Lock()
	defer b.mu.Unlock()
next:
	for _, c := range b.complaints {
		for _, word := range but {
			if strings.Contains(c, word) {
				continue next
			}
		}
		b.t.Errorf("console: %s", c)
	}
}
