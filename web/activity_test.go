package web

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/journal"
)

// list asks the API for a list and returns its numbers.
func list(t *testing.T, s *Server, what, query string) (seqs []uint64, marks paged) {
	t.Helper()
	w := do(s, request("GET", "/api/v1/"+what+"?lang=en&"+query))
	var got struct {
		Events, Calls, Failovers []struct{ Seq uint64 }
		paged
	}
	if w.Code != 200 || json.Unmarshal(w.Body.Bytes(), &got) != nil {
		t.Fatalf("%s?%s: %d %s", what, query, w.Code, w.Body)
	}
	if strings.Contains(w.Body.String(), token) {
		t.Errorf("%s?%s shows a token", what, query)
	}
	for _, row := range append(append(got.Events, got.Calls...), got.Failovers...) {
		seqs = append(seqs, row.Seq)
	}
	return seqs, got.paged
}

func TestActivityFilters(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	day := func(offset time.Duration) string { return url.QueryEscape(time.Now().Add(offset).Format(time.RFC3339)) }
	for _, c := range []struct {
		what, query string
		want        []uint64
	}{
		{"events", "level=error", []uint64{14, 9, 5}},
		{"events", "level=warning&topic=link", []uint64{5, 4, 3}},
		{"events", "level=info&topic=config", []uint64{15, 14, 13}},
		{"events", "endpoint=e5e5e5e5e5e5", []uint64{4, 3}},
		{"events", "endpoint=d4d4d4d4d4d4", []uint64{21, 11}},
		{"events", "tool=remote__lamp", []uint64{21}},
		{"events", "q=LOST", []uint64{3}},
		{"events", "q=such+host", []uint64{3}},
		{"events", "q=node.js", []uint64{9}},
		{"events", "q=nothing+of+it", nil},
		{"events", "endpoint=nobody", nil},
		{"events", "span=15m", []uint64{21}},
		{"events", "span=1h&level=warning", []uint64{21}},
		{"events", "from=" + day(-30*time.Minute), []uint64{21, 20, 19}},
		{"events", "to=" + day(-170*time.Minute), []uint64{1}},
		{"events", "limit=2", []uint64{21, 20}},
		{"events", "limit=2&before=20", []uint64{19, 18}},
		{"events", "after=19", []uint64{21, 20}},
		{"events", "after=3&limit=2", []uint64{5, 4}},
		{"events", "after=3&before=6", []uint64{5, 4}},
		{"events", "after=21", nil},
		{"events", "before=1", nil},
		{"calls", "", []uint64{6, 5, 4, 3, 2, 1}},
		{"calls", "level=error", []uint64{6, 5}},
		{"calls", "level=warning", []uint64{6, 5, 3, 2}},
		{"calls", "endpoint=a1a1a1a1a1a1", []uint64{2, 1}},
		{"calls", "endpoint=mcp", []uint64{4}},
		{"calls", "endpoint=api", []uint64{5}},
		{"calls", "endpoint=000000000000", []uint64{3}},
		{"calls", "tool=weather__forecast", []uint64{4, 3}},
		{"calls", "q=too+late", []uint64{3}},
		{"calls", "span=1h", []uint64{6, 5, 4, 3, 2}},
		{"calls", "unknown=1&lang=en", []uint64{6, 5, 4, 3, 2, 1}},
		{"failovers", "", []uint64{2, 1}},
		{"failovers", "tool=music__play", []uint64{1}},
		{"failovers", "endpoint=d4d4d4d4d4d4", []uint64{2}},
		{"failovers", "q=music-b", []uint64{1}},
		{"failovers", "span=1h", []uint64{2}},
	} {
		if got, _ := list(t, s, c.what, c.query); !slices.Equal(got, c.want) {
			t.Errorf("%s?%s: %v, want %v", c.what, c.query, got, c.want)
		}
	}
	if _, marks := list(t, s, "events", "limit=2"); marks != (paged{Newer: 21, Older: 20}) {
		t.Errorf("marks of a part: %+v", marks)
	}
	if _, marks := list(t, s, "events", "after=21"); marks != (paged{Newer: 21}) {
		t.Errorf("marks of nothing new: %+v", marks)
	}
	if _, marks := list(t, s, "events", "after=3&limit=2"); marks != (paged{Newer: 5}) {
		t.Errorf("marks of what follows: %+v", marks)
	}
	if _, marks := list(t, s, "calls", "limit=6"); marks != (paged{Newer: 6}) {
		t.Errorf("marks of all: %+v", marks)
	}
}

