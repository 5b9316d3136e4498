package web

import (
	"errors"
	"net/http"
	"net/url"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
)

// fields reads the form that a request sends; takeBody has seen to its type and size.
// One that is malformed is refused, and false.
func (s *Server) fields(w http.ResponseWriter, r *http.Request) (url.Values, bool) {
	if err := r.ParseForm(); err != nil {
		s.refuse(w, r, kindPage, "bad_form")
		return nil, false
	}
	return r.PostForm, true
}

// edited lets a route through when there is a configuration that can be changed.
func (s *Server) edited(k kind, handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.deps.Editor == nil {
			s.refuse(w, r, k, "unavailable")
			return
		}
		handle(w, r)
	}
}

// troubleOf is the code of an error of the configuration; what is none is logged.
func (s *Server) troubleOf(action string, err error) string {
	var (
		conflict *config.ConflictError
		problems *config.ProblemsError
		file     *config.FileError
	)
	switch {
	case errors.As(err, &conflict):
		return "conflict"
	case errors.Is(err, config.ErrBroken):
		return "broken_file"
	case errors.Is(err, config.ErrExists):
		return "exists"
	case errors.Is(err, config.ErrNotFound), errors.Is(err, endpoint.ErrUnknown):
		return "unknown_endpoint"
	case errors.As(err, &problems):
		return "not_valid"
	case errors.As(err, &file):
		return fileTrouble(file)
	}
	s.log.Error("action failed", "action", action, "error", secret.Text(err.Error()))
	return "action_failed"
}

// fileTrouble is the code of a file that cannot be written, or be read before that.
func fileTrouble(e *config.FileError) string {
	switch {
	case e.Reason == "full":
		return "disk_full"
	case e.Reason == "owner":
		return "foreign_owner"
	case e.Code == config.FileDenied:
		return "not_permitted"
	}
	return "not_written"
}

// drafts keeps what was typed into fields that must not be shown again.
//
// A page that comes back with errors shows an address with its token hidden. Whoever
// sends it again unchanged means the address that was typed.
type drafts struct{ memory[string] }

// show returns what to put into a field in place of an address, and the name of the
// draft to send along; both are empty when there is nothing.
func (d *drafts) show(address string) (shown, draft string) {
	shown = secret.MaskURL(address)
	if shown == address {
		return shown, ""
	}
	return shown, d.keep(address)
}

// read returns the address that a field means.
func (d *drafts) read(typed, draft string) string {
	if address, ok := d.find(draft); ok && typed == secret.MaskURL(address) {
		return address
	}
	return typed
}
