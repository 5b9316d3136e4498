package config

import (
	"slices"
	"strings"

	"github.com/tailscale/hujson"
	"xiaozhi-switchboard/core/secret"
)

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
		d.problem(v, key, CodeMissing, "", map[string]any{"reason": "command"}, "this server has neither a command nor a url; add the one that its documentation names")
	case s.Kind == KindStdio && at != nil:
		d.warn(at, joinKey(key, urlKey), CodeIgnored, "", map[string]any{"reason": "url"}, "this server runs a command, so its address has no effect; remove one of the two")
		s.URL = ""
	case s.Kind != KindStdio && at == nil:
		d.problem(v, key, CodeMissing, "", map[string]any{"reason": "command"}, "this server has neither a command nor a url; add the one that its documentation names")
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
