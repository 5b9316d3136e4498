package web

import (
	"encoding/json"
	"maps"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
)

// fieldOf is what a page has in a field, in the way in which a browser sends it.
func fieldOf(t *testing.T, page, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, ` name="`+name+`"`)
	if !ok {
		t.Fatalf("the page has no field %s", name)
	}
	value := ""
	if tag, after, _ := strings.Cut(rest, ">"); strings.Contains(tag, " value=") {
		_, value, _ = strings.Cut(tag, ` value="`)
		value, _, _ = strings.Cut(value, `"`)
	} else {
		value, _, _ = strings.Cut(after, "</textarea>")
	}
	for from, to := range map[string]string{"&#34;": `"`, "&#39;": "'", "&lt;": "<", "&gt;": ">", "&amp;": "&"} {
		value = strings.ReplaceAll(value, from, to)
	}
	return value
}

// serverOf is a server of the file.
func serverOf(t *testing.T, s *Server, name string) (config.Server, bool) {
	t.Helper()
	return rawServer(s.deps.Editor.Snapshot(), name)
}

func TestAddServerByForm(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	wants(t, "empty", do(s, request("GET", "/servers/new")), 200, `name="command"`, `name="trust"`, `href="/servers/add"`)
	wants(t, "address", do(s, request("GET", "/servers/new?kind=address")), 200, `name="url"`, `name="headers"`)
	text := s.deps.Editor.Snapshot().Text

	form := url.Values{"kind": {"stdio"}, "name": {"files"}, "command": {"npx"}, "args": {"-y\r\n\" a b \"\r\n\r\n--api-key\r\nhunter2hunter2"}, "env": {"KEY=a=b\nEMPTY="}, "cwd": {"/srv"}, "enabled": {"on"}}
	w := post(s, "/servers/new", form)
	wants(t, "unconfirmed", w, 422, "a program would run that has not run before", "runs programs on your computer")
	if strings.Contains(w.Body.String(), "hunter2") || strings.Contains(w.Body.String(), "a=b") {
		t.Error("what was typed in confidence is shown again")
	}
	if string(s.deps.Editor.Snapshot().Text) != string(text) {
		t.Fatal("saved without consent")
	}
	// Send again what came back, and agree.
	page := w.Body.String()
	again := url.Values{"kind": {"stdio"}, "enabled": {"on"}, "trust": {"on"}, "veil": {hidden(t, page, "veil")}}
	for _, name := range []string{"name", "command", "args", "env", "cwd"} {
		again.Set(name, fieldOf(t, page, name))
	}
	w = post(s, "/servers/new", again)
	if w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "/tools?done=") {
		t.Fatalf("with consent: %d %s", w.Code, w.Body)
	}
	f, _ := serverOf(t, s, "files")
	want := config.Server{Name: "files", Kind: config.KindStdio, Command: "npx", Args: []string{"-y", " a b ", "--api-key", "hunter2hunter2"}, Env: map[string]string{"KEY": "a=b", "EMPTY": ""}, Dir: "/srv", Enabled: true}
	if !f.Equal(want) {
		t.Errorf("saved %q %q %q", f.Args, f.Env, f.Dir)
	}

	for _, c := range []struct {
		name string
		form url.Values
		want []string
	}{
		{"everything wrong", url.Values{"kind": {"stdio"}, "env": {"no sign"}, "trust": {"on"}}, []string{"A name has 1 to 128", "Name the program", "NAME=value", "no sign"}},
		{"twice", url.Values{"kind": {"stdio"}, "name": {"weather"}, "command": {"x"}, "trust": {"on"}}, []string{"Another server has this name"}},
		{"reserved", url.Values{"kind": {"stdio"}, "name": {"Switchboard"}, "command": {"x"}, "trust": {"on"}}, []string{"belongs to the built-in tools"}},
		{"dots", url.Values{"kind": {"stdio"}, "name": {".."}, "command": {"x"}, "trust": {"on"}}, []string{"more than dots"}},
		{"no address", url.Values{"kind": {"auto"}, "name": {"a"}, "url": {"ftp://x"}, "headers": {"none"}}, []string{"starts with http://", "Name: value"}},
		{"odd kind", url.Values{"kind": {"magic"}, "name": {"a"}, "url": {"http://x"}}, []string{"no such kind"}},
		{"a mark of nothing", url.Values{"kind": {"auto"}, "name": {"a"}, "url": {"http://x"}, "headers": {"A: ‹***1›"}}, []string{"stands for no value"}},
		{"bad header", url.Values{"kind": {"auto"}, "name": {"a"}, "url": {"http://x"}, "headers": {"A b: c"}}, []string{"character that cannot stand there"}},
		{"long prefix", url.Values{"kind": {"auto"}, "name": {"a"}, "url": {"http://x"}, "prefixed": {"on"}, "prefix": {"a b"}}, []string{"prefix"}},
	} {
		wants(t, c.name, post(s, "/servers/new", c.form), 422, c.want...)
	}
	wants(t, "address", post(s, "/servers/new", url.Values{"kind": {"sse"}, "name": {"a"}, "url": {"http://x/${PART}"}, "enabled": {"on"}}), 422, "PART")
	wants(t, "address", post(s, "/servers/new", url.Values{"kind": {"sse"}, "name": {"a"}, "url": {"http://x/y"}, "prefixed": {"on"}, "enabled": {"on"}}), 303)
	if f, _ := serverOf(t, s, "a"); f.Kind != config.KindSSE || f.Prefix == nil || *f.Prefix != "" {
		t.Errorf("saved %v", f)
	}
}

