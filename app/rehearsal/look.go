package rehearsal

import (
	"encoding/json"
	"regexp"

	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/session"
)

const (
	// namesShown is how many tools a remark names.
	namesShown = 5
	// longestName bounds a name that is shown; one that clouds take has at most 64.
	longestName = 80
)

// cloudName is what clouds take for the name of a tool.
var cloudName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// look says what a cloud would make of a list of tools.
func (p *play) look(tools []broker.Tool) []Remark {
	if len(tools) == 0 {
		return []Remark{{Code: CodeNoTools, Level: Failed}}
	}
	var (
		bad         = named{Code: CodeBadNames, Level: Doubtful}
		twice       = named{Code: CodeTwice, Level: Doubtful}
		undescribed = named{Code: CodeUndescribed, Level: Doubtful}
		lost        = named{Code: CodeLostSchema, Level: Doubtful}
		seen        = make(map[string]bool, len(tools))
	)
	for _, t := range tools {
		if !cloudName.MatchString(t.Name) {
			bad.add(t.Name)
		}
		if seen[t.Name] {
			twice.add(t.Name)
		}
		seen[t.Name] = true
		if t.Description == "" {
			undescribed.add(t.Name)
		}
		if p.cloud.Family == broker.Relay && loses(t.InputSchema) {
			lost.add(t.Name)
		}
	}
	var found []Remark
	if len(tools) > p.cloud.Tools {
		found = append(found, Remark{Code: CodeManyTools, Level: Doubtful, Count: len(tools), Limit: p.cloud.Tools})
	}
	for _, n := range []named{bad, twice, undescribed, lost} {
		if n.Count > 0 {
			found = append(found, Remark(n))
		}
	}
	return found
}

// named is a remark about some tools.
type named Remark

func (n *named) add(name string) {
	n.Count++
	if len(n.Names) < namesShown {
		n.Names = append(n.Names, session.Cut(name, longestName))
	}
}

// loses reports whether the self-hosted voice server would lose a part of a schema: it
// keeps type, properties and required, and follows no references.
func loses(schema []byte) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(schema, &members) != nil {
		return true
	}
	for _, name := range []string{"$ref", "$defs", "definitions", "anyOf", "oneOf", "allOf"} {
		if members[name] != nil {
			return true
		}
	}
	return false
}
