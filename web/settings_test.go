package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/config"
)

// optionsAsTheyAre is the form of the options, unchanged.
func optionsAsTheyAre(s *Server) url.Values {
	now := s.deps.Editor.Snapshot()
	form := url.Values{"revision": {now.Revision}}
	for _, o := range options {
		if value := o.of(now.Config); value != "" {
			form.Set(o.name(), value)
		}
	}
	return form
}

// textAsItIs is the form of the file, unchanged, as a browser sends it.
func textAsItIs(s *Server, do string) url.Values {
	now := s.deps.Editor.Snapshot()
	return url.Values{"revision": {now.Revision}, "do": {do}, "text": {strings.ReplaceAll(hiddenText(now.Text), "\n", "\r\n")}}
}

// withPort changes the file.
func withPort(s *Server, port int) config.Snapshot {
	now, err := s.deps.Editor.Modify(context.Background(), "", func(e *config.Edit) error { return e.SetOption("port", port) })
	if err != nil {
		panic(err)
	}
	return now
}

// someVersion leaves the file as it is, with an earlier version whose port is 3033, and is
// the form to restore that.
func someVersion(s *Server) url.Values {
	before := s.deps.Editor.Snapshot()
	withPort(s, 3033)
	now, err := s.replaceText(context.Background(), "", before.Text)
	if err != nil {
		panic(err)
	}
	versions, err := s.deps.Editor.Versions()
	if err != nil {
		panic(err)
	}
	return url.Values{"revision": {now.Revision}, "id": {versions[0].ID}}
}

// wants fails the test unless an answer has a status and holds texts.
func wants(t *testing.T, what string, w *httptest.ResponseRecorder, status int, texts ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("%s: %d, want %d: %s", what, w.Code, status, w.Header().Get("Location"))
	}
	for _, text := range texts {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("%s lacks %s", what, text)
		}
	}
	if strings.Contains(w.Body.String(), token) {
		t.Errorf("%s shows a token", what)
	}
}

func TestSettingsOptions(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	wants(t, "form", do(s, request("GET", "/settings")), 200, `name="healthCheckInterval" type="number" value="30000"`, "30 to 60 seconds")
	wants(t, "preset", do(s, request("GET", "/settings?preset=production")), 200, `<option value="health-based" selected>`, "In the file: Round-robin.", "1 value is filled in")

	form := optionsAsTheyAre(s)
	wants(t, "nothing changed", post(s, "/settings", form), 303)

	// All mistakes at once, and what was typed is kept.
	form.Set("healthCheckInterval", "999")
	form.Set("maxReconnectDelay", "2000")
	form.Set("port", "many")
	form.Set("logLevel", "debug")
	w := post(s, "/settings", form)
	wants(t, "mistakes", w, 422, `value="999"`, `value="many"`, "3 values cannot be used", `id="e-healthCheckInterval"`, `id="e-maxReconnectDelay"`, `id="e-port"`, "must be a number", `<option value="debug" selected>`)
	if c := s.deps.Editor.Snapshot().Config; c.LogLevel != "info" {
		t.Error("a form with mistakes was saved")
	}
	form.Set("healthCheckInterval", "45000")
	form.Set("maxReconnectDelay", "")
	form.Set("port", "3002")
	form.Del("jitterEnabled")
	w = post(s, "/settings", form)
	wants(t, "save", w, 303)
	now := s.deps.Editor.Snapshot()
	if c := now.Config; c.Port != 3002 || c.Connection.HealthCheckInterval.Seconds() != 45 || c.Connection.Jitter || c.LogLevel != "debug" {
		t.Errorf("saved %s", now.Text)
	}
	if !strings.Contains(string(now.Text), "// beside a1a1a1a1a1a1") {
		t.Error("a comment is gone")
	}

	// The form is now of an older file.
	form.Set("logLevel", "error")
	wants(t, "conflict", post(s, "/settings", form), 409, "changed meanwhile", "In the file: Debug.", `<option value="error" selected>`, `value="`+now.Revision+`"`)

	// And it can be taken back.
	page := do(s, request("GET", w.Header().Get("Location")))
	wants(t, "done", page, 200, "4 settings changed", `name="deed"`)
	to, _ := url.Parse(w.Header().Get("Location"))
	wants(t, "undo", post(s, "/undo", url.Values{"deed": {to.Query().Get(doneArg)}, "from": {"/settings"}}), 303)
	if c := s.deps.Editor.Snapshot().Config; c.Port != 3001 || !c.Connection.Jitter {
		t.Error("nothing was taken back")
	}
}

