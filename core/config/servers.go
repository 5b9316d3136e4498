package config

import (
	"strings"

	"github.com/tailscale/hujson"
)

var (
	serverURLKeys  = []string{"url", "serverUrl", "httpUrl"}
	serverKindKeys = []string{"type", "transportType", "transport"}
	serverKeys     = []string{"name", "type", "transportType", "transport", "command", "args", "env", "cwd", "url", "serverUrl", "httpUrl", "headers",
		"enabled", "disabled", "prefix", "group", "tools"}
)

// ReservedServer is the name of the built-in tools. An entry of this name without a
// program or an address sets them; no server may take it.
const ReservedServer = "switchboard"

// maxServerName bounds the characters of the name of a server.
const maxServerName = 128

// serverNode is a server and where it stands.
type serverNode struct {
	server Server
	value  *hujson.Value
	key    string
	named  bool // by a key or a name of its own
	index  int  // among the members or elements of its container; -1 alone
}

// serverContainer returns the object or list that holds the servers, and its path;
// nil if there is none yet.
func serverContainer(root *hujson.Value) (container *hujson.Value, key string) {
	if formOf(root) > formFile {
		return root, ""
	}
	for _, key := range []string{"mcpServers", "servers"} {
		if v := findSet(root, key); v != nil {
			return v, key
		}
	}
	if v := findSet(findSet(root, "mcp"), "servers"); v != nil {
		return v, "mcp.servers"
	}
	return nil, "mcpServers"
}

// looksLikeServer reports an object with a command or an address.
func looksLikeServer(v *hujson.Value) bool {
	for _, key := range append([]string{"command"}, serverURLKeys...) {
		if m := find(v, key); m != nil && m.Value.Kind() == '"' {
			return true
		}
	}
	return false
}

// servers reads the servers in each of their containers.
func (d *decoder) servers(root *hujson.Value) []serverNode {
	container, key := serverContainer(root)
	if container == nil {
		return nil
	}
	var nodes []serverNode
	switch {
	case container.Value.Kind() == '[':
		list := elements(container)
		for i := range list {
			if list[i].Value.Kind() != 'n' {
				nodes = append(nodes, d.server(&list[i], "", indexKey(key, i), i))
			}
		}
	case container.Value.Kind() != '{':
		d.wrongType(container, key, shapeServers)
	case container == root && formOf(root) == formEntry, container != root && looksLikeServer(container):
		nodes = append(nodes, d.server(container, "", key, -1))
	default:
		d.checkKeys(container, key, nil)
		for _, m := range members(container) {
			if m.value.Value.Kind() == 'n' || isBuiltin(m.name, m.value) {
				continue
			}
			node := d.server(m.value, m.name, joinKey(key, m.name), findIndex(container, m.name))
			node.named = true
			nodes = append(nodes, node)
			d.checkName(m.key, joinKey(key, m.name), m.name)
		}
	}
	d.nameServers(nodes)
	settings := findSet(root, "mcpServerConfig")
	for i := range nodes {
		s := &nodes[i].server
		if tools := findSet(findSet(settings, s.Name), "tools"); tools != nil && container != root {
			s.Tools = d.tools(tools, joinKey(joinKey("mcpServerConfig", s.Name), "tools"), s.Tools)
		}
		if tools := findSet(nodes[i].value, "tools"); tools != nil {
			s.Tools = d.tools(tools, joinKey(nodes[i].key, "tools"), s.Tools)
		}
	}
	return nodes
}

// server reads one entry. Name is empty if the entry must name itself.
func (d *decoder) server(v *hujson.Value, name, key string, index int) serverNode {
	node := serverNode{server: Server{Name: name, Enabled: true}, value: v, key: key, index: index}
	s := &node.server
	if v.Value.Kind() != '{' {
		d.wrongType(v, key, shapeServer)
		return node
	}
	d.checkKeys(v, key, serverKeys)
	if at := findSet(v, "name"); at != nil && name == "" {
		if own, ok := d.text(at, joinKey(key, "name")); ok && own != "" {
			s.Name, node.named = own, true
			d.checkName(at, joinKey(key, "name"), own)
		}
	}
	s.Enabled = d.flag(v, key, "enabled", true)
	if d.flag(v, key, "disabled", false) {
		s.Enabled = false
	}
	s.Group = d.word(v, key, "group")
	if at := findSet(v, "prefix"); at != nil {
		if prefix, ok := d.text(at, joinKey(key, "prefix")); ok {
			if len(prefix) > 32 || strings.ContainsFunc(prefix, func(c rune) bool { return c > 0x7f || !isAlnum(byte(c)) && c != '_' && c != '-' }) {
				d.problem(at, joinKey(key, "prefix"), CodeText, masked(prefix), map[string]any{"reason": "prefix", "limit": 32}, "a prefix may have up to 32 letters, digits, hyphens and underscores; shorten it, or remove it")
			}
			s.Prefix = &prefix
		}
	}
	s.Command = d.field(v, key, s, "command")
	s.Dir = d.field(v, key, s, "cwd")
	if at := findSet(v, "args"); at != nil {
		s.Args = d.strings(at, joinKey(key, "args"), true)
		for i := range s.Args {
			s.Args[i] = d.expand(s.Args[i], at, indexKey(joinKey(key, "args"), i), s.Enabled)
		}
	}
	s.Env = d.pairs(v, key, s, "env")
	s.Headers = d.pairs(v, key, s, "headers")
	d.transport(v, key, s)
	return node
}

// field returns an expanded text member.
func (d *decoder) field(v *hujson.Value, key string, s *Server, name string) string {
	at := findSet(v, name)
	if at == nil {
		return ""
	}
	text, _ := d.text(at, joinKey(key, name))
	return strings.TrimSpace(d.expand(text, at, joinKey(key, name), s.Enabled))
}

// pairs reads env or headers. Their values are never shown.
func (d *decoder) pairs(v *hujson.Value, key string, s *Server, name string) map[string]string {
	at := findSet(v, name)
	if at == nil {
		return nil
	}
	key = joinKey(key, name)
	if at.Value.Kind() != '{' {
		d.wrongType(at, key, shapeObject)
		return nil
	}
	d.checkKeys(at, key, nil)
	pairs := map[string]string{}
	for _, m := range members(at) {
		if m.value.Value.Kind() == 'n' {
			continue
		}
		text, ok := scalar(m.value, true)
		if !ok {
			d.wrongType(m.value, joinKey(key, m.name), shapeText)
			continue
		}
		text = d.expand(text, m.value, joinKey(key, m.name), s.Enabled)
		bad := "=\x00"
		if name == "headers" {
			bad = ": \t\r\n\x00"
		}
		if m.name == "" || strings.ContainsAny(m.name, bad) || strings.ContainsRune(text, 0) || name == "headers" && strings.ContainsAny(text, "\r\n") {
			check := "line breaks and signs of equality"
			if name == "headers" {
				check = "line breaks, colons and spaces"
			}
			d.problem(m.value, joinKey(key, m.name), CodeText, "", map[string]any{"reason": name}, "this name or its value has a character that cannot stand there; check it for %s", check)
		}
		pairs[m.name] = text
	}
	return pairs
}
