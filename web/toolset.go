package web

import (
	"context"
	"net/url"
	"slices"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/web/ui"
)

// longestDescription bounds the characters of a description that somebody writes.
const longestDescription = 1000

// remoteOwner stands for all endpoints that offer a tool, in ownersOf.
const remoteOwner = ""

// ownersOf are the entries of a configuration that hold what is decided about a tool: the
// servers that list it, or remoteOwner.
func ownersOf(c *config.Config, t ToolView) []string {
	if t.Remote {
		return []string{remoteOwner}
	}
	return slices.DeleteFunc(slices.Clone(t.Listers), func(name string) bool {
		return name != config.ReservedServer && !slices.ContainsFunc(c.Servers, func(s config.Server) bool { return s.Name == name })
	})
}

// decided is what an owner says about a tool.
func decided(c *config.Config, owner, tool string) config.Tool {
	var all map[string]config.Tool
	switch owner {
	case remoteOwner:
		all = c.RemoteTools
	case config.ReservedServer:
		all = c.Builtin.Tools
	default:
		for _, s := range c.Servers {
			if s.Name == owner {
				all = s.Tools
			}
		}
	}
	if t, ok := all[tool]; ok {
		return t
	}
	return config.Tool{Enabled: true}
}

// asConfigured is a tool as it is once what runs has followed the file: the switch of a
// page must show at once what it was set to.
func asConfigured(c *config.Config, t ToolView) ToolView {
	owners := ownersOf(c, t)
	if len(owners) == 0 {
		return t
	}
	left := slices.Contains(t.Notes, "no_name") // it is left out whatever the file says
	t.Enabled = !left && slices.ContainsFunc(owners, func(owner string) bool { return decided(c, owner, t.Original).Enabled })
	return t
}

// findTool returns a tool of the catalogue.
func (s *Server) findTool(name string) (ToolView, bool) {
	if s.deps.Catalogue == nil {
		return ToolView{}, false
	}
	list := s.deps.Catalogue.Tools()
	i := slices.IndexFunc(list, func(t ToolView) bool { return t.Name == name })
	if i < 0 {
		return ToolView{}, false
	}
	return list[i], true
}

// setTool changes what the file says about a tool, for all that list it. The code is that
// of the trouble, or "".
func (s *Server) setTool(ctx context.Context, t ToolView, revision string, change func(*config.Tool)) (deed, string) {
	before := map[string]config.Tool{}
	_, err := s.deps.Editor.Modify(ctx, revision, func(e *config.Edit) error {
		c, err := e.Config()
		if err != nil {
			return err
		}
		owners := ownersOf(c, t)
		if len(owners) == 0 {
			return config.ErrNotFound
		}
		clear(before)
		for _, owner := range owners {
			setting := decided(c, owner, t.Original)
			before[owner] = setting
			change(&setting)
			if err := writeTool(e, owner, t.Original, setting); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		code := s.troubleOf("set tool", err)
		if code == "unknown_endpoint" {
			code = "unknown_tool"
		}
		return deed{}, code
	}
	return deed{
		text: func(words *assets.Translator) string { return words.Say("done.changed", "name", t.Name) },
		undo: s.change(func(e *config.Edit) error {
			for owner, setting := range before {
				if err := writeTool(e, owner, t.Original, setting); err != nil {
					return err
				}
			}
			return nil
		}),
	}, ""
}

// writeTool writes what an owner says about a tool.
func writeTool(e *config.Edit, owner, tool string, t config.Tool) error {
	if owner == remoteOwner {
		return e.SetRemoteTool(tool, t)
	}
	return e.SetTool(owner, tool, t)
}

// toolAddress is where the page of a tool is, and serverAddress that of a server.
func toolAddress(name string) string   { return "/tools/" + url.PathEscape(name) }
func serverAddress(name string) string { return "/tools/servers/" + url.PathEscape(name) }

// seenBy are the endpoints of the file that see a tool, by their names; those that are
// called, and those that are off, see none.
func (p painter) seenBy(s snapshot, t ToolView) []ui.Option {
	var list []ui.Option
	for _, l := range s.links {
		if l.Role == "call" {
			continue
		}
		ep, ok := s.configured(l)
		if ok && (!ep.Enabled || !visible(ep, t)) {
			continue
		}
		list = append(list, ui.Option{Value: endpointAddress(l.ID), Word: p.link(l, HealthOf(l, s.at), 0, s.at).Name})
	}
	return list
}
