package session

import (
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Cut returns at most limit bytes of s, cut between characters, with an ellipsis when
// something is missing. It bounds what servers can make us say. A limit under 3 counts as 3,
// the length of the ellipsis.
func Cut(s string, limit int) string {
	const ellipsis = "…"
	if len(s) <= limit {
		return s
	}
	i := max(limit-len(ellipsis), 0)
	for i > 0 && !utf8.RuneStart(s[i]) {
		i--
	}
	return s[:i] + ellipsis
}

// Text decodes a JSON string; ok is false for anything else.
func Text(raw []byte) (s string, ok bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	b, err := jsontext.AppendUnquote(nil, raw)
	return string(b), err == nil
}
