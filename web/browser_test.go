package web

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web/browsertest"
)

// browser is one tab of a real Chromium that fails the test on any complaint in its console.
type browser struct {
	t       *testing.T
	ctx     context.Context
	console *browsertest.Console
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	b := &browser{t: t}
	b.ctx, b.console = browsertest.Open(t)
	b.media("light")
	return b
}

// media chooses a theme. Motion is always reduced: a click must not miss a page
// that still scrolls.
func (b *browser) media(theme string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	b.must(err)
}

func (b *browser) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// quiet fails the test if the console said anything that has none of the words.
func (b *browser) quiet(but ...string) {
	b.t.Helper()
	b.console.Quiet(b.t, but...)
}

func (b *browser) open(address string) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.Navigate(address)))
}

// patience is how long a page may take to do what it is asked, on a busy machine.
const patience = time.Minute

// holds waits until an expression is true, and returns how long that took.
func (b *browser) holds(expression string) time.Duration {
	b.t.Helper()
	start := time.Now()
	promise := `new Promise(done => { const look = () => (` + expression + `) ? done(true) : setTimeout(look, 10); look() })`
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](promise, chromedp.EvalAwaitPromise))
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText`))
			b.t.Fatalf("never held: %s: %v\n%s", expression, err, text)
		}
		// The page was left while it looked: the next one may do.
	}
	return time.Since(start)
}

// click clicks as a mouse does.
func (b *browser) click(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := browsertest.Click(ctx, selector); err != nil {
		b.t.Fatalf("click on %s: %v", selector, err)
	}
}

const live = `document.getElementById("pulse").innerText.includes("Live")`

func card(id string) string { return `(document.getElementById("link-` + id + `")?.innerText ?? "")` }

func TestBrowserSeesChanges(t *testing.T) {
	b := openBrowser(t)
	s, links, catalogue, _ := newServer(t, nil)
	address := serve(t, s)
	b.open(address + "/?lang=en")
	b.holds(live)
	b.holds(card("a1a1a1a1a1a1") + `.includes("31 ms")`)
	// What the user opened must survive updates.
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](`document.querySelector("#tools details").open = true; null`))
	b.must(err)

	links.change("a1a1a1a1a1a1", func(st *endpoint.Status) { st.RoundTrip = 123 * time.Millisecond })
	t.Logf("a change took %s to be seen", b.holds(card("a1a1a1a1a1a1")+`.includes("123 ms")`).Round(time.Millisecond))
	links.change("a1a1a1a1a1a1", func(st *endpoint.Status) {
		st.State, st.Kind, st.LastError, st.ReconnectAttempts = endpoint.Waiting, endpoint.KindRefused, "refused", 1
		st.NextReconnect = time.Now().Add(59 * time.Second)
	})
	b.holds(card("a1a1a1a1a1a1") + `.includes("Nothing answers at this address")`)
	b.holds(card("a1a1a1a1a1a1") + `.match(/Attempt 1 in \d\ds/)`)
	catalogue.change(0, func(v *ToolView) { v.Description = "Another description." })
	b.holds(`document.querySelector("#tools").innerText.includes("Another description.")`)
	b.holds(`document.querySelector("#tools details").open`)

	// A link that comes, and one that goes.
	links.mu.Lock()
	links.all = append(links.all[1:], func() endpoint.Status { n := links.all[2]; n.ID, n.Name = "abcabcabcabc", "Newcomer"; return n }())
	links.mu.Unlock()
	links.Ring()
	b.holds(card("abcabcabcabc") + `.includes("Newcomer") && !document.getElementById("link-a1a1a1a1a1a1")`)
	b.quiet()
}

func TestBrowserFocusSurvives(t *testing.T) {
	b := openBrowser(t)
	s, links, _, _ := newServer(t, nil)
	b.open(serve(t, s) + "/?lang=en")
	b.holds(live)
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](`document.querySelector("#link-c3c3c3c3c3c3 button:last-child").focus(); window.kept = document.activeElement; null`))
	b.must(err)
	links.change("c3c3c3c3c3c3", func(st *endpoint.Status) { st.RoundTrip = 123 * time.Millisecond })
	b.holds(card("c3c3c3c3c3c3") + `.includes("123 ms")`)
	b.holds(`document.activeElement === window.kept && window.kept.isConnected`)
	b.quiet()
}

func TestBrowserPauses(t *testing.T) {
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			b := openBrowser(t)
			s, links, _, _ := newServer(t, nil)
			address := serve(t, s)
			if !scripts {
				address = withoutScripts(t, s)
			}
			b.open(address + "/?lang=en")
			if scripts {
				b.holds(live)
			}
			b.click(`#link-c3c3c3c3c3c3 button[aria-label="Pause"]`)
			b.holds(`document.querySelector('#link-c3c3c3c3c3c3 button[aria-label="Resume"]') && document.readyState === "complete"`)
			b.click(`#link-c3c3c3c3c3c3 button[aria-label="Resume"]`)
			b.holds(`document.querySelector('#link-c3c3c3c3c3c3 button[aria-label="Pause"]')`)
			links.mu.Lock()
			defer links.mu.Unlock()
			if got := strings.Join(links.calls, ", "); got != "pause c3c3c3c3c3c3, resume c3c3c3c3c3c3" {
				t.Errorf("done: %s", got)
			}
			b.quiet()
		})
	}
}