func TestChangeServer(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	t.Setenv("WEATHER_KEY", "value-of-the-key")
	if _, err := s.deps.Editor.Modify(t.Context(), "", func(e *config.Edit) error {
		return e.UpdateServer("weather", config.Server{Name: "weather", Kind: config.KindAuto, URL: "https://weather.example/mcp?token=" + token, Enabled: true,
			Headers: map[string]string{"A": "secret-of-a", "B": "${WEATHER_KEY}"}, Tools: map[string]config.Tool{"forecast": {}}})
	}); err != nil {
		t.Fatal(err)
	}
	before := s.deps.Editor.Snapshot()
	w := do(s, request("GET", "/tools/servers/weather/edit"))
	wants(t, "form", w, 200, "${WEATHER_KEY}")
	page := w.Body.String()
	if strings.Contains(page, "secret-of-a") || strings.Contains(page, "value-of-the-key") {
		t.Error("the form shows a secret")
	}
	form := func(page string) url.Values {
		v := url.Values{"enabled": {"on"}}
		for _, name := range []string{"name", "url", "headers", "group", "prefix"} {
			v.Set(name, fieldOf(t, page, name))
		}
		v.Set("kind", "auto")
		v.Set("veil", hidden(t, page, "veil"))
		v.Set("revision", hidden(t, page, "revision"))
		return v
	}
	// Sent back as it is, it changes nothing.
	wants(t, "unchanged", post(s, "/tools/servers/weather/edit", form(page)), 303)
	if now := s.deps.Editor.Snapshot(); string(now.Text) != string(before.Text) {
		t.Errorf("the file is now %s", now.Text)
	}
	// A new name, a new header and one less; the rest stays, references included.
	v := form(page)
	v.Set("name", "sky")
	v.Set("headers", v.Get("headers")+"\nC: new")
	v.Set("group", "air")
	w = post(s, "/tools/servers/weather/edit", v)
	if w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "/tools/servers/sky?done=") {
		t.Fatalf("changed: %d %s", w.Code, w.Body)
	}
	f, ok := serverOf(t, s, "sky")
	if want := map[string]string{"A": "secret-of-a", "B": "${WEATHER_KEY}", "C": "new"}; !ok || !maps.Equal(f.Headers, want) || f.Group != "air" || f.URL.Reveal() != "https://weather.example/mcp?token="+token || f.Tools["forecast"].Enabled {
		t.Errorf("saved %v %v %v", f, f.Headers, f.Tools)
	}
	// What was based on the older file is a conflict, shown with what was typed.
	v = form(page)
	v.Set("name", "other")
	wants(t, "gone", post(s, "/tools/servers/weather/edit", v), 404)
	v.Set("group", "typed")
	wants(t, "conflict", post(s, "/tools/servers/sky/edit", v), 409, "was changed since this was shown", `value="typed"`)
	// It can be undone.
	done := w.Header().Get("Location")[strings.Index(w.Header().Get("Location"), "done=")+5:]
	wants(t, "undo", post(s, "/undo", url.Values{"deed": {done}, "from": {"/tools"}}), 303)
	if now := s.deps.Editor.Snapshot(); string(now.Text) != string(before.Text) {
		t.Errorf("undone to %s", now.Text)
	}
}

