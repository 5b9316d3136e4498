package web

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
)

// veiled is how an MCP server is reached, with a mark in place of each credential, as
// config.Hide makes them. Hidden are what the marks stand for, for config.Unhide.
func veiled(f config.Server) (shown config.Server, hidden []string) {
	type entry struct {
		Command string            `json:"command"`
		Args    []string          `json:"args"`
		Dir     string            `json:"cwd"`
		URL     string            `json:"url"`
		Env     map[string]string `json:"env"`
		Headers map[string]string `json:"headers"`
	}
	shown = f.Clone()
	var text bytes.Buffer
	encode := json.NewEncoder(&text)
	encode.SetEscapeHTML(false)
	var e entry
	err := encode.Encode(entry{f.Command, f.Args, f.Dir, f.URL.Reveal(), f.Env, f.Headers})
	if err == nil {
		var bare []byte
		bare, hidden = config.Hide(text.Bytes())
		err = json.Unmarshal(bare, &e)
	}
	if err != nil { // show nothing rather than too much
		e, hidden = entry{}, nil
	}
	for i, h := range hidden { // they come as they stand between quotes
		var plain string
		if json.Unmarshal([]byte(`"`+h+`"`), &plain) == nil {
			hidden[i] = plain
		}
	}
	shown.Command, shown.Args, shown.Dir, shown.URL, shown.Env, shown.Headers = e.Command, e.Args, e.Dir, secret.URL(e.URL), e.Env, e.Headers
	return shown, hidden
}

// veilMark is what config.Hide puts in place of a credential.
var veilMark = regexp.MustCompile(`‹\*\*\*\d+›`)

// unmarked is a text of a veiled server for showing only.
func unmarked(text string) string { return veilMark.ReplaceAllString(text, secret.Hidden) }

// linesOfList is a list as lines; what would not come back from one is quoted as in JSON.
func linesOfList(list []string) string {
	lines := make([]string, len(list))
	for i, text := range list {
		if text == "" || strings.TrimSpace(text) != text || strings.HasPrefix(text, `"`) || strings.ContainsAny(text, "\r\n") {
			quoted, err := json.Marshal(text)
			if err == nil {
				text = string(quoted)
			}
		}
		lines[i] = text
	}
	return strings.Join(lines, "\n")
}

// listOfLines reads a list of lines; empty ones are none.
func listOfLines(text string) []string {
	var list []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		var plain string
		if strings.HasPrefix(line, `"`) && json.Unmarshal([]byte(line), &plain) == nil {
			line = plain
		}
		list = append(list, line)
	}
	return list
}

// linesOfPairs is variables or headers as lines, each with a sign between name and value.
func linesOfPairs(pairs map[string]string, sign string) string {
	lines := make([]string, 0, len(pairs))
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		value := pairs[name]
		if strings.ContainsAny(value, "\r\n") || strings.HasPrefix(value, `"`) {
			if quoted, err := json.Marshal(value); err == nil {
				value = string(quoted)
			}
		}
		lines = append(lines, name+sign+value)
	}
	return strings.Join(lines, "\n")
}

// pairsOfLines reads lines of names and values; false when one has no sign between them.
func pairsOfLines(text, sign string) (map[string]string, bool) {
	var pairs map[string]string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, strings.TrimSpace(sign))
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, false
		}
		value = strings.TrimSpace(value)
		var plain string
		if strings.HasPrefix(value, `"`) && json.Unmarshal([]byte(value), &plain) == nil {
			value = plain
		}
		if pairs == nil {
			pairs = map[string]string{}
		}
		pairs[name] = value
	}
	return pairs, true
}
