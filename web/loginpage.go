package web

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// enterGate lets a request in, and ends a stream as soon as its key or its session does.
// One that is not let in is answered, and false.
func (s *Server) enterGate(w http.ResponseWriter, r *http.Request, k kind) (in *http.Request, leave func(), ok bool) {
	e := s.gate.admit(r, k)
	if e.code != "" {
		s.turnAway(w, r, k, e)
		return nil, nil, false
	}
	if e.until == nil || k != kindStream && k != kindMCP {
		return r, func() {}, true
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	stop := context.AfterFunc(e.until, func() { cancel(context.Cause(e.until)) })
	return r.WithContext(ctx), func() { stop(); cancel(nil) }, true
}

// turnAway answers who is not let in: people are led to where they can enter the key.
func (s *Server) turnAway(w http.ResponseWriter, r *http.Request, k kind, e entry) {
	if statuses[e.code] == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="xiaozhi-switchboard"`)
	}
	var args []any
	switch {
	case e.code == "many_keys":
		args = []any{"n", s.mustWait(w, e.wait)}
	case e.code == "wrong_key":
		s.log.Warn("access key refused", "from", r.RemoteAddr, "path", secret.Text(r.URL.Path))
	case e.code == "key_needed" && k == kindPage && r.Header.Get("HX-Request") != "true" && !strings.Contains(r.Header.Get("Accept"), "application/json"):
		next := "/"
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			next = r.URL.RequestURI()
		}
		http.Redirect(w, r, "/login?"+url.Values{"next": {next}}.Encode(), http.StatusSeeOther)
		return
	}
	s.refuse(w, r, k, e.code, args...)
}

// mustWait tells programs how many seconds to wait, and returns them.
func (s *Server) mustWait(w http.ResponseWriter, wait time.Duration) int {
	seconds := int(math.Ceil(wait.Seconds()))
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	return seconds
}

// login shows where to enter the key.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	if s.choose(w, r) {
		return
	}
	query := r.URL.Query()
	next := nextPage(query.Get("next"))
	key, _ := s.gate.now()
	switch {
	case key == "" && s.options.Exposed:
		s.refuse(w, r, kindPage, "no_key")
		return
	case key == "", s.gate.session(r) != nil:
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	if _, ok := s.gate.tickets.take(query.Get("ticket")); ok {
		s.enterPage(w, r, next)
		return
	}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		// Browsers keep our cookie back when a link of another site leads here. They send it
		// once a page of ours asks.
		w.Header().Set("Refresh", "0; url="+next)
	}
	s.showLogin(w, r, http.StatusOK, next, "", "")
}

// signIn takes the key that somebody typed.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	words, next := s.words(r), nextPage(form.Get("next"))
	given := strings.TrimSpace(form.Get("key"))
	key, _ := s.gate.now()
	switch {
	case key == "" && s.options.Exposed:
		s.refuse(w, r, kindPage, "no_key")
		return
	case key == "":
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	case given == "":
		s.showLogin(w, r, http.StatusUnprocessableEntity, next, words.Say("login.empty"), "")
		return
	}
	switch e := s.gate.try(r, key, given); e.code {
	case "":
		s.log.Info("signed in", "from", r.RemoteAddr)
		s.enterPage(w, r, next)
	case "many_keys":
		s.showLogin(w, r, statuses[e.code], next, "", words.Say("trouble.many_keys.text", "n", s.mustWait(w, e.wait)))
	default:
		s.log.Warn("access key refused", "from", r.RemoteAddr, "path", "/login")
		s.showLogin(w, r, statuses[e.code], next, words.Say("login.wrong"), "")
	}
}

// enterPage signs the browser in and goes to a page.
func (s *Server) enterPage(w http.ResponseWriter, r *http.Request, next string) {
	s.giveSession(w, r)
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// giveSession signs the browser in.
func (s *Server) giveSession(w http.ResponseWriter, r *http.Request) {
	s.setSession(w, r, s.gate.open(time.Now()), int(sessionLife.Seconds()))
}

// setSession gives the browser what it must send; a negative age takes it away.
func (s *Server) setSession(w http.ResponseWriter, r *http.Request, token string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: s.gate.cookie(r), Value: token, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		// We speak no TLS ourselves; the origin tells whether a proxy does.
		Secure: r.TLS != nil || strings.HasPrefix(r.Header.Get("Origin"), "https://"),
	})
}

// signOut ends the session of the browser.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) {
	s.gate.leave(r)
	s.setSession(w, r, "", -1)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// showLogin answers with the form; wrong is what is wrong with the key, and trouble why none
// is taken now.
func (s *Server) showLogin(w http.ResponseWriter, r *http.Request, status int, next, wrong, trouble string) {
	words := s.words(r)
	f := s.frame(r, words.Say("login.title"), "")
	f.Sections = nil // they lead back here
	s.page(w, r, status, f, ui.LoginPage(ui.Form{Action: "/login", Trouble: trouble, Hidden: []ui.Pair{{Name: "next", Value: next}},
		Fields: []ui.Field{{Kind: ui.FieldSecret, Name: "key", Label: words.Say("login.key"), Required: true, Mono: true, Error: wrong}}}, words.Say))
}

// nextPage is where to go after the key: a page of ours, or else the first one.
func nextPage(wish string) string {
	if len(wish) > 2000 || !local(wish) || strings.HasPrefix(wish, "/login") || strings.HasPrefix(wish, "/logout") {
		return "/"
	}
	return wish
}

// Entrance returns an address at which whoever opens it first is signed in, within a quarter
// of an hour, and led to an address of the dashboard: for the browser of this computer's user.
// That address comes back unchanged when there is no access key.
func (s *Server) Entrance(address string) string {
	to, err := url.Parse(address)
	if err != nil {
		return address
	}
	next := to.RequestURI()
	if to.Fragment != "" {
		next += "#" + to.EscapedFragment()
	}
	path, ticket := s.entrance(next)
	if !ticket {
		return address
	}
	return to.Scheme + "://" + to.Host + path
}

// entrance is the path of an entrance that leads to next; without an access key that itself.
func (s *Server) entrance(next string) (path string, ticket bool) {
	if key, _ := s.gate.now(); key == "" {
		return next, false
	}
	return "/login?" + url.Values{"ticket": {s.gate.tickets.keep(struct{}{})}, "next": {next}}.Encode(), true
}

// entranceCommand answers with the path of an entrance, for a program that opens a browser.
func (s *Server) entranceCommand(w http.ResponseWriter, r *http.Request) {
	path, _ := s.entrance("/")
	s.json(w, r, http.StatusOK, map[string]string{"path": path})
}