func TestBadActivityFilters(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	long := strings.Repeat("x", longestFilter+1)
	for query, want := range map[string]string{
		"level=fatal":  `level cannot be "fatal": use info, warning or error.`,
		"level=good":   "use info, warning or error",
		"topic=x":      `topic cannot be "x": use link, server,`,
		"span=2h":      "use 15m, 1h or 24h",
		"span=-1h":     "use 15m, 1h or 24h",
		"from=noon":    "use a time such as",
		"to=1":         "use a time such as",
		"limit=0":      "from 1 to 500",
		"limit=501":    "from 1 to 500",
		"limit=x":      "from 1 to 500",
		"before=-1":    "use a whole number",
		"after=1.5":    "use a whole number",
		"q=" + long:    "at most 200 bytes",
		"tool=" + long: "at most 200 bytes",
		"from=2026-07-01T12:00:00Z&to=2026-07-01T12:00:00Z": "later than from",
		"endpoint=" + long: "use the ID of an endpoint",
	} {
		for _, path := range []string{"/api/v1/events", "/api/v1/calls", "/api/v1/failovers", "/activity", "/activity/calls", "/activity/failovers"} {
			body := want
			if !strings.HasPrefix(path, "/api/") {
				body = strings.ReplaceAll(want, `"`, "&#34;")
			} else {
				body = strings.ReplaceAll(want, `"`, `\"`)
			}
			wants(t, path+"?"+query, do(s, request("GET", path+"?"+query)), 422, body)
		}
	}
	without := New(Deps{}, &Options{Port: testPort})
	defer without.Close()
	for _, path := range []string{"/api/v1/events", "/api/v1/calls", "/api/v1/failovers", "/activity", "/activity/calls", "/activity/failovers"} {
		wants(t, "without a journal "+path, do(without, request("GET", path)), 404)
	}
}

func TestActivityPages(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	wants(t, "events", do(s, request("GET", "/activity?endpoint=e5e5e5e5e5e5")), 200, "2 entries", "lost its connection",
		`<option value="e5e5e5e5e5e5" selected>车间</option>`, `href="/endpoints/e5e5e5e5e5e5"`, `<a href="/activity" aria-current="page">Events</a>`, ">Show all</a>")
	wants(t, "calls", do(s, request("GET", "/activity/calls")), 200, "Too late", "MCP client (/mcp)", "Try it, or the API", "8.0 s", "40 bytes → 4.9 KiB")
	wants(t, "failovers", do(s, request("GET", "/activity/failovers")), 200, "music-a → music-b", "The tool may safely be called twice.")
	wants(t, "a tool that is gone", do(s, request("GET", "/activity/calls?tool=gone")), 200, `<option value="gone" selected>`, "Nothing that is remembered fits these filters.")

	j := journal.New(nil)
	s = New(Deps{Journal: j}, &Options{Port: testPort})
	defer s.Close()
	for i := range 120 {
		j.NoteEvent(journal.Event{Topic: journal.Config, What: "applied", Level: journal.Level(i % 2)})
	}
	wants(t, "first", do(s, request("GET", "/activity?topic=config")), 200, "120 entries", `href="/activity?before=71&amp;topic=config"`, `id="event-120"`, `id="event-71"`)
	second := do(s, request("GET", "/activity?topic=config&before=71"))
	wants(t, "second", second, 200, "70 older entries", `href="/activity?before=21&amp;topic=config"`, `href="/activity?topic=config"`, `id="event-70"`)
	if strings.Contains(second.Body.String(), `id="event-71"`) {
		t.Error("an entry is on two pages")
	}
	last := do(s, request("GET", "/activity?before=21"))
	if wants(t, "last", last, 200, `id="event-1"`); strings.Contains(last.Body.String(), ">Older<") {
		t.Error("the last page leads on")
	}
}

// TestActivityIsLive: what happens reaches open pages at most twice a second, and wakes
// nobody else.
func TestActivityIsLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := journal.New(nil)
		looks := 0
		look := func() snapshot { looks++; return snapshot{at: time.Now(), journal: j} }
		p := newPump(&Deps{Journal: j}, look, livePages(), time.UTC, slog.New(slog.DiscardHandler))
		go p.run(t.Context())
		bell, unsubscribe := p.bell.Subscribe()
		defer unsubscribe()
		v := view{lang: "en", page: "calls"}
		_, unwatch, err := p.watch(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		for len(bell) > 0 {
			<-bell
		}
		j.NoteCall(journal.Call{Tool: "lamp"})
		time.Sleep(pumpGap)
		synctest.Wait()
		e, err := p.latest(t.Context(), v)
		if err != nil || len(bell) != 1 || !strings.Contains(html(e), `id="call-1"`) {
			t.Errorf("half a second after a call: %d rings, %s %v", len(bell), html(e), err)
		}
		<-bell
		rings, start := 0, time.Now()
		for time.Since(start) < 10*time.Second {
			j.NoteCall(journal.Call{Tool: "lamp"})
			time.Sleep(10 * time.Millisecond)
			synctest.Wait()
			select {
			case <-bell:
				rings++
			default:
			}
		}
		if rings < 18 || rings > 22 {
			t.Errorf("10 s of calls rang %d times", rings)
		}
		unwatch()
		time.Sleep(pumpIdle)
		synctest.Wait()
		looks = 0
		for range 1000 {
			j.NoteCall(journal.Call{Tool: "lamp"})
			time.Sleep(10 * time.Millisecond)
		}
		if synctest.Wait(); looks > 0 {
			t.Errorf("with nobody watching it looked %d times", looks)
		}
	})
}

