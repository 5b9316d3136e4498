package web

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/config"
)

// patch sends JSON by a method to the API.
func patch(s *Server, method, path, body string) *httptest.ResponseRecorder {
	r := withBody(method, path, jsonMedia, body)
	r.Header.Set("Accept-Language", "en")
	return do(s, r)
}

// settingOf is what the file says about a tool of a server.
func settingOf(t *testing.T, s *Server, server, tool string) config.Tool {
	t.Helper()
	return decided(s.deps.Editor.Snapshot().Config, server, tool)
}

func TestSwitchTool(t *testing.T) {
	s, _, catalogue, _ := newServer(t, nil)
	const path = "/tools/weather__forecast"
	w := post(s, path+"/disable", url.Values{"from": {"/tools?q=fore"}})
	if w.Code != 303 || w.Header().Get("Location") != "/tools?q=fore#tool-"+domID("weather__forecast") {
		t.Fatalf("switched off: %d %s", w.Code, w.Header().Get("Location"))
	}
	if settingOf(t, s, "weather", "forecast").Enabled || !strings.Contains(string(s.deps.Editor.Snapshot().Text), "// beside weather") {
		t.Errorf("the file is %s", s.deps.Editor.Snapshot())
	}
	// The pages say so at once, though what runs may follow later.
	wants(t, "page", do(s, request("GET", path)), 200, `aria-checked="false"`, path+"/enable")
	var report ToolReport
	if err := json.Unmarshal(do(s, request("GET", "/api/v1/tools/weather__forecast")).Body.Bytes(), &report); err != nil || report.Enabled || len(report.Endpoints) != 0 {
		t.Errorf("%+v %v", report, err)
	}
	// htmx gets the row alone.
	r := httptest.NewRequest("POST", path+"/enable", strings.NewReader("from=%2Ftools"))
	r.Host = "localhost:3001"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("HX-Request", "true")
	if w := do(s, r); w.Code != 200 || !strings.Contains(w.Body.String(), "tool-"+domID("weather__forecast")) || strings.Contains(w.Body.String(), "<html") || w.Body.Len() > 2500 {
		t.Errorf("htmx gets %d bytes: %.300s", w.Body.Len(), w.Body)
	}
	if !settingOf(t, s, "weather", "forecast").Enabled {
		t.Error("it stays off")
	}
	// Nobody can switch what is in no file.
	catalogue.tools[2].Listers = []string{"stranger"}
	wants(t, "of a stranger", post(s, path+"/disable", nil), 404)
	wants(t, "unknown", post(s, "/tools/nothing/disable", nil), 404)
}

