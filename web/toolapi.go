package web

import (
	"net/http"
	"strings"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
)

// ToolReport is one tool with those that see it.
type ToolReport struct {
	ToolView
	// Endpoints are the ids of the endpoints that see it; empty while it is off.
	Endpoints []string `json:"endpoints"`
	// Undo takes the last change back; only in the answer to one.
	Undo string `json:"undo,omitempty"`
}

// toolExample is shown to who sends something else.
const toolExample = `{"enabled":false,"description":""}`

// reportTool shows a tool as the file has it.
func (s *Server) reportTool(r *http.Request, t ToolView) ToolReport {
	now := s.snapshot()
	if now.file != nil {
		t = asConfigured(now.file(), t)
	}
	t.Description, t.Original, t.Own = secret.Text(t.Description), secret.Text(t.Original), secret.Text(t.Own)
	t.NoteTexts = noteTexts(s.words(r), t)
	report := ToolReport{ToolView: t, Endpoints: []string{}}
	if !t.Enabled {
		return report
	}
	for _, l := range now.links {
		if ep, ok := now.configured(l); l.Role != "call" && (!ok || ep.Enabled && visible(ep, t)) {
			report.Endpoints = append(report.Endpoints, l.ID)
		}
	}
	return report
}

// toolReport is one tool.
func (s *Server) toolReport(w http.ResponseWriter, r *http.Request) {
	t, ok := s.findTool(r.PathValue("name"))
	if !ok {
		s.refuse(w, r, kindAPI, "unknown_tool")
		return
	}
	s.json(w, r, http.StatusOK, s.reportTool(r, t))
}

// toolCommand changes what the body names of a tool: whether it is on, and its description,
// of which an empty one is the server's own.
func (s *Server) toolCommand(w http.ResponseWriter, r *http.Request) {
	t, ok := s.findTool(r.PathValue("name"))
	if !ok {
		s.refuse(w, r, kindAPI, "unknown_tool")
		return
	}
	var wish struct {
		Enabled     *bool   `json:"enabled"`
		Description *string `json:"description"`
		Revision    string  `json:"revision"`
	}
	if !readJSON(r, &wish) || wish.Enabled == nil && wish.Description == nil {
		s.refuse(w, r, kindAPI, "bad_json", "want", toolExample)
		return
	}
	text := ""
	if wish.Description != nil {
		text = strings.TrimSpace(*wish.Description)
		if key := wrongDescription(text); key != "" {
			s.refuseFields(w, r, s.words(r), map[string]string{"description": key})
			return
		}
	}
	d, code := s.setTool(r.Context(), t, wish.Revision, func(set *config.Tool) {
		if wish.Enabled != nil {
			set.Enabled = *wish.Enabled
		}
		if wish.Description != nil {
			set.Description = text
		}
	})
	if code != "" {
		s.refuse(w, r, kindAPI, code)
		return
	}
	if wish.Description != nil { // what runs follows in a moment
		t.Description, t.Overridden = text, text != ""
		if text == "" {
			t.Description = t.Own
		}
	}
	report := s.reportTool(r, t)
	report.Undo = s.deeds.keep(d)
	s.json(w, r, http.StatusOK, report)
}
