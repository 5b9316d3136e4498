package web

import (
	"context"
	"net/http"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
)

// EndpointView is an endpoint as the configuration file has it.
type EndpointView struct {
	ID string `json:"id"`
	// Endpoint is the address, masked.
	Endpoint    string `json:"endpoint"`
	Name        string `json:"name"`
	Agent       string `json:"agent,omitempty"`
	Role        string `json:"role"`
	Enabled     bool   `json:"enabled"`
	HealthCheck bool   `json:"healthCheck"`
	// Servers and Tools are what it sees; null means all.
	Servers []string `json:"servers"`
	Tools   []string `json:"tools"`
	// Expires is when the token does; absent when it does not tell.
	Expires time.Time `json:"tokenExpires,omitzero"`
	// Undo takes the last change back; only in the answer to one.
	Undo string `json:"undo,omitempty"`
}

// EndpointOf shows an endpoint of a configuration as the API does.
func EndpointOf(e config.Endpoint) EndpointView { return endpointView(e) }

func endpointView(e config.Endpoint) EndpointView {
	v := EndpointView{Endpoint: e.URL.String(), Name: secret.Text(e.Name), Role: e.Role, Enabled: e.Enabled, HealthCheck: e.HealthCheck, Servers: e.Servers, Tools: e.Tools}
	if id, err := endpoint.Identify(e.URL); err == nil {
		v.ID, v.Agent, v.Expires = id.ID, id.Agent, id.Expires.UTC()
	}
	return v
}

// endpointExample is shown to who sends something else.
const endpointExample = `{"url":"wss://api.xiaozhi.me/mcp/?token=…","name":"Study"}`

// endpointList lists the endpoints of the file, with its revision.
func (s *Server) endpointList(w http.ResponseWriter, r *http.Request) {
	now := s.deps.Editor.Snapshot()
	list := []EndpointView{}
	for _, e := range now.Config.Endpoints {
		list = append(list, endpointView(e))
	}
	s.json(w, r, http.StatusOK, map[string]any{"revision": now.Revision, "endpoints": list})
}

// endpointCommand is one of them.
func (s *Server) endpointCommand(w http.ResponseWriter, r *http.Request) {
	ep, _, ok := s.configured(r.PathValue("id"))
	if !ok {
		s.refuse(w, r, kindAPI, "unknown_endpoint")
		return
	}
	s.json(w, r, http.StatusOK, endpointView(ep))
}

// addCommand adds an endpoint, without examining it first.
func (s *Server) addCommand(w http.ResponseWriter, r *http.Request) {
	sh := sheet{wish: wish{Enabled: true, HealthCheck: true}}
	if !readJSON(r, &sh.wish) {
		s.refuse(w, r, kindAPI, "bad_json", "want", endpointExample)
		return
	}
	s.saveCommand(w, r, sh)
}

// editCommand changes what the body names, if the file still has the revision that it
// may name too.
func (s *Server) editCommand(w http.ResponseWriter, r *http.Request) {
	ep, _, ok := s.configured(r.PathValue("id"))
	if !ok {
		s.refuse(w, r, kindAPI, "unknown_endpoint")
		return
	}
	change := struct {
		wish
		Revision string `json:"revision"`
	}{wish: wishOf(ep)}
	if !readJSON(r, &change) {
		s.refuse(w, r, kindAPI, "bad_json", "want", endpointExample)
		return
	}
	s.saveCommand(w, r, sheet{wish: change.wish, old: ep, id: r.PathValue("id"), revision: change.Revision})
}

func (s *Server) saveCommand(w http.ResponseWriter, r *http.Request, sh sheet) {
	if wrong := sh.wish.mistakes(sh.old, s.deps.Editor.Snapshot().Config.Endpoints); len(wrong) > 0 {
		s.refuseFields(w, r, s.words(r), wrong)
		return
	}
	done, code := s.save(r.Context(), sh)
	if code != "" {
		s.refuse(w, r, kindAPI, code)
		return
	}
	v := endpointView(sh.wish.endpoint(sh.old))
	v.Undo = s.deeds.keep(done.deed)
	s.json(w, r, http.StatusOK, v)
}

