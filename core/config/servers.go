package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tailscale/hujson"
	"xiaozhi-switchboard/core/secret"
)

var (
	serverURLKeys  = []string{"url", "serverUrl", "httpUrl"}
	serverKindKeys = []string{"type", "transportType", "transport"}
	serverKeys     = []string{"name", "type", "transportType", "transport", "command", "args", "env", "cwd", "url", "serverUrl", "httpUrl", "headers",
		"enabled", "disabled", "prefix", "group", "tools"}
)

// ReservedServer is the name of the built-in tools, which no server may take.
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
		d.wrongType(container, key, "an object in {} or a list in []")
	case container == root && formOf(root) == formEntry, container != root && looksLikeServer(container):
		nodes = append(nodes, d.server(container, "", key, -1))
	default:
		d.checkKeys(container, key, nil)
		for _, m := range members(container) {
			if m.value.Value.Kind() == 'n' {
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
			d.tools(tools, joinKey(joinKey("mcpServerConfig", s.Name), "tools"), s)
		}
		if tools := findSet(nodes[i].value, "tools"); tools != nil {
			d.tools(tools, joinKey(nodes[i].key, "tools"), s)
		}
	}
	return nodes
}

// nameServers names what has no name and notes names that are used twice.
func (d *decoder) nameServers(nodes []serverNode) {
	first := map[string]*hujson.Value{}
	for i := range nodes {
		if n := &nodes[i]; n.named {
			if before := first[n.server.Name]; before != nil {
				line, _ := d.doc.place(before)
				d.problem(n.value, n.key, CodeDuplicate, masked(n.server.Name), map[string]any{"reason": "server", "first": line},
					"this name belongs to the server in line %d already; give each server a name of its own", line)
				continue
			}
			first[n.server.Name] = n.value
		}
	}
	for i := range nodes {
		n := &nodes[i]
		if n.named {
			continue
		}
		base := derivedName(&n.server)
		n.server.Name = base
		for k := 2; first[n.server.Name] != nil || strings.EqualFold(n.server.Name, ReservedServer); k++ {
			n.server.Name = fmt.Sprintf("%s-%d", base, k)
		}
		first[n.server.Name] = n.value
	}
}

func (d *decoder) checkName(at *hujson.Value, key, name string) {
	switch {
	case strings.TrimSpace(name) == "" || utf8.RuneCountInString(name) > maxServerName || strings.ContainsFunc(name, unicode.IsControl):
		d.problem(at, key, CodeText, "", map[string]any{"reason": "name", "want": maxServerName}, "the name of a server must have 1 to %d characters and no line breaks; give it another", maxServerName)
	case strings.EqualFold(strings.TrimSpace(name), ReservedServer):
		d.problem(at, key, CodeDuplicate, name, map[string]any{"reason": "reserved"}, "this name belongs to the built-in tools; give the server another")
	}
}

// derivedName names a server after its program or host.
func derivedName(s *Server) string {
	name := ""
	if s.Kind == KindStdio {
		name = programName(s.Command)
		if runner := strings.ToLower(name); runner == "npx" || runner == "uvx" || runner == "node" || runner == "python" || runner == "python3" || runner == "uv" {
			for _, arg := range s.Args {
				if arg != "" && arg[0] != '-' && arg != "run" && masked(arg) == arg {
					name = programName(arg)
					break
				}
			}
		}
	} else if parsed, err := url.Parse(s.URL.Reveal()); err == nil {
		name = parsed.Hostname()
	}
	if name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return -1
		}
		return c
	}, name); strings.TrimSpace(name) == "" || utf8.RuneCountInString(name) > maxServerName-8 {
		return "server"
	}
	return name
}

