package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// welcomeEndpoint is the step of the first run that holds the form.
const welcomeEndpoint = "/welcome?step=endpoint"

const (
	// maxName is how many characters the name of an endpoint may have.
	maxName = 80
	// examineTime bounds how long a page waits for an examination.
	examineTime = 25 * time.Second
)

// wish is what somebody wants an endpoint to be, as typed.
type wish struct {
	// Address is new; empty keeps the one there is.
	Address     string   `json:"url"`
	Name        string   `json:"name"`
	Role        string   `json:"role"`
	Enabled     bool     `json:"enabled"`
	HealthCheck bool     `json:"healthCheck"`
	Servers     []string `json:"servers"`
	Tools       []string `json:"tools"`
}

// wishOf is the wish that changes nothing about an endpoint.
func wishOf(e config.Endpoint) wish {
	return wish{Name: e.Name, Role: e.Role, Enabled: e.Enabled, HealthCheck: e.HealthCheck, Servers: e.Servers, Tools: e.Tools}
}

// endpoint is the wish as it is written to the file. Old is what it replaces.
func (w wish) endpoint(old config.Endpoint) config.Endpoint {
	e := config.Endpoint{URL: old.URL, Name: strings.TrimSpace(w.Name), Role: w.Role, Enabled: w.Enabled, HealthCheck: w.HealthCheck, Servers: w.Servers, Tools: w.Tools}
	if address := strings.TrimSpace(w.Address); address != "" {
		e.URL = secret.URL(address)
	}
	return e
}

// mistakes are the keys of texts about what is wrong with a wish, by field. Others are
// the endpoints there are; old is the one that it replaces, if any.
func (w wish) mistakes(old config.Endpoint, others []config.Endpoint) map[string]string {
	wrong := map[string]string{}
	address := strings.TrimSpace(w.Address)
	if address != "" || old.URL == "" {
		id, err := endpoint.Identify(secret.URL(address))
		var bad *endpoint.URLError
		switch {
		case errors.As(err, &bad):
			wrong["url"] = AddressKey(bad.Problem)
		case strings.ContainsAny(address, " \t\r\n"):
			wrong["url"] = "doctor.address.unreadable"
		default:
			for _, other := range others {
				if known, err := endpoint.Identify(other.URL); err == nil && known.ID == id.ID && other.URL != old.URL {
					wrong["url"] = "mistake.twice"
				}
			}
		}
	}
	if utf8.RuneCountInString(w.Name) > maxName || strings.ContainsFunc(w.Name, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		wrong["name"] = "mistake.name"
	}
	if _, err := endpoint.ParseRole(w.Role); err != nil {
		wrong["role"] = "mistake.role"
	}
	return wrong
}

// readWish reads a wish from a form. What the form does not ask stays as it is in old.
func (s *Server) readWish(form url.Values, old config.Endpoint) wish {
	w := wish{
		Servers: old.Servers, Tools: old.Tools,
		Address: s.drafts.read(strings.TrimSpace(form.Get("url")), form.Get("draft")), Name: form.Get("name"), Role: form.Get("role"),
		Enabled: form.Get("enabled") == "on", HealthCheck: form.Get("check") == "on",
	}
	switch form.Get("sees") {
	case "all":
		w.Servers = nil
	case "some":
		w.Servers = append([]string{}, form["servers"]...)
	}
	if form.Has("tools") {
		names := strings.FieldsFunc(form.Get("tools"), func(c rune) bool { return c == ',' || c <= ' ' })
		switch {
		case len(names) > 0:
			w.Tools = names
		case len(old.Tools) > 0:
			w.Tools = nil // emptied: all of them
		}
	}
	return w
}

// sheet is the form of an endpoint while it is put together.
type sheet struct {
	wish     wish
	old      config.Endpoint // that it is about; the zero value when it is new
	id       string
	revision string
	wrong    map[string]string
	trouble  string
	report   *endpoint.Report
	form     url.Values // as sent; nil at first
	status   int
	first    bool // it is a step of the first run
}