// html is all that an edition shows.
func html(e *edition) string {
	var all strings.Builder
	for _, p := range e.pieces {
		all.WriteString(p.html)
	}
	return all.String()
}

// TestEveryCodeHasWords: no page shows the key of a text.
func TestEveryCodeHasWords(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	for _, lang := range assets.Languages() {
		for _, path := range []string{"/activity", "/activity/calls", "/activity/failovers", "/api/v1/events", "/api/v1/failovers"} {
			r := request("GET", path)
			r.Header.Set("Accept-Language", lang)
			body := do(s, r).Body.String()
			if len(body) < 300 {
				t.Errorf("%s is short: %s", path, body)
			}
			for _, prefix := range []string{"event.", "activity.", "cause.", "performance.", "server.problem"} {
				if i := strings.Index(body, prefix); i >= 0 {
					t.Errorf("%s in %s shows %s", path, lang, body[i:min(len(body), i+40)])
				}
			}
		}
	}
}

func TestTookShare(t *testing.T) {
	for took, want := range map[time.Duration]int{0: 1, time.Millisecond: 1, 10 * time.Millisecond: 25, 100 * time.Millisecond: 50, time.Second: 75, 10 * time.Second: 100, time.Hour: 100} {
		if got := tookShare(took); got != want {
			t.Errorf("%v fills %d %%, want %d", took, got, want)
		}
	}
	times := []time.Duration{1, 2, 3, 4}
	for share, want := range map[float64]time.Duration{0: 1, 0.25: 1, 0.5: 2, 0.51: 3, 0.95: 4, 1: 4} {
		if got := quantile(times, share); got != want {
			t.Errorf("%v of four is %d, want %d", share, got, want)
		}
	}
}

// FuzzActivityFilter reads any query: nothing may panic, what is taken is within bounds, and
// the page and the API agree on what is a filter.
func FuzzActivityFilter(f *testing.F) {
	f.Add("endpoint=a1a1a1a1a1a1&tool=x&topic=link&level=error&span=1h&q=a+b&before=9&limit=3")
	f.Add("from=2026-07-01T12:00:00Z&to=9999-12-31T23:59:59%2B14:00&after=18446744073709551615")
	f.Add("level=%00&limit=1e3&span=99999999h&q=%ff")
	s, _, _, _ := newServer(f, nil)
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		filter, bad := readFilter(values, noon, activityShown)
		if bad == nil && (filter.limit < 1 || filter.limit > activityMost || len(filter.tool) > longestFilter || len(filter.endpoint) > longestFilter || len(filter.words) > longestFilter) {
			t.Errorf("%q gives %+v", query, filter)
		}
		if bad != nil && (values.Get(bad.name) == "" || bad.value != values.Get(bad.name)) {
			t.Errorf("%q: %+v is to blame", query, bad)
		}
		values.Del("lang")
		values.Del("theme")
		for _, path := range []string{"/api/v1/events?", "/api/v1/calls?", "/activity/failovers?"} {
			want := 200
			if bad != nil {
				want = 422
			}
			if w := do(s, request("GET", path+values.Encode())); w.Code != want {
				t.Errorf("%s%q: %d, want %d", path, query, w.Code, want)
			}
		}
	})
}

// BenchmarkEvents paints a full journal, as each look of an open page does.
func BenchmarkEvents(b *testing.B) {
	j := journal.New(nil)
	for i := range 1000 {
		j.NoteEvent(journal.Event{At: noon, Topic: journal.Link, What: "lost", Level: journal.Warning, ID: "a1a1a1a1a1a1", Name: fmt.Sprint("link ", i), Cause: "dns"})
	}
	p := painter{words: assets.Words("en"), zone: time.UTC}
	s := snapshot{at: noon, links: invented(noon), journal: j}
	for _, q := range []string{"", "connection"} {
		b.Run("q="+q, func(b *testing.B) {
			f, _ := readFilter(url.Values{"q": {q}}, noon, activityShown)
			b.ReportAllocs()
			for b.Loop() {
				p.eventList(s, f, nil)
			}
		})
	}
}
