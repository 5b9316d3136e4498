package config

import (
	"net/url"
	"slices"
	"strings"

	"github.com/tailscale/hujson"
	"xiaozhi-switchboard/core/secret"
)

var (
	endpointURLKeys = []string{"url", "webSocketUrl"}
	endpointKeys    = []string{"url", "webSocketUrl", "name", "enabled", "role", "healthCheck", "servers", "tools"}
	roles           = []string{"", "serve", "call"}
)

// maxAddress bounds the length of an address.
const maxAddress = 16 << 10

// endpointNode is an element of mcpEndpoint and where it stands.
type endpointNode struct {
	endpoint Endpoint
	// ignored is a placeholder, a repetition, or an element with a problem.
	ignored bool
	value   *hujson.Value
	index   int // in the array; -1 if mcpEndpoint is the element itself
}

// endpoints reads mcpEndpoint in each of its shapes.
func (d *decoder) endpoints(root *hujson.Value) []endpointNode {
	v := findSet(root, "mcpEndpoint")
	if v == nil {
		return nil
	}
	var nodes []endpointNode
	switch v.Value.Kind() {
	case '"', '{':
		nodes = append(nodes, d.endpoint(v, "mcpEndpoint", -1))
	case '[':
		list := elements(v)
		for i := range list {
			if list[i].Value.Kind() != 'n' {
				nodes = append(nodes, d.endpoint(&list[i], indexKey("mcpEndpoint", i), i))
			}
		}
	default:
		d.wrongType(v, "mcpEndpoint", shapeEndpoints)
	}
	first := map[secret.URL]*hujson.Value{}
	for i := range nodes {
		n := &nodes[i]
		if n.ignored {
			continue
		}
		if before := first[n.endpoint.URL]; before != nil {
			n.ignored = true
			line, _ := d.doc.place(before)
			d.warn(n.value, indexKey("mcpEndpoint", n.index), CodeDuplicate, maskedAddress(n.endpoint.URL.Reveal()), map[string]any{"reason": "endpoint", "first": line},
				"this address stands in line %d already, so this one is ignored; remove one of them", line)
			continue
		}
		first[n.endpoint.URL] = n.value
	}
	return nodes
}

func (d *decoder) endpoint(v *hujson.Value, key string, index int) endpointNode {
	node := endpointNode{endpoint: Endpoint{Enabled: true, HealthCheck: true}, value: v, index: index}
	e := &node.endpoint
	at, atKey := v, key
	switch v.Value.Kind() {
	case '"':
	case '{':
		d.checkKeys(v, key, endpointKeys)
		var name string
		if at, name = endpointURLOf(v); at == nil {
			d.problem(v, key, CodeMissing, "", map[string]any{"reason": "url"}, "this endpoint has no address; add its url, which starts with wss://")
			node.ignored = true
			return node
		}
		atKey = joinKey(key, name)
		e.Name = d.word(v, key, "name")
		e.Enabled = d.flag(v, key, "enabled", true)
		e.HealthCheck = d.flag(v, key, "healthCheck", true)
		if role := strings.ToLower(d.word(v, key, "role")); slices.Contains(roles, role) {
			e.Role = role
		} else {
			d.unknownName(findSet(v, "role"), joinKey(key, "role"), role, roles)
		}
		if list := findSet(v, "servers"); list != nil {
			e.Servers = d.strings(list, joinKey(key, "servers"), false)
		}
		if list := findSet(v, "tools"); list != nil {
			e.Tools = d.strings(list, joinKey(key, "tools"), false)
		}
	default:
		d.wrongType(v, key, shapeEndpoint)
		node.ignored = true
		return node
	}
	raw, ok := d.text(at, atKey)
	if !ok {
		node.ignored = true
		return node
	}
	if isPlaceholder(raw) {
		d.warn(at, atKey, CodePlaceholder, "", nil, "this endpoint is still to be filled in and is ignored; paste the address that the console shows")
		node.ignored = true
		return node
	}
	before := len(d.problems)
	expanded := strings.TrimSpace(d.expand(raw, at, atKey, e.Enabled))
	e.URL = secret.URL(expanded)
	if len(d.problems) > before || !e.Enabled && strings.Contains(expanded, "${") {
		return node
	}
	d.checkAddress(at, atKey, expanded, "ws", "wss")
	return node
}

// endpointURLOf returns the member that holds the address of an endpoint.
func endpointURLOf(v *hujson.Value) (*hujson.Value, string) {
	for _, name := range endpointURLKeys {
		if at := findSet(v, name); at != nil {
			return at, name
		}
	}
	return nil, ""
}

// isPlaceholder recognises what templates hold where an address is to go.
func isPlaceholder(s string) bool {
	return s == "" || strings.HasPrefix(s, "<") && strings.HasSuffix(s, ">") || strings.Contains(s, "请填写")
}

// checkAddress notes what stands in the way of dialling an address.
func (d *decoder) checkAddress(at *hujson.Value, key, address string, schemes ...string) {
	starts := make([]string, len(schemes))
	for i, scheme := range schemes {
		starts[i] = scheme + "://"
	}
	want := strings.Join(starts, " or ")
	because := func(reason string) map[string]any {
		return map[string]any{"reason": reason, "want": starts, "limit": maxAddress}
	}
	parsed, err := url.Parse(address)
	switch {
	case len(address) > maxAddress:
		d.problem(at, key, CodeAddress, "", because("long"), "this address has more than %d characters; copy it again", maxAddress)
	case strings.ContainsFunc(address, func(c rune) bool { return c <= ' ' || c == 0x7f }):
		d.problem(at, key, CodeAddress, maskedAddress(address), because("space"), "this address has a space or a line break in it; copy it again in one piece")
	case err != nil || !slices.Contains(schemes, strings.ToLower(parsed.Scheme)) && parsed.Scheme != "":
		d.problem(at, key, CodeAddress, maskedAddress(address), because("scheme"), "this is not an address that starts with %s; copy it again from where it is shown", want)
	case parsed.Scheme == "" || parsed.Hostname() == "":
		d.problem(at, key, CodeAddress, maskedAddress(address), because("host"), "this address lacks its beginning or its host; it must start with %s and a host name", want)
	}
}
