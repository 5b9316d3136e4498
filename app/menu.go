package app

import (
	"fmt"
	"strconv"
	"time"

	"xiaozhi-switchboard/app/tray"
	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/endpoint"
)

// What rows of the menu ask for. The target of those about a link is its ID.
const (
	doOpen         tray.Verb = "open"         // the dashboard
	doDetails      tray.Verb = "details"      // of a link, on the dashboard
	doShowServer   tray.Verb = "show-server"  // the target, on the dashboard
	doEnable       tray.Verb = "enable"       // a link
	doPause        tray.Verb = "pause"        // a link
	doReconnect    tray.Verb = "reconnect"    // a link
	doCopyAddress  tray.Verb = "copy-address" // of a link
	doReconnectAll tray.Verb = "reconnect-all"
	doTestAll      tray.Verb = "test-all"
	doPauseAll     tray.Verb = "pause-all" // until the target, one of the pauses
	doResumeAll    tray.Verb = "resume-all"
	doStrategy     tray.Verb = "strategy" // the target's
	doOptimize     tray.Verb = "optimize"
	doOpenConfig   tray.Verb = "open-config"
	doOpenFolder   tray.Verb = "open-folder"
	doOpenLogs     tray.Verb = "open-logs"
	doCopyURL      tray.Verb = "copy-url" // of the dashboard
	doCopyMCP      tray.Verb = "copy-mcp" // the address for MCP clients
	doAutostart    tray.Verb = "autostart"
	doLanguage     tray.Verb = "language" // the target's; empty follows the system
	doDiagnostics  tray.Verb = "diagnostics"
	doRetryPort    tray.Verb = "retry-port"
	doNextPort     tray.Verb = "next-port"
	doQuit         tray.Verb = "quit"
)

// Until when all can be paused: the targets of doPauseAll.
const (
	pauseForGood       = "resumed"
	pauseFiveMinutes   = "5m"
	pauseHour          = "1h"
	pauseUntilTomorrow = "tomorrow"
)

// menuState is what rows show beside health.
type menuState struct {
	strategy balance.Strategy
	// language is the wish of the configuration.
	language string
	// autostart says whether the program starts at login.
	autostart bool
	// pausing: everything was paused by the menu, until pausedUntil unless that is zero.
	pausing     bool
	pausedUntil time.Time
	version     string
	demo        bool
}

const (
	// menuLinks is how many links have rows of their own: large menus that change froze
	// a desktop.
	menuLinks = 12
	// menuAlerts is how many alerts have rows.
	menuAlerts = 3
)

// shapes stand for levels, by their names.
var shapes = map[string]string{"up": "●", "slow": "▲", "down": "■", "paused": "○", "connecting": "◌"}

// menu makes the rows. Those that come and go with the state of things are always
// there, and hidden, so that the menu keeps its shape.
func (s *sight) menu(alerts []alert, shown []linkSight) []tray.Row {
	say := s.words.Say
	rows := []tray.Row{{Key: "head", Label: s.summary(len(alerts)), Disabled: true}}
	rows = append(rows, s.alertRows(alerts)...)
	rows = append(rows, line("l1"), tray.Row{Key: "open", Label: say("tray.open"), Do: tray.Action{Verb: doOpen}}, line("l2"))
	for i := range shown {
		rows = append(rows, s.linkRow(&shown[i]))
	}
	if len(s.links) > len(shown) {
		rows = append(rows, tray.Row{Key: "more", Label: say("tray.links.all", "n", len(s.links)), Do: tray.Action{Verb: doOpen}})
	}
	if len(s.links) > 0 {
		rows = append(rows, line("l3"))
	}
	none := len(s.links) == 0
	rows = append(rows,
		tray.Row{Key: "reconnect-all", Label: say("tray.reconnect.all"), Disabled: none, Do: tray.Action{Verb: doReconnectAll}},
		tray.Row{Key: "test-all", Label: say("tray.test.all"), Disabled: none, Do: tray.Action{Verb: doTestAll}},
		s.pauseRow(),
		s.strategyRow(),
		tray.Row{Key: "optimize", Label: say("tray.optimize"), Do: tray.Action{Verb: doOptimize}},
		line("l4"),
		s.fileRow(),
		tray.Row{Key: "diagnostics", Label: say("tray.diagnostics"), Do: tray.Action{Verb: doDiagnostics}},
		tray.Row{Key: "copy-url", Label: say("tray.copy.url"), Do: tray.Action{Verb: doCopyURL}},
		tray.Row{Key: "copy-mcp", Label: say("tray.copy.mcp"), Do: tray.Action{Verb: doCopyMCP}},
		line("l5"))
	if !s.demo { // a demo is not what should start
		rows = append(rows, tray.Row{Key: "autostart", Label: say("tray.autostart"), Check: tray.Checkmark(s.autostart), Do: tray.Action{Verb: doAutostart}})
	}
	return append(rows,
		s.languageRow(),
		tray.Row{Key: "version", Label: say("app.name") + " " + s.version, Disabled: true},
		tray.Row{Key: "quit", Label: say("tray.quit"), Do: tray.Action{Verb: doQuit}})
}

func line(key string) tray.Row { return tray.Row{Key: key, Line: true} }