// addForm shows an empty form.
func (s *Server) addForm(w http.ResponseWriter, r *http.Request) {
	if s.choose(w, r) {
		return
	}
	s.showSheet(w, r, sheet{wish: wish{Enabled: true, HealthCheck: true}, status: http.StatusOK})
}

// editForm shows the form of an endpoint.
func (s *Server) editForm(w http.ResponseWriter, r *http.Request) {
	if s.choose(w, r) {
		return
	}
	ep, now, ok := s.configured(r.PathValue("id"))
	if !ok {
		s.refuse(w, r, kindPage, "unknown_endpoint")
		return
	}
	s.showSheet(w, r, sheet{wish: wishOf(ep), old: ep, id: r.PathValue("id"), revision: now.Revision, status: http.StatusOK})
}

// configured returns the endpoint of the file that a link is for.
func (s *Server) configured(id string) (config.Endpoint, config.Snapshot, bool) {
	now := s.deps.Editor.Snapshot()
	var address secret.URL
	for _, l := range s.status() {
		if l.ID == id {
			address = l.URL
		}
	}
	ep, ok := endpointOf(now.Config, id, address)
	return ep, now, ok
}

// add takes the form of a new endpoint: it examines the address before it saves,
// unless that has just been done.
func (s *Server) add(w http.ResponseWriter, r *http.Request) {
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	s.take(w, r, sheet{wish: s.readWish(form, config.Endpoint{}), form: form, first: form.Get("from") == welcomeEndpoint})
}

// edit takes the form of an endpoint.
func (s *Server) edit(w http.ResponseWriter, r *http.Request) {
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	id := r.PathValue("id")
	ep, _, ok := s.configured(id)
	if !ok {
		s.refuse(w, r, kindPage, "unknown_endpoint")
		return
	}
	s.take(w, r, sheet{wish: s.readWish(form, ep), form: form, old: ep, id: id, revision: form.Get("revision")})
}

// take is what add and edit have in common.
func (s *Server) take(w http.ResponseWriter, r *http.Request, sh sheet) {
	now := s.deps.Editor.Snapshot()
	if sh.revision == "" {
		sh.revision = now.Revision
	}
	if sh.wrong = sh.wish.mistakes(sh.old, now.Config.Endpoints); len(sh.wrong) > 0 {
		sh.status = http.StatusUnprocessableEntity
		s.showSheet(w, r, sh)
		return
	}
	step := sh.form.Get("step")
	known, tested := s.examined.find(sh.form.Get("tested"))
	tested = tested && known == sh.wish.Address
	if address := sh.wish.endpoint(sh.old).URL; s.deps.Doctor != nil && (step == "test" || step != "anyway" && sh.wish.Address != "" && !tested) {
		ctx, cancel := context.WithTimeout(r.Context(), examineTime)
		defer cancel()
		report, err := s.deps.Doctor.Examine(ctx, address)
		if err != nil {
			s.refuse(w, r, kindPage, s.troubleOf("examine", err))
			return
		}
		sh.report = &report
		if step == "test" || !report.OK {
			sh.status = http.StatusOK
			if !report.OK && step != "test" {
				sh.status = http.StatusUnprocessableEntity
			}
			s.showSheet(w, r, sh)
			return
		}
	}
	d, code := s.save(r.Context(), sh)
	if code != "" {
		sh.trouble = s.words(r).Say("trouble." + code + ".text")
		sh.status, sh.revision = statuses[code], s.deps.Editor.Snapshot().Revision
		s.showSheet(w, r, sh)
		return
	}
	to := "/endpoints"
	if sh.first {
		to = skipTo("server")
	}
	if sh.id != "" {
		to = endpointAddress(d.id)
	}
	s.finish(w, r, to, d.deed)
}

// saved is a deed about one endpoint.
type saved struct {
	deed
	id string // after it
}

