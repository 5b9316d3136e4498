package tray

import (
	"strings"
	"unicode/utf16"
)

// maxTooltip is what Windows has room for, in UTF-16 units without the final zero:
// https://learn.microsoft.com/windows/win32/api/shellapi/ns-shellapi-notifyicondataw.
const maxTooltip = 127

// maxLabel is where a label is cut, in UTF-16 units: a menu is as wide as its widest row.
const maxLabel = 64

// clip cuts s to at most n UTF-16 units, between characters, with an ellipsis.
func clip(s string, n int) string {
	units := 0
	cut := 0 // where s would be cut to leave room for the ellipsis
	for i, r := range s {
		if units < n {
			cut = i
		}
		if units += max(utf16.RuneLen(r), 1); units > n {
			return s[:cut] + "…"
		}
	}
	return s
}

// label makes text fit for a menu: on one line, not too long, and without what the
// system takes for the mark of an access key.
func label(text, system string) string {
	text = clip(strings.Join(strings.Fields(strings.ToValidUTF8(text, "�")), " "), maxLabel)
	switch system {
	case "windows":
		return strings.ReplaceAll(text, "&", "&&")
	case "darwin":
		return text
	}
	return strings.ReplaceAll(text, "_", "__")
}
