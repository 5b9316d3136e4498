package web

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/journal"
	"xiaozhi-switchboard/web/ui"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden holds what components render, in both languages, against files.
func TestGolden(t *testing.T) {
	broken := SettingsView{Path: "/home/ann/xiaozhi.config.json", Problem: &ConfigProblem{Texts: Texts{
		"en": "connectionOptions.healthCheckInterval = 999: this must be a whole number from 1000 to 86400000",
		"zh": "connectionOptions.healthCheckInterval = 999：应为 1000 到 86400000 之间的整数",
	}, Line: 12, Column: 28}}
	full := inventedSnapshot(broken)
	full.rehearses = true
	s, _, _, _ := newServer(t, nil)
	empty := snapshot{at: noon, settings: SettingsView{Path: "/home/ann/xiaozhi.config.json"}}
	past, quiet := full, empty
	past.journal, quiet.journal = inventedJournal(noon), journal.New(nil)
	past.parts = []string{"events", "calls", "failovers", "log", "diagnostics"}
	rested := full // but nobody switched it off
	rested.file = func() *config.Config {
		c := full.file()
		for i := range c.Endpoints {
			c.Endpoints[i].Enabled = true
		}
		return c
	}
	for _, lang := range assets.Languages() {
		words := assets.Words(lang)
		p := painter{words: words, zone: time.UTC}
		frame := ui.Frame{
			Lang: htmlLang(lang), Say: words.Say, Title: words.Say("nav.overview"), Section: "overview", Style: "/style.css", Icon: "/icon.svg",
			Script: "/script.js", Stream: "/events?since=1", Made: p.moment(noon, noon, "pulse.updated"), Version: "1.2.3", SignedIn: true,
			Sections:  []ui.Section{{Name: "overview", Word: words.Say("nav.overview"), Address: "/"}},
			Languages: []ui.Choice{{Tag: "en", Name: "English", Address: "?lang=en", Current: lang == "en"}, {Tag: "zh", Name: "中文", Address: "?lang=zh", Current: lang == "zh"}},
			Themes:    []ui.Choice{{Tag: "system", Name: words.Say("theme.system"), Address: "?theme=system", Current: true}, {Tag: "dark", Name: words.Say("theme.dark"), Address: "?theme=dark"}},
			Refresh:   true, Problem: p.problem(full), Done: &ui.Done{Text: words.Say("done.undone"), Undo: "NAME", From: "/"},
		}
		for name, c := range map[string]templ.Component{
			"frame":        ui.Page(frame),
			"overview":     ui.OverviewPage(p.overview(full), words.Say),
			"endpoints":    ui.EndpointsPage(p.endpointList(full, url.Values{"sort": {"state"}}), words.Say),
			"no-match":     ui.EndpointsPage(p.endpointList(full, url.Values{"q": {"nothing"}, "hide": {"1"}}), words.Say),
			"endpoint":     ui.EndpointPage(p.endpointDetail(full.links[0], full, url.Values{"id": {full.links[0].ID}}), words.Say),
			"down":         ui.EndpointPage(p.endpointDetail(full.links[4], full, url.Values{"id": {full.links[4].ID}, "range": {"7d"}}), words.Say),
			"endpoint-off": ui.EndpointPage(p.endpointDetail(full.links[5], full, url.Values{"id": {full.links[5].ID}}), words.Say),
			"resting":      ui.EndpointPage(p.endpointDetail(full.links[5], rested, url.Values{"id": {full.links[5].ID}}), words.Say),
			"rest-card":    ui.LinkCard(p.tracedLink(full.links[5], HealthOf(full.links[5], noon), 0, rested), words.Say),
			"rest-row":     ui.EndpointsPage(p.endpointList(rested, url.Values{"show": {"paused"}}), words.Say),
			"form":         ui.EndpointFormPage(inventedForm(s, words), words.Say),
			"import":       ui.ImportPage(s.importView(words, importSheet{from: "/servers/add", text: "{", wrong: words.Say("problem.syntax.other"), trouble: words.Say("trouble.exists.text")}), words.Say),
			"preview":      ui.ImportSheet(inventedImport(s, words), words.Say),
			"welcome":      ui.WelcomeBasics(ui.Form{Action: "/welcome", Fields: []ui.Field{{Kind: ui.FieldNumber, Name: "port", Label: words.Say("welcome.port"), Value: "3001", Required: true}}}, words.Say),
			"stages":       ui.WelcomePage([]ui.Choice{{Tag: "1", Name: words.Say("welcome.step.basics"), Address: "/welcome?step=basics"}, {Tag: "2", Name: words.Say("welcome.step.endpoint"), Address: "/welcome?step=endpoint", Current: true}}, words.Say),
			"ready":        ui.WelcomeDone("/home/ann/xiaozhi.config.json", words.Say),
			"confirm":      ui.ConfirmPage(ui.Confirm{Title: "Title", Texts: []string{"Text"}, Action: "/do", Hidden: []ui.Pair{{Name: "a", Value: "b"}}, Verb: "Do it", Danger: true, Back: "/"}, words.Say),
			"empty":        ui.OverviewPage(p.overview(empty), words.Say),
			"trouble":      ui.Trouble(words.Say, "404", words.Say("trouble.not_found.title"), words.Say("trouble.not_found.text")),
			"tray":         ui.TrayLine(trayNotice(words, TrayUnseen)),
			"notice":       ui.Notice(words.Say("trouble.unknown_endpoint.text")),
			"rehearsal":    ui.RehearsalPage(s.rehearsalSheetView(words, rehearsalSheet{tool: "switchboard__time", arguments: "{", trouble: words.Say("trouble.rehearsing.text"), wrong: map[string]string{"arguments": words.Say("try.wrong.object")}}), words.Say),
			"rehearsed":    ui.RehearsalPage(s.rehearsalSheetView(words, rehearsalSheet{family: "relay", tool: "switchboard__time", report: new(inventedRehearsal())}), words.Say),
			"toolless":     ui.RehearsalPage(ui.Rehearsal{NoTools: true}, words.Say),
			"silence":      ui.RehearsalPage(s.rehearsalSheetView(words, rehearsalSheet{tool: "switchboard__time", report: new(inventedSilence())}), words.Say),

			"settings": ui.OptionsPage(p.optionsForm(optionsState{now: config.Snapshot{Config: config.Default(), Revision: "REVISION"}, differ: true, preset: "test",
				values: map[string]string{"port": "3002", "logLevel": "debug"}, errors: map[string]string{"port": words.Say("settings.nan")}, trouble: words.Say("settings.conflict")}), words.Say),
			"text": ui.FileTextPage(ui.FileText{Settings: inventedTop, Problems: []ui.FileProblem{{Place: "2:1", Text: "x", Line: "y"}}, Form: ui.Form{Action: "/settings/file", Trouble: "…",
				Fields: []ui.Field{{Kind: ui.FieldArea, Name: "text", Label: words.Say("settings.file.label"), Value: "\n{}", Rows: 26, Mono: true}}}}, words.Say),
			"locked": ui.FileTextPage(ui.FileText{Locked: words.Say("settings.file.long")}, words.Say),
			"comparison": ui.ComparisonPage(ui.Comparison{Settings: inventedTop, Title: words.Say("settings.file.title"), Text: "…", Lines: lineDiff("a\nb\nc\nd\ne\nf\n", "a\nb\nc\nd\ne\n<f>\n"),
				Programs: []string{"npx -y files"}, Unconfirmed: true, Form: ui.Form{Action: "/settings/file", Hidden: []ui.Pair{{Name: "revision", Value: "REVISION"}}},
				Verb: words.Say("verb.save"), More: words.Say("settings.file.more"), Back: "/settings/file"}, words.Say),
			"login": ui.LoginPage(ui.Form{Action: "/login", Trouble: words.Say("trouble.many_keys.text", "n", 15), Hidden: []ui.Pair{{Name: "next", Value: "/help"}},
				Fields: []ui.Field{{Kind: ui.FieldSecret, Name: "key", Label: words.Say("login.key"), Required: true, Mono: true, Error: words.Say("login.wrong")}}}, words.Say),
			"access": ui.AccessPage(ui.Access{Settings: inventedTop, Keyed: true, Made: "abcde-fghij-klmno-pqrst", Form: ui.Form{Action: accessPath, Hidden: []ui.Pair{{Name: "revision", Value: "REVISION"}},
				Fields: []ui.Field{{Kind: ui.FieldSecret, Name: "key", Label: words.Say("access.own"), Hint: words.Say("access.own.hint")}}}}, words.Say),
			"access-open": ui.AccessPage(ui.Access{Settings: inventedTop, Exposed: true, Form: ui.Form{Action: accessPath}}, words.Say),
			"versions": ui.VersionsPage(ui.Versions{Settings: inventedTop, List: []ui.VersionRow{{Address: "/settings/versions?id=1", Saved: p.moment(noon, noon, "settings.versions.saved"),
				Changes: words.Say("settings.versions.same")}}}, words.Say),
			"performance":    ui.PerformancePage(p.charted(full, url.Values{"range": {"24h"}}), words.Say),
			"unknown":        ui.PerformancePage(p.performance(PerformanceView{At: noon}, false), words.Say),
			"events":         ui.EventsPage(p.eventList(past, activityFilter{limit: activityShown}, nil), words.Say),
			"events-older":   ui.EventsPage(p.eventList(past, activityFilter{limit: 2, before: 9, words: []string{"b"}}, url.Values{"before": {"9"}, "q": {"b"}}), words.Say),
			"events-none":    ui.EventsPage(p.eventList(quiet, activityFilter{limit: activityShown}, nil), words.Say),
			"calls":          ui.CallsPage(p.callList(past, activityFilter{limit: activityShown}, nil), words.Say),
			"calls-no-match": ui.CallsPage(p.callList(past, activityFilter{limit: activityShown, tool: "gone"}, url.Values{"tool": {"gone"}}), words.Say),
			"calls-none":     ui.CallsPage(p.callList(quiet, activityFilter{limit: activityShown}, nil), words.Say),
			"failovers":      ui.FailoversPage(p.failoverList(past, activityFilter{limit: activityShown}, nil), words.Say),
			"failovers-none": ui.FailoversPage(p.failoverList(quiet, activityFilter{limit: activityShown}, nil), words.Say),
			"tools":          ui.ToolsPage(p.toolList(full, nil), words.Say),
			"filtered":       ui.ToolsPage(p.toolList(crowded(full), url.Values{"show": {"on"}, "server": {"weather"}, "page": {"2"}}), words.Say),
			"no-tools":       ui.ToolsPage(p.toolList(empty, nil), words.Say),
			"server":         ui.ServerPage(p.serverDetail(full.servers[0], full), words.Say),
			"ill":            ui.ServerPage(p.serverDetail(full.servers[3], full), words.Say),
			"tool":           ui.ToolPage(inventedTool(p, full), words.Say),
			"off":            ui.ToolPage(p.toolDetail(configuredTools(full)[1], full), words.Say),
			"new":            ui.ServerFormPage(supplySheet(words, supply{wrong: map[string]string{"name": words.Say("mistake.server.name"), "command": words.Say("mistake.server.command")}, unsure: true}, config.Server{Kind: config.KindStdio, Enabled: true}, ""), words.Say),
			"change":         ui.ServerFormPage(inventedSupply(words), words.Say),
			"no-server":      ui.ToolsPage(p.toolList(snapshot{at: noon, tools: full.tools, file: config.Default}, url.Values{"q": {"nothing"}}), words.Say),
			"api": ui.APIPage(ui.API{Parts: []ui.APIPart{{ID: "area-tools", Name: "Tools", Text: "The tools.", Requests: []ui.APIRequest{
				{ID: "api-tools", Method: "GET", Path: "/api/v1/tools", Summary: "The tools of all servers", Answer: "The tools."},
				{ID: "api-edit", Method: "PATCH", Path: "/api/v1/tools/{name}", Summary: "Changes a tool", Text: "At once.", Answer: "The tool.", Example: `{"enabled":false}`,
					Parameters: []ui.APIParameter{{Name: "name", Text: "A <name>."}, {Name: "limit", Text: "How many.", Bounds: "1–500"}}},
			}}}}, words.Say),
			"help": ui.HelpPage(ui.Help{Headings: []ui.Heading{{ID: "options", Text: words.Say("nav.help"), Level: 2}},
				Parts: []templ.Component{ui.OptionDocs(p.optionDocs(), words.Say)}}, words.Say),
		} {
			golden(t, name+"."+lang+".html", c)
		}
	}
}

