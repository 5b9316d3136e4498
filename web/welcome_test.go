package web

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/config"
)

// newFirstRun returns a server over an empty configuration.
func newFirstRun(t testing.TB) (*Server, *fakeLinks) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "xiaozhi.config.json")
	if err := os.WriteFile(path, []byte("{\n  // mine\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := config.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	links := &fakeLinks{}
	s := New(Deps{Links: links, Editor: store, Doctor: &fakeDoctor{}}, &Options{Port: testPort})
	t.Cleanup(func() { s.Close() })
	return s, links
}

func TestFirstRunLeadsOn(t *testing.T) {
	s, _ := newFirstRun(t)
	w := do(s, request("GET", "/"))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/welcome" {
		t.Fatalf("without an endpoint: %d %s", w.Code, w.Header().Get("Location"))
	}
	if w := do(s, request("GET", "/?later")); w.Code != 200 || !strings.Contains(w.Body.String(), `href="/endpoints/add"`) || !strings.Contains(w.Body.String(), `href="/servers/add"`) {
		t.Errorf("later: %d, or without buttons", w.Code)
	}
	for _, step := range welcomeSteps {
		page := do(s, request("GET", "/welcome?step="+step)).Body.String()
		if n := strings.Count(page, `<li aria-current="step">`); n != 1 || strings.Count(page, "<h1") != 1 {
			t.Errorf("%s: %d steps are current, %d titles", step, n, strings.Count(page, "<h1"))
		}
	}

	w = post(s, "/welcome", url.Values{"language": {"zh"}, "port": {"3001"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/welcome?lang=zh&step=endpoint" {
		t.Fatalf("the first step leads to %d %s", w.Code, w.Header().Get("Location"))
	}
	w = do(s, request("GET", w.Header().Get("Location")))
	if w.Header().Get("Location") != "/welcome?step=endpoint" || len(w.Result().Cookies()) != 1 {
		t.Errorf("the language is not kept: %s", w.Header().Get("Location"))
	}
	w = post(s, "/endpoints/add", url.Values{"url": {"https://no"}, "from": {welcomeEndpoint}, "step": {"save"}})
	if w.Code != 422 || !strings.Contains(w.Body.String(), `aria-current="step"`) {
		t.Errorf("a mistake leaves the first run: %d", w.Code)
	}
	w = post(s, "/endpoints/add", url.Values{"url": {newURL}, "name": {"New"}, "enabled": {"on"}, "from": {welcomeEndpoint}, "step": {"save"}})
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/welcome?step=server&done=") {
		t.Errorf("the second step leads to %d %s", w.Code, w.Header().Get("Location"))
	}
	w = post(s, "/servers/add", url.Values{"text": {`"weather": {"url": "https://w.example/mcp"},`}, "from": {"/welcome?step=server"}})
	w = post(s, "/servers/add", url.Values{"draft": {hidden(t, w.Body.String(), "draft")}, "from": {"/welcome?step=server"}})
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/welcome?step=done&done=") {
		t.Errorf("the third step leads to %d %s", w.Code, w.Header().Get("Location"))
	}
	now := s.deps.Editor.Snapshot()
	if c := now.Config; c.Language != "zh" || len(c.Endpoints) != 1 || len(c.Servers) != 1 || !strings.Contains(string(now.Text), "// mine") {
		t.Errorf("the file is %s", now.Text)
	}
	if w := do(s, request("GET", "/")); w.Code != 200 {
		t.Errorf("with an endpoint: %d", w.Code)
	}
}

func TestPortIsTried(t *testing.T) {
	s, _ := newFirstRun(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	used := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	for port, want := range map[string]string{"": "whole number", "x": "whole number", "0": "whole number", "65536": "whole number", used: "Another program uses this port"} {
		w := post(s, "/welcome", url.Values{"language": {"en"}, "port": {port}})
		if w.Code != 422 || !strings.Contains(w.Body.String(), want) || !strings.Contains(w.Body.String(), `value="`+port+`"`) {
			t.Errorf("port %q: %d", port, w.Code)
		}
	}
	taken.Close()
	if w := post(s, "/welcome", url.Values{"port": {used}}); w.Code != http.StatusSeeOther || strconv.Itoa(s.deps.Editor.Snapshot().Config.Port) != used {
		t.Errorf("a free port: %d", w.Code)
	}
	if w := post(s, "/welcome", url.Values{"port": {"3001"}, "language": {"tlh"}}); w.Code != http.StatusSeeOther || s.deps.Editor.Snapshot().Config.Language != "" {
		t.Errorf("a language that we do not speak: %d", w.Code)
	}
}

func TestProgramsNeedConsent(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	const text = `{
  // pasted
  "mcpServers": {
    "weather": {"url": "https://other.example/mcp"},
    "files": {"command": "npx", "args": ["-y", "server", "--token=verysecretvalue", "two words"], "env": {"API_KEY": "anothersecret1"}},
    "maps": {"type": "sse", "url": "https://maps.example/sse?key=thirdsecret12", "headers": {"Authorization": "Bearer fourthsecret"}},
  },
}`
	w := post(s, "/servers/add", url.Values{"text": {text}, "trust": {"on"}})
	page := w.Body.String()
	if w.Code != 200 || s.serverNamed("files") {
		t.Fatalf("a look: %d", w.Code)
	}
	for _, want := range []string{"npx -y server", "two words", "API_KEY", "Authorization", "https://maps.example/sse?key=***", "is there already", "Add 2 servers", "This runs programs on your computer."} {
		if !strings.Contains(page, want) {
			t.Errorf("the preview lacks %q", want)
		}
	}
	for _, secret := range []string{"verysecretvalue", "anothersecret1", "thirdsecret12", "fourthsecret"} {
		if strings.Contains(page, secret) {
			t.Errorf("the preview shows %s", secret)
		}
	}
	draft := hidden(t, page, "draft")
	if w := post(s, "/servers/add", url.Values{"draft": {draft}}); w.Code != 422 || s.serverNamed("files") || !strings.Contains(w.Body.String(), "Tick this to add them.") {
		t.Errorf("without consent: %d", w.Code)
	}
	w = post(s, "/servers/add", url.Values{"draft": {draft}, "trust": {"on"}, "from": {"//evil.example"}})
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/tools?done=") || !s.serverNamed("files") || !s.serverNamed("maps") {
		t.Fatalf("with consent: %d %s", w.Code, w.Header().Get("Location"))
	}
	for _, server := range s.deps.Editor.Snapshot().Config.Servers {
		if server.Name == "weather" && server.URL.Reveal() != "https://weather.example/mcp" {
			t.Error("a server that was there is overwritten")
		}
	}
	if w := post(s, "/servers/add", url.Values{"draft": {draft}, "trust": {"on"}}); w.Code != http.StatusGone {
		t.Errorf("twice: %d", w.Code)
	}
	to, _ := url.Parse(w.Header().Get("Location"))
	if post(s, "/undo", url.Values{"deed": {to.Query().Get(doneArg)}}); s.serverNamed("files") || !s.serverNamed("weather") {
		t.Error("undo left servers, or took others along")
	}
}

