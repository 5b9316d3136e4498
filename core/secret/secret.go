// Package secret keeps credentials out of logs, pages, metrics and errors.
//
// URL is an address whose printed form hides what only its owner may know.
// Text does the same for free text that others wrote: error messages of
// libraries, lines of child processes, frames of a peer. Both hide too much
// rather than too little, and neither remembers anything, so they need no list
// of the secrets in use. All functions are pure and safe for concurrent use.
package secret

import (
	"log/slog"
	"net/url"
	"regexp"
	"strings"
)

// Hidden stands where a secret was.
const Hidden = "***"

// URL is an address that may carry credentials. Every way of printing it, fmt,
// slog and encoding/json included, yields the masked form; Reveal yields the
// address itself.
type URL string

// Reveal returns the address with its credentials, for dialling and for the
// configuration file.
func (u URL) Reveal() string { return string(u) }

// String returns the masked address: the values of the query, the user name
// and password, the fragment, and path segments that look like keys are hidden.
func (u URL) String() string { return MaskURL(string(u)) }

// GoString returns the masked address, for %#v.
func (u URL) GoString() string { return "secret.URL(" + u.String() + ")" }

// MarshalText returns the masked address, for encoding/json.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// LogValue returns the masked address, for slog.
func (u URL) LogValue() slog.Value { return slog.StringValue(u.String()) }

// MaskURL returns raw with its credentials hidden, as URL.String does. What
// does not parse as an address is masked as Text masks it.
func MaskURL(raw string) string {
	parsed, err := url.Parse(raw)
	if err != nil || parsed.Host == "" {
		return Text(raw)
	}
	var b strings.Builder
	b.WriteString(parsed.Scheme + "://")
	if parsed.User != nil {
		b.WriteString(Hidden + "@")
	}
	b.WriteString(parsed.Host)
	for i, segment := range strings.Split(parsed.EscapedPath(), "/") {
		if i > 0 {
			b.WriteByte('/')
		}
		if looksLikeKey(segment) {
			segment = Hidden
		}
		b.WriteString(segment)
	}
	for i, pair := range strings.Split(parsed.RawQuery, "&") {
		if pair == "" {
			continue
		}
		if i == 0 {
			b.WriteByte('?')
		} else {
			b.WriteByte('&')
		}
		name, _, valued := strings.Cut(pair, "=")
		if !valued || looksLikeKey(name) {
			b.WriteString(Hidden)
			continue
		}
		b.WriteString(name + "=" + Hidden)
	}
	return b.String()
}

// looksLikeKey reports a long run of letters and digits, such as the random
// part that hosted MCP servers put into the path.
func looksLikeKey(s string) bool {
	if len(s) < 20 {
		return false
	}
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '-', r == '_', r == '.', r == '%', r == '=':
		default:
			return false
		}
	}
	return digits >= 2
}

var (
	urls   = regexp.MustCompile(`\b(?:wss?|https?)://[^\s"'<>\\]+`)
	jwts   = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?`)
	bearer = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}`)
	pairs  = regexp.MustCompile(`(?i)([A-Za-z0-9_-]*(?:token|secret|password|passwd|api[_-]?key|access[_-]?key|authorization))((?:\\?["'])?\s*[=:]\s*(?:\\?["'])?)([^\s"'&,;<>{}]+)`)
)

// Text returns s with the credentials in it hidden: addresses are masked as by
// MaskURL; JSON web tokens, bearer tokens, and values that follow a name such as
// token, password or api_key are replaced by Hidden. Text that holds none of
// these comes back unchanged and without an allocation.
func Text(s string) string {
	if !suspicious(s) {
		return s
	}
	s = urls.ReplaceAllStringFunc(s, func(raw string) string {
		if parsed, err := url.Parse(raw); err != nil || parsed.Host == "" {
			scheme, _, _ := strings.Cut(raw, "://")
			return scheme + "://" + Hidden
		}
		return MaskURL(raw)
	})
	s = jwts.ReplaceAllString(s, Hidden)
	s = bearer.ReplaceAllString(s, "$1 "+Hidden)
	return pairs.ReplaceAllStringFunc(s, func(pair string) string {
		m := pairs.FindStringSubmatch(pair)
		if strings.EqualFold(m[3], "bearer") || strings.EqualFold(m[3], "basic") {
			return pair
		}
		return m[1] + m[2] + Hidden
	})
}

// suspicious is a cheap test that lets ordinary text past the expressions.
func suspicious(s string) bool {
	for _, mark := range []string{"://", "eyJ"} {
		if strings.Contains(s, mark) {
			return true
		}
	}
	return strings.ContainsAny(s, "=:") && pairs.MatchString(s) || bearer.MatchString(s)
}
