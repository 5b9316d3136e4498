package web

import (
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/hub"
	"xiaozhi-switchboard/web/ui"
)

func TestHealthOf(t *testing.T) {
	soon := noon.Add(12 * time.Second)
	good := endpoint.Score{Value: 98, Success: 0.99, Latency: 0.97}
	poor := endpoint.Score{Value: 60, Success: 0.6, Latency: 0.6}
	for _, c := range []struct {
		name   string
		status endpoint.Status
		level  ui.Level
		word   string
		cause  string
		action Action
		urgent bool
	}{
		{"paused", endpoint.Status{State: endpoint.Paused}, ui.Paused, "state.paused", "", ActionResume, false},
		{"paused after a failure", endpoint.Status{State: endpoint.Paused, Kind: endpoint.KindAuth, LastError: "x"}, ui.Paused, "state.paused", "", ActionResume, false},
		{"first dial", endpoint.Status{State: endpoint.Dialing}, ui.Connecting, "state.connecting", "", ActionNone, false},
		{"dial after a drop", endpoint.Status{State: endpoint.Dialing, Sockets: 1}, ui.Connecting, "state.reconnecting", "", ActionNone, false},
		{"second dial", endpoint.Status{State: endpoint.Dialing, ReconnectAttempts: 1, Kind: endpoint.KindDNS}, ui.Connecting, "state.reconnecting", "cause.dns", ActionNone, false},
		{"fourth dial", endpoint.Status{State: endpoint.Dialing, ReconnectAttempts: 3, Kind: endpoint.KindDNS}, ui.Connecting, "state.reconnecting", "cause.dns", ActionReconnect, true},
		{"open", endpoint.Status{State: endpoint.Open, Score: good}, ui.Up, "state.idle", "", ActionNone, false},
		{"open and slow", endpoint.Status{State: endpoint.Open, Score: good, RoundTrip: slowFrom}, ui.Slow, "state.slow", "cause.slow", ActionNone, false},
		{"ready", endpoint.Status{State: endpoint.Ready, Score: good, RoundTrip: 31 * time.Millisecond}, ui.Up, "state.up", "", ActionNone, false},
		{"ready, last failure not forgotten", endpoint.Status{State: endpoint.Ready, Score: good, Kind: endpoint.KindClosed, LastError: "x"}, ui.Up, "state.up", "", ActionNone, false},
		{"ready, speed unknown", endpoint.Status{State: endpoint.Ready, Score: endpoint.Score{Value: 70, Success: 1}}, ui.Up, "state.up", "", ActionNone, false},
		{"ready and slow", endpoint.Status{State: endpoint.Ready, Score: good, RoundTrip: time.Second}, ui.Slow, "state.slow", "cause.slow", ActionNone, false},
		{"ready and unsteady", endpoint.Status{State: endpoint.Ready, Score: poor, ConsecutiveFailures: 1}, ui.Slow, "state.unsteady", "cause.unsteady", ActionNone, false},
		{"ready, unsteady before", endpoint.Status{State: endpoint.Ready, Score: poor}, ui.Up, "state.up", "", ActionNone, false},
		{"no tool side, and slow", endpoint.Status{State: endpoint.Ready, Score: good, RoundTrip: time.Second, Missing: endpoint.MissingToolSide}, ui.Slow, "state.toolless", "cause.missing.toolside", ActionNone, false},
		{"waiting", endpoint.Status{State: endpoint.Waiting, Kind: endpoint.KindTimeout, ReconnectAttempts: 1, NextReconnect: soon}, ui.Connecting, "state.reconnecting", "cause.timeout", ActionReconnect, false},
		{"waiting long", endpoint.Status{State: endpoint.Waiting, Kind: endpoint.KindTimeout, ReconnectAttempts: 3, NextReconnect: soon}, ui.Connecting, "state.reconnecting", "cause.timeout", ActionReconnect, true},
		{"waiting, taken over", endpoint.Status{State: endpoint.Waiting, Kind: endpoint.KindTakenOver}, ui.Connecting, "state.reconnecting", "cause.takenover", ActionReconnect, false},
		{"waiting, gave up", endpoint.Status{State: endpoint.Waiting, Kind: endpoint.KindServer, Code: 4004}, ui.Connecting, "state.reconnecting", "cause.gaveup", ActionReconnect, false},
		{"waiting, not found", endpoint.Status{State: endpoint.Waiting, Kind: endpoint.KindServer, Code: 404}, ui.Connecting, "state.reconnecting", "cause.notfound", ActionReconnect, false},
		{"waiting, 503", endpoint.Status{State: endpoint.Waiting, Kind: endpoint.KindServer, Code: 503}, ui.Connecting, "state.reconnecting", "cause.server", ActionReconnect, false},
		{"waiting, too big", endpoint.Status{State: endpoint.Waiting, Kind: endpoint.KindProtocol, Code: 1009}, ui.Connecting, "state.reconnecting", "cause.toobig", ActionReconnect, false},
		{"failed, refused", endpoint.Status{State: endpoint.Failed, Kind: endpoint.KindAuth}, ui.Down, "state.down", "cause.auth", ActionReconnect, true},
		{"failed, expired", endpoint.Status{State: endpoint.Failed, Kind: endpoint.KindAuth, Identity: endpoint.Identity{Expires: noon.Add(-time.Hour)}}, ui.Down, "state.down", "cause.expired", ActionReconnect, true},
		{"failed, not expired", endpoint.Status{State: endpoint.Failed, Kind: endpoint.KindAuth, Identity: endpoint.Identity{Expires: noon.Add(time.Hour)}}, ui.Down, "state.down", "cause.auth", ActionReconnect, true},
		{"failed, taken over", endpoint.Status{State: endpoint.Failed, Kind: endpoint.KindTakenOver}, ui.Down, "state.down", "cause.takenover.stopped", ActionReconnect, true},
		{"stopped by hand", endpoint.Status{State: endpoint.Failed, Kind: endpoint.KindStopped, ReconnectAttempts: 3}, ui.Down, "state.down", "cause.stopped", ActionReconnect, false},
		{"failed, no kind", endpoint.Status{State: endpoint.Failed}, ui.Down, "state.down", "cause.unknown", ActionReconnect, true},
		{"a state we do not know", endpoint.Status{State: 99, Kind: 99}, ui.Down, "state.down", "cause.unknown", ActionReconnect, true},
	} {
		h := HealthOf(c.status, noon)
		if h.Level != c.level || h.Word != c.word || h.Cause != c.cause || h.Action != c.action || h.Urgent != c.urgent {
			t.Errorf("%s: got %+v", c.name, h)
		}
	}
}

