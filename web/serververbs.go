package web

import (
	"context"
	"net/http"
	"slices"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
)

// restartServer has a server started anew. It returns the code of the trouble, or "".
func (s *Server) restartServer(name string) string {
	if s.deps.Catalogue == nil {
		return "unknown_server"
	}
	list := configuredServers(s.snapshot())
	switch i := slices.IndexFunc(list, func(v ServerView) bool { return v.Name == name }); {
	case i < 0 || list[i].Kind == "builtin":
		return "unknown_server"
	case list[i].State == ServerDisabled:
		return "server_off"
	}
	if err := s.deps.Catalogue.Restart(name); err != nil {
		s.log.Error("action failed", "action", "restart server", "error", secret.Text(err.Error()))
		return "action_failed"
	}
	return ""
}

// restartForm answers the button that restarts a server.
func (s *Server) restartForm(w http.ResponseWriter, r *http.Request) {
	form, ok := s.fields(w, r)
	if !ok {
		return
	}
	name := r.PathValue("server")
	s.button(w, r, form, "server-"+domID(name), func() string { return s.restartServer(name) })
}

// switchServer answers the switch of a server.
func (s *Server) switchServer(on bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		form, ok := s.fields(w, r)
		if !ok {
			return
		}
		name := r.PathValue("server")
		s.button(w, r, form, "server-"+domID(name), func() string { return s.enableServer(r.Context(), name, on) })
	}
}

// enableServer switches a server on or off in the file. It returns the code of the
// trouble, or "".
func (s *Server) enableServer(ctx context.Context, name string, on bool) string {
	_, err := s.deps.Editor.Modify(ctx, "", func(e *config.Edit) error {
		c, err := e.Config()
		if err != nil {
			return err
		}
		if name == config.ReservedServer { // which no server may be called
			return e.SetBuiltin(on)
		}
		i := slices.IndexFunc(c.Servers, func(f config.Server) bool { return f.Name == name })
		if i < 0 {
			return config.ErrNotFound
		}
		f := c.Servers[i].Clone()
		f.Enabled = on
		return e.UpdateServer(name, f)
	})
	if err != nil {
		return s.serverTrouble("switch server", err)
	}
	return ""
}

// removeServer answers the button that takes a server out of the file.
func (s *Server) removeServer(w http.ResponseWriter, r *http.Request) {
	d, code := s.serverRemoved(r.Context(), r.PathValue("server"))
	if code != "" {
		s.refuse(w, r, kindPage, code)
		return
	}
	s.finish(w, r, "/tools", d)
}

// serverRemoved takes a server out of the file. The code is that of the trouble, or "".
func (s *Server) serverRemoved(ctx context.Context, name string) (deed, string) {
	before := s.deps.Editor.Snapshot()
	f, ok := rawServer(before, name)
	if !ok {
		return deed{}, "unknown_server"
	}
	after, err := s.deps.Editor.Modify(ctx, before.Revision, func(e *config.Edit) error { return e.RemoveServer(name) })
	if err != nil {
		return deed{}, s.serverTrouble("remove server", err)
	}
	return deed{
		text: func(words *assets.Translator) string { return words.Say("done.removed", "name", secret.Text(name)) },
		undo: s.takingBack(before, after, func(e *config.Edit) error { return e.AddServer(f) }),
	}, ""
}
