package config

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tailscale/hujson"
)

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
		d.problem(at, key, CodeText, "", map[string]any{"reason": "name", "limit": maxServerName}, "the name of a server must have 1 to %d characters and no line breaks; give it another", maxServerName)
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