// TestHealthIsSayable walks every state with every kind: each is named, each
// trouble has a cause, each urgent one has an action, and all have words.
func TestHealthIsSayable(t *testing.T) {
	for state := endpoint.Paused; state <= endpoint.Failed; state++ {
		for kind := endpoint.KindNone; kind <= endpoint.KindStopped; kind++ {
			h := HealthOf(endpoint.Status{State: state, Kind: kind, ReconnectAttempts: 5}, noon)
			if h.Level == ui.Down && h.Cause == "" || h.Level == ui.Connecting && kind != endpoint.KindNone && h.Cause == "" {
				t.Errorf("%s, %s: no cause", state, kind)
			}
			if h.Urgent && h.Action == ActionNone {
				t.Errorf("%s, %s: urgent, but nothing to do", state, kind)
			}
			if state.Connected() == (h.Level == ui.Down || h.Level == ui.Connecting || h.Level == ui.Paused) {
				t.Errorf("%s, %s: shown as %s", state, kind, h.Level)
			}
			keys := []string{h.Word}
			if h.Cause != "" {
				keys = append(keys, h.Cause)
			}
			if h.Action != ActionNone {
				keys = append(keys, "verb."+h.Action.String())
			}
			if h.Urgent {
				keys = append(keys, "verb."+h.Action.String()+".now")
			}
			for _, lang := range assets.Languages() {
				for _, key := range keys {
					if assets.Words(lang).Say(key) == key {
						t.Errorf("%s, %s: %s has no text in %s", state, kind, key, lang)
					}
				}
			}
		}
	}
}

func TestMissingToolsAreSayable(t *testing.T) {
	for missing := endpoint.MissingToolSide; missing <= endpoint.MissingList; missing++ {
		h := HealthOf(endpoint.Status{State: endpoint.Ready, Missing: missing, NoTools: "why"}, noon)
		if h.Level != ui.Slow || h.Detail != "why" {
			t.Errorf("%s: got %+v", missing, h)
		}
		for _, lang := range assets.Languages() {
			for _, key := range []string{h.Word, h.Cause} {
				if assets.Words(lang).Say(key) == key {
					t.Errorf("%s: %s has no text in %s", missing, key, lang)
				}
			}
		}
	}
}

