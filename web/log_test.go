package web

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/web/ui"
)

func TestLogFilter(t *testing.T) {
	records := inventedLog(noon).Records()
	for query, want := range map[string]string{
		"":                              "1 2 3 4 5 6",
		"level=debug":                   "1 2 3 4 5 6",
		"level=warn":                    "3 6",
		"level=ERROR":                   "6",
		"level=loud":                    "1 2 3 4 5 6",
		"endpoint=a1a1a1a1a1a1":         "2 5",
		"endpoint=c3c3c3c3c3c3":         "5",
		"endpoint=nobody":               "",
		"q=LINK+书房":                     "2",
		"q=server=home":                 "4",
		"q=%5Cx1b":                      "4",
		"q=warn+kind=dns":               "3",
		"q=changed&level=warn":          "3",
		"q=moved&endpoint=e5e5e5e5e5e5": "",
	} {
		args, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		found, total := logFilterOf(args).last(records, 0, 100)
		var got []string
		for _, r := range found {
			got = append(got, string(rune('0'+r.Seq-1000)))
		}
		if strings.Join(got, " ") != want || total != len(found) {
			t.Errorf("%s finds %v of %d, want %s", query, got, total, want)
		}
	}
	found, total := logFilter{}.last(records, 0, 2)
	if len(found) != 2 || total != 6 || found[1].Seq != 1006 {
		t.Errorf("the last two are %v of %d", found, total)
	}
	if found, total = (logFilter{}).last(records, 1004, 100); len(found) != 2 || total != 2 || found[0].Seq != 1005 {
		t.Errorf("after the fourth are %v of %d", found, total)
	}
}

