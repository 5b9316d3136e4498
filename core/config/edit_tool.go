package config

// SetTool changes the setting of one tool of a server, in the entry of the server or,
// where the file keeps it there, under mcpServerConfig.
//
// The built-in tools are those of ReservedServer, whether the file names it or not.
func (e *Edit) SetTool(server, tool string, t Tool) error {
	node, p, err := e.toolsOf(server)
	if err != nil {
		return err
	}
	old, known := node.server.Tools[tool]
	if known && old == t || !known && t == (Tool{Enabled: true}) {
		return nil
	}
	tools := p.then("tools")
	if findSet(findSet(node.value, "tools"), tool) == nil {
		beside := path{"mcpServerConfig", server, "tools"}
		_, v, err := e.at(beside)
		if err != nil {
			return err
		}
		if _, ok := objectOf(v); ok {
			tools = beside
		}
	}
	return e.writeTool(tools, tool, old, t)
}

// SetBuiltin switches the built-in tools on or off, all of them.
func (e *Edit) SetBuiltin(enabled bool) error {
	node, p, err := e.toolsOf(ReservedServer)
	switch {
	case err != nil || node.server.Enabled == enabled:
		return err
	case p[0] != "mcpServerConfig":
		return e.setEnabled(p, node, enabled)
	case enabled:
		return e.unset(p, "enabled")
	}
	return e.set(p, "enabled", false)
}

// SetRemoteTool changes the setting of one tool that endpoints in the call role offer.
func (e *Edit) SetRemoteTool(tool string, t Tool) error {
	if err := e.file(); err != nil {
		return err
	}
	doc, err := e.read()
	if err != nil {
		return err
	}
	d, old := &decoder{doc: doc, lookup: e.lookup}, Tool{Enabled: true}
	known := false
	if v := findSet(&doc.root, "remoteTools"); v != nil {
		if have, ok := d.tools(v, "remoteTools", nil)[tool]; ok {
			old, known = have, true
		}
	}
	if known && old == t || !known && t == (Tool{Enabled: true}) {
		return nil
	}
	return e.writeTool(path{"remoteTools"}, tool, old, t)
}

// writeTool changes the setting of a tool, which is old, in the object at tools.
func (e *Edit) writeTool(tools path, tool string, old, t Tool) error {
	_, v, err := e.at(tools.then(tool))
	if err != nil {
		return err
	}
	if _, ok := objectOf(v); !ok {
		if v != nil && v.Value.Kind() != 'n' && t.Description == "" {
			return e.put(tools.then(tool), t.Enabled)
		}
		return e.set(tools, tool, toolValue(t))
	}
	if old.Enabled != t.Enabled {
		key := "enabled"
		if findSet(v, "enabled") == nil && findSet(v, "enable") != nil {
			key = "enable"
		}
		if err := e.set(tools.then(tool), key, t.Enabled); err != nil {
			return err
		}
	}
	return e.setWord(tools.then(tool), "description", old.Description, t.Description)
}

// toolsOf returns the server whose tools are to be set, and the path to where they are.
func (e *Edit) toolsOf(server string) (*serverNode, path, error) {
	if server != ReservedServer {
		return e.serverNode("set tool of", server)
	}
	if err := e.file(); err != nil {
		return nil, nil, err
	}
	doc, err := e.read()
	if err != nil {
		return nil, nil, err
	}
	d := &decoder{doc: doc, lookup: e.lookup}
	node := &serverNode{server: d.builtin(&doc.root), key: ReservedServer, named: true}
	container, key := serverContainer(&doc.root)
	if v := findSet(container, ReservedServer); v != nil && isBuiltin(ReservedServer, v) {
		node.value = v
		return node, keyPath(key).then(ReservedServer), nil
	}
	node.value = &doc.root
	return node, path{"mcpServerConfig", ReservedServer}, nil
}

func toolValue(t Tool) object {
	o := object{{"enabled", t.Enabled}}
	if t.Description != "" {
		o = append(o, field{"description", t.Description})
	}
	return o
}