func TestTroublesAreSayable(t *testing.T) {
	for code := range statuses {
		for _, lang := range assets.Languages() {
			for _, key := range []string{"trouble." + code + ".title", "trouble." + code + ".text"} {
				if assets.Words(lang).Say(key) == key {
					t.Errorf("%s has no text in %s", key, lang)
				}
			}
		}
	}
	for state := ServerStarting; state <= ServerDisabled; state++ {
		if key := "server." + state.String(); assets.Words("en").Say(key) == key {
			t.Errorf("%s has no text", key)
		}
	}
}

func TestNotesAreSayable(t *testing.T) {
	for _, lang := range assets.Languages() {
		for note := hub.NoteRenamed; note <= hub.NoteSchemaMerged; note++ {
			texts := noteTexts(assets.Words(lang), ToolView{Original: "odd name", Notes: []string{note.String()}})
			if len(texts) != 1 || strings.Contains(texts[0], "odd name") != (note == hub.NoteRenamed) {
				t.Errorf("%s: %s is said as %q", lang, note, texts)
			}
		}
		if texts := noteTexts(assets.Words(lang), ToolView{Notes: []string{"new"}}); len(texts) > 0 {
			t.Errorf("%s: an unknown note is said as %q", lang, texts)
		}
	}
}

// TestServerProblemsAreSayable holds every kind that the hub knows against the texts.
func TestServerProblemsAreSayable(t *testing.T) {
	for _, lang := range assets.Languages() {
		words := assets.Words(lang)
		unknown := words.Say("server.problem.unknown")
		said := map[string]string{}
		for kind := hub.ProblemConfig; kind <= hub.ProblemServer; kind++ {
			for need := hub.NeedUnknown; need <= hub.NeedDocker; need++ {
				text := problemText(words, ServerView{Problem: kind.String(), Needs: need.String()})
				if text == unknown || strings.Contains(text, "server.problem") {
					t.Errorf("%s: %s has no text", lang, kind)
				}
				if other := said[text]; other != "" && other != kind.String() || (kind == hub.ProblemNotFound) && other != "" {
					t.Errorf("%s: %s says what %s says: %s", lang, kind, other, text)
				}
				if need == hub.NeedUnknown || kind == hub.ProblemNotFound {
					said[text] = kind.String()
				}
			}
		}
		for _, s := range []ServerView{{Problem: "unknown"}, {Problem: "new"}, {LastError: "odd"}} {
			if got := problemText(words, s); got != unknown {
				t.Errorf("%s: %+v is said as %s", lang, s, got)
			}
		}
		if got := problemText(words, ServerView{}); got != "" {
			t.Errorf("%s: no problem is said as %s", lang, got)
		}
	}
}

// TestLinksFigureTellsTheTruth: all is well only when it is.
func TestLinksFigureTellsTheTruth(t *testing.T) {
	p := painter{words: assets.Words("en")}
	well, paused := endpoint.Status{State: endpoint.Ready}, endpoint.Status{State: endpoint.Paused}
	toolless := endpoint.Status{State: endpoint.Ready, Missing: endpoint.MissingToolSide}
	for _, c := range []struct {
		links       []endpoint.Status
		alerts      int
		value, note string
	}{
		{nil, 0, "0 of 0 connected", "No endpoint yet"},
		{[]endpoint.Status{well, well}, 0, "2 of 2 connected", "All is well"},
		{[]endpoint.Status{well, paused}, 0, "1 of 1 connected", "1 is paused"},
		{[]endpoint.Status{well, toolless, paused}, 0, "2 of 2 connected", "1 not working well"},
		{[]endpoint.Status{toolless, {State: endpoint.Dialing}}, 0, "1 of 2 connected", "Connecting"},
		{[]endpoint.Status{toolless, {State: endpoint.Failed}}, 1, "1 of 2 connected", "1 needs you"},
	} {
		if f := p.linksFigure(c.links, c.alerts); f.Value != c.value || f.Note != c.note {
			t.Errorf("got %q, %q; want %q, %q", f.Value, f.Note, c.value, c.note)
		}
	}
}
