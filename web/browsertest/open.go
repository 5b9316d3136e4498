// Package browsertest opens a real Chromium for tests.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// lifetime is how long one test may have its browser. It ends a test that hangs, and must
// not end one on a machine that has much else to do.
const lifetime = 15 * time.Minute

// Console is what the pages of one tab complained of. It is safe for concurrent use.
type Console struct {
	mu         sync.Mutex
	complaints []string
}

// Open opens a tab for as long as the test runs; its context is what chromedp wants. Where
// no Chromium is installed the test is skipped, or fails if CI is "true".
func Open(t testing.TB) (context.Context, *Console) {
	t.Helper()
	if testing.Short() {
		t.Skip("browser tests take seconds")
	}
	flags := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
	}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync"} {
		flags = append(flags, chromedp.Flag(flag, true))
	}
	ctx, cancel := context.WithTimeout(context.Background(), lifetime)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(flags...))
	t.Cleanup(cancel)
	console := &Console{}
	if err := chromedp.Listen(ctx, console.note); err != nil {
		t.Fatal(err)
	}
	return ctx, console
}

func program(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const missing = "no Chromium here (apt-get install chromium fonts-noto-cjk)"
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

func (c *Console) note(event any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		text := string(e.Type)
		for _, arg := range e.Args {
			text += " " + string(arg.Value) + " " + arg.Description
		}
		c.complaints = append(c.complaints, text)
	case *runtime.EventExceptionThrown:
		c.complaints = append(c.complaints, fmt.Sprint(e.ExceptionDetails))
	case *log.EventEntryAdded:
		c.complaints = append(c.complaints, e.Entry.Text+" "+e.Entry.URL)
	}
}

// Quiet fails the test if a page complained of anything that has none of the words.
func (c *Console) Quiet(t testing.TB, but ...string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
next:
	for _, text := range c.complaints {
		for _, word := range but {
			if strings.Contains(text, word) {
				continue next
			}
		}
		t.Errorf("console: %s", text)
	}
}
