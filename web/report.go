package web

import (
	"net/http"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/secret"
)

// performance says how the program does.
func (s *Server) performance(w http.ResponseWriter, r *http.Request) {
	if s.deps.Performance == nil {
		s.refuse(w, r, kindAPI, "unavailable")
		return
	}
	s.json(w, r, http.StatusOK, presentable(s.words(r), s.deps.Performance.Performance()))
}

// presentable completes a view for an answer, in copies of its lists: none is nil,
// and none holds a secret that a name or an error may have let in.
func presentable(words *assets.Translator, v PerformanceView) PerformanceView {
	if v.Dials.Total > 0 {
		v.Dials.SuccessShare = new(float64(v.Dials.Successful) / float64(v.Dials.Total))
	}
	v.Groups = append([]GroupView{}, v.Groups...)
	for i, g := range v.Groups {
		g.Name, g.Sources = secret.Text(g.Name), append([]SourceView{}, g.Sources...)
		for j := range g.Sources {
			g.Sources[j].Name = secret.Text(g.Sources[j].Name)
		}
		v.Groups[i] = g
	}
	v.Links = append([]LinkCalls{}, v.Links...)
	for i := range v.Links {
		v.Links[i].Label = secret.Text(v.Links[i].Label)
	}
	v.Tools = append([]ToolCalls{}, v.Tools...)
	for i := range v.Tools {
		v.Tools[i].Name, v.Tools[i].Server = secret.Text(v.Tools[i].Name), secret.Text(v.Tools[i].Server)
	}
	v.Runs = append([]RunView{}, v.Runs...)
	for i := range v.Runs {
		v.Runs[i].Reason = secret.Text(v.Runs[i].Reason)
	}
	v.Anomalies = sayAnomalies(words, v.Anomalies)
	return v
}