func TestSettingsOfSharedTools(t *testing.T) {
	s, _, catalogue, _ := newServer(t, nil)
	catalogue.tools = append(catalogue.tools,
		ToolView{Name: "music__play", Server: "music", Original: "play", Sources: []string{"music-a"}, Listers: []string{"music-a", "notes"}, Enabled: true},
		ToolView{Name: "remote__lamp", Server: "remote", Original: "lamp", Sources: []string{"weather"}, Listers: []string{"weather"}, Remote: true, Enabled: true})
	w := patch(s, "PATCH", "/api/v1/tools/music__play", `{"enabled":false}`)
	wants(t, "group", w, 200, `"enabled":false`, `"undo":`)
	if settingOf(t, s, "music-a", "play").Enabled || settingOf(t, s, "notes", "play").Enabled {
		t.Error("a member of the group keeps it on")
	}
	var report ToolReport
	if err := json.Unmarshal(w.Body.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	wants(t, "undo", send(s, "/api/v1/undo", `{"undo":"`+report.Undo+`"}`), 200)
	if !settingOf(t, s, "music-a", "play").Enabled || !settingOf(t, s, "notes", "play").Enabled {
		t.Error("not undone")
	}

	// A tool of endpoints is set beside the servers, even where an endpoint has the name of one.
	wants(t, "remote", post(s, "/tools/remote__lamp/disable", nil), 303)
	c := s.deps.Editor.Snapshot().Config
	if set, ok := c.RemoteTools["lamp"]; !ok || set.Enabled || !decided(c, "weather", "lamp").Enabled {
		t.Errorf("remote tools are %v", c.RemoteTools)
	}
	wants(t, "page", do(s, request("GET", "/tools/remote__lamp")), 200, `aria-checked="false"`)

	// The built-in tools are set by their reserved name.
	wants(t, "built in", post(s, "/tools/switchboard__time/disable", nil), 303)
	if settingOf(t, s, config.ReservedServer, "time").Enabled {
		t.Error("the built-in tool stays on")
	}
}

func TestDescribeTool(t *testing.T) {
	s, _, catalogue, _ := newServer(t, nil)
	const path = "/tools/weather__forecast"
	w := post(s, path+"/describe", url.Values{"description": {" Two\r\nlines "}})
	if w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), path+"?done=") || settingOf(t, s, "weather", "forecast").Description != "Two\nlines" {
		t.Fatalf("described: %d %s %+v", w.Code, w.Header().Get("Location"), settingOf(t, s, "weather", "forecast"))
	}
	wants(t, "long", post(s, path+"/describe", url.Values{"description": {strings.Repeat("x", longestDescription+1)}}), 422, "up to 1000 characters", strings.Repeat("x", longestDescription+1))
	wants(t, "control character", post(s, path+"/describe", url.Values{"description": {"a\x00b"}}), 422, "up to 1000 characters")
	catalogue.tools[2].Description, catalogue.tools[2].Overridden = "Two\nlines", true
	wants(t, "page", do(s, request("GET", path)), 200, "Weather forecast for a place and a day.", `value="reset"`)
	wants(t, "reset", post(s, path+"/describe", url.Values{"description": {"anything"}, "do": {"reset"}}), 303)
	if set := settingOf(t, s, "weather", "forecast"); set != (config.Tool{Enabled: true}) {
		t.Errorf("after a reset: %+v", set)
	}

	for _, c := range []struct {
		body   string
		status int
		want   string
	}{
		{`{"description":"By the API"}`, 200, `"description":"By the API"`},
		{`{"description":""}`, 200, `"description":"Weather forecast for a place and a day."`},
		{`{"description":"a\u0000b"}`, 422, `"fields":{"description":`},
		{`{}`, 400, "bad_json"},
		{`{"other":1}`, 400, "bad_json"},
		{`{"enabled":false,"revision":"old"}`, 409, "conflict"},
	} {
		if w := patch(s, "PATCH", "/api/v1/tools/weather__forecast", c.body); w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: %d %s", c.body, w.Code, w.Body)
		}
	}
	wants(t, "unknown", patch(s, "PATCH", "/api/v1/tools/nothing", `{"enabled":false}`), 404, "unknown_tool")
}

func TestToolReport(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	var report ToolReport
	w := do(s, request("GET", "/api/v1/tools/weather__forecast"))
	if err := json.Unmarshal(w.Body.Bytes(), &report); err != nil || report.Name != "weather__forecast" || !report.Enabled || !slices.Contains(report.Endpoints, studyID) {
		t.Errorf("%d %+v %v", w.Code, report, err)
	}
	wants(t, "unknown", do(s, request("GET", "/api/v1/tools/nothing")), 404, "unknown_tool")
	wants(t, "no page", do(s, request("GET", "/tools/nothing")), 404)
}

func TestManyTools(t *testing.T) {
	s, _, catalogue, _ := newServer(t, nil)
	catalogue.tools = crowded(crowded(crowded(crowded(snapshot{tools: catalogue.tools})))).tools
	for i := range catalogue.tools {
		catalogue.tools[i].Schema = []byte(everySchema)
	}
	w := do(s, request("GET", "/tools"))
	if rows := strings.Count(w.Body.String(), `class="tool"`); rows > toolsAPage || rows < toolsAPage-5 || w.Body.Len() > 150_000 {
		t.Errorf("%d tools on a page of %d bytes", rows, w.Body.Len())
	}
	for query, want := range map[string]string{
		"page=2":              `href="/tools?page=3#tools-title"`,
		"page=-1":             `rel="next"`,
		"page=999999999":      `rel="prev"`,
		"page=x&q=forecast_7": "forecast_7",
		"show=off":            "home_assistant__turn_off",
		"server=switchboard":  "switchboard__status",
	} {
		if query == "show=off" {
			wants(t, "off", post(s, "/tools/home_assistant__turn_off/disable", nil), 303)
		}
		wants(t, query, do(s, request("GET", "/tools?"+query)), 200, want)
	}
}

// BenchmarkToolsPage is the page with 500 tools.
func BenchmarkToolsPage(b *testing.B) {
	s, _, catalogue, _ := newServer(b, nil)
	catalogue.tools = crowded(crowded(crowded(crowded(snapshot{tools: catalogue.tools})))).tools
	r := request("GET", "/tools")
	for b.Loop() {
		do(s, r)
	}
}
