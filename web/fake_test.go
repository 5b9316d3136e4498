package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/nudge"
	"xiaozhi-switchboard/core/secret"
)

// fakeDesktop is a desktop on which the icon is in this state.
type fakeDesktop TrayState

func (f fakeDesktop) Tray() TrayState { return TrayState(f) }

// noon is when the invented data is looked at.
var noon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// token is what must never be shown.
const token = "eyJhbGciOiJFUzI1NiJ9.eyJhZ2VudElkIjoxMzI0MTQ5fQ.c2lnbmF0dXJlLXRoYXQtaXMtc2VjcmV0"

// fakeLinks is a set of links that does what it is told.
type fakeLinks struct {
	nudge.Bell

	mu    sync.Mutex
	all   []endpoint.Status
	calls []string
	fail  error
}

func (f *fakeLinks) Status() []endpoint.Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.all)
}

// replace puts other links in place of all.
func (f *fakeLinks) replace(all []endpoint.Status) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = all
}

// change edits one link and nudges.
func (f *fakeLinks) change(id string, edit func(*endpoint.Status)) error {
	f.mu.Lock()
	i := slices.IndexFunc(f.all, func(s endpoint.Status) bool { return s.ID == id })
	if i >= 0 {
		edit(&f.all[i])
	}
	f.mu.Unlock()
	if i < 0 {
		return fmt.Errorf("%w %q", endpoint.ErrUnknown, id)
	}
	f.Ring()
	return nil
}

func (f *fakeLinks) called(name, id string, edit func(*endpoint.Status)) error {
	f.mu.Lock()
	f.calls = append(f.calls, name+" "+id)
	err := f.fail
	f.mu.Unlock()
	if err != nil {
		return err
	}
	return f.change(id, edit)
}

func (f *fakeLinks) Reconnect(id string) error {
	return f.called("reconnect", id, func(s *endpoint.Status) { s.State = endpoint.Dialing })
}

func (f *fakeLinks) CheckHealth(id string) error {
	return f.called("check", id, func(s *endpoint.Status) { s.LastHealthCheck = noon })
}

func (f *fakeLinks) Pause(id string) error {
	return f.called("pause", id, func(s *endpoint.Status) { s.State = endpoint.Paused })
}

func (f *fakeLinks) Resume(id string) error {
	return f.called("resume", id, func(s *endpoint.Status) { s.State = endpoint.Dialing })
}

// addressOf is the address of an invented link.
func addressOf(id string) secret.URL {
	return secret.URL("wss://api.xiaozhi.me/mcp/" + id + "?token=" + token)
}

// inventedStore is a configuration file with the invented links, one of them with a
// comment, and one MCP server.
func inventedStore(t testing.TB) *config.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "xiaozhi.config.json")
	text := "{\n  \"mcpEndpoint\": [\n"
	for _, l := range invented(noon) {
		text += fmt.Sprintf("    {\"url\": %q, \"name\": %q}, // beside %s\n", l.URL.Reveal(), l.Name, l.ID)
	}
	text += "  ],\n  \"mcpServers\": {\n" + inventedServers + "  }\n}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := config.Open(path, &config.StoreOptions{BackupDir: filepath.Join(t.TempDir(), "backups")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	if problem := store.Snapshot().Problem; problem != nil {
		t.Fatal(problem)
	}
	return store
}

// inventedServers are the entries of the invented servers.
const inventedServers = `    "home_assistant": {"command": "hass-mcp", "args": ["--api-key", "` + token + `", "--verbose"], "env": {"HASS_TOKEN": "hunter2hunter2"}},
    "weather": {"url": "https://weather.example/mcp", "headers": {"Authorization": "Bearer sesame-open"}}, // beside weather
    "music-a": {"command": "node", "args": ["music.js"], "group": "music"},
    "calendar": {"type": "sse", "url": "https://cal.example.com/sse?token=` + token + `"},
    "notes": {"command": "notes", "enabled": false}
`

// restored puts the file back as it was at first.
func restored(t testing.TB, s *Server, text []byte) {
	t.Helper()
	if now := s.deps.Editor.Snapshot(); bytes.Equal(now.Text, text) {
		return
	}
	if _, err := s.deps.Editor.Modify(t.Context(), "", func(e *config.Edit) error { e.Replace(text); return nil }); err != nil {
		t.Fatal(err)
	}
}