func TestSettingsOfABrokenFile(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	store := s.deps.Editor.(*config.Store)
	form := optionsAsTheyAre(s)
	changed, stop := store.Subscribe()
	defer stop()
	if err := os.WriteFile(store.Snapshot().Path, []byte("{\n  \"port\": 3001,\n  \"mcpEndpoint\": \"wss://h/?token="+token+"\"\n  \"x\": 1\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for store.Snapshot().Problem == nil {
		<-changed
	}
	form.Set("logLevel", "debug")
	wants(t, "options", post(s, "/settings", form), 409, "the file has a mistake", `<option value="debug" selected>`)
	wants(t, "file", do(s, request("GET", "/settings/file")), 200, "1 mistake", "Line 4, column 3", "wss://h/?token=‹***1›")
	wants(t, "versions", do(s, request("GET", "/settings/versions")), 200, "no earlier version")

	// It is mended here, and its token comes back.
	text := textAsItIs(s, "look")
	mended := strings.Replace(text.Get("text"), "‹***1›\"", "‹***1›\",", 1)
	text.Set("text", mended)
	wants(t, "compare", post(s, "/settings/file", text), 200, `class="added"`, `class="removed"`)
	text.Set("do", "save")
	wants(t, "mend", post(s, "/settings/file", text), 303)
	now := store.Snapshot()
	if now.Problem != nil || now.Config.Endpoints[0].URL.Reveal() != "wss://h/?token="+token {
		t.Errorf("mended to %v %s", now.Problem, now.Text)
	}
}

func TestSettingsFile(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	before := s.deps.Editor.Snapshot()
	wants(t, "form", do(s, request("GET", "/settings/file")), 200, "token=‹***1›", "// beside a1a1a1a1a1a1")
	wants(t, "export", do(s, request("GET", "/api/v1/settings/export")), 200, "token=‹***1›")
	wants(t, "unchanged", post(s, "/settings/file", textAsItIs(s, "look")), 200, "There is no difference")

	form := textAsItIs(s, "save")
	form.Set("text", strings.Replace(form.Get("text"), `"mcpServers"`, `"port": 99999, "mcpServers"`, 1))
	wants(t, "mistake", post(s, "/settings/file", form), 422, "1 mistake", "port = 99999", "column")
	form.Set("text", "{\"a\": \"‹***99›\"}")
	wants(t, "mark", post(s, "/settings/file", form), 422, "stands for no credential", "Line 1, column 8")

	// A program is not run without being confirmed.
	form = textAsItIs(s, "save")
	form.Set("text", strings.Replace(form.Get("text"), `"mcpServers": {`, `"mcpServers": {"mine": {"command": "mine", "args": ["--x"], "env": {"KEY": "hush-hush"}}, `, 1))
	w := post(s, "/settings/file", form)
	wants(t, "program", w, 422, "1 program will be run", "mine --x", "Please confirm")
	if strings.Contains(w.Body.String(), "hush-hush") || s.deps.Editor.Snapshot().Revision != before.Revision {
		t.Error("a credential is shown, or a program runs unconfirmed")
	}
	// What was typed comes back by way of the comparison, whose draft knows what is hidden.
	body := w.Body.String()
	cut := func(name string) string {
		_, rest, _ := strings.Cut(body, `name="`+name+`" value="`)
		value, _, _ := strings.Cut(rest, `"`)
		return strings.NewReplacer("&#34;", `"`, "&amp;", "&", "&lt;", "<", "&gt;", ">", "&#39;", "'").Replace(value)
	}
	again := url.Values{"revision": {cut("revision")}, "draft": {cut("draft")}, "text": {cut("text")}, "do": {"edit"}}
	wants(t, "edit further", post(s, "/settings/file", again), 200, "‹***7›", `name="draft"`)
	again.Set("do", "save")
	again.Set("confirm", "on")
	wants(t, "save", post(s, "/settings/file", again), 303)
	now := s.deps.Editor.Snapshot()
	if got := now.Config.Servers[0]; got.Command != "mine" || got.Env["KEY"] != "hush-hush" || now.Config.Endpoints[0].URL != addressOf("a1a1a1a1a1a1") {
		t.Errorf("saved %s", now.Text)
	}

	// On top of a newer file nothing is saved, and the difference is shown.
	old := textAsItIs(s, "save")
	withPort(s, 3034)
	wants(t, "conflict", post(s, "/settings/file", old), 409, "changed meanwhile", `class="removed"`)
}

func TestSettingsVersions(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	form := someVersion(s)
	wants(t, "list", do(s, request("GET", "/settings/versions")), 200, "restoring it: +2 −1 lines")
	wants(t, "compare", do(s, request("GET", "/settings/versions?id="+url.QueryEscape(form.Get("id")))), 200, `class="removed"`, "Restore")
	wants(t, "none", do(s, request("GET", "/settings/versions?id=../../etc/passwd")), 404)
	wants(t, "restore none", post(s, "/settings/versions", url.Values{"id": {"x"}}), 404)
	stale := url.Values{"id": {form.Get("id")}, "revision": {"another"}}
	wants(t, "conflict", post(s, "/settings/versions", stale), 409)
	wants(t, "restore", post(s, "/settings/versions", form), 303)
	if now := s.deps.Editor.Snapshot(); now.Config.Port != 3033 {
		t.Errorf("restored %s", now.Text)
	}

	// A version that runs a program which does not run now asks first.
	_, err := s.deps.Editor.Modify(t.Context(), "", func(e *config.Edit) error {
		return e.AddServer(config.Server{Name: "mine", Kind: config.KindStdio, Command: "mine", Enabled: true})
	})
	if err == nil {
		_, err = s.deps.Editor.Modify(t.Context(), "", func(e *config.Edit) error { return e.RemoveServer("mine") })
	}
	if err != nil {
		t.Fatal(err)
	}
	versions, _ := s.deps.Editor.Versions()
	form = url.Values{"id": {versions[0].ID}, "revision": {s.deps.Editor.Snapshot().Revision}}
	wants(t, "program", post(s, "/settings/versions", form), 422, "1 program will be run", "Please confirm")
	form.Set("confirm", "on")
	wants(t, "confirmed", post(s, "/settings/versions", form), 303)
	if len(s.deps.Editor.Snapshot().Config.Servers) != 6 {
		t.Error("not restored")
	}
}

func TestSettingsWithoutAFile(t *testing.T) {
	s := New(Deps{}, &Options{Port: testPort})
	defer s.Close()
	for _, path := range []string{"/settings", "/settings/file", "/api/v1/settings/export", "/settings/versions"} {
		if w := do(s, request("GET", path)); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestLongFile edits a file that is longer than other forms may be, and refuses one that
// could not be sent back.
func TestLongFile(t *testing.T) {
	s, store := settingsServer(t)
	long := func(size int) {
		t.Helper()
		comment := "// " + strings.Repeat("长", 30) + "\n"
		text := strings.Repeat(comment, size/len(comment)) + "{\"port\": 3001}\n"
		if _, err := store.Modify(t.Context(), "", func(e *config.Edit) error { e.Replace([]byte(text)); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	long(maxText - 200)
	form := textAsItIs(s, "look")
	form.Set("text", strings.Replace(form.Get("text"), "3001", "3002", 1))
	if n := len(form.Encode()); n < 2*maxText || n > fileBody {
		t.Fatalf("the form has %d bytes", n)
	}
	wants(t, "compare", post(s, filePath, form), 200, `class="added"`, `class="removed"`)
	form.Set("text", form.Get("text")+"}")
	wants(t, "mistake", post(s, filePath, form), 422, "1 mistake")
	form.Set("text", strings.Replace(string(store.Snapshot().Text), "3001", "3003", 1))
	form.Set("do", "save")
	wants(t, "save", post(s, filePath, form), 303)
	if store.Snapshot().Config.Port != 3003 {
		t.Error("it was not saved")
	}
	form.Set("text", strings.Repeat(" ", fileBody))
	wants(t, "too much", post(s, filePath, form), 413)
	wants(t, "too much elsewhere", post(s, "/settings", form), 413)
	long(maxText + 200)
	wants(t, "too long to be edited", do(s, request("GET", filePath)), 200, "too long to be edited")
}
