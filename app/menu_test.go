package app

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/app/tray"
	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web"
)

// links makes links from states, one letter each: r ready, s slow, w waiting, a waiting
// after many failures, f failed, p paused, d dialing.
func links(states string) []linkSight {
	var all []endpoint.Status
	for i, c := range states {
		s := endpoint.Status{Identity: endpoint.Identity{ID: fmt.Sprint(i), Host: "host"}, Name: fmt.Sprint("n", i), RoundTrip: 80 * time.Millisecond}
		switch c {
		case 'r':
			s.State, s.Score.Value = endpoint.Ready, 97
		case 's':
			s.State, s.RoundTrip = endpoint.Ready, 400*time.Millisecond
		case 'w':
			s.State, s.ReconnectAttempts, s.Kind = endpoint.Waiting, 1, endpoint.KindClosed
		case 'a':
			s.State, s.ReconnectAttempts, s.Kind = endpoint.Waiting, 9, endpoint.KindRefused
		case 'f':
			s.State, s.Kind = endpoint.Failed, endpoint.KindAuth
		case 'p':
			s.State = endpoint.Paused
		case 'd':
			s.State = endpoint.Dialing
		}
		all = append(all, s)
	}
	return look(all, time.Now())
}

func TestIconOf(t *testing.T) {
	for states, want := range map[string]tray.Icon{
		"": tray.Paused, "p": tray.Paused, "pp": tray.Paused,
		"r": tray.Healthy, "rrp": tray.Healthy,
		"rs": tray.Degraded, "s": tray.Degraded, "rw": tray.Degraded, "rf": tray.Degraded, "rd": tray.Degraded,
		"d": tray.Connecting, "dw": tray.Connecting, "wp": tray.Connecting,
		"f": tray.Down, "da": tray.Down, "ffp": tray.Down,
	} {
		if got := iconOf(links(states)); got != want {
			t.Errorf("%q: %v, want %v", states, got, want)
		}
	}
}

func TestSummary(t *testing.T) {
	until := time.Date(2026, 1, 2, 6, 0, 0, 0, time.Local)
	for _, c := range []struct {
		states, lang, want string
		until              time.Time
	}{
		{"", "en", "No endpoint yet", time.Time{}},
		{"rr", "en", "2/2 connected · 80 ms", time.Time{}},
		{"rrw", "en", "2/3 connected · 80 ms", time.Time{}},
		{"rsp", "zh", "2/2 已连接 · 240 ms", time.Time{}},
		{"rf", "en", "1/2 connected · 80 ms · 1 needs you", time.Time{}},
		{"ff", "zh", "0/2 已连接 · 2 个需要处理", time.Time{}},
		{"dd", "en", "0/2 connected", time.Time{}},
		{"pp", "en", "Paused", time.Time{}},
		{"pp", "en", "Paused until 06:00", until},
		{"pr", "en", "1/1 connected · 80 ms", until},
	} {
		s := &sight{now: time.Now(), links: links(c.states), words: assets.Words(c.lang), menuState: menuState{pausedUntil: c.until}}
		if got := s.summary(len(s.alerts())); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.states, c.lang, got, c.want)
		}
	}
}

func TestPick(t *testing.T) {
	ids := func(states string, before string) string {
		_, got := pick(links(states), strings.Fields(before), 3)
		return strings.Join(got, " ")
	}
	for _, c := range []struct{ states, before, want string }{
		{"rrr", "", "0 1 2"},
		{"rf", "", "0 1"},
		{"rrrr", "", "0 1 2"},
		{"rrrf", "0 1 2", "0 1 3"},
		{"rrrrrr", "1 3 5", "1 3 5"}, // equals stay
		{"wrrrrr", "1 3 5", "0 1 3"},
		{"pprrfs", "", "2 4 5"},
		{"", "1", ""},
	} {
		if got := ids(c.states, c.before); got != c.want {
			t.Errorf("%s after %q: %q, want %q", c.states, c.before, got, c.want)
		}
	}
}

// written is a menu as text: a row a line, hidden ones left out.
func written(rows []tray.Row, indent string) string {
	var b strings.Builder
	for _, r := range rows {
		if r.Hidden {
			continue
		}
		text := r.Label
		switch {
		case r.Line:
			text = "---"
		case r.Check == tray.Checked:
			text = "[x] " + text
		case r.Check == tray.Unchecked:
			text = "[ ] " + text
		}
		if r.Disabled {
			text = "(" + text + ")"
		}
		if r.Do != (tray.Action{}) {
			text += strings.TrimRight(" → "+string(r.Do.Verb)+" "+r.Do.Target, " ")
		}
		b.WriteString(indent + text + "\n" + written(r.Rows, indent+"  "))
	}
	return b.String()
}

