package web

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/web/ui"
)

func TestHistoryCommands(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	filled(s)
	for _, c := range []struct {
		query string
		slots int
		width int64
	}{{"", 60, 60}, {"?span=1h", 60, 60}, {"?span=24h", 96, 900}, {"?span=7d", 84, 7200}} {
		w := do(s, request("GET", "/api/v1/connections/d4d4d4d4d4d4/history"+c.query))
		var raw struct {
			At       []int64
			End      int64
			MedianMs []*float64
			Checks   []int
			Failed   []int
		}
		if err := json.Unmarshal(w.Body.Bytes(), &raw); err != nil || w.Code != 200 {
			t.Fatalf("%s: %d %v %s", c.query, w.Code, err, w.Body)
		}
		n, measured, checks := len(raw.At), 0, 0
		for i, m := range raw.MedianMs {
			if m != nil {
				measured++
				if *m < 212 || *m > 224 {
					t.Errorf("%s: a median of %v ms", c.query, *m)
				}
			}
			checks += raw.Checks[i]
		}
		if n != c.slots || len(raw.MedianMs) != n || len(raw.Failed) != n || raw.At[1]-raw.At[0] != c.width || raw.End != raw.At[n-1]+c.width || measured == 0 || checks < 100 {
			t.Errorf("%s: %d slots, %d of them measured, %d checks", c.query, n, measured, checks)
		}
		var used struct {
			At                                                      []int64
			CPUShare, ResidentBytes, CallsPerMinute, LinksUp, Links []*float64
		}
		w = do(s, request("GET", "/api/v1/performance/history"+c.query))
		if err := json.Unmarshal(w.Body.Bytes(), &used); err != nil || len(used.At) != c.slots || len(used.CPUShare) != c.slots {
			t.Fatalf("%s: %v %s", c.query, err, w.Body)
		}
		last := c.slots - 2 // the last one may not have anything yet
		if used.ResidentBytes[last] == nil || *used.ResidentBytes[last] < 40<<20 || *used.Links[last] != 2 || *used.LinksUp[last] != 1 || *used.CallsPerMinute[last] > 4 {
			t.Errorf("%s: %s", c.query, w.Body)
		}
	}
	for _, path := range []string{"/api/v1/connections/a1a1a1a1a1a1/history", "/api/v1/performance/history"} {
		wants(t, path, do(s, request("GET", path+"?span=1y")), 422, "unknown_span", "1h, 24h, 7d")
	}
	wants(t, "nobody", do(s, request("GET", "/api/v1/connections/nobody/history")), 404, "unknown_endpoint")
	without := New(Deps{}, &Options{Port: testPort})
	defer without.Close()
	wants(t, "nothing to read", do(without, request("GET", "/api/v1/performance/history")), 404, "unavailable")
}

func TestUseCharts(t *testing.T) {
	p := painter{words: assets.Words("en"), zone: time.UTC}
	of := func(charts gaugeCharts, i int) ui.Chart { return p.useCharts(charts, i, noon.Add(30*time.Second))[0] }
	chart := func(use ...gauge) gaugeCharts { return gaugeCharts{use} }
	at := func(minutes int64, cpu ...float64) gauge {
		g := gauge{at: noon.Unix() + minutes*60}
		for _, x := range cpu {
			g.figures[gaugeCPU].add(x)
		}
		return g
	}
	for _, c := range []struct {
		name, want string
		charts     gaugeCharts
	}{
		{"nothing", " 5% There are no readings of this time yet.", gaugeCharts{}},
		{"unknown", " 5% There are no readings of this time yet.", chart(at(-1))},
		{"too old, and of a minute to come", " 5% There are no readings of this time yet.", chart(at(-61, 1), at(1, 1))},
		{"of the minute that is not over, beside others", "M595 15.7h.1 57.5% Program, of a core: 50% on average, 50% at most.", chart(at(-1, 0.5), at(0, 1))},
		{"means and a gap", "M5 15.7h.1L15 15.7M595 120.0h.1 57.5% Program, of a core: 33.3% on average, 50% at most.", chart(at(-60, 0.25, 0.75), at(-59, 0.5), at(-1, 0))},
	} {
		got := of(c.charts, 0)
		if text := got.Lines[0].Path + " " + got.Top + " " + strings.Join(got.Texts, " "); text != c.want {
			t.Errorf("%s: got %q, want %q", c.name, text, c.want)
		}
		if got.Start != "11:00" || got.End != "12:00" || len(got.Rows) != 0 && len(got.Rows) != 6 {
			t.Errorf("%s: from %s to %s in %d rows", c.name, got.Start, got.End, len(got.Rows))
		}
	}
	_, use := lived(noon, 8*24*time.Hour, time.Hour)
	for i, rows := range []int{6, 12, 7} {
		for _, c := range p.useCharts(use.all(), i, noon) {
			if len(c.Rows) != rows || len(c.Rows[0]) != len(c.Head) || c.Plot == "" {
				t.Errorf("%s of %s: %d rows: %+v", c.Title, spans[i].name, len(c.Rows), c)
			}
		}
	}
}
