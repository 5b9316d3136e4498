package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
)

// post sends a form.
func post(s *Server, path string, fields url.Values) *httptest.ResponseRecorder {
	return do(s, withBody("POST", path+"?lang=en", formMedia, fields.Encode()))
}

// named returns the endpoint of the file with a name.
func named(s *Server, name string) (config.Endpoint, bool) {
	for _, e := range s.deps.Editor.Snapshot().Config.Endpoints {
		if e.Name == name {
			return e, true
		}
	}
	return config.Endpoint{}, false
}

// hidden returns the value of a hidden field.
func hidden(t *testing.T, page, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `<input type="hidden" name="`+name+`" value="`)
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

const (
	studyID = "a1a1a1a1a1a1"
	newURL  = "wss://new.example/mcp/?token=" + token
)

func TestAddExaminesFirst(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	doctor := s.deps.Doctor.(*fakeDoctor)
	doctor.report = &endpoint.Report{Findings: []endpoint.Finding{endpoint.FindingTokenOpaque, endpoint.FindingDialFailed}, Kind: endpoint.KindDNS, Error: "dial: token=" + token}

	fields := url.Values{"url": {newURL}, "name": {"New"}, "enabled": {"on"}, "check": {"on"}, "step": {"save"}}
	w := post(s, "/endpoints/add", fields)
	page := w.Body.String()
	if _, saved := named(s, "New"); w.Code != 422 || saved {
		t.Fatalf("an address that does not work: %d, saved %v", w.Code, saved)
	}
	for _, want := range []string{"The host name cannot be found", "This address does not work as it is.", `value="anyway"`, `value="New"`, `value="wss://new.example/mcp/?token=***"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, token) {
		t.Error("the page shows the token")
	}

	// What is sent again is the address that was typed, though the page hides it.
	fields.Set("url", "wss://new.example/mcp/?token=***")
	fields.Set("draft", hidden(t, page, "draft"))
	fields.Set("step", "anyway")
	if w := post(s, "/endpoints/add", fields); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/endpoints?done=") {
		t.Fatalf("saving all the same: %d %s", w.Code, w.Header().Get("Location"))
	}
	if e, ok := named(s, "New"); !ok || e.URL != secret.URL(newURL) || !e.Enabled || !e.HealthCheck {
		t.Errorf("saved %+v", e)
	}
	if len(doctor.examined) != 1 || doctor.examined[0] != newURL {
		t.Errorf("examined %d times", len(doctor.examined))
	}
}

func TestAddDoesNotExamineTwice(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	doctor := s.deps.Doctor.(*fakeDoctor)
	fields := url.Values{"url": {newURL}, "name": {"New"}, "enabled": {"on"}, "step": {"test"}}
	w := post(s, "/endpoints/add", fields)
	page := w.Body.String()
	if _, saved := named(s, "New"); w.Code != 200 || saved {
		t.Fatalf("a test: %d, saved %v", w.Code, saved)
	}
	for _, want := range []string{"The token belongs to agent 1324149.", "The token is valid until Jul 1, 2027.", "This address works."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	fields.Set("step", "save")
	fields.Set("tested", hidden(t, page, "tested"))
	if w := post(s, "/endpoints/add", fields); w.Code != http.StatusSeeOther || len(doctor.examined) != 1 {
		t.Errorf("saving what was tested: %d, examined %d times", w.Code, len(doctor.examined))
	}
	if e, _ := named(s, "New"); e.HealthCheck {
		t.Error("a box that was not ticked counts")
	}
	// Another address is examined, whatever the form says of the first.
	fields.Set("url", "wss://other.example/")
	fields.Set("name", "Other")
	if w := post(s, "/endpoints/add", fields); w.Code != http.StatusSeeOther || len(doctor.examined) != 2 {
		t.Errorf("another address: %d, examined %d times", w.Code, len(doctor.examined))
	}
}

func TestMistakesAreToldAtOnce(t *testing.T) {
	s, links, _, _ := newServer(t, nil)
	for _, c := range []struct {
		name string
		edit func(url.Values)
		want []string
	}{
		{"nothing", func(f url.Values) { f.Del("url") }, []string{"There is no address."}},
		{"a web address and a long name and an odd role", func(f url.Values) {
			f.Set("url", "https://xiaozhi.me/")
			f.Set("name", strings.Repeat("长", maxName+1))
			f.Set("role", "king")
		}, []string{"those start with wss://", "up to 80 characters", "no such role"}},
		{"an endpoint that is there", func(f url.Values) { f.Set("url", links.all[0].URL.Reveal()) }, []string{"in the configuration already"}},
		{"two addresses", func(f url.Values) { f.Set("url", "wss://a.example/ wss://b.example/") }, []string{"Copy the whole wss://"}},
		{"a port too far", func(f url.Values) { f.Set("url", "wss://a.example:99999/") }, []string{"not between 1 and 65535"}},
	} {
		fields := url.Values{"url": {newURL}, "name": {"<New>"}, "enabled": {"on"}, "step": {"save"}}
		c.edit(fields)
		w := post(s, "/endpoints/add", fields)
		if w.Code != 422 {
			t.Errorf("%s: %d", c.name, w.Code)
		}
		for _, want := range c.want {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: the page lacks %q", c.name, want)
			}
		}
		if name := fields.Get("name"); name == "<New>" && !strings.Contains(w.Body.String(), `value="&lt;New&gt;"`) {
			t.Errorf("%s: what was typed is lost", c.name)
		}
	}
	if n := len(s.deps.Doctor.(*fakeDoctor).examined); n > 0 {
		t.Errorf("mistakes were dialled %d times", n)
	}
	if w := post(s, "/endpoints/nobody/edit", url.Values{}); w.Code != 404 {
		t.Errorf("editing nobody: %d", w.Code)
	}
	r := httptest.NewRequest("POST", "/endpoints/add", strings.NewReader("url=%zz"))
	r.Host = "localhost:3001"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if w := do(s, r); w.Code != 400 {
		t.Errorf("a malformed form: %d", w.Code)
	}
}

func TestEditKeepsWhatItDoesNotAsk(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	page := do(s, request("GET", "/endpoints/"+studyID+"/edit?lang=")).Body.String()
	fields := url.Values{"name": {"Desk"}, "enabled": {"on"}, "check": {"on"}, "sees": {"some"}, "servers": {"weather", "notes"},
		"tools": {"weather__forecast, notes__find\n"}, "revision": {hidden(t, page, "revision")}, "step": {"save"}}
	w := post(s, "/endpoints/"+studyID+"/edit", fields)
	e, ok := named(s, "Desk")
	if w.Code != http.StatusSeeOther || !ok || strings.Join(e.Servers, " ") != "weather notes" || strings.Join(e.Tools, " ") != "weather__forecast notes__find" || e.URL != addressOf(studyID) {
		t.Fatalf("edit: %d %+v", w.Code, e)
	}
	if text := string(s.deps.Editor.Snapshot().Text); !strings.Contains(text, "// beside "+studyID) {
		t.Error("the comment is gone")
	}
	// A form that shows less changes less.
	if w := post(s, "/endpoints/"+studyID+"/edit", url.Values{"name": {"Desk 2"}, "enabled": {"on"}, "step": {"save"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("edit: %d", w.Code)
	}
	if e, _ := named(s, "Desk 2"); len(e.Servers) != 2 || len(e.Tools) != 2 || e.HealthCheck {
		t.Errorf("edit lost something: %+v", e)
	}
	post(s, "/endpoints/"+studyID+"/edit", url.Values{"name": {"Desk 3"}, "sees": {"all"}, "tools": {" "}, "step": {"save"}})
	if e, _ := named(s, "Desk 3"); e.Servers != nil || e.Tools != nil || e.Enabled {
		t.Errorf("everything should be seen: %+v", e)
	}

	// On top of a newer file it is a conflict, and nothing typed is lost.
	w = post(s, "/endpoints/"+studyID+"/edit", fields)
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), `value="Desk"`) || !strings.Contains(w.Body.String(), "changed since this was shown") {
		t.Fatalf("conflict: %d", w.Code)
	}
	fields.Set("revision", hidden(t, w.Body.String(), "revision"))
	if w := post(s, "/endpoints/"+studyID+"/edit", fields); w.Code != http.StatusSeeOther {
		t.Errorf("after the conflict was shown: %d", w.Code)
	}
}

func TestReplacedTokenKeepsThePast(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	s.snapshot() // the past begins
	before := len(s.traces.all()[studyID].changes)
	fresh := "wss://api.xiaozhi.me/mcp/fresh?token=" + token
	id, err := endpoint.Identify(secret.URL(fresh))
	if err != nil {
		t.Fatal(err)
	}
	w := post(s, "/endpoints/"+studyID+"/edit", url.Values{"url": {fresh}, "name": {"书房小智"}, "enabled": {"on"}, "step": {"save"}})
	if want := "/endpoints/" + id.ID + "?done="; w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), want) {
		t.Fatalf("replace: %d %s", w.Code, w.Header().Get("Location"))
	}
	if got := len(s.traces.all()[id.ID].changes); got != before || before == 0 {
		t.Errorf("the past has %d changes, had %d", got, before)
	}
	if e, _ := named(s, "书房小智"); e.URL != secret.URL(fresh) {
		t.Errorf("the address is %s", e.URL)
	}
}

func TestRemoveAndUndo(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	text := string(s.deps.Editor.Snapshot().Text)
	removeIt := func() string {
		t.Helper()
		w := post(s, "/endpoints/"+studyID+"/remove", nil)
		to, err := url.Parse(w.Header().Get("Location"))
		if _, there := named(s, "书房小智"); err != nil || w.Code != http.StatusSeeOther || there {
			t.Fatalf("remove: %d, there %v", w.Code, there)
		}
		return to.Query().Get(doneArg)
	}
	name := removeIt()
	page := do(s, request("GET", "/endpoints?done="+name)).Body.String()
	if !strings.Contains(page, "书房小智 was removed.") || !strings.Contains(page, `name="deed" value="`+name+`"`) {
		t.Error("the page does not tell of it")
	}
	if w := post(s, "/undo", url.Values{"deed": {name}, "from": {"/endpoints"}}); w.Code != http.StatusSeeOther || string(s.deps.Editor.Snapshot().Text) != text {
		t.Errorf("undo: %d, the file is not as it was", w.Code)
	}

	// When the file has changed since, only the endpoint comes back.
	name = removeIt()
	post(s, "/endpoints/add", url.Values{"url": {newURL}, "name": {"New"}, "enabled": {"on"}, "step": {"save"}})
	post(s, "/undo", url.Values{"deed": {name}})
	_, old := named(s, "书房小智")
	if _, fresh := named(s, "New"); !old || !fresh {
		t.Errorf("after an undo on top of a change: old %v, new %v", old, fresh)
	}
}

func TestSwitchedOffInTheFile(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	for _, on := range []bool{false, true} {
		verb := map[bool]string{true: "enable", false: "disable"}[on]
		if w := post(s, "/endpoints/"+studyID+"/"+verb, nil); w.Code != http.StatusSeeOther {
			t.Errorf("%s: %d", verb, w.Code)
		}
		if e, _ := named(s, "书房小智"); e.Enabled != on {
			t.Errorf("after %s it is enabled: %v", verb, e.Enabled)
		}
	}
}

func TestBrokenFileIsNotOverwritten(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	now := s.deps.Editor.Snapshot()
	broken := append([]byte("{{"), now.Text...)
	if err := os.WriteFile(now.Path, broken, 0o600); err != nil {
		t.Fatal(err)
	}
	w := post(s, "/endpoints/add", url.Values{"url": {newURL}, "name": {"New"}, "step": {"save"}})
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Correct the file first") || !strings.Contains(w.Body.String(), `value="New"`) {
		t.Errorf("saving over a broken file: %d", w.Code)
	}
	if got, err := os.ReadFile(now.Path); err != nil || string(got) != string(broken) {
		t.Errorf("it was overwritten: %v", err)
	}
}

func TestEndpointAPI(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	call := func(method, path, body string) (int, map[string]any) {
		t.Helper()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Host = "localhost:3001"
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		w := do(s, r)
		var v map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
			t.Fatalf("%s %s: %v %s", method, path, err, w.Body)
		}
		if strings.Contains(w.Body.String(), token) {
			t.Errorf("%s %s shows a token", method, path)
		}
		return w.Code, v
	}
	code, v := call("POST", "/api/v1/endpoints", `{"url":"`+newURL+`","name":"New"}`)
	id, _ := v["id"].(string)
	if code != 200 || id == "" || v["enabled"] != true || v["endpoint"] != "wss://new.example/mcp/?token=***" {
		t.Fatalf("add: %d %v", code, v)
	}
	code, list := call("GET", "/api/v1/endpoints", "")
	if code != 200 || len(list["endpoints"].([]any)) != 7 || list["revision"] == "" {
		t.Errorf("list: %d %v", code, list)
	}
	if code, v = call("PATCH", "/api/v1/endpoints/"+id, `{"name":"Newer","servers":["weather"],"revision":"`+list["revision"].(string)+`"}`); code != 200 || v["name"] != "Newer" {
		t.Errorf("change: %d %v", code, v)
	}
	if e, _ := named(s, "Newer"); len(e.Servers) != 1 || !e.Enabled || !e.HealthCheck {
		t.Errorf("changed to %+v", e)
	}
	if code, v = call("PATCH", "/api/v1/endpoints/"+id, `{"name":"Newest","revision":"`+list["revision"].(string)+`"}`); code != 409 {
		t.Errorf("on top of a newer file: %d %v", code, v)
	}
	code, v = call("PATCH", "/api/v1/endpoints/"+id, `{"url":"http://x","role":"king","name":"`+strings.Repeat("x", 81)+`"}`)
	if fields := v["error"].(map[string]any)["fields"].(map[string]any); code != 422 || len(fields) != 3 {
		t.Errorf("mistakes: %d %v", code, v)
	}
	code, v = call("DELETE", "/api/v1/endpoints/"+id, "")
	if _, there := named(s, "Newer"); code != 200 || there {
		t.Errorf("remove: %d", code)
	}
	if code, _ = call("POST", "/api/v1/undo", `{"undo":"`+v["undo"].(string)+`"}`); code != 200 {
		t.Errorf("undo: %d", code)
	}
	if _, there := named(s, "Newer"); !there {
		t.Error("undo brought nothing back")
	}
	if code, v = call("POST", "/api/v1/endpoints/examine", `{"url":"`+newURL+`"}`); code != 200 || v["ok"] != true || v["agent"] != "1324149" {
		t.Errorf("examine: %d %v", code, v)
	}
	for _, path := range []string{"/api/v1/endpoints/nobody", "/api/v1/connections/nobody/trace"} {
		if code, _ = call("GET", path, ""); code != 404 {
			t.Errorf("%s: %d", path, code)
		}
	}
	if code, _ = call("POST", "/api/v1/endpoints", `{"url":1}`); code != 400 {
		t.Errorf("no endpoint at all: %d", code)
	}
	if code, v = call("GET", "/api/v1/connections/"+studyID+"/trace", ""); code != 200 || v["charts"].(map[string]any)["7d"] == nil {
		t.Errorf("trace: %d %v", code, v)
	}
}

func TestPauseForATime(t *testing.T) {
	s, links, _, _ := newServer(t, nil)
	if w := post(s, "/endpoints/"+studyID+"/pause", url.Values{"minutes": {"15"}, "from": {"/endpoints/" + studyID}}); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/endpoints/"+studyID {
		t.Errorf("pause: %d %s", w.Code, w.Header().Get("Location"))
	}
	if len(s.rests.until()) != 1 {
		t.Error("the pause has no end")
	}
	if page := do(s, request("GET", "/endpoints/"+studyID)).Body.String(); !strings.Contains(page, `data-live="resumes {}"`) {
		t.Error("the page does not say when it ends")
	}
	post(s, "/endpoints/"+studyID+"/resume", nil)
	if len(s.rests.until()) != 0 || links.all[0].State != endpoint.Dialing {
		t.Error("a link that was resumed still waits for the end of its pause")
	}
	for _, minutes := range []string{"-5", "x", "0", ""} {
		post(s, "/endpoints/"+studyID+"/pause", url.Values{"minutes": {minutes}})
		if len(s.rests.until()) != 0 {
			t.Errorf("%q minutes is a time", minutes)
		}
	}
}
