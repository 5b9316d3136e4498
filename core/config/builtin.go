package config

import "github.com/tailscale/hujson"

var builtinKeys = []string{"enabled", "disabled", "tools"}

// isBuiltin reports an entry among the servers that sets the built-in tools: it has
// their name, and no program or address of its own.
func isBuiltin(name string, v *hujson.Value) bool {
	return name == ReservedServer && v.Value.Kind() == '{' && !looksLikeServer(v)
}

// builtin reads the settings of the built-in tools: an entry named like them among the
// servers, or under mcpServerConfig.
func (d *decoder) builtin(root *hujson.Value) Server {
	s := Server{Name: ReservedServer, Enabled: true}
	beside, at := findSet(findSet(root, "mcpServerConfig"), ReservedServer), joinKey("mcpServerConfig", ReservedServer)
	s.Enabled = d.flag(beside, at, "enabled", true)
	if tools := findSet(beside, "tools"); tools != nil {
		s.Tools = d.tools(tools, joinKey(at, "tools"), s.Tools)
	}
	container, key := serverContainer(root)
	v := findSet(container, ReservedServer)
	if v == nil || !isBuiltin(ReservedServer, v) {
		return s
	}
	key = joinKey(key, ReservedServer)
	d.checkKeys(v, key, builtinKeys)
	s.Enabled = d.flag(v, key, "enabled", s.Enabled)
	if d.flag(v, key, "disabled", false) {
		s.Enabled = false
	}
	if tools := findSet(v, "tools"); tools != nil {
		s.Tools = d.tools(tools, joinKey(key, "tools"), s.Tools)
	}
	return s
}