func programName(command string) string {
	name := strings.TrimRight(strings.ReplaceAll(strings.TrimSpace(command), `\`, "/"), "/")
	name = name[strings.LastIndexByte(name, '/')+1:]
	for _, suffix := range []string{".exe", ".py", ".js", ".mjs", ".sh"} {
		name = strings.TrimSuffix(name, suffix)
	}
	return name
}

// server reads one entry. Name is empty if the entry must name itself.
func (d *decoder) server(v *hujson.Value, name, key string, index int) serverNode {
	node := serverNode{server: Server{Name: name, Enabled: true}, value: v, key: key, index: index}
	s := &node.server
	if v.Value.Kind() != '{' {
		d.wrongType(v, key, "an object with a command or a url")
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
				d.problem(at, joinKey(key, "prefix"), CodeText, masked(prefix), map[string]any{"reason": "prefix", "want": 32}, "a prefix may have up to 32 letters, digits, hyphens and underscores; shorten it, or remove it")
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
		d.wrongType(at, key, "an object in {}")
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
			d.wrongType(m.value, joinKey(key, m.name), "text in quotes")
			continue
		}
		text = d.expand(text, m.value, joinKey(key, m.name), s.Enabled)
		bad := "=\x00"
		if name == "headers" {
			bad = ": \t\r\n\x00"
		}
		if m.name == "" || strings.ContainsAny(m.name, bad) || strings.ContainsRune(text, 0) || name == "headers" && strings.ContainsAny(text, "\r\n") {
			d.problem(m.value, joinKey(key, m.name), CodeText, "", map[string]any{"reason": name}, "this name or its value has a character that cannot stand there; check it for line breaks and signs of equality")
		}
		pairs[m.name] = text
	}
	return pairs
}

// transport settles the kind, the command and the address.
func (d *decoder) transport(v *hujson.Value, key string, s *Server) {
	var at *hujson.Value
	urlKey := ""
	for _, name := range serverURLKeys {
		if at = findSet(v, name); at != nil {
			urlKey = name
			s.URL = secret.URL(d.field(v, key, s, name))
			break
		}
	}
	kind, given := KindAuto, ""
	for _, name := range serverKindKeys {
		if m := findSet(v, name); m != nil {
			text, ok := d.text(m, joinKey(key, name))
			if !ok {
				return
			}
			if kind, ok = parseKind(text); !ok {
				d.unknownName(m, joinKey(key, name), text, []string{"stdio", "sse", "streamable-http"})
				return
			}
			given = text
			break
		}
	}
	s.Kind = kind
	if kind == KindAuto && strings.TrimSpace(given) == "" {
		switch {
		case findSet(v, "command") != nil:
			s.Kind = KindStdio
		case at != nil && urlKey != "httpUrl" && endsInSSE(s.URL):
			s.Kind = KindSSE
		}
	}
	switch {
	case s.Kind == KindStdio && s.Command == "" && (s.Enabled || findSet(v, "command") == nil):
		d.problem(v, key, CodeMissing, "", map[string]any{"want": "command"}, "this server has neither a command nor a url; add the one that its documentation names")
	case s.Kind == KindStdio && at != nil:
		d.warn(at, joinKey(key, urlKey), CodeIgnored, "", map[string]any{"reason": "url"}, "this server runs a command, so its address has no effect; remove one of the two")
		s.URL = ""
	case s.Kind != KindStdio && at == nil:
		d.problem(v, key, CodeMissing, "", map[string]any{"want": "command"}, "this server has neither a command nor a url; add the one that its documentation names")
	case s.Kind != KindStdio:
		if !s.Enabled && (s.URL == "" || strings.Contains(s.URL.Reveal(), "${")) || d.lookup == nil && strings.Contains(s.URL.Reveal(), "${") {
			break
		}
		if strings.Contains(s.URL.Reveal(), "${") && slices.ContainsFunc(d.problems, func(p Problem) bool { return p.Key == joinKey(key, urlKey) }) {
			break // unresolved, and said so
		}
		d.checkAddress(at, joinKey(key, urlKey), s.URL.Reveal(), "http", "https")
	}
}

// endsInSSE reports an address whose path says that it speaks SSE. It takes no parser,
// for there may be references in the address.
func endsInSSE(u secret.URL) bool {
	address, _, _ := strings.Cut(u.Reveal(), "?")
	address, _, _ = strings.Cut(address, "#")
	return strings.HasSuffix(strings.TrimRight(address, "/"), "/sse")
}

// tools reads the settings of single tools into s.
func (d *decoder) tools(v *hujson.Value, key string, s *Server) {
	if list := elements(v); v.Value.Kind() == '[' {
		if name, _ := stringOf(first(list)); len(list) != 1 || name != "*" {
			d.warn(v, key, CodeIgnored, "", map[string]any{"reason": "tools"}, "a list of tools has no effect here; write an object such as {\"name\": {\"enabled\": false}}")
		}
		return
	}
	if v.Value.Kind() != '{' {
		d.wrongType(v, key, "an object in {}")
		return
	}
	d.checkKeys(v, key, nil)
	for _, m := range members(v) {
		at := joinKey(key, m.name)
		tool := Tool{Enabled: true}
		switch m.value.Value.Kind() {
		case 'n':
			continue
		case 't', 'f':
			tool.Enabled = m.value.Value.Kind() == 't'
		case '{':
			d.checkKeys(m.value, at, []string{"enabled", "enable", "description", "usageCount", "lastUsedTime"})
			tool.Enabled = d.flag(m.value, at, "enabled", d.flag(m.value, at, "enable", true))
			tool.Description = d.word(m.value, at, "description")
		default:
			d.wrongType(m.value, at, "an object in {}, or true or false")
			continue
		}
		if s.Tools == nil {
			s.Tools = map[string]Tool{}
		}
		s.Tools[m.name] = tool
	}
}

func first(list []hujson.Value) *hujson.Value {
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}
