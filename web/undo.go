package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/web/ui"
)

// deed is something that was done, to be told on the next page.
type deed struct {
	// text says so in the language of a page.
	text func(words *assets.Translator) string
	// undo takes it back; nil when that cannot be.
	undo func(context.Context) error
}

// doneArg is the parameter by which a page says which deed it should tell of.
const doneArg = "done"

// finish goes to a page of ours that tells what was done.
func (s *Server) finish(w http.ResponseWriter, r *http.Request, to string, d deed) {
	path, fragment, _ := strings.Cut(to, "#")
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	path += join + doneArg + "=" + url.QueryEscape(s.deeds.keep(d))
	if fragment != "" {
		path += "#" + fragment
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
}

// done is what the address of a page wants told; nil when there is nothing.
func (s *Server) done(r *http.Request) *ui.Done {
	query := r.URL.Query()
	name := query.Get(doneArg)
	if name == "" {
		return nil
	}
	d, ok := s.deeds.find(name)
	if !ok {
		return nil
	}
	query.Del(doneArg)
	told := &ui.Done{Text: d.text(s.words(r)), From: r.URL.EscapedPath()}
	if len(query) > 0 {
		told.From += "?" + query.Encode()
	}
	if d.undo != nil {
		told.Undo = name
	}
	return told
}

// undo takes back the deed that the form names, and goes back to where it was told.
func (s *Server) undo(w http.ResponseWriter, r *http.Request) {
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	if code := s.takeBack(r.Context(), form.Get("deed")); code != "" {
		s.refuse(w, r, kindPage, code)
		return
	}
	to := form.Get("from")
	if !local(to) {
		to = "/"
	}
	s.finish(w, r, to, deed{text: func(words *assets.Translator) string { return words.Say("done.undone") }})
}

// undoExample is shown to who sends something else.
const undoExample = `{"undo":"…"}`

// undoCommand is undo for programs.
func (s *Server) undoCommand(w http.ResponseWriter, r *http.Request) {
	var wish struct {
		Undo string `json:"undo"`
	}
	if !readJSON(r, &wish) {
		s.refuse(w, r, kindAPI, "bad_json", "want", undoExample)
		return
	}
	if code := s.takeBack(r.Context(), wish.Undo); code != "" {
		s.refuse(w, r, kindAPI, code)
		return
	}
	s.json(w, r, http.StatusOK, map[string]bool{"undone": true})
}

// takeBack undoes a deed, once, and returns the code of the trouble, or "".
func (s *Server) takeBack(ctx context.Context, name string) string {
	d, ok := s.deeds.find(name)
	if !ok || d.undo == nil {
		return "too_late"
	}
	s.deeds.take(name)
	if err := d.undo(ctx); err != nil {
		return s.troubleOf("undo", err)
	}
	return ""
}
