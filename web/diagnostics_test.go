package web

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/journal"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// fakeDiagnostics describe an invented program that knows some secrets.
type fakeDiagnostics struct{ secrets []string }

func (fakeDiagnostics) About() AboutView {
	return AboutView{Version: "1.2.3", Go: "go1.26", System: "plan9/mips", Processors: 2, Started: noon, Uptime: Milliseconds(time.Hour),
		Language: "zh", Config: "/home/ann/xiaozhi.config.json", Data: "/home/ann/.local/share", Home: "/home/ann", Build: "path\tmain\nmod\tmain\t(devel)\n"}
}

func (f fakeDiagnostics) Secrets() *secret.Known { return secret.NewKnown(append(f.secrets, token)) }

// filesIn reads a zip file: its files by their names, without their folder.
func filesIn(t *testing.T, packed []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		folder, name, ok := strings.Cut(f.Name, "/")
		if !ok || !strings.HasPrefix(folder, "xiaozhi-switchboard-diagnostics-") || strings.ContainsAny(name, "/\\") {
			t.Errorf("a file is named %s", f.Name)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	return files
}

func TestBundle(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	w := do(s, request("GET", "/api/v1/diagnostics"))
	if h := w.Header(); w.Code != 200 || h.Get("Content-Type") != "application/zip" || !strings.HasPrefix(h.Get("Content-Disposition"), `attachment; filename="xiaozhi-switchboard-diagnostics-2`) {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	files := filesIn(t, w.Body.Bytes())
	for name, part := range map[string]string{
		"README.txt": "log.txt: The last lines of the log", "about.json": `"version": "1.2.3"`, "build.txt": "mod\tmain", "config.json": `"name": "书房小智"`,
		"connections.json": `"id": "a1a1a1a1a1a1"`, "servers.json": `"name": "home_assistant"`, "tools.json": `"name": "weather__forecast"`,
		"performance.json": `"uptimeMs"`, "anomalies.json": `"kind"`, "events.json": `"text": "The program has started, version 1.2.3"`, "calls.json": `"outcome": "late"`, "failovers.json": `"tool": "remote__lamp"`, "metrics.txt": "go_goroutines", "log.txt": "WARN link changed endpoint=e5e5e5e5e5e5", "goroutines.txt": "goroutine profile: total",
	} {
		text, ok := files[name]
		if !strings.Contains(text, part) {
			t.Errorf("%s (%v) lacks %s: %.500s", name, ok, part, text)
		}
		if strings.HasSuffix(name, ".json") && !json.Valid([]byte(text)) {
			t.Errorf("%s is no JSON: %.300s", name, text)
		}
		if strings.Contains(text, "/home/ann") || strings.Contains(text, "inputSchema") || strings.Contains(text, "// beside") {
			t.Errorf("%s says too much", name)
		}
	}
	if len(files) != 15 {
		t.Errorf("%d files", len(files))
	}
	if !strings.Contains(files["about.json"], `"config": "~/xiaozhi.config.json"`) {
		t.Errorf("about: %s", files["about.json"])
	}
}

// hush is in every secret of the hostile program.
const hush = "hu5h"

// TestBundleOfAHostileProgram: whatever has the secrets of the configuration in it, none
// is in the bundle, nor in its preview.
func TestBundleOfAHostileProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	text := `{ // old: ` + hush + `-comment
	"mcpEndpoint": [{"url": "wss://` + hush + `user:` + hush + `pass@api.example/mcp/?token=` + hush + `-token-1", "name": "name ` + hush + `-word-1"}],
	"unknown-` + hush + `-word-1": {"note": "` + hush + `-word-1"},
	"mcpServers": {
		"server-` + hush + `-word-1": {"command": "run", "args": ["--key", "` + hush + `-argument", "` + hush + `-word-1"],
			"env": {"API_KEY": "` + hush + `-word-1", "PEM": "-----BEGIN\n` + hush + `line1\n` + hush + `line2\"\\x", "DSN": "postgres://me:` + hush + `-dsn@h/db"}},
		"far": {"url": "https://far.example/mcp/` + hush + `0000aaaa1111bbbb2222?k=` + hush + `%20space%2Bplus", "headers": {"X-Any": "` + hush + `-header", "Authorization": "Basic ` + hush + `basic"}}
	}}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := config.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	c := store.Snapshot().Config
	if store.Snapshot().Problem != nil || len(c.Servers) != 2 {
		t.Fatal(store.Snapshot().Problem)
	}
	all := c.Secrets()
	if len(all) < 10 {
		t.Fatalf("secrets: %v", all)
	}
	all = append(all, hush+" space+plus")
	everything := strings.Join(all, " and ") + " " + token

	link := invented(noon)[4]
	link.Name, link.LastError, link.Agent, link.Host = "n "+everything, "error "+everything, everything, everything
	link.URL = c.Endpoints[0].URL
	link.History = []endpoint.Reconnect{{Error: everything}}
	catalogue := &fakeCatalogue{servers: []ServerView{{Name: everything, Kind: everything, Group: everything, LastError: everything, Needs: everything}},
		tools: []ToolView{{Name: everything, Server: everything, Description: everything, Original: everything, Sources: []string{everything}, Notes: []string{everything}, Schema: json.RawMessage(`{}`)}}}
	performance := inventedPerformance(noon)
	performance.Links[0].Label, performance.Tools[0].Name, performance.Tools[0].Server, performance.Groups[0].Name = everything, everything, everything, everything
	performance.Anomalies = []AnomalyView{{Kind: everything, Subject: everything, Detail: everything}}
	performance.Runs = []RunView{{Routine: everything, Reason: everything}}
	log := &fakeLog{}
	log.say(noon, slog.LevelInfo, "message "+everything, "line", everything, everything, "name", "json", fmt.Sprintf("%q", everything))
	past := journal.New(nil)
	past.NoteEvent(journal.Event{Topic: journal.Config, What: "broken", Name: everything, Cause: everything, Why: map[string]string{"en": everything}, Detail: everything, Tool: everything, From: everything})
	past.NoteCall(journal.Call{Endpoint: everything, Tool: everything, Source: everything})
	past.NoteMove(journal.Move{Tool: everything, From: everything, To: everything, Why: everything})
	s := New(Deps{Links: &fakeLinks{all: []endpoint.Status{link}}, Catalogue: catalogue, Journal: past, Performance: &fakePerformance{view: performance}, Editor: store,
		Log: log, Diagnostics: fakeDiagnostics{all}}, &Options{Port: testPort})
	t.Cleanup(func() { s.Close() })

	files := filesIn(t, do(s, request("GET", "/api/v1/diagnostics")).Body.Bytes())
	if len(files) != 15 {
		t.Errorf("%d files", len(files))
	}
	files["the page"] = do(s, request("GET", "/activity/diagnostics")).Body.String()
	for name, text := range files {
		if at := strings.Index(text, hush); at >= 0 {
			t.Errorf("%s tells %.80q", name, text[max(0, at-40):])
		}
		if strings.Contains(text, "eyJ") {
			t.Errorf("%s tells a token", name)
		}
		if strings.HasSuffix(name, ".json") && !json.Valid([]byte(text)) {
			t.Errorf("%s is no JSON: %.300s", name, text)
		}
		if name != "README.txt" && name != "build.txt" && name != "goroutines.txt" && name != "about.json" && !strings.Contains(text, "***") {
			t.Errorf("%s masks nothing: %.300s", name, text)
		}
	}
}

func TestBundleOfABrokenProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	if err := os.WriteFile(path, []byte(`{"a": "`+token), 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := config.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	s := New(Deps{Editor: store, Diagnostics: fakeDiagnostics{}, Catalogue: panicking{}}, &Options{Port: testPort})
	t.Cleanup(func() { s.Close() })
	files := filesIn(t, do(s, request("GET", "/api/v1/diagnostics")).Body.Bytes())
	if !strings.HasPrefix(files["config.json"], "not to be had: ") || files["config-problems.txt"] == "" || !strings.HasPrefix(files["servers.json"], "not to be had: panic: boom ***") || files["connections.json"] == "" {
		t.Errorf("got %q", files)
	}
	for name, text := range files {
		if strings.Contains(text, "eyJ") {
			t.Errorf("%s tells the token", name)
		}
	}
}

// panicking is a catalogue that is broken.
type panicking struct{ Catalogue }

func (panicking) Servers() []ServerView                { panic("boom " + token) }
func (panicking) Subscribe() (<-chan struct{}, func()) { return nil, func() {} }

func TestBundleIsBounded(t *testing.T) {
	known := secret.NewKnown([]string{"the-secret"})
	f := cleaned(bundleFile{text: strings.Repeat("长the-secret", maxBundleFile/5)}, known, "/home/ann")
	if !f.cut || len(f.text) > maxBundleFile+20 || f.hidden < 1000 || strings.Contains(f.text, "secret") || !strings.HasSuffix(f.text, "\n… cut\n") {
		t.Errorf("%d bytes, %d hidden, cut %v", len(f.text), f.hidden, f.cut)
	}
	// A home folder that is written like a secret must not bring one back.
	f = cleaned(bundleFile{text: "/home/anna-secret-name"}, secret.NewKnown([]string{"~na-secret-name"}), "/home/an")
	if !f.refused || strings.Contains(f.text, "name") {
		t.Errorf("%+v", f)
	}
	log := &fakeLog{}
	for range 4000 {
		log.say(noon, slog.LevelInfo, strings.Repeat("x", 300))
	}
	log.say(noon, slog.LevelInfo, "the last")
	s := New(Deps{Log: log, Diagnostics: fakeDiagnostics{}}, &Options{Port: testPort})
	t.Cleanup(func() { s.Close() })
	files := filesIn(t, do(s, request("GET", "/api/v1/diagnostics")).Body.Bytes())
	if text := files["log.txt"]; len(text) > maxBundleFile || len(text) < maxBundleFile/2 || !strings.HasSuffix(text, "the last\n") {
		t.Errorf("the log has %d bytes", len(text))
	}
}

// TestBundleIsSavedAsItWasShown looks at one, lets time pass, and saves it.
func TestBundleIsSavedAsItWasShown(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	page := do(s, request("GET", "/activity/diagnostics")).Body.String()
	_, rest, _ := strings.Cut(page, `href="/activity/diagnostics/download?bundle=`)
	name, _, ok := strings.Cut(rest, `"`)
	if !ok || !strings.Contains(page, "call moved tool=weather__forecast") {
		t.Fatalf("got %s", page)
	}
	s.deps.Log.(*fakeLog).say(time.Now(), slog.LevelInfo, "said afterwards")
	save := func(name string) map[string]string {
		w := do(s, request("GET", "/activity/diagnostics/download?bundle="+name))
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/zip" {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return filesIn(t, w.Body.Bytes())
	}
	if text := save(name)["log.txt"]; strings.Contains(text, "said afterwards") || !strings.Contains(text, "call moved") {
		t.Errorf("saved another log than was shown: %s", text)
	}
	for range bundlesKept {
		do(s, request("GET", "/activity/diagnostics"))
	}
	for _, gone := range []string{name, "", "nonsense"} {
		if text := save(gone)["log.txt"]; !strings.Contains(text, "said afterwards") {
			t.Errorf("bundle %q is not fresh: %s", gone, text)
		}
	}
}

func TestDiagnosticsComponents(t *testing.T) {
	b := &bundle{made: noon, zip: make([]byte, 20<<10), files: []bundleFile{
		{name: "README.txt", about: "diagnostics.file.readme", text: "…"},
		{name: "log.txt", about: "diagnostics.file.log", text: "<b>" + strings.Repeat("x", bundleShown), hidden: 2},
		{name: "servers.json", about: "diagnostics.file.servers", text: "…", refused: true},
	}}
	for _, lang := range assets.Languages() {
		p := painter{words: assets.Words(lang), zone: time.UTC}
		v := p.bundle(b, "/activity/diagnostics/download?bundle=NAME")
		v.Files[1].Text = v.Files[1].Text[:20]
		v.Activity = p.activityTop([]string{"log", "diagnostics"}, "diagnostics")
		golden(t, "diagnostics."+lang+".html", ui.DiagnosticsPage(v, p.say))
	}
	if !slices.ContainsFunc(strings.Split(b.readme(assets.Words("zh")), "\n"), func(l string) bool { return strings.HasPrefix(l, "servers.json: ") }) {
		t.Error("the readme does not list the files")
	}
}
