package config

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"xiaozhi-switchboard/core/secret"
)

// maxShown bounds the characters of a value in a problem.
const maxShown = 80

var longRuns = regexp.MustCompile(`[A-Za-z0-9_+/=.-]{16,}`)

// masked returns text of a file for a problem: scrubbed, shortened, and without
// the long runs that a pasted token is made of, where a plain word is not.
func masked(s string) string {
	s = longRuns.ReplaceAllStringFunc(secret.Text(s), func(run string) string {
		if strings.ContainsAny(run, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			return secret.Hidden
		}
		return run
	})
	return shortened(s)
}

// maskedAddress does the same for an address. What does not parse as one is shown
// up to the first mark after which a token may stand.
func maskedAddress(s string) string {
	if parsed, err := url.Parse(s); err == nil && parsed.Host != "" {
		return shortened(secret.MaskURL(s))
	}
	head := s
	if i := strings.IndexAny(s, "?#@&="); i >= 0 {
		head = s[:i] + secret.Hidden
	}
	return masked(head)
}

func shortened(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "�")
	}
	if utf8.RuneCountInString(s) <= maxShown {
		return s
	}
	return string([]rune(s)[:maxShown-1]) + "…"
}
