package config

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tailscale/hujson"
)

// serverNodes reads the servers as they stand and where their container is.
func (e *Edit) serverNodes() (container *hujson.Value, p path, nodes []serverNode, err error) {
	doc, err := e.read()
	if err != nil {
		return nil, nil, nil, err
	}
	d := &decoder{doc: doc, lookup: e.lookup}
	container, key := serverContainer(&doc.root)
	return container, keyPath(key), d.servers(&doc.root), nil
}

// serverNode returns the server with a name and the path to its entry.
func (e *Edit) serverNode(op, name string) (*serverNode, path, error) {
	if err := e.file(); err != nil {
		return nil, nil, err
	}
	container, p, nodes, err := e.serverNodes()
	if err != nil {
		return nil, nil, err
	}
	for i := range nodes {
		if n := &nodes[i]; n.server.Name == name {
			switch {
			case n.index < 0:
				return n, p, nil
			case container.Value.Kind() == '[':
				return n, p.then(n.index), nil
			}
			return n, p.then(name), nil
		}
	}
	return nil, nil, fmt.Errorf("%s server %s: %w", op, masked(name), ErrNotFound)
}

// AddServer puts a server at the end. A name that is there already is ErrExists.
func (e *Edit) AddServer(s Server) error {
	if err := e.file(); err != nil {
		return err
	}
	container, p, nodes, err := e.serverNodes()
	if err != nil {
		return err
	}
	for i := range nodes {
		if nodes[i].server.Name == s.Name {
			return fmt.Errorf("add server %s: %w", masked(s.Name), ErrExists)
		}
	}
	switch {
	case container == nil:
		return e.set(p, s.Name, serverValue(s, false))
	case len(nodes) == 1 && nodes[0].index < 0:
		if err := e.enclose(p, "[", "]"); err != nil {
			return err
		}
	case container.Value.Kind() == '{':
		// A null under the name is a server that was blanked out: it is written anew.
		return e.set(p, s.Name, serverValue(s, false))
	}
	return e.push(p, nil, serverValue(s, true))
}

// RemoveServer removes a server with everything in its entry.
func (e *Edit) RemoveServer(name string) error {
	node, p, err := e.serverNode("remove", name)
	if err != nil {
		return err
	}
	if node.index < 0 {
		return e.put(p, object{})
	}
	switch last := p[len(p)-1].(type) {
	case int:
		return e.drop(p[:len(p)-1], last)
	default:
		return e.unset(p[:len(p)-1], name)
	}
}

