package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
)

// verb is something to do at once about a link.
type verb struct {
	name string
	do   func(l Links, id string) error
}

var verbCheck = verb{"check", Links.CheckHealth}

var verbs = []verb{
	{"reconnect", Links.Reconnect},
	verbCheck,
	{"pause", Links.Pause},
	{"resume", Links.Resume},
}

// MaxRest bounds for how long a link can be paused by one wish.
const MaxRest = 7 * 24 * time.Hour

// act does it, and returns the code of the trouble, or "". Rest is for how long a
// pause is meant; 0 is until it is ended.
func (s *Server) act(v verb, id string, rest time.Duration) string {
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
	switch {
	case v.name == "pause" && rest > 0:
		s.rests.start(id, min(rest, MaxRest), func() {
			if err := s.deps.Links.Resume(id); err != nil {
				s.log.Info("a paused link is gone", "endpoint", id, "reason", secret.Text(err.Error()))
			}
		})
	case v.name == "pause", v.name == "resume":
		s.rests.stop(id)
	}
	return ""
}

// form answers a button of a page that is about one link.
func (s *Server) form(v verb) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		form, ok := s.fields(w, r)
		if !ok {
			return
		}
		id, minutes := r.PathValue("id"), 0
		if typed := form.Get("minutes"); typed != "" {
			var err error
			if minutes, err = strconv.Atoi(typed); err != nil || minutes < 0 { // it must not pass for a pause without end
				s.refuse(w, r, kindPage, "bad_form")
				return
			}
		}
		s.button(w, r, form, "link-"+id, func() string { return s.act(v, id, time.Duration(min(minutes, 1<<20))*time.Minute) })
	}
}

// checkAll answers a button that checks every link.
func (s *Server) checkAll(w http.ResponseWriter, r *http.Request) {
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	s.button(w, r, form, "", func() string {
		for _, status := range s.status() {
			if code := s.act(verbCheck, status.ID, 0); code != "" && code != "unknown_endpoint" {
				return code
			}
		}
		return ""
	})
}

// button does what a button of a page is for, and answers: htmx gets the fragments of
// that page that have changed by it, a plain form gets the page again.
func (s *Server) button(w http.ResponseWriter, r *http.Request, form url.Values, place string, do func() string) {
	lang, from := s.words(r).Lang(), form.Get("from")
	shown, ok := s.viewAt(from, lang)
	if !ok {
		from = overviewPage.address(nil)
		shown, _ = s.viewAt(from, lang)
	}
	before, err := s.pump.edition(r.Context(), shown)
	if err != nil {
		s.refuse(w, r, kindPage, "internal")
		return
	}
	if code := do(); code != "" {
		s.refuse(w, r, kindPage, code)
		return
	}
	if r.Header.Get("HX-Request") != "true" {
		if place != "" && shown.page != endpointPage.name {
			from += "#" + url.PathEscape(place)
		}
		http.Redirect(w, r, from, http.StatusSeeOther)
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

// command is the same for programs: it answers with the link's new status. A pause may
// tell for how many minutes it is meant.
func (s *Server) command(v verb) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		var how struct {
			Minutes int `json:"minutes"`
		}
		if r.ContentLength != 0 && (!readJSON(r, &how) || how.Minutes < 0) {
			s.refuse(w, r, kindAPI, "bad_json", "want", pauseExample)
			return
		}
		if code := s.act(v, r.PathValue("id"), time.Duration(min(how.Minutes, 1<<20))*time.Minute); code != "" {
			s.refuse(w, r, kindAPI, code)
			return
		}
		s.connection(w, r)
	}
}

// pauseExample is shown to who sends something else.
const pauseExample = `{"minutes":60}`