// save writes a wish to the file. The code is that of the trouble, or "".
func (s *Server) save(ctx context.Context, sh sheet) (saved, string) {
	ep := sh.wish.endpoint(sh.old)
	id, err := endpoint.Identify(ep.URL)
	if err != nil {
		return saved{}, "not_valid"
	}
	done := saved{id: id.ID}
	if sh.id == "" {
		_, err = s.deps.Editor.Modify(ctx, "", func(e *config.Edit) error { return e.AddEndpoint(ep) })
		done.deed = deed{
			text: func(words *assets.Translator) string { return words.Say("done.added", "name", nameOf(words, ep)) },
			undo: s.change(func(e *config.Edit) error { return e.RemoveEndpoint(ep.URL) }),
		}
	} else {
		_, err = s.deps.Editor.Modify(ctx, sh.revision, func(e *config.Edit) error { return e.UpdateEndpoint(sh.old.URL, ep) })
		done.deed = deed{
			text: func(words *assets.Translator) string { return words.Say("done.changed", "name", nameOf(words, ep)) },
			undo: func(ctx context.Context) error {
				s.traces.move(done.id, sh.id)
				return s.change(func(e *config.Edit) error { return e.UpdateEndpoint(ep.URL, sh.old) })(ctx)
			},
		}
		if err == nil {
			s.traces.move(sh.id, id.ID) // what a link has been through belongs to the endpoint, not to its token
		}
	}
	if err != nil {
		return saved{}, s.troubleOf("save endpoint", err)
	}
	return done, ""
}

// change is a change of the file for an undo.
func (s *Server) change(edit func(*config.Edit) error) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := s.deps.Editor.Modify(ctx, "", edit)
		return err
	}
}

// nameOf is what to call an endpoint of the file.
func nameOf(words *assets.Translator, e config.Endpoint) string {
	if e.Name != "" {
		return secret.Text(e.Name)
	}
	id, err := endpoint.Identify(e.URL)
	switch {
	case err != nil:
		return e.URL.String()
	case id.Agent != "":
		return words.Say("link.agent", "id", id.Agent)
	}
	return id.Host
}

// remove takes an endpoint out of the file. An undo puts back the text as it was, or,
// when the file has changed since, the endpoint at the end.
func (s *Server) remove(w http.ResponseWriter, r *http.Request) {
	d, code := s.removed(r.Context(), r.PathValue("id"))
	if code != "" {
		s.refuse(w, r, kindPage, code)
		return
	}
	s.finish(w, r, "/endpoints", d)
}

func (s *Server) removed(ctx context.Context, id string) (deed, string) {
	ep, before, ok := s.configured(id)
	if !ok {
		return deed{}, "unknown_endpoint"
	}
	after, err := s.deps.Editor.Modify(ctx, before.Revision, func(e *config.Edit) error { return e.RemoveEndpoint(ep.URL) })
	if err != nil {
		return deed{}, s.troubleOf("remove endpoint", err)
	}
	return deed{
		text: func(words *assets.Translator) string { return words.Say("done.removed", "name", nameOf(words, ep)) },
		undo: func(ctx context.Context) error {
			_, err := s.deps.Editor.Modify(ctx, after.Revision, func(e *config.Edit) error { e.Replace(before.Text); return nil })
			if conflict := (*config.ConflictError)(nil); errors.As(err, &conflict) {
				return s.change(func(e *config.Edit) error { return e.AddEndpoint(ep) })(ctx)
			}
			return err
		},
	}, ""
}

// toggle switches an endpoint on or off in the file.
func (s *Server) toggle(on bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ep, _, ok := s.configured(r.PathValue("id"))
		if !ok {
			s.refuse(w, r, kindPage, "unknown_endpoint")
			return
		}
		sh := sheet{wish: wishOf(ep), old: ep, id: r.PathValue("id")}
		sh.wish.Enabled = on
		d, code := s.save(r.Context(), sh)
		if code != "" {
			s.refuse(w, r, kindPage, code)
			return
		}
		s.finish(w, r, endpointAddress(d.id), d.deed)
	}
}

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