// fakeDoctor finds every address well, unless it is told otherwise.
type fakeDoctor struct {
	mu       sync.Mutex
	report   *endpoint.Report
	examined []string
}

func (f *fakeDoctor) Examine(_ context.Context, address secret.URL) (endpoint.Report, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.examined = append(f.examined, address.Reveal())
	if f.report != nil {
		return *f.report, nil
	}
	id, _ := endpoint.Identify(address) // what is no address has no identity
	id.Agent, id.Expires = "1324149", noon.AddDate(1, 0, 0)
	return endpoint.Report{
		URL: address, Identity: id, OK: true, Method: "tools/list",
		Findings: []endpoint.Finding{endpoint.FindingTokenDecoded, endpoint.FindingOpened, endpoint.FindingSpoke},
		Timings:  endpoint.Timings{DNS: 4 * time.Millisecond, TCP: 18 * time.Millisecond, TLS: 40 * time.Millisecond, Upgrade: 30 * time.Millisecond},
	}, nil
}

type fakeCatalogue struct {
	nudge.Bell

	mu        sync.Mutex
	servers   []ServerView // both are changed by change once pages are open
	tools     []ToolView
	restarted []string
}

func (f *fakeCatalogue) Servers() []ServerView {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.servers)
}

func (f *fakeCatalogue) Tools() []ToolView {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.tools)
}

// change edits one tool and nudges.
func (f *fakeCatalogue) change(tool int, edit func(*ToolView)) {
	f.mu.Lock()
	edit(&f.tools[tool])
	f.mu.Unlock()
	f.Ring()
}

// Stderr is that of every server.
func (f *fakeCatalogue) Stderr(string) []string {
	return []string{"listening on standard input", "warning: token=*** will expire"}
}

// Restart writes down what was asked for.
func (f *fakeCatalogue) Restart(server string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.restarted = append(f.restarted, server)
	return nil
}

type fakeSettings struct {
	nudge.Bell
	mu   sync.Mutex
	view SettingsView
}

func (f *fakeSettings) View() SettingsView {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.view
}

// invented returns six links that show what a page can show.
func invented(now time.Time) []endpoint.Status {
	good := func(id, name, agent string, rtt time.Duration, score int) endpoint.Status {
		return endpoint.Status{
			Identity: endpoint.Identity{ID: id, Host: "api.xiaozhi.me", Agent: agent}, URL: addressOf(id), Name: name,
			Role: endpoint.RoleServe, State: endpoint.Ready, Since: now.Add(-time.Hour), Sockets: 1, Serial: 1, Listed: true,
			Score: endpoint.Score{Value: score, Success: 0.99, Latency: 0.97}, RoundTrip: rtt, HealthCheck: true,
			LastHealthCheck: now.Add(-12 * time.Second), Requests: 1320, Successes: 1316, Calls: 1204,
		}
	}
	study := good("a1a1a1a1a1a1", "书房小智", "1324149", 31*time.Millisecond, 98)
	study.InFlight = 2
	living := good("b2b2b2b2b2b2", "客厅音箱", "", 0, 0)
	living.Host, living.State, living.Kind, living.Code, living.Listed = "192.168.1.20:8004", endpoint.Failed, endpoint.KindTakenOver, 1000, false
	living.LastError = "the endpoint closed the link: another program uses this address (code 1000)"
	living.Score = endpoint.Score{}
	kids := good("c3c3c3c3c3c3", "儿童房", "1324807", 44*time.Millisecond, 96)
	kids.State = endpoint.Open
	shop := good("d4d4d4d4d4d4", "店铺前台", "2345094", 212*time.Millisecond, 61)
	work := good("e5e5e5e5e5e5", "车间", "2345101", 0, 12)
	work.State, work.Kind, work.Listed = endpoint.Waiting, endpoint.KindDNS, false
	work.LastError = "dial api.xiaozhi.me: no such host"
	work.ReconnectAttempts, work.NextReconnect, work.ReconnectDelay = 2, now.Add(12*time.Second), 15*time.Second
	spare := good("f6f6f6f6f6f6", "备用（自建）", "", 0, 0)
	spare.Host, spare.State, spare.Sockets, spare.Listed, spare.Calls = "10.0.0.5:8004", endpoint.Paused, 0, false, 0
	return []endpoint.Status{study, living, kids, shop, work, spare}
}

