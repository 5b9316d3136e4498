package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// showSheet answers with the form, what was typed, and what there is to say about it.
func (s *Server) showSheet(w http.ResponseWriter, r *http.Request, sh sheet) {
	words := s.words(r)
	f := s.sheetForm(words, sh)
	if sh.first {
		s.showWelcome(w, r, sh.status, "endpoint", ui.EndpointFormSheet(f, words.Say))
		return
	}
	s.still(w, r, sh.status, f.Title, "endpoints", ui.EndpointFormPage(f, words.Say))
}

func (s *Server) sheetForm(words *assets.Translator, sh sheet) ui.EndpointForm {
	say := words.Say
	mistake := func(field string) string {
		if key := sh.wrong[field]; key != "" {
			return say(key)
		}
		return ""
	}
	shown, draft := "", ""
	if sh.wish.Address != "" {
		shown, draft = s.drafts.show(sh.wish.Address)
	}
	f := ui.EndpointForm{
		Title: say("form.add"), Intro: say("form.add.intro"), Verb: say("form.add.verb"), Back: "/endpoints",
		Form: ui.Form{Action: "/endpoints/add", Trouble: sh.trouble}, MoreTitle: say("form.more"),
	}
	address := ui.Field{Name: "url", Label: say("field.url"), Value: shown, Placeholder: "wss://", Hint: say("field.url.hint"), Error: mistake("url"), Mono: true}
	if sh.id != "" {
		f.Title, f.Intro, f.Verb = say("form.edit", "name", nameOf(words, sh.old)), "", say("form.edit.verb")
		f.Back = endpointAddress(sh.id)
		f.Action = f.Back + "/edit"
		address.Label, address.Hint, address.Placeholder = say("field.url.new"), say("field.url.new.hint"), sh.old.URL.String()
		f.Hidden = append(f.Hidden, ui.Pair{Name: "revision", Value: sh.revision})
	}
	if sh.first {
		f.Back, f.Inner = skipTo("server"), true
		f.Hidden = append(f.Hidden, ui.Pair{Name: "from", Value: welcomeEndpoint})
	}
	if draft != "" {
		f.Hidden = append(f.Hidden, ui.Pair{Name: "draft", Value: draft})
	}
	f.Fields = []ui.Field{address, {Name: "name", Label: say("field.name"), Value: sh.wish.Name, Hint: say("field.name.hint"), Error: mistake("name")}}
	f.More = s.moreFields(words, sh, mistake)
	f.MoreOpen = sh.id != "" || sh.wrong["role"] != ""
	if s.deps.Doctor != nil {
		f.TestVerb = say("form.test")
	}
	if sh.report != nil {
		f.OK, f.Verdict = sh.report.OK, say("doctor.well")
		if !f.OK {
			f.Verdict, f.Anyway = say("doctor.ill"), say("form.anyway")
		}
		for _, remark := range Diagnosis(words, *sh.report, time.Now(), s.options.Zone) {
			f.Remarks = append(f.Remarks, ui.Remark(remark))
		}
		if f.OK {
			f.Hidden = append(f.Hidden, ui.Pair{Name: "tested", Value: s.examined.keep(sh.wish.Address)})
		}
	}
	return f
}

// moreFields are the settings that are seldom needed.
func (s *Server) moreFields(words *assets.Translator, sh sheet, mistake func(string) string) []ui.Field {
	say := words.Say
	on := func(is bool) string {
		if is {
			return "on"
		}
		return ""
	}
	fields := []ui.Field{
		{Kind: ui.FieldCheck, Name: "enabled", Label: say("field.enabled"), Value: on(sh.wish.Enabled)},
		{Kind: ui.FieldCheck, Name: "check", Label: say("field.check"), Value: on(sh.wish.HealthCheck), Hint: say("field.check.hint")},
		{Kind: ui.FieldSelect, Name: "role", Label: say("field.role"), Value: sh.wish.Role, Error: mistake("role"), Hint: say("field.role.hint"),
			Options: []ui.Option{{Value: "", Word: say("role.auto")}, {Value: "serve", Word: say("role.serve")}, {Value: "call", Word: say("role.call")}}},
	}
	var names []string
	if s.deps.Catalogue != nil {
		for _, server := range s.deps.Catalogue.Servers() {
			names = append(names, server.Name)
		}
		if !slices.Contains(names, config.ReservedServer) {
			names = append(names, config.ReservedServer)
		}
	}
	for _, name := range sh.wish.Servers {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return fields
	}
	sees, ticks := "all", make([]ui.Option, len(names))
	if sh.wish.Servers != nil {
		sees = "some"
	}
	for i, name := range names {
		ticks[i] = ui.Option{Value: name, Word: secret.Text(name), On: slices.Contains(sh.wish.Servers, name)}
	}
	return append(fields,
		ui.Field{Kind: ui.FieldSelect, Name: "sees", Label: say("field.sees"), Value: sees, Options: []ui.Option{{Value: "all", Word: say("field.sees.all")}, {Value: "some", Word: say("field.sees.some")}}},
		ui.Field{Kind: ui.FieldTicks, Name: "servers", Label: say("field.servers"), Options: ticks},
		ui.Field{Kind: ui.FieldArea, Name: "tools", Label: say("field.tools"), Value: strings.Join(sh.wish.Tools, "\n"), Hint: say("field.tools.hint"), Mono: true},
	)
}
