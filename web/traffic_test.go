package web

import (
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/assets"
)

func TestTraffic(t *testing.T) {
	p := painter{words: assets.Words("en"), zone: time.UTC}
	minutes := func(calls ...float64) (use gaugeCharts) { // the last ones, -1 is not known
		for i, n := range calls {
			g := gauge{at: noon.Unix() - int64(len(calls)-i)*60}
			if n >= 0 {
				g.figures[gaugeCalls].add(n)
			}
			use[0] = append(use[0], g)
		}
		return use
	}
	for _, c := range []struct {
		name, line, area, text string
		use                    gaugeCharts
	}{
		{"nothing", "", "", "Calls a minute are drawn here once the first one is over.", gaugeCharts{}},
		{"a gap", "M327 24L340 8M380 19", "M327 24L340 8V32H327zM380 19V32H380z", "Calls a minute in the last hour: 4.7 on average, 8 at most.", minutes(2, 2, 8, 8, -1, -1, -1, -1, 4, 4)},
		{"no calls", "M380 30", "M380 30V32H380z", "Calls a minute in the last hour: 0 on average, 0 at most.", minutes(0, 0)},
	} {
		got := p.traffic(inventedPerformance(noon), snapshot{at: noon, gauges: c.use})
		if got.Line != c.line || got.Area != c.area || got.LineText != c.text {
			t.Errorf("%s: %q, %q, %q", c.name, got.Line, got.Area, got.LineText)
		}
	}
	// Where nothing has several sources, servers are compared.
	v := inventedPerformance(noon)
	v.Groups = nil
	got := p.traffic(v, snapshot{at: noon})
	if len(got.Groups) != 1 || got.Groups[0].Evenness != "evenness 0.82" || len(got.Groups[0].Sources) != 2 || got.Groups[0].Sources[0].Name != "home_assistant" || got.Groups[0].Sources[0].Share != 73 {
		t.Errorf("by server: %+v", got.Groups)
	}
	if got.Facts[0].Value != "3" || got.Facts[1].Value != "97.6%" || got.Strategy != "Health-based" {
		t.Errorf("facts: %+v", got)
	}
	empty := p.traffic(PerformanceView{At: noon}, snapshot{at: noon})
	if len(empty.Groups) != 0 || empty.Facts[1].Value != "n/a" || !strings.Contains(empty.LineText, "once") {
		t.Errorf("nothing: %+v", empty)
	}
}