func inventedCatalogue(now time.Time) *fakeCatalogue {
	c := &fakeCatalogue{servers: []ServerView{
		{Name: "home_assistant", Kind: "stdio", State: ServerReady, Since: now.Add(-time.Hour), Tools: 14, PID: 48213},
		{Name: "weather", Kind: "http", State: ServerReady, Since: now.Add(-time.Hour), Tools: 3, Restarts: 1},
		{Name: "music-a", Kind: "stdio", State: ServerWaiting, Restarts: 4, Problem: "exited", LastError: "the program \"node\" ended with exit status 1", NextStart: now.Add(8 * time.Second)},
		{Name: "calendar", Kind: "sse", State: ServerFailed, Problem: "auth", LastError: "GET https://cal.example.com/sse?token=" + token + ": 401 Unauthorized"},
		{Name: "switchboard", Kind: "builtin", State: ServerReady, Tools: 3},
		{Name: "notes", Kind: "stdio", State: ServerDisabled},
	}}
	for _, t := range [][3]string{
		{"home_assistant__turn_on", "home_assistant", "Turn a device on. Names are those of the Home Assistant areas and devices."},
		{"home_assistant__turn_off", "home_assistant", "Turn a device off."},
		{"weather__forecast", "weather", "Weather forecast for a place and a day."},
		{"switchboard__status", "switchboard", "How links and servers are."},
		{"switchboard__time", "switchboard", "The time and date here."},
	} {
		_, own, _ := strings.Cut(t[0], "__")
		c.tools = append(c.tools, ToolView{Name: t[0], Server: t[1], Description: t[2], Original: own, Own: t[2], Sources: []string{t[1]}, Listers: []string{t[1]}, Enabled: t[0] != "home_assistant__turn_off",
			Schema: json.RawMessage(`{"type":"object","properties":{}}`)})
	}
	return c
}

// inventedSnapshot is the invented data with a past of two hours.
func inventedSnapshot(settings SettingsView) snapshot {
	catalogue := inventedCatalogue(noon)
	s := snapshot{at: noon, links: invented(noon), servers: catalogue.servers, tools: catalogue.tools, settings: settings}
	s.links[0].Timings = endpoint.Timings{DNS: 4 * time.Millisecond, TCP: 18 * time.Millisecond, TLS: 40 * time.Millisecond, Upgrade: 30 * time.Millisecond}
	s.links[0].Expires = noon.AddDate(0, 0, 9)
	s.links[0].BytesIn, s.links[0].BytesOut = 900, 5<<20
	s.links[4].History = []endpoint.Reconnect{
		{At: noon.Add(-time.Hour), Attempt: 1, Delay: 5 * time.Second, Took: 80 * time.Millisecond, OK: true},
		{At: noon.Add(-time.Minute), Attempt: 1, Delay: 5 * time.Second, Took: 8 * time.Second, Kind: endpoint.KindDNS},
	}
	var past traces
	for i := range 240 {
		at := noon.Add(time.Duration(i-239) * 30 * time.Second)
		links := invented(at)
		for j := range links {
			links[j].LastHealthCheck = at
			if (j == 1 || j == 4) && i < 230 { // they broke lately
				links[j].State, links[j].Kind, links[j].RoundTrip = endpoint.Ready, endpoint.KindNone, 40*time.Millisecond
			}
			if links[j].RoundTrip > 0 {
				links[j].RoundTrip += time.Duration(i*7%13) * time.Millisecond
			}
		}
		past.note(links, at)
	}
	s.traces = past.all()
	s.controls = true
	_, use := lived(noon, 2*time.Hour, 30*time.Second)
	s.gauges = use.all()
	s.rests = map[string]time.Time{"f6f6f6f6f6f6": noon.Add(12 * time.Minute)}
	s.stderr = catalogue.Stderr
	s.performance = func() *PerformanceView { return new(inventedPerformance(noon)) }
	s.file = func() *config.Config {
		c := config.Default()
		for _, l := range s.links {
			c.Endpoints = append(c.Endpoints, config.Endpoint{URL: l.URL, Name: l.Name, Enabled: l.State != endpoint.Paused, HealthCheck: true})
		}
		c.Endpoints[0].Servers = []string{"weather", "switchboard"}
		list, err := config.ImportServers([]byte(inventedServers))
		if err != nil {
			panic(err)
		}
		c.Servers = list
		c.Servers[0].Tools = map[string]config.Tool{"turn_off": {}}
		return c
	}
	return s
}
