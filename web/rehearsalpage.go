package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// rehearsalPath is where the form is: beside /tools, under which each tool has a page by its name.
const rehearsalPath = "/rehearsal"

// toolsChosen bounds how many tools the form lists.
const toolsChosen = 512

// rehearsalSheet is the form of a rehearsal while it is put together.
type rehearsalSheet struct {
	family, endpoint, tool string
	arguments              string // as typed
	wrong                  map[string]string
	trouble                string
	status                 int
	report                 *RehearsalReport
}

// rehearsalForm shows the form; its address may say what to put in.
func (s *Server) rehearsalForm(w http.ResponseWriter, r *http.Request) {
	if s.deps.Rehearser == nil {
		s.refuse(w, r, kindPage, "unavailable")
		return
	}
	if s.choose(w, r) {
		return
	}
	query := r.URL.Query()
	sh := rehearsalSheet{family: query.Get("family"), endpoint: query.Get("endpoint"), tool: query.Get("tool"), status: http.StatusOK}
	if t, ok := s.enabledTool(sh.tool); ok {
		sh.arguments = exampleArguments(t.Schema)
	}
	s.showRehearsal(w, r, sh)
}

// rehearse takes the form: it fills in an example of arguments, or rehearses.
func (s *Server) rehearse(w http.ResponseWriter, r *http.Request) {
	if s.deps.Rehearser == nil {
		s.refuse(w, r, kindPage, "unavailable")
		return
	}
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	words := s.words(r)
	sh := rehearsalSheet{family: form.Get("family"), endpoint: form.Get("endpoint"), tool: form.Get("tool"), arguments: form.Get("arguments"), status: http.StatusOK}
	if form.Get("step") == "example" {
		if t, ok := s.enabledTool(sh.tool); ok {
			sh.arguments = exampleArguments(t.Schema)
		}
		s.showRehearsal(w, r, sh)
		return
	}
	var scene RehearsalScene
	if scene, sh.wrong = s.sceneOf(words, sh.family, sh.endpoint, sh.tool, sh.arguments); len(sh.wrong) > 0 {
		sh.status = http.StatusUnprocessableEntity
		if t, ok := s.enabledTool(sh.tool); ok && strings.TrimSpace(sh.arguments) == "" {
			sh.arguments = exampleArguments(t.Schema)
		}
		s.showRehearsal(w, r, sh)
		return
	}
	report, err := s.deps.Rehearser.Rehearse(r.Context(), scene)
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerTime)) // it may take longer than an answer
	switch {
	case err == nil:
		sh.report = &report
	case r.Context().Err() != nil:
		return // the browser went away
	default:
		code := "rehearsing"
		if !errors.Is(err, ErrRehearsing) {
			code = s.troubleOf("rehearse", err)
		}
		sh.status, sh.trouble = statuses[code], words.Say("trouble."+code+".text")
	}
	s.showRehearsal(w, r, sh)
}

// sceneOf reads what is to be rehearsed. Wrong are texts about what is wrong, by field.
func (s *Server) sceneOf(words *assets.Translator, family, at, tool, typed string) (scene RehearsalScene, wrong map[string]string) {
	wrong = map[string]string{}
	scene = RehearsalScene{Family: family, Endpoint: at, Tool: tool}
	families := s.deps.Rehearser.Families()
	switch {
	case family == "" && len(families) > 0:
		scene.Family = families[0].Name
	case !slices.ContainsFunc(families, func(f RehearsalFamily) bool { return f.Name == family }):
		wrong["family"] = words.Say("rehearsal.family.unknown")
	}
	if at != "" && !slices.ContainsFunc(s.servedLinks(), func(l endpoint.Status) bool { return l.ID == at }) {
		wrong["endpoint"] = words.Say("rehearsal.endpoint.unknown")
	}
	t, known := s.enabledTool(tool)
	if !known {
		wrong["tool"] = words.Say("rehearsal.tool.unknown")
	}
	arguments, problem := readArguments(words, typed)
	if problem != "" {
		wrong["arguments"] = problem
	} else if missing := missingArguments(t.Schema, arguments); len(missing) > 0 {
		wrong["arguments"] = words.Say("rehearsal.arguments.missing", "names", shorten(secret.Text(strings.Join(missing, words.Say("list.comma"))), 300))
	}
	scene.Arguments = arguments
	return scene, wrong
}

