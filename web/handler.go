package web

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"xiaozhi-switchboard/core/secret"
)

// answerTime is how long a browser may take to read an answer; streams have their own way.
const answerTime = 30 * time.Second

// Handler answers all requests: it protects, guards, routes, and survives what
// goes wrong in between. It works until Close.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k, found, allow := s.find(r)
		sent := &tracker{ResponseWriter: w}
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.log.Error("panic while answering", "method", r.Method, "path", secret.Text(r.URL.Path),
				"panic", secret.Text(fmt.Sprint(p)), "stack", string(debug.Stack()))
			if !sent.started {
				s.refuse(w, r, k, "internal")
			}
		}()
		s.answer(sent, r, k, found, allow)
	})
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, k kind, found bool, allow string) {
	protect(w.Header())
	// A connection keeps the deadline of its last answer, so each answer sets its own;
	// a stream does so again. Not every writer has deadlines; a listener's has.
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerTime))
	code, reader := s.guard.check(r, k)
	if code != "" {
		s.log.Warn("request refused", "reason", code, "method", r.Method, "path", secret.Text(r.URL.Path), "host", secret.Text(r.Host))
		s.refuse(w, r, k, code)
		return
	}
	w.Header().Add("Vary", "Origin")
	if reader != "" {
		w.Header().Set("Access-Control-Allow-Origin", reader)
	}
	r, leave, ok := s.enterGate(w, r, k)
	if !ok {
		return
	}
	defer leave()
	switch {
	case !found && allow != "":
		w.Header().Set("Allow", allow)
		s.refuse(w, r, k, "method_not_allowed")
		return
	case !found:
		s.refuse(w, r, k, "not_found")
		return
	}
	if code := s.takeBody(w, r, k); code != "" {
		s.refuse(w, r, k, code)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// tracker knows whether an answer was begun.
type tracker struct {
	http.ResponseWriter
	started bool
}

// WriteHeader notes the beginning.
func (t *tracker) WriteHeader(status int) {
	t.started = true
	t.ResponseWriter.WriteHeader(status)
}

// Write notes the beginning.
func (t *tracker) Write(b []byte) (int, error) {
	t.started = true
	return t.ResponseWriter.Write(b)
}

// Unwrap lets a response controller reach what the writer can do.
func (t *tracker) Unwrap() http.ResponseWriter { return t.ResponseWriter }
