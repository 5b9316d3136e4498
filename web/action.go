package web

import (
	"errors"
	"net/http"
	"net/url"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
)

// verb is something to do at once about a link.
type verb struct {
	name string
	do   func(l Links, id string) error
}

var verbs = []verb{
	{"reconnect", Links.Reconnect},
	{"check", Links.CheckHealth},
	{"pause", Links.Pause},
	{"resume", Links.Resume},
}

// act does it, and returns the code of the trouble, or "".
func (s *Server) act(v verb, id string) string {
	if s.deps.Links == nil {
		return "unknown_endpoint"
	}
	err := v.do(s.deps.Links, id)
	switch {
	case errors.Is(err, endpoint.ErrUnknown):
		return "unknown_endpoint"
	case err != nil:
		s.log.Error("action failed", "action", v.name, "error", secret.Text(err.Error()))
		return "action_failed"
	}
	return ""
}

// form answers a button of a page: htmx gets the fragments of that page that the
// action has changed, a plain form gets the page again.
func (s *Server) form(v verb) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		form, ok := s.fields(w, r)
		if !ok {
			return
		}
		id, from := r.PathValue("id"), form.Get("from")
		shown, ok := s.viewAt(from, s.words(r).Lang())
		if !ok {
			shown, _ = s.viewAt("/", s.words(r).Lang())
			from = "/"
		}
		before, err := s.pump.edition(r.Context(), shown)
		if err != nil {
			s.refuse(w, r, kindPage, "internal")
			return
		}
		if code := s.act(v, id); code != "" {
			s.refuse(w, r, kindPage, code)
			return
		}
		if r.Header.Get("HX-Request") != "true" {
			http.Redirect(w, r, from+"#link-"+url.PathEscape(id), http.StatusSeeOther)
			return
		}
		html := ""
		after, err := s.pump.edition(r.Context(), shown)
		if err == nil {
			html, err = after.since(r.Context(), before.rev)
		}
		if err != nil {
			s.refuse(w, r, kindPage, "internal")
			return
		}
		html += `<hx-partial hx-target="#notice" hx-swap="innerHTML"></hx-partial>`
		s.write(w, r, http.StatusOK, "text/html; charset=utf-8", []byte(html))
	}
}

// command is the same for programs: it answers with the link's new status.
func (s *Server) command(v verb) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		if code := s.act(v, r.PathValue("id")); code != "" {
			s.refuse(w, r, kindAPI, code)
			return
		}
		s.connection(w, r)
	}
}
