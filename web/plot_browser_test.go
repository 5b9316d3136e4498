package web

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"xiaozhi-switchboard/core/endpoint"
)

// filled gives a server a past of three hours.
func filled(s *Server) {
	past, use := lived(time.Now().Truncate(time.Minute), 3*time.Hour, 30*time.Second)
	s.traces.mu.Lock()
	s.traces.links = past.links
	s.traces.mu.Unlock()
	s.gauges.mu.Lock()
	s.gauges.charts = use.charts
	s.gauges.mu.Unlock()
}

// inked holds that something was drawn on every canvas of the page.
const inked = `[...document.querySelectorAll(".plot canvas")].every(c =>
	c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some((v, i) => i % 4 === 3 && v > 0))`

func TestBrowserDrawsCharts(t *testing.T) {
	b := openBrowser(t)
	s, links, _, _ := newServer(t, nil)
	filled(s)
	address, script := serve(t, s), axe(t)
	run := func(expression string) {
		t.Helper()
		_, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](expression+";null"))
		b.must(err)
	}
	for page, charts := range map[string]string{"/endpoints/d4d4d4d4d4d4": "1", "/performance": "5", "/performance?range=7d": "5"} {
		for _, theme := range []string{"light", "dark"} {
			b.media(theme)
			b.open(address + page)
			b.holds(live)
			b.holds(`document.querySelectorAll(".plot.drawn canvas").length === ` + charts + ` && !document.querySelector(".plot > svg") && ` + inked)
			b.holds(`[...document.querySelectorAll(".legend b")].some(b => b.textContent !== "")`)
			if script == "" {
				continue
			}
			run(script)
			broken, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](findings, chromedp.EvalAwaitPromise))
			b.must(err)
			if broken != "" {
				t.Errorf("%s in %s:\n%s", page, theme, broken)
			}
		}
	}

	// A new check comes into the picture, on the same canvas, and the table stays open.
	b.open(address + "/endpoints/d4d4d4d4d4d4?lang=en")
	b.holds(live + ` && document.querySelector(".plot.drawn canvas")`)
	run(`window.kept = document.querySelector(".plot canvas"); document.querySelector("#chart-table").open = true`)
	slow := invented(time.Now())
	for i := range slow {
		slow[i].RoundTrip = 900 * time.Millisecond
	}
	for range 9 { // that is more than the past has in any minute, so they are the median of theirs
		at := time.Now()
		for i := range slow {
			slow[i].LastHealthCheck = at
		}
		s.traces.note(slow, at)
	}
	links.change("d4d4d4d4d4d4", func(st *endpoint.Status) { st.LastHealthCheck, st.RoundTrip = time.Now(), 900*time.Millisecond })
	b.holds(`document.querySelector(".legend b").textContent === "900 ms"`)
	b.holds(`window.kept === document.querySelector(".plot canvas") && document.querySelector("#chart-table").open`)
	// It follows the width of the window, and never sticks out.
	for _, width := range []int64{360, 900} {
		b.must(chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 900)))
		b.holds(`Math.abs(document.querySelector(".plot .uplot").getBoundingClientRect().width - document.querySelector(".plot").clientWidth) < 2 && document.documentElement.scrollWidth <= innerWidth`)
	}
	// Pointing at it tells what was there.
	run(`{const o = document.querySelector(".u-over"), r = o.getBoundingClientRect();
		o.dispatchEvent(new MouseEvent("mousemove", {clientX: r.left + r.width / 2, clientY: r.top + 20, bubbles: true}))}`)
	b.holds(`document.querySelector(".legend b").textContent.match(/^2[12]\d ms$/)`)
	// What is gone from the page is let go.
	run(`document.querySelector("#chart").remove()`)
	links.change("d4d4d4d4d4d4", func(st *endpoint.Status) { st.LastHealthCheck = time.Now() })
	b.quiet()
}

// TestBrowserChartsWithoutScripts holds that the picture of the server is there.
func TestBrowserChartsWithoutScripts(t *testing.T) {
	b := openBrowser(t)
	s, _, _, _ := newServer(t, nil)
	filled(s)
	b.open(withoutScripts(t, s) + "/performance?lang=en")
	b.holds(`document.querySelectorAll(".plot > svg").length === 5 && !document.querySelector("canvas")`)
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.querySelector("#chart-cpu").innerText`))
	b.must(err)
	if !strings.Contains(text, "on average") {
		t.Errorf("the chart says %q", text)
	}
	b.quiet()
}
