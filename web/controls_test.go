package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// send posts a body as JSON.
func send(s *Server, path, body string) *httptest.ResponseRecorder {
	return do(s, withBody("POST", path, jsonMedia+"; charset=utf-8", body))
}

func TestSetStrategy(t *testing.T) {
	s, _, _, _ := newServer(t, &Options{MaxBody: 100})
	controls := s.deps.Controls.(*fakeControls)
	for _, c := range []struct {
		body   string
		status int
		want   string // in the answer
		call   string
	}{
		{`{"strategy":"health-based"}`, 200, `{"strategy":"health-based"}`, "strategy health-based"},
		{` {"strategy" : "Round_Robin"} `, 200, `{"strategy":"round-robin"}`, "strategy round-robin"},
		{`{"strategy":"fastest"}`, 422, "use one of round-robin, random, health-based", ""},
		{`{"strategy":""}`, 422, "unknown_strategy", ""},
		{`{}`, 422, "unknown_strategy", ""},
		{`null`, 422, "unknown_strategy", ""},
		{`{"strategy":7}`, 400, "bad_json", ""},
		{`{"strategy":"random","more":1}`, 400, "bad_json", ""},
		{`{"strategy":"random"}{}`, 400, "bad_json", ""},
		{`{"strategy":"random"} x`, 400, "bad_json", ""},
		{`["random"]`, 400, "bad_json", ""},
		{`{"strategy":"ran`, 400, `such as {\"strategy\":\"health-based\"}`, ""},
		{``, 400, "bad_json", ""},
		{strings.Repeat(" ", 101), 413, "too_large", ""},
	} {
		controls.calls = nil
		w := send(s, "/api/v1/strategy?lang=en", c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) || strings.Join(controls.calls, ", ") != c.call {
			t.Errorf("%q: %d %s, did %v", c.body, w.Code, w.Body, controls.calls)
		}
	}
	if w := send(s, "/api/v1/strategy?lang=zh", `{"strategy":"x"}`); !strings.Contains(w.Body.String(), "没有这个名称的策略") {
		t.Errorf("in Chinese: %s", w.Body)
	}
	r := request("POST", "/api/v1/strategy")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if w := do(s, r); w.Code != 415 {
		t.Errorf("a form: %d", w.Code)
	}
}

func TestControls(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	controls := s.deps.Controls.(*fakeControls)
	const failover = "/api/v1/connections/a1a1a1a1a1a1/failover"
	for _, c := range []struct {
		path   string
		fail   error
		status int
		want   string // in the answer
		call   string
	}{
		{failover, nil, 200, `{"id":"c3c3c3c3c3c3"}`, "failover a1a1a1a1a1a1"},
		{failover, fmt.Errorf("moving a1: %w", ErrNoOther), 409, "no_other_link", "failover a1a1a1a1a1a1"},
		{failover, errors.New("token=" + token), 500, "action_failed", "failover a1a1a1a1a1a1"},
		{"/api/v1/connections/nobody/failover", nil, 404, "unknown_endpoint", ""},
		{"/api/v1/prewarm", nil, 200, `"kind":"link","id":"a1a1a1a1a1a1","name":"书房小智","tookMs":61.5,"timings":{"dns":2,"tcp":0,"tls":31,"upgrade":0}`, "prewarm"},
		{"/api/v1/prewarm", nil, 200, `"kind":"server","name":"calendar"`, "prewarm"},
		{"/api/v1/prewarm", errors.New("token=" + token), 500, "action_failed", "prewarm"},
		{"/api/v1/optimize", nil, 200, `"routine":"compaction","reason":"asked for","before":67108864,"after":41943040,"unit":"bytes","tookMs":12`, "optimize"},
	} {
		controls.calls, controls.fail = nil, c.fail
		w := do(s, request("POST", c.path))
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) || strings.Join(controls.calls, ", ") != c.call {
			t.Errorf("%s: %d %s, did %v", c.path, w.Code, w.Body, controls.calls)
		}
		if strings.Contains(w.Body.String(), token) {
			t.Errorf("%s shows a token", c.path)
		}
	}
	controls.fail = errors.New("no")
	if w := send(s, "/api/v1/strategy", strategyExample); w.Code != 500 {
		t.Errorf("a strategy that cannot be set: %d", w.Code)
	}
}

func TestActionsOnAllLinks(t *testing.T) {
	s, links, _, _ := newServer(t, nil)
	for _, v := range verbs {
		links.calls = nil
		w := do(s, request("POST", "/api/v1/"+v.name))
		var list []struct{ ID, State string }
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != 200 || len(list) != len(links.all) {
			t.Errorf("%s: %d %s", v.name, w.Code, w.Body)
		}
		for i, l := range links.all {
			if links.calls[i] != v.name+" "+l.ID {
				t.Errorf("%s did %v", v.name, links.calls)
			}
			if v.name == "pause" && list[i].State != "paused" {
				t.Errorf("after pause %s is %s", l.ID, list[i].State)
			}
		}
	}
	links.calls, links.fail = nil, errors.New("no")
	if w := do(s, request("POST", "/api/v1/pause")); w.Code != 500 {
		t.Errorf("an action that fails: %d", w.Code)
	}
}

// TestWithoutParts holds that what is not there says so.
func TestWithoutParts(t *testing.T) {
	s := New(Deps{}, &Options{Port: testPort})
	t.Cleanup(func() { s.Close() })
	var asked []string
	for _, route := range s.routes {
		if !strings.HasPrefix(route.pattern, "/api/") {
			continue
		}
		w := do(s, route.request(s))
		if slices.Contains([]string{"performance", "anomalies", "strategy", "failover", "prewarm", "optimize"}, route.pattern[strings.LastIndex(route.pattern, "/")+1:]) {
			asked = append(asked, route.pattern)
			if w.Code != 404 || !strings.Contains(w.Body.String(), `"unavailable"`) {
				t.Errorf("%s: %d %s", route.pattern, w.Code, w.Body)
			}
		}
		if w.Code >= 500 {
			t.Errorf("%s: %d %s", route.pattern, w.Code, w.Body)
		}
	}
	if len(asked) != 6 {
		t.Errorf("only %v were asked", asked)
	}
}