// withoutScripts serves s with every script emptied. (Chromium's own switch would
// also stop the scripts by which the test clicks.)
func withoutScripts(t *testing.T, s *Server) string {
	t.Helper()
	all := s.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".js") {
			w.Header().Set("Content-Type", "text/javascript")
			return
		}
		all.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// axe returns the script that finds what shuts people out. It must have been installed
// from npm: SWITCHBOARD_NODE_MODULES names the folder.
func axe(t *testing.T) string {
	t.Helper()
	modules := os.Getenv("SWITCHBOARD_NODE_MODULES")
	if modules == "" {
		modules = filepath.Join("..", "node_modules")
	}
	script, err := os.ReadFile(filepath.Join(modules, "axe-core", "axe.min.js"))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("needs the npm package axe-core: %v", err)
		}
		t.Logf("accessibility is not checked, for lack of the npm package axe-core: %v", err)
	}
	return string(script)
}

// findings runs axe in the page, and lists the rules that it breaks, each with an element.
const findings = `axe.run(document, {resultTypes: ["violations"]}).then(r =>
	r.violations.map(v => v.id + ": " + v.nodes[0].html.slice(0, 200) + " " + v.nodes[0].failureSummary.replaceAll("\n", " ")).join("\n"))`

// inspect fails the test if the page is wider than it may be, or, with axe's script, shuts
// people out.
func (b *browser) inspect(what string, width int64, script string) {
	b.t.Helper()
	got, err := chromedp.Run(b.ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
	b.must(err)
	if got > width {
		b.t.Errorf("%s: it is %d wide", what, got)
	}
	if script == "" {
		return
	}
	_, err = chromedp.Run(b.ctx, chromedp.Evaluate[any](script+";null"))
	b.must(err)
	broken, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](findings, chromedp.EvalAwaitPromise))
	b.must(err)
	if broken != "" {
		b.t.Errorf("%s:\n%s", what, broken)
	}
}