func TestConsentToChangedPrograms(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	page := do(s, request("GET", "/tools/servers/home_assistant/edit")).Body.String()
	form := url.Values{"kind": {"stdio"}, "enabled": {"on"}, "veil": {hidden(t, page, "veil")}}
	for _, name := range []string{"name", "command", "args", "env", "cwd", "group"} {
		form.Set(name, fieldOf(t, page, name))
	}
	form.Set("group", "house")
	wants(t, "only the group", post(s, "/tools/servers/home_assistant/edit", form), 303)
	for field, value := range map[string]string{"command": "evil", "args": "x", "env": "LD_PRELOAD=x", "cwd": "/evil"} {
		changed := maps.Clone(form)
		changed[field] = []string{value}
		wants(t, field, post(s, "/tools/servers/home_assistant/edit", changed), 422, "has not run before")
	}
	form.Set("kind", "auto")
	form.Set("url", "https://h.example/mcp")
	wants(t, "to an address", post(s, "/tools/servers/home_assistant/edit", form), 303)
	form = url.Values{"kind": {"stdio"}, "name": {"home_assistant"}, "command": {"evil"}}
	wants(t, "back to a program", post(s, "/tools/servers/home_assistant/edit", form), 422, "has not run before")
	if f, _ := serverOf(t, s, "home_assistant"); f.Group != "house" || f.Command != "" || f.URL == "" {
		t.Errorf("it is %v", f)
	}
}

func TestServerVerbs(t *testing.T) {
	s, _, catalogue, _ := newServer(t, nil)
	before := s.deps.Editor.Snapshot()
	wants(t, "restart", post(s, "/tools/servers/weather/restart", url.Values{"from": {"/tools"}}), 303)
	wants(t, "restart, off", post(s, "/tools/servers/notes/restart", nil), 409)
	wants(t, "restart, unknown", post(s, "/tools/servers/nobody/restart", nil), 404)
	wants(t, "restart, by the API", send(s, "/api/v1/servers/music-a/restart", "{}"), 200)
	wants(t, "restart, off, by the API", send(s, "/api/v1/servers/notes/restart", "{}"), 409, "server_off")
	if !slices.Equal(catalogue.restarted, []string{"weather", "music-a"}) {
		t.Errorf("restarted %v", catalogue.restarted)
	}
	wants(t, "off", post(s, "/tools/servers/weather/disable", url.Values{"from": {"/tools"}}), 303)
	wants(t, "page", do(s, request("GET", "/tools/servers/weather")), 200, "/tools/servers/weather/enable")
	wants(t, "on", post(s, "/tools/servers/weather/enable", nil), 303)
	wants(t, "unknown", post(s, "/tools/servers/nobody/enable", nil), 404)
	if f, _ := serverOf(t, s, "weather"); !f.Enabled || !strings.Contains(string(s.deps.Editor.Snapshot().Text), "// beside weather") {
		t.Errorf("switched back: %v", f)
	}
	before = s.deps.Editor.Snapshot()
	w := post(s, "/tools/servers/weather/remove", nil)
	wants(t, "removed", w, 303)
	if _, there := serverOf(t, s, "weather"); there {
		t.Fatal("it is still there")
	}
	wants(t, "no page", do(s, request("GET", "/tools/servers/weather")), 404)
	done := strings.TrimPrefix(w.Header().Get("Location"), "/tools?done=")
	wants(t, "undo", post(s, "/undo", url.Values{"deed": {done}}), 303)
	if now := s.deps.Editor.Snapshot(); string(now.Text) != string(before.Text) {
		t.Errorf("undone to %s", now.Text)
	}
	wants(t, "standard error", do(s, request("GET", "/tools/servers/home_assistant")), 200, "listening on standard input", "hass-mcp --api-key ***")
	wants(t, "standard error, by the API", do(s, request("GET", "/api/v1/servers/home_assistant/stderr")), 200, `"lines":["listening on standard input",`)
	wants(t, "standard error of nobody", do(s, request("GET", "/api/v1/servers/nobody/stderr")), 404, "unknown_server")
}

