package web

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
)

// life is the dashboard over a real file, real links and a practice endpoint.
type life struct {
	s       *Server
	store   *config.Store
	broker  *broker.Broker
	address string // of the practice endpoints
}

// noTools is a catalogue of nothing.
type noTools struct{}

func (noTools) ListResult(string) []byte { return []byte(`{"tools":[]}`) }
func (noTools) StartCall(context.Context, string, string, []byte) func() ([]byte, error) {
	return func() ([]byte, error) { return nil, errors.New("there is no tool") }
}

// storeSettings shows a store to the pages.
type storeSettings struct{ *config.Store }

func (s storeSettings) View() SettingsView {
	now := s.Snapshot()
	v := SettingsView{Path: now.Path, Language: now.Config.Language, Hosts: now.Config.AllowedHosts}
	if now.Problem != nil {
		v.Problem = &ConfigProblem{Texts: Texts{}}
		for _, lang := range assets.Languages() {
			v.Problem.Texts[lang] = ErrorText(assets.Words(lang), now.Problem)
		}
	}
	return v
}

// realDoctor dials.
type realDoctor struct{}

func (realDoctor) Examine(ctx context.Context, address secret.URL) (endpoint.Report, error) {
	return endpoint.Examine(ctx, endpoint.Endpoint{URL: address}, nil)
}

func newLife(t *testing.T) *life {
	t.Helper()
	path := filepath.Join(t.TempDir(), "xiaozhi.config.json")
	if err := os.WriteFile(path, []byte("{\n  // mine\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := config.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := broker.New(&broker.Options{Family: broker.Official})
	served := make(chan error, 1)
	go func() { served <- b.Serve(l) }()
	t.Cleanup(func() { b.Close(); <-served })
	links := endpoint.NewManager(noTools{}, nil)
	t.Cleanup(func() { links.Close() })
	if err := links.Connect(); err != nil {
		t.Fatal(err)
	}
	saved, unsubscribe := store.Subscribe()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-saved:
			case <-ctx.Done():
				return
			}
			var list []endpoint.Endpoint
			for _, e := range store.Snapshot().Config.Endpoints {
				list = append(list, endpoint.Endpoint{URL: e.URL, Name: e.Name, Disabled: !e.Enabled, NoHealthCheck: !e.HealthCheck})
			}
			links.UpdateEndpoints(list)
		}
	}()
	t.Cleanup(func() { stop(); <-done; unsubscribe() })
	s := New(Deps{Links: links, Settings: storeSettings{store}, Editor: store, Doctor: realDoctor{}}, nil)
	t.Cleanup(func() { s.Close() })
	return &life{s: s, store: store, broker: b, address: "ws://" + l.Addr().String()}
}

// rewrite changes the file as an editor does.
func (l *life) rewrite(t *testing.T, change func(string) string) {
	t.Helper()
	path := l.store.Snapshot().Path
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, []byte(change(string(text))), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// fill types into a field, in place of what is there.
func (b *browser) fill(selector, text string) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.Clear(selector)))
	b.must(chromedp.Do(b.ctx, chromedp.SendKeys(selector, text)))
}

const body = `document.body.innerText`

func TestBrowserFirstRun(t *testing.T) {
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			b := openBrowser(t)
			l := newLife(t)
			address := serve(t, l.s)
			if !scripts {
				address = withoutScripts(t, l.s)
			}
			b.open(address + "/?lang=en")
			b.holds(`location.pathname === "/welcome" && ` + body + `.includes("Language and port")`)
			b.must(chromedp.Do(b.ctx, chromedp.SetValue("#f-language", "en")))
			b.click(".sheet button.primary")
			b.holds(`location.search === "?step=endpoint" && document.querySelector("#f-url")`)

			// Paste it wrong, and then right.
			b.fill("#f-url", "https://xiaozhi.me/console")
			b.fill("#f-name", "Study")
			b.click(`button[value="save"]`)
			b.holds(body + `.includes("those start with wss:// or ws://") && document.querySelector("#f-name").value === "Study"`)
			b.fill("#f-url", l.broker.URL(l.address, "1324149"))
			b.click(`button[value="test"]`)
			b.holds(body + `.includes("This address works.") && ` + body + `.includes("agent 1324149")`)
			b.holds(`document.querySelector("#f-url").value.endsWith("token=***")`)
			b.click(`button[value="save"]`)
			b.holds(`location.search.startsWith("?step=server") && ` + body + `.includes("Study was added.")`)

			b.must(chromedp.Do(b.ctx, chromedp.SendKeys("#f-text", `{"mcpServers": {"files": {"command": "some-mcp-server", "env": {"KEY": "value"}}}}`)))
			b.click(".sheet button.primary")
			b.holds(body + `.includes("This runs programs on your computer.")`)
			b.click(".sheet button.primary")
			b.holds(body + `.includes("Tick this to add them.")`)
			b.click("#f-trust")
			b.click(".sheet button.primary")
			b.holds(`location.search.startsWith("?step=done") && ` + body + `.includes("tray icon")`)
			b.click(".sheet a.primary")
			b.holds(body + `.includes("1 of 1 connected") || !` + map[bool]string{true: "true", false: "false"}[scripts] + ` && document.querySelector(".card")`)
			text := string(l.store.Snapshot().Text)
			if !strings.Contains(text, "// mine") || !strings.Contains(text, `"some-mcp-server"`) || !strings.Contains(text, `"Study"`) {
				t.Errorf("the file is %s", secret.Text(text))
			}
			b.quiet("422") // a page that says what is wrong has that status
		})
	}
}

