package secret

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// shortestKnown is how many bytes a secret must have to be looked for: a shorter one
// would hide half of every text.
const shortestKnown = 6

// Known hides secrets by their values, beside what Text hides by its looks. It is for
// places that gather the texts of others, such as a log: an API key is no more than a
// word there. Nil knows nothing. It is immutable and safe for concurrent use.
type Known struct {
	forms    []string // the longest first
	replacer *strings.Replacer
}

// NewKnown returns a Known of these secrets, also as JSON, Go and addresses write them.
// Those of less than 6 bytes are left out.
func NewKnown(secrets []string) *Known {
	k := &Known{}
	for _, s := range secrets {
		k.forms = append(k.forms, forms(s)...)
	}
	k.forms = slices.DeleteFunc(k.forms, func(s string) bool { return len(s) < shortestKnown })
	slices.SortFunc(k.forms, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	k.forms = slices.Compact(k.forms)
	pairs := make([]string, 0, 2*len(k.forms))
	for _, form := range k.forms {
		pairs = append(pairs, form, Hidden)
	}
	k.replacer = strings.NewReplacer(pairs...) // of two that begin alike, the first wins
	return k
}

// forms are the ways in which a secret may be written, as a whole and line by line, since
// a log has each line of a private key by itself.
func forms(s string) []string {
	s = strings.TrimSpace(s)
	all := written(s)
	if strings.ContainsAny(s, "\r\n") {
		for line := range strings.Lines(s) {
			all = append(all, written(strings.TrimSpace(line))...)
		}
	}
	return all
}

// written are the ways in which a text may be written: as it is, in an address, and in
// quotes, also in quotes that are themselves in quotes.
func written(s string) []string {
	all := []string{s, url.QueryEscape(s), url.PathEscape(s), unquoted(strconv.QuoteToASCII(s))}
	if plain, err := url.QueryUnescape(s); err == nil {
		all = append(all, plain)
	}
	quoted := []string{unquoted(strconv.Quote(s))}
	if text, err := json.Marshal(s); err == nil {
		quoted = append(quoted, unquoted(string(text)))
	}
	for _, once := range quoted {
		all = append(all, once, unquoted(strconv.Quote(once)))
	}
	return all
}

func unquoted(s string) string { return s[1 : len(s)-1] }

// Hide returns s with the secrets in it hidden, as well as what Text hides.
func (k *Known) Hide(s string) string {
	if k != nil && len(k.forms) > 0 {
		s = k.replacer.Replace(s)
	}
	return Text(s)
}

// In reports whether one of the secrets is in a text.
func (k *Known) In(text string) bool {
	return k != nil && slices.ContainsFunc(k.forms, func(form string) bool { return strings.Contains(text, form) })
}
