package config

import "strings"

// expand replaces ${NAME} and ${NAME:-default} in s by what lookup finds; the
// default also stands for an empty value. ${env:NAME} is the same, as VS Code
// writes it, and $${ stands for a plain ${. It returns the first reference that
// has no value; that one, and what is no reference, stays.
func expand(s string, lookup func(string) (string, bool)) (expanded, missing string) {
	if !strings.Contains(s, "${") {
		return s, ""
	}
	var b strings.Builder
	for {
		i := strings.Index(s, "${")
		if i < 0 {
			b.WriteString(s)
			return b.String(), missing
		}
		if i > 0 && s[i-1] == '$' {
			b.WriteString(s[:i-1] + "${")
			s = s[i+2:]
			continue
		}
		end := strings.IndexByte(s[i:], '}')
		if end < 0 {
			b.WriteString(s)
			return b.String(), missing
		}
		body := s[i+2 : i+end]
		name, fallback, hasFallback := strings.Cut(strings.TrimPrefix(body, "env:"), ":-")
		if !isVariable(name) {
			if strings.HasPrefix(body, "input:") && missing == "" {
				missing = body
			}
			b.WriteString(s[:i+end+1])
			s = s[i+end+1:]
			continue
		}
		value, found := lookup(name)
		switch {
		case hasFallback && value == "":
			value = fallback
		case !found:
			value = s[i : i+end+1]
			if missing == "" {
				missing = name
			}
		}
		b.WriteString(s[:i] + value)
		s = s[i+end+1:]
	}
}

func isVariable(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c != '_' && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(i > 0 && c >= '0' && c <= '9') {
			return false
		}
	}
	return name != ""
}
