package web

import (
	"net/http"
	"slices"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
)

// connections lists the status of every link.
func (s *Server) connections(w http.ResponseWriter, r *http.Request) {
	s.json(w, r, http.StatusOK, s.status())
}

// connection is the status of one link.
func (s *Server) connection(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	for _, status := range s.status() {
		if status.ID == id {
			s.json(w, r, http.StatusOK, status)
			return
		}
	}
	s.refuse(w, r, kindAPI, "unknown_endpoint")
}

// status never is nil, and holds no secret that a name or an error may have let in.
func (s *Server) status() []endpoint.Status {
	list := []endpoint.Status{}
	if s.deps.Links != nil {
		list = append(list, s.deps.Links.Status()...)
	}
	for i := range list {
		list[i].Name, list[i].LastError = secret.Text(list[i].Name), secret.Text(list[i].LastError)
		list[i].History = slices.Clone(list[i].History) // snapshots share it
		for j := range list[i].History {
			list[i].History[j].Error = secret.Text(list[i].History[j].Error)
		}
	}
	return list
}

// servers lists the MCP servers.
func (s *Server) servers(w http.ResponseWriter, r *http.Request) {
	s.json(w, r, http.StatusOK, s.serverList(s.words(r)))
}

// serverList never is nil, and holds no secret.
func (s *Server) serverList(words *assets.Translator) []ServerView {
	list := []ServerView{}
	if s.deps.Catalogue != nil {
		list = append(list, s.deps.Catalogue.Servers()...)
	}
	for i := range list {
		list[i].LastError = secret.Text(list[i].LastError)
		list[i].ProblemText = problemText(words, list[i])
	}
	return list
}

// tools lists the tools of all servers.
func (s *Server) tools(w http.ResponseWriter, r *http.Request) {
	s.json(w, r, http.StatusOK, s.toolList(s.words(r)))
}

// toolList never is nil, and holds no secret.
func (s *Server) toolList(words *assets.Translator) []ToolView {
	list := []ToolView{}
	if s.deps.Catalogue != nil {
		list = append(list, s.deps.Catalogue.Tools()...)
	}
	for i := range list {
		list[i].Description, list[i].Original = secret.Text(list[i].Description), secret.Text(list[i].Original)
		list[i].NoteTexts = noteTexts(words, list[i])
	}
	return list
}

// healthz says that the program answers, and nothing more.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) {
	s.json(w, r, http.StatusOK, map[string]string{"status": "ok"})
}
