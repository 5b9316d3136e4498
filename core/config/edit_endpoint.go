package config

import (
	"fmt"

	"github.com/tailscale/hujson"
	"xiaozhi-switchboard/core/secret"
)

var endpointsPath = path{"mcpEndpoint"}

// endpointNodes reads the endpoints as they stand, placeholders and repetitions included.
func (e *Edit) endpointNodes() (*document, []endpointNode, error) {
	doc, err := e.read()
	if err != nil {
		return nil, nil, err
	}
	d := &decoder{doc: doc, lookup: e.lookup}
	if formOf(&doc.root) != formFile {
		return doc, nil, nil
	}
	return doc, d.endpoints(&doc.root), nil
}

func (n *endpointNode) path() path {
	if n.index < 0 {
		return endpointsPath
	}
	return endpointsPath.then(n.index)
}

// AddEndpoint puts an endpoint at the end. An address that is there already is
// ErrExists. A single address becomes a list only now that there are two.
func (e *Edit) AddEndpoint(endpoint Endpoint) error {
	if err := e.file(); err != nil {
		return err
	}
	doc, nodes, err := e.endpointNodes()
	if err != nil {
		return err
	}
	for i := range nodes {
		if nodes[i].endpoint.URL == endpoint.URL {
			return fmt.Errorf("add endpoint %s: %w", endpoint.URL, ErrExists)
		}
	}
	element := endpointValue(endpoint, endpoint.URL.Reveal())
	v := find(&doc.root, "mcpEndpoint")
	switch {
	case v == nil || v.Value.Kind() == 'n':
		return e.set(nil, "mcpEndpoint", []any{element})
	case v.Value.Kind() == '[':
		return e.push(endpointsPath, nil, element)
	case v.Value.Kind() == '"' && len(nodes) == 1 && nodes[0].ignored: // a placeholder
		if text, plain := element.(string); plain {
			return e.put(endpointsPath, text)
		}
		return e.put(endpointsPath, []any{element})
	}
	if err := e.enclose(endpointsPath, "[", "]"); err != nil {
		return err
	}
	return e.push(endpointsPath, nil, element)
}

// RemoveEndpoint removes the endpoint with an address, repetitions included.
func (e *Edit) RemoveEndpoint(url secret.URL) error {
	removed := false
	for {
		_, nodes, err := e.endpointNodes()
		if err != nil {
			return err
		}
		node := lastWith(nodes, url)
		switch {
		case node == nil && removed:
			return nil
		case node == nil:
			return fmt.Errorf("remove endpoint %s: %w", url, ErrNotFound)
		case node.index < 0:
			return e.put(endpointsPath, []any{})
		}
		if err := e.drop(endpointsPath, node.index); err != nil {
			return err
		}
		removed = true
	}
}

func lastWith(nodes []endpointNode, url secret.URL) *endpointNode {
	for i := len(nodes) - 1; i >= 0; i-- {
		if nodes[i].endpoint.URL == url && url != "" {
			return &nodes[i]
		}
	}
	return nil
}

// UpdateEndpoint gives the endpoint with an address other settings, another address
// among them.
func (e *Edit) UpdateEndpoint(url secret.URL, endpoint Endpoint) error {
	_, nodes, err := e.endpointNodes()
	if err != nil {
		return err
	}
	var node *endpointNode
	for i := range nodes {
		switch n := &nodes[i]; {
		case n.endpoint.URL == url && url != "" && !n.ignored:
			node = n
		case n.endpoint.URL == endpoint.URL && endpoint.URL != url:
			return fmt.Errorf("change endpoint %s to %s: %w", url, endpoint.URL, ErrExists)
		}
	}
	if node == nil {
		return fmt.Errorf("change endpoint %s: %w", url, ErrNotFound)
	}
	old, p := node.endpoint, node.path()
	if old.Equal(endpoint) {
		return nil
	}
	if node.value.Value.Kind() == '"' {
		var address any = endpoint.URL.Reveal()
		if endpoint.URL == url {
			address = verbatim(node.value.Value.(hujson.Literal))
		}
		return e.put(p, endpointValue(endpoint, address))
	}
	if endpoint.URL != url {
		_, key := endpointURLOf(node.value)
		if err := e.set(p, key, endpoint.URL.Reveal()); err != nil {
			return err
		}
	}
	if err := e.setWord(p, "name", old.Name, endpoint.Name); err != nil {
		return err
	}
	if err := e.setFlag(p, "enabled", old.Enabled, endpoint.Enabled); err != nil {
		return err
	}
	if err := e.setWord(p, "role", old.Role, endpoint.Role); err != nil {
		return err
	}
	if err := e.setFlag(p, "healthCheck", old.HealthCheck, endpoint.HealthCheck); err != nil {
		return err
	}
	if err := e.setList(p, "servers", old.Servers, endpoint.Servers); err != nil {
		return err
	}
	return e.setList(p, "tools", old.Tools, endpoint.Tools)
}

// setFlag changes a boolean member that is true by default.
func (e *Edit) setFlag(p path, key string, old, flag bool) error {
	switch {
	case old == flag:
		return nil
	case flag:
		return e.unset(p, key)
	}
	return e.set(p, key, false)
}

// endpointValue returns the shortest form of an endpoint: its address, or an object.
func endpointValue(endpoint Endpoint, address any) any {
	o := object{{"url", address}}
	if endpoint.Name != "" {
		o = append(o, field{"name", endpoint.Name})
	}
	if !endpoint.Enabled {
		o = append(o, field{"enabled", false})
	}
	if endpoint.Role != "" {
		o = append(o, field{"role", endpoint.Role})
	}
	if !endpoint.HealthCheck {
		o = append(o, field{"healthCheck", false})
	}
	if endpoint.Servers != nil {
		o = append(o, field{"servers", endpoint.Servers})
	}
	if endpoint.Tools != nil {
		o = append(o, field{"tools", endpoint.Tools})
	}
	if len(o) == 1 {
		return address
	}
	return o
}
