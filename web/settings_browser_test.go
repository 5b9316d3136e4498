package web

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"xiaozhi-switchboard/core/config"
)

// settingsServer is one over a real file, as the program has.
func settingsServer(t *testing.T) (*Server, *config.Store) {
	t.Helper()
	store := inventedStore(t)
	now := time.Now()
	s := New(Deps{Links: &fakeLinks{all: invented(now)}, Catalogue: inventedCatalogue(now), Settings: storeSettings{store}, Editor: store,
		Performance: &fakePerformance{view: inventedPerformance(now)}, Controls: &fakeControls{}}, &Options{Port: testPort})
	t.Cleanup(func() { s.Close() })
	return s, store
}

func TestBrowserSettings(t *testing.T) {
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			b := openBrowser(t)
			s, store := settingsServer(t)
			address := serve(t, s)
			if !scripts {
				address = withoutScripts(t, s)
			}
			b.open(address + "/settings?lang=en")
			b.holds(`document.querySelector("#f-port")?.value === "3001"`)
			// A mistake comes back beside its field, with what was typed.
			b.fill("#f-toolTimeout", "5")
			b.fill("#f-port", "3005")
			b.click(`.stick button`)
			b.holds(`document.querySelector("#e-toolTimeout")?.innerText.includes("from 100 to 290000") && document.querySelector("#f-port").value === "3005"`)
			b.fill("#f-toolTimeout", "9000")
			b.click(`.stick button`)
			b.holds(`document.querySelector("#done")?.innerText.includes("2 settings changed")`)
			if c := store.Snapshot().Config; c.Port != 3005 || c.Connection.ToolTimeout.Seconds() != 9 {
				t.Errorf("saved %s", store.Snapshot().Text)
			}
			b.click(`#done button`)
			b.holds(`document.querySelector("#done")?.innerText.includes("as it was before") && document.querySelector("#f-port").value === "3001"`)
			b.quiet("422")
		})
	}
}

func TestBrowserSettingsFile(t *testing.T) {
	b := openBrowser(t)
	s, store := settingsServer(t)
	address := serve(t, s)
	b.open(address + "/settings/file?lang=en")
	b.holds(live)
	b.holds(`document.querySelector("#f-text").value.startsWith("{\n")`)

	// Somebody else changes the file, and then breaks it.
	if _, err := store.Modify(context.Background(), "", func(e *config.Edit) error { return e.SetOption("port", 3009) }); err != nil {
		t.Fatal(err)
	}
	b.holds(`document.querySelector("#file-changed").innerText.includes("changed meanwhile")`)
	b.click(`#file-changed a`)
	b.holds(`document.querySelector("#f-port")?.value === "3009" && document.querySelector("#file-changed").innerText === ""`)
	good := store.Snapshot().Text
	if err := os.WriteFile(store.Snapshot().Path, []byte("{ broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.holds(`document.querySelector("#problem").innerText.includes("last good one")`)
	b.open(address + "/settings/file?lang=en")
	b.holds(`document.body.innerText.includes("1 mistake")`)
	if err := os.WriteFile(store.Snapshot().Path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	b.holds(`document.querySelector("#problem").innerText === ""`)

	// A program is added as text, compared, confirmed and saved.
	b.open(address + "/settings/file?lang=en")
	b.holds(live)
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](`{ const area = document.querySelector("#f-text"); area.value = area.value.replace('"mcpServers": {', '"mcpServers": {"mine": {"command": "mine"}, '); null }`))
	b.must(err)
	b.click(`button[value=look]`)
	b.holds(`document.querySelector(".diff .added") && document.body.innerText.includes("1 program will be run")`)
	b.click(`button[value=save]`)
	b.holds(`document.querySelector("#e-confirm")`)
	if script := axe(t); script != "" {
		_, err = chromedp.Run(b.ctx, chromedp.Evaluate[any](script+";null"))
		b.must(err)
		broken, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](findings, chromedp.EvalAwaitPromise))
		b.must(err)
		if broken != "" {
			t.Error(broken)
		}
	}
	b.click(`#f-confirm`)
	b.click(`button[value=save]`)
	b.holds(`document.querySelector("#done")?.innerText.includes("The file was saved")`)
	now := store.Snapshot()
	if now.Config.Servers[0].Command != "mine" || now.Config.Endpoints[0].URL != addressOf("a1a1a1a1a1a1") || !strings.Contains(string(now.Text), "// beside") {
		t.Errorf("saved %s", now.Text)
	}

	// And the version before is restored.
	b.open(address + "/settings/versions?lang=en")
	b.click(`.past li:first-child a`)
	b.holds(`document.querySelector(".diff .removed")`)
	b.click(`button[value=save]`)
	b.holds(`document.querySelector("#done")?.innerText.includes("restored")`)
	if len(store.Snapshot().Config.Servers) != 5 {
		t.Errorf("restored %s", store.Snapshot().Text)
	}
	b.quiet("422")
}
