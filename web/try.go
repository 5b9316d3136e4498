package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// Bounds of what a page shows of a result.
const (
	partsShown    = 50
	longestShown  = 64 << 10
	longestPosted = 32 << 10 // of arguments as JSON
)

// trial is a call that somebody tries from the page of a tool.
type trial struct {
	form    url.Values        // as sent; nil at first
	wrong   map[string]string // the keys of texts about mistakes, by field
	trouble string
	outcome *ui.Outcome
	// wrongRaw says what is the matter with the arguments as JSON.
	wrongRaw string
}

// rawField is the field of arguments as JSON.
const rawField = "arguments"

// try is the form that calls a tool.
func (p painter) try(t ToolView, tr trial) ui.Try {
	action, hidden := toolAddress(t.Name)+"/try", []ui.Pair{{Name: "schema", Value: schemaMark(t.Schema)}}
	v := ui.Try{Form: ui.Form{Action: action, Hidden: hidden, Trouble: tr.trouble}, Outcome: tr.outcome}
	if !t.Enabled {
		v.Off = p.say("try.off")
		return v
	}
	list, ok := argumentsOf(t.Schema)
	if !ok {
		v.Note, v.RawOpen = p.say("try.no_form"), true
	}
	for i, a := range list {
		typed := a.preset
		if tr.form.Has(argumentField(i)) {
			typed = tr.form.Get(argumentField(i))
		}
		v.Fields = append(v.Fields, a.field(p.words, i, typed, tr.wrong[argumentField(i)]))
	}
	raw := ui.Field{Kind: ui.FieldArea, Name: rawField, Label: p.say("try.raw.label"), Value: exampleArguments(t.Schema), Error: tr.wrongRaw, Rows: 6, Mono: true}
	if tr.form.Has(rawField) {
		raw.Value, v.RawOpen = tr.form.Get(rawField), true
	}
	v.Raw = ui.Form{Action: action, Hidden: hidden, Fields: []ui.Field{raw}}
	return v
}

// argumentsOfForm reads what a form of try means.
func argumentsOfForm(words *assets.Translator, t ToolView, form url.Values) (arguments []byte, tr trial) {
	tr.form = form
	if form.Has(rawField) {
		arguments, tr.wrongRaw = readArguments(words, form.Get(rawField))
		return arguments, tr
	}
	list, _ := argumentsOf(t.Schema)
	arguments, tr.wrong = argumentsFrom(list, form.Get)
	return arguments, tr
}

// tryTool calls a tool with what was typed, as an endpoint would, and shows what came of
// it on the page of the tool.
func (s *Server) tryTool(w http.ResponseWriter, r *http.Request) {
	if s.deps.Caller == nil {
		s.refuse(w, r, kindPage, "unavailable")
		return
	}
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	t, ok := s.findTool(r.PathValue("tool"))
	if !ok {
		s.refuse(w, r, kindPage, "unknown_tool")
		return
	}
	words, status := s.words(r), http.StatusOK
	arguments, tr := argumentsOfForm(words, t, form)
	switch {
	case !form.Has(rawField) && form.Get("schema") != schemaMark(t.Schema):
		tr, status = trial{trouble: words.Say("try.changed")}, http.StatusConflict
	case len(tr.wrong) > 0 || tr.wrongRaw != "":
		status = http.StatusUnprocessableEntity
	default:
		began := time.Now()
		result, err := s.deps.Caller.CallTool(r.Context(), t.Name, arguments)
		took := time.Since(began)
		http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerTime)) // a call may take longer than an answer
		var no *rpc.Error
		switch {
		case errors.As(err, &no) && no.Code == rpc.CodeInvalidParams:
			tr.trouble, status = words.Say("trouble.unknown_tool.text"), statuses["unknown_tool"]
		case err != nil:
			s.log.Error("action failed", "action", "try tool", "error", secret.Text(err.Error()))
			tr.trouble, status = words.Say("trouble.action_failed.text"), statuses["action_failed"]
		default:
			p := painter{words: words, zone: s.options.Zone}
			tr.outcome = p.outcome(result, took)
		}
	}
	s.showTool(w, r, status, t, func(p painter, d *ui.ToolDetail) {
		d.Try = p.try(t, tr)
	})
}

// content is one item of a result. Only what is shown is read.
type content struct {
	Type     any    `json:"type"`
	Text     string `json:"text"`
	Data     string `json:"data"`
	MimeType string `json:"mimeType"`
	URI      string `json:"uri"`
	Resource struct {
		URI string `json:"uri"`
	} `json:"resource"`
}

// outcome shows a result, which is that of somebody else's program.
func (p painter) outcome(result []byte, took time.Duration) *ui.Outcome {
	o := &ui.Outcome{Level: ui.Up, Word: p.say("try.well"), Took: p.say("try.took", "time", p.fine(took)), JSON: shorten(secret.Text(laidOut(result)), longestShown)}
	var said struct {
		IsError bool              `json:"isError"`
		Content []json.RawMessage `json:"content"`
	}
	if json.Unmarshal(result, &said) != nil {
		o.Level, o.Word = ui.Slow, p.say("try.odd")
		return o
	}
	if said.IsError {
		o.Level, o.Word = ui.Down, p.say("try.ill")
	}
	for i, raw := range said.Content {
		var c content
		switch {
		case i == partsShown:
			o.Others = append(o.Others, p.say("try.content.more", "n", len(said.Content)-partsShown))
			return o
		case json.Unmarshal(raw, &c) != nil:
			o.Others = append(o.Others, p.say("try.content.other", "type", "?"))
		case c.Type == "text":
			o.Texts = append(o.Texts, shorten(secret.Text(c.Text), longestShown))
		default:
			o.Others = append(o.Others, p.otherContent(c))
		}
	}
	if len(said.Content) == 0 {
		o.Others = append(o.Others, p.say("try.content.none"))
	}
	return o
}