// crowded is a snapshot with many tools.
func crowded(s snapshot) snapshot {
	for i := range 120 {
		name := fmt.Sprintf("weather__forecast_%d", i)
		s.tools = append(s.tools, ToolView{Name: name, Server: "weather", Original: name[9:], Sources: []string{"weather"}, Listers: []string{"weather"}, Enabled: true})
	}
	return s
}

// inventedTool is the page of a tool with all that it can show.
func inventedTool(p painter, s snapshot) ui.ToolDetail {
	t := s.tools[2]
	t.Schema, t.Overridden, t.Own, t.Notes, t.Sources = []byte(everySchema), true, "Its own words.", []string{"renamed"}, []string{"weather", "switchboard"}
	d := p.toolDetail(t, s)
	d.Try = p.try(t, trial{form: url.Values{"arg1": {"x"}}, wrong: map[string]string{"arg1": "try.wrong.number"}, trouble: "…",
		outcome: p.outcome([]byte(`{"isError":true,"content":[{"type":"text","text":"no\nrain"},{"type":"image","mimeType":"image/png","data":"AAAA"},{"type":"resource_link","uri":"file:///x"},{"type":7}]}`), 42*time.Millisecond)})
	return d
}

// inventedSupply is the form of a server that is changed, its credentials hidden.
func inventedSupply(words *assets.Translator) ui.ServerSheet {
	f := config.Server{Name: "weather", Kind: config.KindHTTP, URL: "https://weather.example/mcp?token=" + token, Headers: map[string]string{"Authorization": "Bearer sesame-open"}, Prefix: new(""), Enabled: true}
	shown, _ := veiled(f)
	return supplySheet(words, supply{server: f, old: &f, revision: "REVISION"}, shown, "VEIL")
}

