package config

import (
	"strings"
)

// ImportServers reads the MCP servers in text that another program uses: an object
// with mcpServers or servers, a map by name, a list, a single entry, or a part of
// such a map without its braces. References such as ${NAME} stay as they are,
// so that Edit.AddServer writes them. The error is a *ProblemsError; text without any
// server is one. The result is in the order of the text.
func ImportServers(data []byte) ([]Server, error) {
	doc, problem := readDocument(data)
	if problem != nil {
		// A snippet is often copied without the braces around it: "name": {…}
		open := strings.TrimSpace(strings.TrimPrefix(string(data), byteOrderMark))
		if problem.Code != CodeSyntax || strings.HasPrefix(open, "{") || strings.HasPrefix(open, "[") || !strings.Contains(open, ":") {
			return nil, &ProblemsError{Problems: []Problem{*problem}}
		}
		wrapped, again := readDocument([]byte("{" + open + "\n}"))
		if again != nil {
			return nil, &ProblemsError{Problems: []Problem{*problem}}
		}
		doc = wrapped
		doc.back = &positions{original: data, marks: shifted(doc.back.marks, strings.Index(string(data), open)-1)}
	}
	d := &decoder{doc: doc}
	nodes := d.servers(&doc.root)
	if len(nodes) == 0 && len(d.problems) == 0 {
		d.problem(&doc.root, "", CodeMissing, "", map[string]any{"reason": "servers"},
			"there is no MCP server in this text; paste what the server's documentation shows, such as {\"mcpServers\": {…}}")
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	servers := make([]Server, len(nodes))
	for i := range nodes {
		servers[i] = nodes[i].server
	}
	return servers, nil
}

// shifted moves where marks lead to.
func shifted(marks []mark, by int) []mark {
	for i := range marks {
		marks[i].in += by
	}
	return marks
}