// alertRows is one row for each alert, up to a few, and one for the rest.
func (s *sight) alertRows(alerts []alert) []tray.Row {
	rows := make([]tray.Row, menuAlerts+1)
	for i := range rows {
		rows[i] = tray.Row{Key: fmt.Sprint("alert", i), Hidden: true}
		if i < menuAlerts && i < len(alerts) {
			a := alerts[i]
			text := s.words.Say("tray.alert", "shape", a.shape, "name", a.name, "verb", a.verb)
			if a.cause != "" {
				text = s.words.Say("tray.alert.cause", "shape", a.shape, "name", a.name, "verb", a.verb, "cause", a.cause)
			}
			rows[i].Label, rows[i].Do, rows[i].Hidden = text, a.do, false
		}
	}
	if more := len(alerts) - menuAlerts; more > 0 {
		last := &rows[menuAlerts]
		last.Label, last.Do, last.Hidden = s.words.Say("tray.alerts.more", "n", more), tray.Action{Verb: doOpen}, false
	}
	return rows
}

// linkRow is one link with what can be done about it.
func (s *sight) linkRow(l *linkSight) tray.Row {
	say := s.words.Say
	label, state := shapes[l.level()]+" "+l.name(s.words), say(l.Word)
	if l.Connected() && l.RoundTrip > 0 {
		label += " · " + roundTrip(s.words, l.RoundTrip)
	} else {
		label += " · " + state
	}
	switch {
	case l.Cause != "":
		state = say("tray.link.cause", "state", state, "cause", say(l.Cause))
	case l.Connected():
		state = say("tray.link.score", "state", state, "score", strconv.Itoa(l.Score.Value))
	}
	enable := tray.Action{Verb: doPause, Target: l.ID}
	if l.paused() {
		enable.Verb = doEnable
	}
	return tray.Row{Key: "link-" + l.ID, Label: label, Rows: []tray.Row{
		{Key: "state", Label: state, Disabled: true},
		{Key: "enable", Label: say("tray.link.enabled"), Check: tray.Checkmark(!l.paused()), Do: enable},
		{Key: "reconnect", Label: say("verb.reconnect"), Disabled: l.paused(), Do: tray.Action{Verb: doReconnect, Target: l.ID}},
		{Key: "copy", Label: say("tray.link.copy"), Do: tray.Action{Verb: doCopyAddress, Target: l.ID}},
		{Key: "details", Label: say("tray.link.details"), Do: tray.Action{Verb: doDetails, Target: l.ID}},
	}}
}

func (s *sight) pauseRow() tray.Row {
	say := s.words.Say
	asleep := true // nothing is left to pause
	for i := range s.links {
		asleep = asleep && s.links[i].State == endpoint.Paused
	}
	row := tray.Row{Key: "pause", Label: say("tray.pause"), Rows: []tray.Row{
		{Key: "resume", Label: say("tray.resume"), Disabled: !s.pausing, Do: tray.Action{Verb: doResumeAll}}, line("l"),
	}}
	for _, p := range []struct{ target, text string }{
		{pauseForGood, say("tray.pause.forgood")},
		{pauseFiveMinutes, say("tray.pause.minutes")},
		{pauseHour, say("tray.pause.hour")},
		{pauseUntilTomorrow, say("tray.pause.tomorrow")},
	} {
		row.Rows = append(row.Rows, tray.Row{Key: p.target, Label: p.text, Disabled: asleep && !s.pausing, Do: tray.Action{Verb: doPauseAll, Target: p.target}})
	}
	return row
}

func (s *sight) strategyRow() tray.Row {
	say := s.words.Say
	texts := map[balance.Strategy]string{
		balance.RoundRobin:  say("tray.strategy.turns"),
		balance.Random:      say("tray.strategy.random"),
		balance.HealthBased: say("tray.strategy.health"),
	}
	row := tray.Row{Key: "strategy", Label: say("tray.strategy")}
	for _, strategy := range balance.Strategies() {
		row.Rows = append(row.Rows, tray.Row{Key: strategy.String(), Label: texts[strategy], Check: tray.Checkmark(strategy == s.strategy),
			Do: tray.Action{Verb: doStrategy, Target: strategy.String()}})
	}
	return row
}

func (s *sight) fileRow() tray.Row {
	say := s.words.Say
	return tray.Row{Key: "files", Label: say("tray.files"), Rows: []tray.Row{
		{Key: "config", Label: say("tray.files.config"), Do: tray.Action{Verb: doOpenConfig}},
		{Key: "folder", Label: say("tray.files.folder"), Do: tray.Action{Verb: doOpenFolder}},
		{Key: "logs", Label: say("tray.files.logs"), Do: tray.Action{Verb: doOpenLogs}},
	}}
}

func (s *sight) languageRow() tray.Row {
	row := tray.Row{Key: "language", Label: s.words.Say("tray.language")}
	for _, l := range []struct{ tag, text string }{{"", s.words.Say("tray.language.system")}, {"zh", "中文"}, {"en", "English"}} {
		row.Rows = append(row.Rows, tray.Row{Key: "in-" + l.tag, Label: l.text, Check: tray.Checkmark(l.tag == s.language),
			Do: tray.Action{Verb: doLanguage, Target: l.tag}})
	}
	return row
}