func TestBrowserEditsAnEndpoint(t *testing.T) {
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			b := openBrowser(t)
			l := newLife(t)
			address := serve(t, l.s)
			if !scripts {
				address = withoutScripts(t, l.s)
			}
			b.open(address + "/endpoints?lang=en")
			b.click(".empty a.primary")
			b.holds(`location.pathname === "/endpoints/add"`)
			b.fill("#f-url", l.broker.URL(l.address, "42"))
			b.fill("#f-name", "Kitchen")
			b.click(`button[value="save"]`)
			b.holds(`location.pathname === "/endpoints" && ` + body + `.includes("Kitchen was added.")`)

			b.click(".line h2 a")
			b.holds(`document.querySelector("#head h1")?.innerText === "Kitchen"`)
			b.must(chromedp.Do(b.ctx, chromedp.SetValue("#head select", "60")))
			b.click("#head .join button")
			b.holds(`document.querySelector("#head .word").innerText === "Paused" && document.querySelector("#head .cause").innerText.startsWith("resumes")`)
			b.click(`#head button[formaction$="/resume"]`)
			b.holds(`document.querySelector("#head .word").innerText !== "Paused"`)

			b.click(`#head a[href$="/edit"]`)
			b.holds(`document.querySelector("#f-name")?.value === "Kitchen"`)
			b.fill("#f-name", "Balcony")
			b.click(`button[value="save"]`)
			b.holds(body + `.includes("Balcony was changed.") && document.querySelector("#head h1").innerText === "Balcony"`)
			if scripts {
				b.holds(`["Up", "Idle", "Slow"].includes(document.querySelector("#head .word").innerText)`) // slow is what a busy machine makes of it
			}

			b.click(`#head button[formaction$="/remove"]`)
			b.holds(`location.pathname === "/endpoints" && ` + body + `.includes("Balcony was removed.")`)
			b.click("#done button")
			b.holds(body + `.includes("It is as it was before.")`)
			b.open(address + "/endpoints")
			b.holds(`document.querySelector(".line h2")?.innerText === "Balcony"`)
			if !strings.Contains(string(l.store.Snapshot().Text), "// mine") {
				t.Error("the comment is gone")
			}
			b.quiet()
		})
	}
}

func TestBrowserSeesTheFileChange(t *testing.T) {
	b := openBrowser(t)
	l := newLife(t)
	address := serve(t, l.s)
	b.open(address + "/endpoints?lang=en")
	b.holds(live)
	url, err := json.Marshal(l.broker.URL(l.address, "7"))
	b.must(err)
	_, err = chromedp.Run(b.ctx, chromedp.Evaluate[any](`window.same = true; null`))
	b.must(err)
	l.rewrite(t, func(string) string { return `{"mcpEndpoint": [{"url": ` + string(url) + `, "name": "Attic"}]}` })
	b.holds(`document.querySelector(".line h2")?.innerText === "Attic"`)
	l.rewrite(t, func(text string) string { return strings.Replace(text, "Attic", "Cellar", 1) })
	b.holds(`document.querySelector(".line h2")?.innerText === "Cellar"`)
	l.rewrite(t, func(text string) string { return text[:len(text)-1] })
	b.holds(`document.querySelector("#problem").innerText.includes("has a mistake") && document.querySelector(".line h2").innerText === "Cellar"`)
	l.rewrite(t, func(text string) string { return text + "}" })
	b.holds(`document.querySelector("#problem").innerText === "" && window.same`)
	b.quiet()
}

func TestBrowserFilters(t *testing.T) {
	b := openBrowser(t)
	s, _, _, _ := newServer(t, nil)
	b.open(serve(t, s) + "/endpoints?lang=en")
	b.holds(`document.querySelectorAll(".line").length === 6`)
	b.click(`input[name="hide"]`)
	b.holds(`document.querySelectorAll(".line").length === 4 && document.querySelector('input[name="hide"]').checked`)
	b.must(chromedp.Do(b.ctx, chromedp.SendKeys(`input[name="q"]`, "客厅\r")))
	b.holds(`document.querySelectorAll(".line").length === 1 && document.querySelector("#count").innerText === "1 of 6 endpoints"`)
	b.quiet()
}

// TestBrowserChoiceSurvives chooses how long to pause, while the page changes under it.
func TestBrowserChoiceSurvives(t *testing.T) {
	b := openBrowser(t)
	s, links, _, _ := newServer(t, nil)
	b.open(serve(t, s) + "/endpoints/a1a1a1a1a1a1?lang=en")
	b.holds(live)
	b.must(chromedp.Do(b.ctx, chromedp.SetValue("#head select", "60")))
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](`document.querySelector("#chart details").open = true; document.querySelector("#head .join button").focus(); null`))
	b.must(err)
	for _, ms := range []time.Duration{123, 124} {
		links.change("a1a1a1a1a1a1", func(st *endpoint.Status) {
			st.RoundTrip, st.LastHealthCheck = ms*time.Millisecond, time.Now()
		})
		b.holds(`document.querySelector("#head").innerText.includes("` + strconv.Itoa(int(ms)) + ` ms")`)
	}
	b.holds(`document.querySelector("#head select").value === "60" && document.querySelector("#chart details").open && document.activeElement === document.querySelector("#head .join button")`)
	b.quiet()
}