// refuseFields says to a program everything that is wrong, by field.
func (s *Server) refuseFields(w http.ResponseWriter, r *http.Request, words *assets.Translator, wrong map[string]string) {
	fields := map[string]string{}
	for field, key := range wrong {
		fields[field] = words.Say(key)
	}
	s.json(w, r, http.StatusUnprocessableEntity, map[string]any{"error": map[string]any{
		"code": "not_valid", "message": words.Say("trouble.not_valid.text"), "fields": fields,
	}})
}

// removeCommand answers with how to undo it.
func (s *Server) removeCommand(w http.ResponseWriter, r *http.Request) {
	d, code := s.removed(r.Context(), r.PathValue("id"))
	if code != "" {
		s.refuse(w, r, kindAPI, code)
		return
	}
	s.json(w, r, http.StatusOK, map[string]string{"undo": s.deeds.keep(d)})
}

// examineExample is shown to who sends something else.
const examineExample = `{"url":"wss://api.xiaozhi.me/mcp/?token=…"}`

// examineCommand dials an address once and says what it saw.
func (s *Server) examineCommand(w http.ResponseWriter, r *http.Request) {
	var what struct {
		URL string `json:"url"`
	}
	if s.deps.Doctor == nil {
		s.refuse(w, r, kindAPI, "unavailable")
		return
	}
	if !readJSON(r, &what) {
		s.refuse(w, r, kindAPI, "bad_json", "want", examineExample)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), examineTime)
	defer cancel()
	report, err := s.deps.Doctor.Examine(ctx, secret.URL(what.URL))
	if err != nil {
		s.refuse(w, r, kindAPI, s.troubleOf("examine", err))
		return
	}
	s.json(w, r, http.StatusOK, ExaminationOf(s.words(r), report, time.Now(), s.options.Zone))
}

// Examination is what was found out about an address, for programs.
type Examination struct {
	OK       bool               `json:"ok"`
	Findings []endpoint.Finding `json:"findings"`
	// Remarks say the findings in a language.
	Remarks []ExaminationRemark `json:"remarks"`
	Agent   string              `json:"agent"`
	ID      string              `json:"id"`
	Timings endpoint.Timings    `json:"timings"`
}

// ExaminationRemark is one sentence of an Examination. Level is up, slow or down.
type ExaminationRemark struct {
	Level string `json:"level"`
	Text  string `json:"text"`
}

// ExaminationOf puts a report into an Examination, with days in a zone.
func ExaminationOf(words *assets.Translator, report endpoint.Report, now time.Time, zone *time.Location) Examination {
	e := Examination{OK: report.OK, Findings: report.Findings, Remarks: []ExaminationRemark{}, Agent: report.Identity.Agent, ID: report.Identity.ID, Timings: report.Timings}
	for _, said := range Diagnosis(words, report, now, zone) {
		e.Remarks = append(e.Remarks, ExaminationRemark{said.Level.String(), said.Text})
	}
	return e
}

// traceCommand is the past of a link: its last checks, and round trips over time.
func (s *Server) traceCommand(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	past, ok := s.snapshot().traces[id]
	if !ok {
		s.refuse(w, r, kindAPI, "unknown_endpoint")
		return
	}
	type check struct {
		Level string        `json:"level"`
		Took  *Milliseconds `json:"tookMs"`
	}
	type point struct {
		At      time.Time     `json:"at"`
		Average *Milliseconds `json:"averageMs"`
		Median  *Milliseconds `json:"medianMs"`
		Checks  int32         `json:"checks"`
		Failed  int32         `json:"failed"`
	}
	took := func(d time.Duration) *Milliseconds {
		if d <= 0 {
			return nil
		}
		return new(Milliseconds(d))
	}
	beats, charts := []check{}, map[string][]point{}
	for _, b := range past.beats {
		beats = append(beats, check{b.level.String(), took(b.took)})
	}
	for i, span := range spans {
		points := []point{}
		for _, b := range past.charts[i] {
			p := point{At: time.Unix(b.at, 0).UTC(), Checks: b.checks, Failed: b.failed}
			if b.timed > 0 {
				p.Average, p.Median = took(b.took/time.Duration(b.timed)), took(b.median)
			}
			points = append(points, p)
		}
		charts[span.name] = points
	}
	s.json(w, r, http.StatusOK, map[string]any{"id": id, "checks": beats, "charts": charts})
}
