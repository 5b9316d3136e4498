package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/balance"
)

func TestPerformancePage(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	filled(s)
	wants(t, "page", do(s, request("GET", "/performance")), 200, "75%", "22 ms", "0.80", "music-b", "Left alone", "3 failed, 2 moved",
		"80.0 MiB → 48.0 MiB", "instead of the usual 31 ms", "on average", `id="chart-goroutines"`, "weather__<wbr>forecast")
	without := New(Deps{}, &Options{Port: testPort})
	defer without.Close()
	wants(t, "nothing to show", do(without, request("GET", "/performance")), 404)
	wants(t, "nothing to control", post(without, "/performance/prewarm", nil), 404)
}

func TestPerformanceActions(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	controls := s.deps.Controls.(*fakeControls)
	follow := func(path string, form url.Values) string {
		w := post(s, path, form)
		if w.Code != 303 {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		return do(s, request("GET", w.Header().Get("Location"))).Body.String()
	}
	for path, want := range map[string]string{
		"/performance/strategy": "Load balancing is Random",
		"/performance/prewarm":  "Prewarmed: 1 ready, 1 not; the longest took 62 ms.",
		"/performance/optimize": "64.0 MiB before, 40.0 MiB after; took 12 ms",
	} {
		if body := follow(path, url.Values{"strategy": {"random"}}); !strings.Contains(body, want) || strings.Contains(body, token) {
			t.Errorf("%s does not tell %s", path, want)
		}
	}
	if len(controls.calls) != 3 {
		t.Errorf("done: %v", controls.calls)
	}
	wants(t, "no such strategy", post(s, "/performance/strategy", url.Values{"strategy": {"best"}}), 422, "health-based")
	controls.fail = ErrNoOther
	wants(t, "failing", post(s, "/performance/strategy", url.Values{"strategy": {"random"}}), 500)
}

func TestRunWords(t *testing.T) {
	for _, lang := range assets.Languages() {
		p := painter{words: assets.Words(lang), zone: time.UTC}
		for _, routine := range []string{"compaction", "memory_limit", "stretching"} {
			for _, reason := range []string{"by_hand", "waste", "growth", "pressure", "relief", "start", "busy", "calm"} {
				r := p.run(RunView{At: noon, Routine: routine, Reason: reason, Before: 1, After: 2, Unit: "factor"}, noon)
				if strings.Contains(r.What, ".") || strings.Contains(r.Why, "_") || r.Why == reason && lang == "zh" || r.Before != "×1" || r.Diff != "" {
					t.Errorf("%s: %+v", lang, r)
				}
			}
		}
		for _, s := range balance.Strategies() {
			if key := "performance.strategy." + s.String(); p.say(key) == key {
				t.Errorf("%s lacks %s", lang, key)
			}
		}
	}
	limit := painter{words: assets.Words("en"), zone: time.UTC}.run(RunView{At: noon, Routine: "memory_limit", After: 1 << 30, Unit: "bytes"}, noon)
	if limit.Before != "n/a" || limit.After != "1.0 GiB" {
		t.Errorf("a first limit: %+v", limit)
	}
	for v, want := range map[float64]string{0.04: "0.0", -0.04: "0.0", 1.25: "+1.2", -3: "−3.0"} {
		if got := signed(v); got != want {
			t.Errorf("%v is %s", v, got)
		}
	}
}

func TestBrowserPerformance(t *testing.T) {
	b := openBrowser(t)
	s, _ := settingsServer(t)
	performance := s.deps.Performance.(*fakePerformance)
	b.open(serve(t, s) + "/performance?lang=en")
	b.holds(live)
	b.holds(`document.querySelector("#load").innerText.includes("music-a")`)
	performance.mu.Lock()
	performance.view.Process.Goroutines = 77
	performance.mu.Unlock()
	b.holds(`document.querySelector("#use").innerText.includes("77")`)
	b.click(`form[action$=optimize] button`)
	b.holds(`document.querySelector("#done")?.innerText.includes("64.0 MiB before")`)
	b.quiet()
}
