package hub

import "unicode/utf8"

// cutText returns at most limit bytes of s, cut between characters, with an
// ellipsis when something is missing.
func cutText(s string, limit int) string {
	const ellipsis = "…"
	if len(s) <= limit {
		return s
	}
	return s[:boundary(s, max(limit-len(ellipsis), 0))] + ellipsis
}

// boundary returns the largest index up to i at which s can be cut without
// splitting a character.
func boundary(s string, i int) int {
	if i >= len(s) {
		return len(s)
	}
	for i > 0 && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}
