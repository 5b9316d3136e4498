package web

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
)

// veiled is how an MCP server is reached, with a mark in place of each credential, as
// config.Hide makes them. Hidden are what the marks stand for, for config.Unhide. Values of
// variables and headers count as credentials, but for references such as ${NAME}.
func veiled(f config.Server) (shown config.Server, hidden []string) {
	type entry struct {
		Command string   `json:"command"`
		Args    []string `json:"args"`
		Dir     string   `json:"cwd"`
		URL     string   `json:"url"`
	}
	shown = f.Clone()
	bare := entry{Command: unescaped(f.Command), Dir: unescaped(f.Dir), URL: unescaped(f.URL.Reveal())}
	for _, arg := range f.Args {
		bare.Args = append(bare.Args, unescaped(arg))
	}
	var text bytes.Buffer
	encode := json.NewEncoder(&text)
	encode.SetEscapeHTML(false)
	var e entry
	err := encode.Encode(bare)
	if err == nil {
		var marked []byte
		marked, hidden = config.Hide(text.Bytes())
		err = json.Unmarshal(marked, &e)
	}
	hide := func(text string) string {
		hidden = append(hidden, text)
		return "‹***" + strconv.Itoa(len(hidden)) + "›"
	}
	// What JSON would escape was looked at without that, so it is hidden as a whole.
	merge := func(real, marked string) string {
		switch {
		case err != nil && real != "":
			return hide(real)
		case unescaped(real) == real:
			return marked
		case veilMark.MatchString(marked):
			return hide(real)
		}
		return real
	}
	shown.Command, shown.Dir, shown.URL = merge(f.Command, e.Command), merge(f.Dir, e.Dir), secret.URL(merge(f.URL.Reveal(), e.URL))
	for i, arg := range f.Args {
		marked := ""
		if i < len(e.Args) {
			marked = e.Args[i]
		}
		shown.Args[i] = merge(arg, marked)
	}
	pairs := func(real map[string]string) map[string]string {
		all := map[string]string{}
		for _, name := range slices.Sorted(maps.Keys(real)) {
			value := real[name]
			if value != "" && !referenceOnly.MatchString(value) {
				value = hide(value)
			}
			if veilMark.MatchString(name) { // it must come back as it is
				name = hide(name)
			}
			all[name] = value
		}
		return all
	}
	shown.Env, shown.Headers = pairs(f.Env), pairs(f.Headers)
	return shown, hidden
}

// unescaped is a text without what JSON escapes, for finding credentials in it.
func unescaped(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '"':
			return '\''
		case c < ' ', c == '\\', c == '\u2028', c == '\u2029', c == utf8.RuneError:
			return ' '
		}
		return c
	}, text)
}

// referenceOnly is a value that is nothing but a reference to a variable.
var referenceOnly = regexp.MustCompile(`^\$\{[A-Za-z_][A-Za-z0-9_]*\}$`)

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