// TestBrowserInEveryShape opens every page of the table, in both languages, both themes
// and three widths: nothing may stick out, shut anybody out, or complain.
func TestBrowserInEveryShape(t *testing.T) {
	b := openBrowser(t)
	s, links, _, settings := newServer(t, nil)
	links.mu.Lock()
	links.all[0].Name = strings.Repeat("很长的名字LongName", 8)
	links.all[1].Name, links.all[4].Name = strings.Repeat("unbroken", 12), strings.Repeat("indivisible", 9) // which need somebody
	links.all[3].Name = links.all[2].Name
	links.mu.Unlock()
	settings.view.Problem, settings.view.Path = &ConfigProblem{Texts: Texts{"en": "port must be a number"}, Line: 3, Column: 9}, "/home/"+strings.Repeat("long", 30)+"/xiaozhi.config.json"
	address, script := serve(t, s), axe(t)
	pages := []string{"/nothing"}
	for _, route := range s.routes {
		if route.kind != kindPage || route.unsafe() {
			continue
		}
		if do(s, route.request(s)).Header().Get("Content-Disposition") == "" { // that is no file to save
			pages = append(pages, route.example())
		}
	}
	for _, step := range welcomeSteps {
		pages = append(pages, "/welcome?step="+step)
	}
	for _, page := range pages {
		for _, shape := range []struct {
			lang, theme string
			width       int64
		}{{"en", "light", 1280}, {"en", "light", 768}, {"en", "dark", 360}, {"zh", "light", 360}, {"zh", "dark", 1280}} {
			what := fmt.Sprintf("%s in %s and %s at %d", page, shape.lang, shape.theme, shape.width)
			b.must(chromedp.Do(b.ctx, chromedp.EmulateViewport(shape.width, 900)))
			b.media(shape.theme)
			join := "?"
			if strings.Contains(page, "?") {
				join = "&"
			}
			b.open(address + page + join + "lang=" + shape.lang)
			b.holds(`document.documentElement.lang.startsWith("` + shape.lang + `") && document.readyState === "complete"`)
			b.holds(`!document.getElementById("pulse") || document.getElementById("pulse").innerText.includes(document.getElementById("pulse").dataset.liveWord)`)
			b.inspect(what, shape.width, script)
		}
	}
	b.quiet("404") // of the page that is not there
}

// listenBelow listens on a port that stays free when it is left: systems give connections
// of their own choice higher ones.
func listenBelow(t *testing.T) net.Listener {
	t.Helper()
	var last error
	for range 100 {
		l, err := Listen("", 10000+rand.IntN(20000))
		if err == nil {
			return l
		}
		last = err
	}
	t.Fatal(last)
	return nil
}

func TestBrowserSaysThatTheProgramIsGone(t *testing.T) {
	b := openBrowser(t)
	s, _, _, _ := newServer(t, nil)
	l := listenBelow(t)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	b.open("http://" + l.Addr().String() + "/?lang=en")
	b.holds(live)
	stop()
	b.must(<-served)
	b.holds(`!document.getElementById("lost").hidden && document.body.classList.contains("stale")`)

	// The program comes back with other truth: the page heals without a reload.
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](`window.same = true; null`))
	b.must(err)
	again, links, _, _ := newServer(t, nil)
	links.mu.Lock()
	links.all[0].RoundTrip = 55 * time.Millisecond
	links.mu.Unlock()
	second := make(chan error, 1)
	ctx, stop = context.WithCancel(context.Background())
	defer func() { stop(); <-second }()
	l, err = Listen("", l.Addr().(*net.TCPAddr).Port)
	b.must(err)
	go func() { second <- again.Serve(ctx, l) }()
	b.holds(`document.getElementById("lost").hidden && ` + card("a1a1a1a1a1a1") + `.includes("55 ms") && window.same`)

	// Somebody sets the clock: that says nothing of the stream. The page looks every half
	// second; its ticks are counted, not waited for.
	_, err = chromedp.Run(b.ctx, chromedp.Evaluate[any](`{
		const real = Date.now, ticks = { n: 0, lost: 0 };
		Date.now = () => real() + 864e5;
		window.ticks = ticks;
		setInterval(() => { ticks.n++; if (!document.getElementById("lost").hidden) ticks.lost++; }, 500);
	} null`))
	b.must(err)
	b.holds(`window.ticks.n >= 3 && window.ticks.lost === 0`)
	// Failed fetches do show in the console; only they may.
	b.quiet("Failed to fetch", "net::ERR_")
}