func TestRemovedServerComesBackIntoAChangedFile(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	t.Setenv("WEATHER_KEY", "value")
	change := func(edit func(*config.Edit) error) {
		t.Helper()
		if _, err := s.deps.Editor.Modify(t.Context(), "", edit); err != nil {
			t.Fatal(err)
		}
	}
	change(func(e *config.Edit) error {
		return e.AddServer(config.Server{Name: "mine", Kind: config.KindHTTP, URL: "https://m.example", Headers: map[string]string{"K": "${WEATHER_KEY}"}, Enabled: true})
	})
	w := post(s, "/tools/servers/mine/remove", nil)
	change(func(e *config.Edit) error { return e.RemoveServer("notes") })
	wants(t, "undo", post(s, "/undo", url.Values{"deed": {strings.TrimPrefix(w.Header().Get("Location"), "/tools?done=")}}), 303)
	if f, _ := serverOf(t, s, "mine"); f.Headers["K"] != "${WEATHER_KEY}" {
		t.Errorf("it came back as %v %v", f, f.Headers)
	}
}

func TestServersByTheAPI(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	text := s.deps.Editor.Snapshot().Text
	const program = `{"name":"files","command":"npx","args":["-y","files"],"env":{"API_KEY":"hunter2hunter2"}}`
	wants(t, "unconfirmed", patch(s, "POST", "/api/v1/servers", program), 422, "unconfirmed", "confirm")
	wants(t, "unconfirmed change", patch(s, "PATCH", "/api/v1/servers/home_assistant", `{"args":["x"]}`), 422, "unconfirmed")
	wants(t, "unconfirmed kind", patch(s, "PATCH", "/api/v1/servers/weather", `{"command":"evil"}`), 422, "unconfirmed")
	for what, body := range map[string]string{
		"nothing": `{}`, "no address": `{"name":"a","kind":"sse"}`, "twice": `{"name":"weather","url":"http://x"}`, "odd kind": `{"name":"a","kind":"magic","url":"http://x"}`,
		"bad header": `{"name":"a","url":"http://x","headers":{"a b":"c"}}`,
	} {
		wants(t, what, patch(s, "POST", "/api/v1/servers", body), 422, `"not_valid"`, `"fields":{"`)
	}
	wants(t, "no JSON", patch(s, "POST", "/api/v1/servers", `{"name":"a","unknown":1}`), 400, "bad_json")

	// No page of another site adds a program, whatever it says.
	for _, target := range [][2]string{{"POST", "/api/v1/servers"}, {"PATCH", "/api/v1/servers/home_assistant"}, {"POST", "/servers/new"}, {"POST", "/tools/servers/home_assistant/edit"}, {"POST", "/api/v1/servers/import"}} {
		r := httptest.NewRequest(target[0], target[1], strings.NewReader(strings.TrimSuffix(program, "}")+`,"confirm":true}`))
		r.Host = "localhost:3001"
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Origin", "https://attacker.example")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		wants(t, "foreign "+target[1], do(s, r), 403)
		// Nor does a form or a plain text, which need no leave of the browser.
		r = httptest.NewRequest("POST", "/api/v1/servers", strings.NewReader(program))
		r.Host = "localhost:3001"
		r.Header.Set("Content-Type", "text/plain")
		wants(t, "plain text", do(s, r), 415)
	}
	if now := s.deps.Editor.Snapshot(); string(now.Text) != string(text) {
		t.Fatalf("the file was changed: %s", now.Text)
	}

	w := patch(s, "POST", "/api/v1/servers", strings.TrimSuffix(program, "}")+`,"confirm":true}`)
	wants(t, "confirmed", w, 200, `"env":{"API_KEY":"***"}`, `"undo":"`)
	// Secrets stay when they are not named, and go by null.
	w = patch(s, "PATCH", "/api/v1/servers/files", `{"env":{"OTHER":"1"},"confirm":true,"prefix":"","group":"disk"}`)
	wants(t, "changed", w, 200, `"prefix":""`, `"group":"disk"`)
	if f, _ := serverOf(t, s, "files"); !maps.Equal(f.Env, map[string]string{"API_KEY": "hunter2hunter2", "OTHER": "1"}) || !slices.Equal(f.Args, []string{"-y", "files"}) {
		t.Errorf("saved %v %v", f.Env, f.Args)
	}
	wants(t, "less", patch(s, "PATCH", "/api/v1/servers/files", `{"env":{"API_KEY":null},"confirm":true,"prefixed":false}`), 200, `"prefix":null`)
	wants(t, "off", patch(s, "PATCH", "/api/v1/servers/files", `{"enabled":false}`), 200, `"enabled":false`)
	if f, _ := serverOf(t, s, "files"); !maps.Equal(f.Env, map[string]string{"OTHER": "1"}) || f.Prefix != nil || f.Enabled {
		t.Errorf("saved %v %v", f, f.Env)
	}
	wants(t, "conflict", patch(s, "PATCH", "/api/v1/servers/files", `{"enabled":true,"revision":"old"}`), 409, "conflict")

	var one struct {
		Revision string
		Server   struct {
			PID  int
			Args []string
			Env  map[string]string
		}
	}
	w = do(s, request("GET", "/api/v1/servers/home_assistant"))
	if err := json.Unmarshal(w.Body.Bytes(), &one); err != nil || one.Revision == "" || one.Server.PID == 0 || !slices.Equal(one.Server.Args, []string{"--api-key", secret.Hidden, "--verbose"}) || one.Server.Env["HASS_TOKEN"] != secret.Hidden {
		t.Errorf("%s %v", w.Body, err)
	}
	wants(t, "removed", patch(s, "DELETE", "/api/v1/servers/files", ""), 200, `"undo":"`)
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		body := ""
		if method == "PATCH" {
			body = `{"enabled":true}`
		}
		wants(t, method, patch(s, method, "/api/v1/servers/files", body), 404, "unknown_server")
	}
}