func TestMenu(t *testing.T) {
	s := &sight{now: time.Now(), links: links("rfp"), words: assets.Words("en"), path: "/file", problem: "Line 3: odd",
		servers:   []web.ServerView{{Name: "calc", State: web.ServerFailed}, {Name: "ok", State: web.ServerReady}},
		menuState: menuState{strategy: 1, language: "en", autostart: true, version: "1.2"}}
	alerts := s.alerts()
	shown, _ := pick(s.links, nil, 2)
	got := written(s.menu(alerts, shown), "")
	want := `(1/2 connected · 80 ms · 3 need you)
■ Configuration: Open the file (Line 3: odd) → open-config
■ n1: Reconnect now (The endpoint refuses this token. Copy a fresh address from the console.) → reconnect 1
■ calc: Show (This MCP server does not run, so its tools are missing.) → show-server calc
---
Open dashboard → open
---
● n0 · 80 ms
  (Up · score 97)
  [x] Enabled → pause 0
  Reconnect → reconnect 0
  Copy address → copy-address 0
  Details → details 0
■ n1 · Down
  (Down: The endpoint refuses this token. Copy a fresh address from the console.)
  [x] Enabled → pause 1
  Reconnect → reconnect 1
  Copy address → copy-address 1
  Details → details 1
All… (3) → open
---
Reconnect all → reconnect-all
Test all → test-all
Pause all
  (Resume) → resume-all
  ---
  Until resumed → pause-all resumed
  For 5 minutes → pause-all 5m
  For 1 hour → pause-all 1h
  Until tomorrow → pause-all tomorrow
Load balancing
  [ ] In turn → strategy round-robin
  [x] At random → strategy random
  [ ] By health → strategy health-based
Optimise memory → optimize
---
Files
  Open configuration file → open-config
  Open configuration folder → open-folder
  Open logs → open-logs
Diagnostics bundle… → diagnostics
Copy dashboard address → copy-url
Copy MCP address → copy-mcp
---
[x] Start at login → autostart
Language
  [ ] Same as the system → language
  [ ] 中文 → language zh
  [x] English → language en
(Xiaozhi Switchboard 1.2)
Quit → quit
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestMenuKeepsItsShape while links fail, servers stop, files break and languages change.
func TestMenuKeepsItsShape(t *testing.T) {
	keys := func(rows []tray.Row) (all []string) {
		var walk func(rows []tray.Row, above string)
		walk = func(rows []tray.Row, above string) {
			for _, r := range rows {
				if key := above + r.Key; !slices.Contains(all, key) {
					all = append(all, key)
				} else {
					t.Errorf("two rows are called %s", key)
				}
				walk(r.Rows, above+r.Key+"/")
			}
		}
		walk(rows, "")
		return all
	}
	menu := func(states, lang, problem string, pausing bool) []tray.Row {
		s := &sight{now: time.Now(), links: links(states), words: assets.Words(lang), problem: problem, menuState: menuState{pausing: pausing}}
		return s.menu(s.alerts(), s.links)
	}
	first := keys(menu("rrr", "en", "", false))
	for _, rows := range [][]tray.Row{menu("fwa", "en", "", false), menu("ppp", "zh", "odd", true), menu("fff", "en", "odd", false), menu("ddd", "zh", "", false)} {
		if got := keys(rows); !reflect.DeepEqual(got, first) {
			t.Errorf("got %v\nwant %v", got, first)
		}
	}
	if reflect.DeepEqual(keys(menu("rr", "en", "", false)), first) {
		t.Error("a link less is the same shape")
	}
}

func TestManyAlerts(t *testing.T) {
	s := &sight{now: time.Now(), links: links("fffff"), words: assets.Words("en")}
	alerts := s.alerts()
	rows := s.alertRows(alerts)
	if len(rows) != menuAlerts+1 || rows[menuAlerts].Hidden || rows[menuAlerts].Label != "2 more need you…" {
		t.Errorf("%+v", rows)
	}
	if rows := s.alertRows(nil); slices.ContainsFunc(rows, func(r tray.Row) bool { return !r.Hidden }) {
		t.Errorf("%+v", rows)
	}
}

// TestNoTokenInTheMenu gives links names and causes that hold one.
func TestNoTokenInTheMenu(t *testing.T) {
	s := &sight{now: time.Now(), links: links("rf"), words: assets.Words("en"), servers: []web.ServerView{{Name: "x?token=abcdef123456", State: web.ServerFailed}}}
	for i := range s.links {
		s.links[i].Name, s.links[i].URL = "wss://h/?token=abcdef123456", "wss://h/?token=abcdef123456"
	}
	m, _, _ := s.model(&face{}, nil)
	if text := fmt.Sprintf("%+v", m); strings.Contains(text, "abcdef") {
		t.Error(text)
	}
}

// BenchmarkModel is what it costs to make the whole tray anew.
func BenchmarkModel(b *testing.B) {
	s := &sight{now: time.Now(), links: links("rrrrrwfprs"), words: assets.Words("en")}
	f, picked := &face{}, []string(nil)
	for b.Loop() {
		_, picked, _ = s.model(f, picked)
	}
}