// serverNamed reports whether the file has a server of that name.
func (s *Server) serverNamed(name string) bool {
	for _, server := range s.deps.Editor.Snapshot().Config.Servers {
		if server.Name == name {
			return true
		}
	}
	return false
}

func TestBadPasteSaysWhere(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "nothing"},
		{"not JSON", "hello", "Line 1, column 1"},
		{"a value is missing", "{\n  \"a\": {\"url\": }\n}", "Line 2, column 16"},
		{"no server", "{}", "there is no MCP server in this text"},
		{"our own name", `{"mcpServers":{"switchboard":{"command":"x"}}}`, "belongs to the built-in tools"},
		{"a byte order mark", "\ufeff{\"a\": 1}", ""},
		{"a mistake after a byte order mark, comments and commas", "\ufeff{ // mine\n  \"b\": {\"url\": \"https://b.example\",},\n  \"a\": }\n", "Line 3, column 8"},
		{"markup", `<script>alert(1)</script>`, "&lt;script&gt;"},
	} {
		w := post(s, "/servers/add", url.Values{"text": {c.text}})
		if c.name == "nothing" {
			c.want = `aria-invalid="true"`
		}
		if w.Code != 422 || !strings.Contains(w.Body.String(), c.want) || strings.Contains(w.Body.String(), "<script>alert") {
			t.Errorf("%s: %d, or it lacks %q", c.name, w.Code, c.want)
		}
	}
	if w := post(s, "/servers/add", url.Values{"text": {"\ufeff{ // mine\n  \"b\": {\"url\": \"https://b.example\",}, /* one */\n}\n"}}); w.Code != 200 || !strings.Contains(w.Body.String(), "Add 1 server") {
		t.Errorf("a mark, comments and commas: %d", w.Code)
	}
	// Everything may be there already.
	w := post(s, "/servers/add", url.Values{"text": {`{"weather": {"url": "https://x.example/"}}`}})
	if w.Code != 200 || strings.Contains(w.Body.String(), "Add 0") {
		t.Errorf("nothing new: %d", w.Code)
	}
	if w := post(s, "/servers/add", url.Values{"draft": {hidden(t, w.Body.String(), "draft")}}); w.Code != http.StatusConflict {
		t.Errorf("adding nothing: %d", w.Code)
	}
	if w := post(s, "/servers/add", url.Values{"text": {strings.Repeat("x", defaultBody+1)}}); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too much: %d", w.Code)
	}
}

func TestImportAPI(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	call := func(body string) (int, map[string]any) {
		t.Helper()
		w := do(s, withBody("POST", "/api/v1/servers/import", jsonMedia, body))
		var v map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
			t.Fatal(err, w.Body)
		}
		return w.Code, v
	}
	text, _ := json.Marshal(`{"files": {"command": "npx", "env": {"KEY": "v"}}}`)
	code, v := call(`{"text":` + string(text) + `}`)
	first := v["servers"].([]any)[0].(map[string]any)
	if code != 200 || v["added"] != false || first["runsProgram"] != true || first["what"] != "npx" || s.serverNamed("files") {
		t.Errorf("a look: %d %v", code, v)
	}
	if code, v = call(`{"text":` + string(text) + `,"confirm":true}`); code != 200 || v["added"] != true || v["undo"] == "" || !s.serverNamed("files") {
		t.Errorf("adding: %d %v", code, v)
	}
	if code, v = call(`{"text":"{\n  \"a\": }"}`); code != 422 || v["error"].(map[string]any)["line"] != 2.0 {
		t.Errorf("a mistake: %d %v", code, v)
	}
	if code, _ = call(`[]`); code != 400 {
		t.Errorf("no wish: %d", code)
	}
}
