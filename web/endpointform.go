package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
)

// welcomeEndpoint is the step of the first run that holds the form.
const welcomeEndpoint = "/welcome?step=endpoint"

// examineTime bounds how long a page waits for an examination.
const examineTime = 25 * time.Second

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
