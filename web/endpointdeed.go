package web

import (
	"context"
	"errors"
	"net/http"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
)

// saved is a deed about one endpoint.
type saved struct {
	deed
	id string // after it
}

// save writes a wish to the file. The code is that of the trouble, or "".
func (s *Server) save(ctx context.Context, sh sheet) (saved, string) {
	ep := sh.wish.endpoint(sh.old)
	id, err := endpoint.Identify(ep.URL)
	if err != nil {
		return saved{}, "not_valid"
	}
	done := saved{id: id.ID}
	if sh.id == "" {
		_, err = s.deps.Editor.Modify(ctx, "", func(e *config.Edit) error { return e.AddEndpoint(ep) })
		done.deed = deed{
			text: func(words *assets.Translator) string { return words.Say("done.added", "name", nameOf(words, ep)) },
			undo: s.change(func(e *config.Edit) error { return e.RemoveEndpoint(ep.URL) }),
		}
	} else {
		_, err = s.deps.Editor.Modify(ctx, sh.revision, func(e *config.Edit) error { return e.UpdateEndpoint(sh.old.URL, ep) })
		done.deed = deed{
			text: func(words *assets.Translator) string { return words.Say("done.changed", "name", nameOf(words, ep)) },
			undo: func(ctx context.Context) error {
				s.traces.move(done.id, sh.id)
				return s.change(func(e *config.Edit) error { return e.UpdateEndpoint(ep.URL, sh.old) })(ctx)
			},
		}
		if err == nil {
			s.traces.move(sh.id, id.ID) // what a link has been through belongs to the endpoint, not to its token
		}
	}
	if err != nil {
		return saved{}, s.troubleOf("save endpoint", err)
	}
	return done, ""
}

// change is a change of the file for an undo.
func (s *Server) change(edit func(*config.Edit) error) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := s.deps.Editor.Modify(ctx, "", edit)
		return err
	}
}

// nameOf is what to call an endpoint of the file.
func nameOf(words *assets.Translator, e config.Endpoint) string {
	if e.Name != "" {
		return secret.Text(e.Name)
	}
	id, err := endpoint.Identify(e.URL)
	switch {
	case err != nil:
		return e.URL.String()
	case id.Agent != "":
		return words.Say("link.agent", "id", id.Agent)
	}
	return id.Host
}

// remove takes an endpoint out of the file. An undo puts back the text as it was, or,
// when the file has changed since, the endpoint at the end.
func (s *Server) remove(w http.ResponseWriter, r *http.Request) {
	d, code := s.removed(r.Context(), r.PathValue("id"))
	if code != "" {
		s.refuse(w, r, kindPage, code)
		return
	}
	s.finish(w, r, "/endpoints", d)
}

func (s *Server) removed(ctx context.Context, id string) (deed, string) {
	ep, before, ok := s.configured(id)
	if !ok {
		return deed{}, "unknown_endpoint"
	}
	after, err := s.deps.Editor.Modify(ctx, before.Revision, func(e *config.Edit) error { return e.RemoveEndpoint(ep.URL) })
	if err != nil {
		return deed{}, s.troubleOf("remove endpoint", err)
	}
	return deed{
		text: func(words *assets.Translator) string { return words.Say("done.removed", "name", nameOf(words, ep)) },
		undo: func(ctx context.Context) error {
			_, err := s.deps.Editor.Modify(ctx, after.Revision, func(e *config.Edit) error { e.Replace(before.Text); return nil })
			if conflict := (*config.ConflictError)(nil); errors.As(err, &conflict) {
				return s.change(func(e *config.Edit) error { return e.AddEndpoint(ep) })(ctx)
			}
			return err
		},
	}, ""
}

// toggle switches an endpoint on or off in the file.
func (s *Server) toggle(on bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ep, _, ok := s.configured(r.PathValue("id"))
		if !ok {
			s.refuse(w, r, kindPage, "unknown_endpoint")
			return
		}
		sh := sheet{wish: wishOf(ep), old: ep, id: r.PathValue("id")}
		sh.wish.Enabled = on
		d, code := s.save(r.Context(), sh)
		if code != "" {
			s.refuse(w, r, kindPage, code)
			return
		}
		s.finish(w, r, endpointAddress(d.id), d.deed)
	}
}