// servedLinks are the links over which an endpoint calls our tools.
func (s *Server) servedLinks() []endpoint.Status {
	if s.deps.Links == nil {
		return nil
	}
	return slices.DeleteFunc(s.deps.Links.Status(), func(l endpoint.Status) bool { return l.Role == endpoint.RoleCall })
}

// enabledTool finds a tool of the catalogue that is not switched off.
func (s *Server) enabledTool(name string) (ToolView, bool) {
	if s.deps.Catalogue == nil || name == "" {
		return ToolView{}, false
	}
	all := s.deps.Catalogue.Tools()
	i := slices.IndexFunc(all, func(t ToolView) bool { return t.Enabled && t.Name == name })
	if i < 0 {
		return ToolView{}, false
	}
	return all[i], true
}

// showRehearsal answers with the form, and with what came of it.
func (s *Server) showRehearsal(w http.ResponseWriter, r *http.Request, sh rehearsalSheet) {
	words := s.words(r)
	s.still(w, r, sh.status, words.Say("rehearsal.title"), "tools", ui.RehearsalPage(s.rehearsalSheetView(words, sh), words.Say))
}

func (s *Server) rehearsalSheetView(words *assets.Translator, sh rehearsalSheet) ui.Rehearsal {
	p := painter{words: words, zone: s.options.Zone}
	say := words.Say
	v := ui.Rehearsal{Form: ui.Form{Action: rehearsalPath, Trouble: sh.trouble}}
	families := ui.Field{Kind: ui.FieldSelect, Name: "family", Label: say("rehearsal.family"), Hint: say("rehearsal.family.hint"), Value: sh.family, Error: sh.wrong["family"]}
	for _, f := range s.deps.Rehearser.Families() {
		families.Options = append(families.Options, ui.Option{Value: f.Name, Word: say("rehearsal.family."+f.Name, "time", p.limit(f.CallTime), "size", p.bytes(uint64(max(f.ResultBytes, 0))))})
	}
	endpoints := ui.Field{Kind: ui.FieldSelect, Name: "endpoint", Label: say("rehearsal.endpoint"), Hint: say("rehearsal.endpoint.hint"), Value: sh.endpoint, Error: sh.wrong["endpoint"],
		Options: []ui.Option{{Word: say("rehearsal.endpoint.all")}}}
	for _, l := range s.servedLinks() {
		endpoints.Options = append(endpoints.Options, ui.Option{Value: l.ID, Word: secret.Text(l.Label())})
	}
	tools := ui.Field{Kind: ui.FieldSelect, Name: "tool", Label: say("rehearsal.tool"), Hint: say("rehearsal.tool.hint"), Value: sh.tool, Error: sh.wrong["tool"]}
	if s.deps.Catalogue != nil {
		for _, t := range s.deps.Catalogue.Tools() {
			if t.Enabled && len(tools.Options) < toolsChosen {
				tools.Options = append(tools.Options, ui.Option{Value: t.Name, Word: t.Name})
			}
		}
	}
	v.NoTools = len(tools.Options) == 0
	v.Form.Fields = []ui.Field{tools, {Kind: ui.FieldArea, Name: "arguments", Label: say("rehearsal.arguments"), Hint: say("rehearsal.arguments.hint"),
		Value: sh.arguments, Error: sh.wrong["arguments"], Rows: 5, Mono: true, Placeholder: "{}"}, endpoints, families}
	if sh.report != nil {
		v.Result = p.rehearsalResult(*sh.report, sh)
	}
	return v
}

// rehearsalAddress is where a rehearsal begins with a field filled in, such as the endpoint.
func rehearsalAddress(field, value string) string {
	return rehearsalPath + "?" + url.Values{field: {value}}.Encode()
}