func TestLogLine(t *testing.T) {
	got := string(logText(inventedLog(noon).Records()[2:5]))
	want := `2026-07-01T11:59:00.000Z WARN link changed endpoint=e5e5e5e5e5e5 label=车间 from=dialing to=waiting kind=dns reason="dial api.xiaozhi.me: no such host" retry_in=15s
2026-07-01T11:59:51.000Z INFO server standard error server=home_assistant line="<b>bold</b>\x1b[31m and \"quoted\"\nlines"
2026-07-01T11:59:52.000Z INFO call moved tool=weather__forecast from=a1a1a1a1a1a1 to=c3c3c3c3c3c3
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestLogComponents holds the page in both languages.
func TestLogComponents(t *testing.T) {
	many := inventedLog(noon)
	many.level = LogLevel{Level: slog.LevelDebug, Configured: "info"}
	for range logShown {
		many.say(noon, slog.LevelDebug, "more")
	}
	quiet := &fakeLog{level: LogLevel{Level: slog.LevelInfo, Configured: "info", Off: true}}
	for _, lang := range assets.Languages() {
		p := painter{words: assets.Words(lang), zone: time.UTC, here: "/activity/log"}
		full := inventedSnapshot(SettingsView{})
		full.parts, full.log = []string{"events", "log"}, inventedLog(noon)
		golden(t, "log."+lang+".html", ui.LogPage(p.log(full, url.Values{"level": {"info"}, "q": {"e"}}), p.say))
		full.log, full.file = quiet, nil
		golden(t, "log-off."+lang+".html", ui.LogPage(p.log(full, url.Values{"endpoint": {"gone"}}), p.say))
		full.log = many
		v := p.log(full, nil)
		golden(t, "log-many."+lang+".html", ui.LogState(v))
		golden(t, "log-momentary."+lang+".html", ui.LogLevel(v, p.say))
		if len(v.Lines) != logShown {
			t.Errorf("%d lines are shown", len(v.Lines))
		}
	}
}

// logReportOf asks the API.
func logReportOf(t *testing.T, s *Server, query string) (got struct {
	Records []struct {
		Seq        uint64
		At         time.Time
		Level      string
		Message    string
		Attributes []LogAttribute
	}
	Total             int
	Last              uint64
	Level, Configured string
	Off               bool
}) {
	t.Helper()
	w := do(s, request("GET", "/api/v1/log"+query))
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s %v", w.Code, w.Body, err)
	}
	return got
}

func TestLogAPI(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	all := logReportOf(t, s, "")
	if len(all.Records) != 6 || all.Total != 6 || all.Last != 1006 || all.Level != "info" || all.Configured != "info" || all.Off {
		t.Errorf("all: %+v", all)
	}
	if r := all.Records[4]; r.Level != "info" || r.Message != "call moved" || len(r.Attributes) != 3 || r.Attributes[0] != (LogAttribute{"tool", "weather__forecast"}) {
		t.Errorf("a record: %+v", r)
	}
	if some := logReportOf(t, s, "?after=1004&limit=1&q=wide"); len(some.Records) != 1 || some.Total != 1 || some.Records[0].Seq != 1006 || some.Last != 1006 {
		t.Errorf("some: %+v", some)
	}
	if none := logReportOf(t, s, "?after=9999"); none.Records == nil || len(none.Records) != 0 || none.Last != 9999 {
		t.Errorf("none: %+v", none)
	}
	for query, code := range map[string]string{
		"?level=loud": "unknown_level", "?after=x": "bad_query", "?after=-1": "bad_query", "?limit=0": "bad_query", "?limit=5001": "bad_query", "?limit=9e9": "bad_query",
		"?q=" + strings.Repeat("x", longestFilter+1): "bad_query", "?endpoint=" + strings.Repeat("x", longestFilter+1) + "&after=1": "bad_query",
	} {
		w := do(s, request("GET", "/api/v1/log"+query))
		if w.Code != statuses[code] || !strings.Contains(w.Body.String(), `"`+code+`"`) {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
}

// put sends JSON.
func put(s *Server, path, body string) *httptest.ResponseRecorder {
	return do(s, withBody("PUT", path, jsonMedia, body))
}

func TestLogLevelCommand(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	if w := put(s, "/api/v1/log/level", `{"level":"Debug"}`); w.Code != 200 || !strings.Contains(w.Body.String(), `"level":"debug"`) || !strings.Contains(w.Body.String(), `"configured":"info"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if strings.Contains(string(s.deps.Editor.Snapshot().Text), "logLevel") {
		t.Error("a choice for the moment is kept")
	}
	if w := put(s, "/api/v1/log/level", `{"level":"warn","keep":true}`); w.Code != 200 || s.deps.Log.Level().Level != slog.LevelWarn || s.deps.Editor.Snapshot().Config.LogLevel != "warn" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for body, code := range map[string]string{`{"level":"loud"}`: "unknown_level", `{}`: "unknown_level", `{"lewel":"info"}`: "bad_json", `[`: "bad_json"} {
		if w := put(s, "/api/v1/log/level", body); w.Code != statuses[code] || !strings.Contains(w.Body.String(), code) {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
	if s.deps.Log.Level().Level != slog.LevelWarn {
		t.Error("a wrong request changed the level")
	}
}

// TestLogLevelForm chooses a level for the moment and for good, and takes both back.
func TestLogLevelForm(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	for _, keep := range []string{"", "on"} {
		w := post(s, "/activity/log/level", url.Values{"level": {"debug"}, "keep": {keep}, "from": {"/activity/log?q=x"}})
		to := w.Header().Get("Location")
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/activity/log?q=x&done=") {
			t.Fatalf("%d %s", w.Code, to)
		}
		if s.deps.Log.Level().Level != slog.LevelDebug || (s.deps.Editor.Snapshot().Config.LogLevel == "debug") != (keep != "") {
			t.Errorf("keep %q: %v, kept %s", keep, s.deps.Log.Level(), s.deps.Editor.Snapshot().Config.LogLevel)
		}
		if page := do(s, request("GET", to)).Body.String(); !strings.Contains(page, "Debug and above.") {
			t.Errorf("keep %q: it is not told", keep)
		}
		done, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		post(s, "/undo", url.Values{"deed": {done.Query().Get("done")}})
		if s.deps.Log.Level().Level != slog.LevelInfo || s.deps.Editor.Snapshot().Config.LogLevel != "info" {
			t.Errorf("keep %q: it is not taken back", keep)
		}
	}
	if w := post(s, "/activity/log/level", url.Values{"level": {"loud"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("an unknown level: %d", w.Code)
	}
	if w := post(s, "/activity/log/level", url.Values{"level": {"info"}, "from": {"https://attacker.com/"}}); !strings.HasPrefix(w.Header().Get("Location"), "/activity/log?done=") {
		t.Errorf("it leads to %s", w.Header().Get("Location"))
	}
	if _, err := s.deps.Editor.Modify(t.Context(), "", func(e *config.Edit) error { return e.SetOption("logLevel", nil) }); err != nil {
		t.Fatal(err)
	}
}

func TestLogDownload(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	w := do(s, request("GET", "/activity/log/download?level=warn&endpoint=e5e5e5e5e5e5"))
	if h := w.Header(); w.Code != 200 || h.Get("Content-Type") != "text/plain; charset=utf-8" || !strings.HasPrefix(h.Get("Content-Disposition"), `attachment; filename="xiaozhi-switchboard-2`) {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if body := w.Body.String(); strings.Count(body, "\n") != 1 || !strings.Contains(body, "WARN link changed endpoint=e5e5e5e5e5e5") {
		t.Errorf("got %s", body)
	}
}

func TestLogMore(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	w := do(s, request("GET", "/activity/log?after=1003&q=call&lang=zh"))
	if body := w.Body.String(); w.Code != 200 || strings.Count(body, "<li") != 1 || !strings.Contains(body, `data-seq="1005"`) || !strings.Contains(body, "信息") || strings.Contains(body, "<html") {
		t.Errorf("%d %s", w.Code, body)
	}
	if w := do(s, request("GET", "/activity/log?after=1006")); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("nothing new: %d %s", w.Code, w.Body)
	}
	if w := do(s, request("GET", "/activity/log?after=x")); w.Code != http.StatusNotFound {
		t.Errorf("no number: %d", w.Code)
	}
}

// TestLogOfAnEndpoint is one click from the page of the endpoint.
func TestLogOfAnEndpoint(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	if page := do(s, request("GET", "/endpoints/a1a1a1a1a1a1")).Body.String(); !strings.Contains(page, `href="/activity/log?endpoint=a1a1a1a1a1a1">Log of this endpoint<`) {
		t.Error("nothing leads to the log")
	}
	page := do(s, request("GET", "/activity/log?endpoint=a1a1a1a1a1a1")).Body.String()
	if strings.Count(page, "<li ") != 2 || !strings.Contains(page, `<option value="a1a1a1a1a1a1" selected>`) {
		t.Errorf("got %s", page)
	}
}

func TestWithoutALog(t *testing.T) {
	s := New(Deps{}, &Options{Port: testPort})
	t.Cleanup(func() { s.Close() })
	for _, path := range []string{"/activity/log", "/activity/log?after=1", "/activity/log/download", "/api/v1/log"} {
		if w := do(s, request("GET", path)); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestLogIsFollowed counts how often the page of the log is told that there is more: at
// most twice a second, however much is logged; and another page never.
func TestLogIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &fakeLog{}
		pages := []page{logPage, helpPage}
		deps := &Deps{Log: log}
		p := newPump(deps, func() snapshot { return snapshot{at: time.Now(), log: log} }, pages, time.UTC, slog.New(slog.DiscardHandler))
		go p.run(t.Context())
		synctest.Wait()
		bell, end := p.bell.Subscribe()
		defer end()
		rings := func(d time.Duration) (n int) {
			until := time.After(d)
			for {
				select {
				case <-bell:
					n++
				case <-until:
					return n
				}
			}
		}
		_, stopHelp, err := p.watch(t.Context(), view{"en", "help", ""})
		if err != nil {
			t.Fatal(err)
		}
		rings(3 * time.Second)
		log.say(time.Now(), slog.LevelInfo, "nobody looks")
		if n := rings(10 * time.Second); n != 0 {
			t.Errorf("another page is told %d times", n)
		}
		stopHelp()
		first, stop, err := p.watch(t.Context(), view{"en", "log", ""})
		if err != nil {
			t.Fatal(err)
		}
		rings(3 * time.Second)
		log.say(time.Now(), slog.LevelInfo, "one")
		if n := rings(600 * time.Millisecond); n != 1 {
			t.Errorf("it is told %d times within 600 ms of a record", n)
		}
		e, err := p.latest(t.Context(), view{"en", "log", ""})
		if err != nil {
			t.Fatal(err)
		}
		html, err := e.since(t.Context(), first.rev)
		if err != nil || !strings.Contains(html, `data-last="1002"`) || strings.Contains(html, "<li") || len(html) > 300 {
			t.Errorf("the stream sends %s %v", html, err)
		}
		var ended = make(chan struct{})
		go func() {
			defer close(ended)
			for range 1000 {
				log.say(time.Now(), slog.LevelInfo, "many")
				time.Sleep(10 * time.Millisecond)
			}
		}()
		if n := rings(10 * time.Second); n < 15 || n > 21 {
			t.Errorf("it is told %d times in ten seconds", n)
		}
		<-ended
		stop()
	})
}
