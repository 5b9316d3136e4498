package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/endpoint"
)

func TestActions(t *testing.T) {
	s, links, _, _ := newServer(t, nil)
	const id = "a1a1a1a1a1a1"
	for _, v := range verbs {
		// htmx gets the fragments that changed.
		r := request("POST", "/endpoints/"+id+"/"+v.name+"?lang=en")
		r.Header.Set("HX-Request", "true")
		w := do(s, r)
		if got := targets(w.Body.String()); w.Code != 200 || !strings.HasSuffix(got, "notice") || v.name == "pause" && got != "summary link-"+id+" recent notice" {
			t.Errorf("%s by htmx: %d %s", v.name, w.Code, got)
		}
		// A plain form goes back to the page, at its card.
		r = request("POST", "/endpoints/"+id+"/"+v.name)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w = do(s, r)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/#link-"+id {
			t.Errorf("%s by form: %d %s", v.name, w.Code, w.Header().Get("Location"))
		}
		// Programs get the status.
		w = do(s, request("POST", "/api/v1/connections/"+id+"/"+v.name))
		var status struct{ ID, State string }
		if err := json.Unmarshal(w.Body.Bytes(), &status); err != nil || status.ID != id {
			t.Errorf("%s by API: %d %s", v.name, w.Code, w.Body)
		}
		if v.name == "pause" && status.State != "paused" {
			t.Errorf("after pause the state is %s", status.State)
		}
		if n := len(slices.DeleteFunc(slices.Clone(links.calls), func(c string) bool { return c != v.name+" "+id })); n != 3 {
			t.Errorf("%s was done %d times", v.name, n)
		}
	}

	r := request("POST", "/endpoints/nobody/pause?lang=en")
	r.Header.Set("HX-Request", "true")
	if w := do(s, r); w.Code != 404 || targets(w.Body.String()) != "notice" || !strings.Contains(w.Body.String(), "no endpoint with this id") {
		t.Errorf("unknown link by htmx: %d %s", w.Code, w.Body)
	}
	links.fail = errors.New("no way: token=" + token)
	w := do(s, request("POST", "/api/v1/connections/"+id+"/pause"))
	if w.Code != 500 || strings.Contains(w.Body.String(), token) || !strings.Contains(w.Body.String(), "action_failed") {
		t.Errorf("an action that fails: %d %s", w.Code, w.Body)
	}
}

// TestStatusObject holds the API to the keys that the status object always had.
func TestStatusObject(t *testing.T) {
	s, links, _, _ := newServer(t, nil)
	links.mu.Lock()
	links.all[4].History = []endpoint.Reconnect{{At: noon, Attempt: 1, Kind: endpoint.KindDNS}}
	links.all[4].LastConnected, links.all[4].LastSuccess, links.all[4].LastReconnectAttempt = noon, noon, noon
	links.mu.Unlock()
	var list []map[string]any
	w := do(s, request("GET", "/api/v1/connections"))
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list) != 6 {
		t.Fatalf("%d links: %v", len(list), err)
	}
	for _, key := range strings.Split("endpoint, connected, initialized, lastConnected, lastError, reconnectAttempts, healthScore, lastHealthCheck, "+
		"responseTime, consecutiveFailures, totalRequests, successfulRequests, lastSuccessTime, healthCheckEnabled, isReconnecting, "+
		"nextReconnectTime, lastReconnectAttempt, reconnectDelay, errorType, reconnectHistory, id, state, kind", ", ") {
		if _, ok := list[4][key]; !ok {
			t.Errorf("status lacks %s", key)
		}
	}
	var servers []ServerView
	if err := json.Unmarshal(do(s, request("GET", "/api/v1/servers")).Body.Bytes(), new([]any)); err != nil {
		t.Error(err)
	}
	if w := do(s, request("GET", "/api/v1/servers")); !strings.Contains(w.Body.String(), `"state":"ready"`) {
		t.Errorf("servers: %s %v", w.Body, servers)
	}
	var tools []ToolView
	if err := json.Unmarshal(do(s, request("GET", "/api/v1/tools")).Body.Bytes(), &tools); err != nil || len(tools) != 5 || string(tools[0].Schema) != `{"type":"object","properties":{}}` {
		t.Errorf("tools: %+v %v", tools, err)
	}
	if w := do(s, request("GET", "/healthz")); w.Body.String() != "{\"status\":\"ok\"}\n" {
		t.Errorf("healthz: %s", w.Body)
	}
	h := do(s, request("HEAD", "/api/v1/tools"))
	if h.Code != 200 || h.Body.Len() > 0 {
		t.Errorf("HEAD: %d %s", h.Code, h.Body)
	}
}