// inventedForm is the form of an endpoint with all that it can show.
func inventedForm(s *Server, words *assets.Translator) ui.EndpointForm {
	old := config.Endpoint{URL: addressOf("a1a1a1a1a1a1"), Name: "书房小智", Enabled: true, HealthCheck: true, Servers: []string{"weather", "gone"}}
	f := s.sheetForm(words, sheet{wish: wishOf(old), old: old, id: "a1a1a1a1a1a1", revision: "r1",
		wrong: map[string]string{"url": "mistake.twice", "name": "mistake.name", "role": "mistake.role"}, trouble: words.Say("trouble.conflict.text")})
	f.Verdict, f.Anyway = words.Say("doctor.ill"), words.Say("form.anyway")
	report := endpoint.Report{Kind: endpoint.KindDNS, Error: "dial: no such host", Findings: []endpoint.Finding{
		endpoint.FindingTokenExpires, endpoint.FindingUnencrypted, endpoint.FindingDialFailed,
	}}
	for _, r := range Diagnosis(words, report, noon, time.UTC) {
		f.Remarks = append(f.Remarks, ui.Remark(r))
	}
	return f
}

// inventedImport is a preview of servers, one of which is there already.
func inventedImport(s *Server, words *assets.Translator) ui.ImportForm {
	found, err := config.ImportServers([]byte(`{"weather": {"url": "https://w.example/mcp"}, "files": {"command": "npx", "args": ["-y", "files"], "env": {"KEY": "v"}}}`))
	if err != nil {
		panic(err)
	}
	f := s.importView(words, importSheet{from: "/welcome?step=server", next: "/welcome?step=done", found: found, unsure: true})
	f.Draft = "DRAFT"
	return f
}

// inventedTop is the head of a page of settings whose file has changed.
var inventedTop = ui.Settings{Path: "/home/ann/xiaozhi.config.json", State: ui.FileState{Changed: true, Reload: "/settings"},
	Tabs: []ui.Choice{{Name: "Options", Address: "/settings", Current: true}, {Name: "File", Address: "/settings/file"}}}

func golden(t *testing.T, name string, c templ.Component) {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	// One tag a line, so that a change is easy to see.
	got := strings.ReplaceAll(b.String(), "><", ">\n<") + "\n"
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
		for i := range min(len(gotLines), len(wantLines)) {
			if gotLines[i] != wantLines[i] {
				t.Errorf("%s line %d:\n got %s\nwant %s\n(-update writes it anew)", name, i+1, gotLines[i], wantLines[i])
				return
			}
		}
		t.Errorf("%s has %d lines, want %d", name, len(gotLines), len(wantLines))
	}
}