// TestOddServerNames holds that any name that the file allows has a page and its verbs.
func TestOddServerNames(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	for _, name := range []string{"a/b", "音乐 %2F?#&", "../../up", strings.Repeat("长", longestServerName), `"><script>`} {
		wants(t, name, post(s, "/servers/new", url.Values{"kind": {"auto"}, "name": {name}, "url": {"https://x.example"}, "enabled": {"on"}}), 303)
		path := serverAddress(name)
		w := do(s, request("GET", path))
		wants(t, name+": page", w, 200, `formaction="`+templ.EscapeString(path)+`/remove"`)
		if strings.Contains(w.Body.String(), "<script>") {
			t.Errorf("%s is not escaped", name)
		}
		wants(t, name+": form", do(s, request("GET", path+"/edit")), 200, templ.EscapeString(path+"/edit"))
		w = post(s, path+"/disable", url.Values{"from": {path}})
		wants(t, name+": off", w, 303)
		if f, ok := serverOf(t, s, name); !ok || f.Enabled || !strings.HasPrefix(w.Header().Get("Location"), path) {
			t.Errorf("%s: %v, then to %s", name, f, w.Header().Get("Location"))
		}
		wants(t, name+": by the API", do(s, request("GET", strings.Replace(path, "/tools/", "/api/v1/", 1))), 200, `"enabled":false`)
		wants(t, name+": removed", post(s, path+"/remove", nil), 303)
	}
}