// TestNoToken puts tokens wherever one could get in, and looks for them in every answer.
func TestNoToken(t *testing.T) {
	s, links, catalogue, settings := newServer(t, nil)
	leak := "wss://api.xiaozhi.me/mcp/?token=" + token
	links.mu.Lock()
	for i := range links.all {
		links.all[i].State = endpoint.State(i)
		links.all[i].LastError = "cannot dial " + leak
		links.all[i].Name = leak
		links.all[i].ReconnectAttempts = 5
		links.all[i].History = []endpoint.Reconnect{{At: noon, Error: "cannot dial " + leak}}
	}
	links.mu.Unlock()
	for i := range catalogue.servers {
		catalogue.servers[i].LastError = "cannot reach " + leak
	}
	catalogue.tools[0].Description, catalogue.tools[0].Original, catalogue.tools[0].Notes = "see "+leak, leak, []string{"renamed"}
	settings.view.Problem = &ConfigProblem{Texts: Texts{"en": "mcpEndpoint " + leak + " is wrong"}, Line: 1, Column: 1}
	view, unlock := s.deps.Performance.(*fakePerformance).open()
	for i := range view.Tools {
		view.Tools[i].Name, view.Tools[i].Server = leak, token
	}
	for i := range view.Links {
		view.Links[i].Label = leak
	}
	for i := range view.Anomalies {
		view.Anomalies[i].Subject, view.Anomalies[i].Detail = leak, "cannot reach "+leak
	}
	view.Groups[0].Name, view.Groups[0].Sources[0].Name = leak, "Bearer "+token
	view.Runs[0].Reason = leak
	unlock()
	address := serve(t, s)
	texts := map[string]string{"events": listen(t, address+"/events", "").next()}
	for _, route := range s.routes {
		if route.kind == kindStream {
			continue
		}
		for _, lang := range []string{"en", "zh"} {
			r := route.request(s)
			r.Header.Set("Accept-Language", lang)
			r.Header.Set("HX-Request", "true")
			texts[route.method+" "+route.pattern+" "+lang] = do(s, r).Body.String()
		}
	}
	for name, text := range texts {
		if strings.Contains(text, token) || strings.Contains(text, "c2lnbmF0dXJl") {
			t.Errorf("%s shows a token", name)
		}
	}
}

func TestLanguage(t *testing.T) {
	s, _, _, settings := newServer(t, nil)
	lang := func(prepare func(*http.Request)) string {
		r := request("GET", "/")
		prepare(r)
		w := do(s, r)
		_, rest, _ := strings.Cut(w.Body.String(), `<html lang="`)
		got, _, _ := strings.Cut(rest, `"`)
		return got
	}
	accept := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Accept-Language", value) }
	}
	if got := lang(func(*http.Request) {}); got != "en" {
		t.Errorf("without a wish: %s", got)
	}
	if got := lang(accept("zh-CN,zh;q=0.9")); got != "zh-CN" {
		t.Errorf("by the browser: %s", got)
	}
	settings.view.Language = "zh"
	if got := lang(accept("en")); got != "zh-CN" {
		t.Errorf("by the configuration: %s", got)
	}
	if got := lang(func(r *http.Request) { r.AddCookie(&http.Cookie{Name: languageCookie, Value: "en"}) }); got != "en" {
		t.Errorf("by the cookie: %s", got)
	}
	w := do(s, request("GET", "/?lang=en"))
	cookies := (&http.Response{Header: w.Header()}).Cookies()
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" || len(cookies) != 1 || cookies[0].Value != "en" || !cookies[0].HttpOnly {
		t.Errorf("choosing: %d %v", w.Code, w.Header())
	}
	if w := do(s, request("GET", "/?lang=tlh")); w.Code != 200 || len(w.Header().Values("Set-Cookie")) > 0 {
		t.Errorf("choosing what there is not: %d", w.Code)
	}
}

func TestHostileNames(t *testing.T) {
	s, links, catalogue, _ := newServer(t, nil)
	evil := `"><script>alert(1)</script><hx-partial hx-target="body">` + "\r\n\r\nid: 1"
	links.mu.Lock()
	links.all[0].Name, links.all[0].Host, links.all[0].Agent, links.all[0].ID = evil, evil, evil, evil
	links.mu.Unlock()
	catalogue.servers[0].Name, catalogue.servers[0].Kind, catalogue.servers[0].LastError = evil, evil, evil
	catalogue.tools[0].Name, catalogue.tools[0].Server, catalogue.tools[0].Description = evil, evil, strings.Repeat("啊", 100000)
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, request("GET", "/"))
	if body := w.Body.String(); w.Code != 200 || strings.Contains(body, "<script>") || strings.Contains(body, "<hx-partial") {
		t.Error("a name becomes markup")
	}
	if w.Body.Len() > 60000 {
		t.Errorf("a long description makes the page %d bytes long", w.Body.Len())
	}
}

func TestServersInTheLanguageOfTheAsker(t *testing.T) {
	s, _, catalogue, _ := newServer(t, nil)
	catalogue.servers = []ServerView{{Name: "a", Problem: "not_found", Needs: "node", LastError: `the command "npx" was not found; searched PATH=/bin`}, {Name: "b"}}
	for lang, want := range map[string]string{"en": "Install Node.js", "zh": "请安装 Node.js"} {
		r := request("GET", "/api/v1/servers")
		r.Header.Set("Accept-Language", lang)
		body := do(s, r).Body.String()
		if !strings.Contains(body, want) || !strings.Contains(body, `"problem":"not_found"`) || !strings.Contains(body, "PATH=/bin") || strings.Count(body, "problemText") != 1 {
			t.Errorf("%s: %s", lang, body)
		}
	}
}