// UpdateServer gives the server with a name other settings, another name among them.
// Keys of its entry that we do not know stay.
func (e *Edit) UpdateServer(name string, s Server) error {
	node, p, err := e.serverNode("change", name)
	if err != nil {
		return err
	}
	old := node.server
	if s.Name != name {
		if _, _, err := e.serverNode("", s.Name); err == nil {
			return fmt.Errorf("rename server %s to %s: %w", masked(name), masked(s.Name), ErrExists)
		}
		if p, err = e.rename(node, p, s.Name); err != nil {
			return err
		}
	}
	steps := []func() error{
		func() error { return e.setWord(p, "command", old.Command, s.Command) },
		func() error { return e.setList(p, "args", emptyNil(old.Args), emptyNil(s.Args)) },
		func() error { return e.setPairs(p, "env", old.Env, s.Env) },
		func() error { return e.setWord(p, "cwd", old.Dir, s.Dir) },
		func() error { return e.setURL(p, node, s) },
		func() error { return e.setPairs(p, "headers", old.Headers, s.Headers) },
		func() error { return e.setEnabled(p, node, s.Enabled) },
		func() error { return e.setPrefix(p, old.Prefix, s.Prefix) },
		func() error { return e.setWord(p, "group", old.Group, s.Group) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	if err := e.setKind(p, s); err != nil {
		return err
	}
	for _, tool := range slices.Sorted(maps.Keys(old.Tools)) {
		if _, stays := s.Tools[tool]; !stays {
			if err := e.SetTool(s.Name, tool, Tool{Enabled: true}); err != nil {
				return err
			}
		}
	}
	for _, tool := range slices.Sorted(maps.Keys(s.Tools)) {
		if err := e.SetTool(s.Name, tool, s.Tools[tool]); err != nil {
			return err
		}
	}
	return nil
}

func emptyNil(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}

// rename gives an entry another name and returns the path to it. The settings that
// xiaozhi-client keeps beside the servers move along.
func (e *Edit) rename(node *serverNode, p path, name string) (path, error) {
	if last, isKey := p[len(p)-1].(string); isKey && node.index >= 0 {
		if err := e.renameKey(p[:len(p)-1], last, name); err != nil {
			return nil, err
		}
		p = p[:len(p)-1].then(name)
	} else if err := e.set(p, "name", name); err != nil {
		return nil, err
	}
	_, settings, err := e.at(path{"mcpServerConfig"})
	if err != nil {
		return nil, err
	}
	if find(settings, node.server.Name) != nil && find(settings, name) == nil {
		return p, e.renameKey(path{"mcpServerConfig"}, node.server.Name, name)
	}
	return p, nil
}

func (e *Edit) renameKey(p path, from, to string) error {
	doc, v, err := e.at(p)
	if err != nil {
		return err
	}
	o, _ := objectOf(v)
	var cuts []cut
	for i := range o.Members {
		if key := &o.Members[i].Name; spells(key.Value.(hujson.Literal), from) {
			cuts = append(cuts, cut{key.StartOffset, key.EndOffset, string(hujson.String(to))})
		}
	}
	e.text = splice(doc.text, cuts...)
	return nil
}

func (e *Edit) setURL(p path, node *serverNode, s Server) error {
	if node.server.URL == s.URL {
		return nil
	}
	key := "url"
	for _, name := range serverURLKeys {
		if findSet(node.value, name) != nil {
			key = name
			break
		}
	}
	return e.setWord(p, key, "\x00", s.URL.Reveal())
}

func (e *Edit) setEnabled(p path, node *serverNode, enabled bool) error {
	if node.server.Enabled == enabled {
		return nil
	}
	disabled := findSet(node.value, "disabled") != nil
	if disabled {
		if err := e.set(p, "disabled", !enabled); err != nil {
			return err
		}
	}
	if !disabled || findSet(node.value, "enabled") != nil {
		return e.set(p, "enabled", enabled)
	}
	return nil
}

func (e *Edit) setPrefix(p path, old, prefix *string) error {
	switch {
	case prefix == nil && old == nil, prefix != nil && old != nil && *prefix == *old:
		return nil
	case prefix == nil:
		return e.unset(p, "prefix")
	}
	return e.set(p, "prefix", *prefix)
}

// setKind writes the kind only where the entry would not be read as it.
func (e *Edit) setKind(p path, s Server) error {
	node, _, err := e.serverNode("change", s.Name)
	if err != nil || node.server.Kind == s.Kind {
		return err
	}
	key := "type"
	for _, name := range serverKindKeys {
		if findSet(node.value, name) != nil {
			key = name
			break
		}
	}
	return e.set(p, key, s.Kind.String())
}

// serverValue returns the entry of a server.
func serverValue(s Server, named bool) object {
	var o object
	add := func(wanted bool, key string, value any) {
		if wanted {
			o = append(o, field{key, value})
		}
	}
	add(named, "name", s.Name)
	add(s.Kind == KindSSE || s.Kind == KindHTTP || s.Kind == KindAuto && endsInSSE(s.URL), "type", s.Kind.String())
	add(s.Kind == KindStdio, "command", s.Command)
	add(len(s.Args) > 0, "args", s.Args)
	add(len(s.Env) > 0, "env", sorted(s.Env))
	add(s.Dir != "", "cwd", s.Dir)
	add(s.Kind != KindStdio, "url", s.URL.Reveal())
	add(len(s.Headers) > 0, "headers", sorted(s.Headers))
	add(!s.Enabled, "enabled", false)
	if s.Prefix != nil {
		add(true, "prefix", *s.Prefix)
	}
	add(s.Group != "", "group", s.Group)
	var tools object
	for _, name := range slices.Sorted(maps.Keys(s.Tools)) {
		tools = append(tools, field{name, toolValue(s.Tools[name])})
	}
	add(len(tools) > 0, "tools", tools)
	return o
}
