package config

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"xiaozhi-switchboard/core/secret"
)

// CodeHidden is a mark for a hidden credential that stands for none.
const CodeHidden = "hidden"

// hiding is what Hide puts in place of a credential.
var hiding = regexp.MustCompile(`‹\*\*\*(\d+)›`)

var (
	secretName = regexp.MustCompile(`(?i)(token|secret|passw(or)?d|(api|access)[_-]?key|authorization)$`)
	reference  = regexp.MustCompile(`^\$\{[A-Za-z_][A-Za-z0-9_]*\}$`)
)

// Hide returns the text of a configuration file for showing and editing: each credential
// in it, those in comments included, is replaced by a mark such as ‹***1›. Unhide with
// the credentials that Hide returns puts them back. The text may be broken in any way.
// Like package secret, Hide takes too much for a credential rather than too little.
func Hide(text []byte) (shown []byte, hidden []string) {
	v := veil{text: text}
	for _, at := range hiding.FindAllIndex(text, -1) {
		v.add(at[0], at[1]) // what looks like a mark must come back as it is
	}
	v.scan()
	slices.SortFunc(v.ranges, func(a, b span) int { return a.from - b.from })
	pos := 0
	for i := 0; i < len(v.ranges); {
		at := v.ranges[i]
		for i++; i < len(v.ranges) && v.ranges[i].from < at.to; i++ {
			at.to = max(at.to, v.ranges[i].to)
		}
		hidden = append(hidden, string(text[at.from:at.to]))
		shown = append(shown, text[pos:at.from]...)
		shown = append(shown, "‹***"+strconv.Itoa(len(hidden))+"›"...)
		pos = at.to
	}
	return append(shown, text[pos:]...), hidden
}

// Unhide puts credentials in place of their marks, wherever these stand now. A mark that
// stands for nothing is a *ProblemsError.
func Unhide(shown []byte, hidden []string) ([]byte, error) {
	var (
		text     []byte
		problems []Problem
		pos      int
	)
	for _, at := range hiding.FindAllSubmatchIndex(shown, -1) {
		text = append(text, shown[pos:at[0]]...)
		pos = at[1]
		n, err := strconv.Atoi(string(shown[at[2]:at[3]]))
		if err == nil && 1 <= n && n <= len(hidden) {
			text = append(text, hidden[n-1]...)
			continue
		}
		start := bytes.LastIndexByte(shown[:at[0]], '\n') + 1
		problems = append(problems, Problem{Code: CodeHidden, Line: bytes.Count(shown[:at[0]], []byte("\n")) + 1,
			Column: utf8.RuneCount(shown[start:at[0]]) + 1, Message: "this mark stands for no credential that is known here; write the credential itself"})
	}
	if problems != nil {
		return nil, &ProblemsError{Problems: problems}
	}
	return append(text, shown[pos:]...), nil
}

type span struct{ from, to int }

// veil finds the credentials in a text. It reads tokens only, so that it also gets
// through a text that is broken.
type veil struct {
	text   []byte
	ranges []span
	nest   []string // the key of each bracket that is open
	key    string   // of the value to come
	before string   // the value before, in a list
}

func (v *veil) add(from, to int) {
	if from < to {
		v.ranges = append(v.ranges, span{from, to})
	}
}

func (v *veil) scan() {
	for i := 0; i < len(v.text); {
		rest := v.text[i:]
		switch c := rest[0]; {
		case c == '{' || c == '[':
			v.nest, v.key, v.before = append(v.nest, v.key), "", ""
			i++
		case c == '}' || c == ']':
			if len(v.nest) > 0 {
				v.nest = v.nest[:len(v.nest)-1]
			}
			v.key = ""
			i++
		case c == ',':
			v.key = ""
			i++
		case c <= ' ' || c == ':':
			i++
		case bytes.HasPrefix(rest, []byte("//")):
			i = v.free(i, i+before(rest, "\n"))
		case bytes.HasPrefix(rest, []byte("/*")):
			i = v.free(i, i+after(rest, "*/"))
		case c == '"' || c == '\'':
			n := 1
			for n < len(rest) && rest[n] != c && rest[n] != '\n' {
				if rest[n] == '\\' && n+1 < len(rest) {
					n++
				}
				n++
			}
			n = min(n, len(rest))
			end := min(n+1, len(rest))
			v.word(i+1, i+n, i+end)
			i += end
		default:
			n := bytes.IndexAny(rest[1:], "{}[],: \t\r\n\"'") + 1
			if n == 0 {
				n = len(rest)
			}
			v.word(i, i+n, i+n)
			i += n
		}
	}
}

// word is a key or a value whose content is from to to, and after which the text goes on
// at end.
func (v *veil) word(from, to, end int) {
	word := string(v.text[from:to])
	if next := bytes.TrimLeft(v.text[end:], " \t\r\n"); len(next) > 0 && next[0] == ':' && v.key == "" {
		v.key = word
		v.free(from, to)
		return
	}
	switch within := v.within(); {
	case reference.MatchString(word):
	case strings.EqualFold(within, "env"), strings.EqualFold(within, "headers"), secretName.MatchString(v.key), secretName.MatchString(v.before):
		v.add(from, to)
	case strings.EqualFold(within, "args") || strings.EqualFold(v.key, "command"):
		for _, at := range longRuns.FindAllStringIndex(word, -1) {
			if strings.ContainsAny(word[at[0]:at[1]], "0123456789") && !strings.ContainsAny(word[at[0]:at[1]], "/.") {
				v.add(from+at[0], from+at[1])
			}
		}
		v.free(from, to)
	default:
		v.free(from, to)
	}
	v.before = ""
	if v.key == "" {
		v.before = word
	}
}

// within is the key of the innermost bracket that is open.
func (v *veil) within() string {
	if len(v.nest) == 0 {
		return ""
	}
	return v.nest[len(v.nest)-1]
}

// free finds credentials in text that says nothing about itself, and returns to.
func (v *veil) free(from, to int) int {
	region := string(v.text[from:to])
	masked := secret.Text(region)
	if masked == region {
		return to
	}
	// What stands between the marks stands in the text as well, in this order.
	parts := strings.Split(masked, secret.Hidden)
	pos := len(parts[0])
	if !strings.HasPrefix(region, parts[0]) || len(parts) == 1 {
		v.add(from, to)
		return to
	}
	var found []span
	for i, part := range parts[1:] {
		n := strings.Index(region[pos:], part)
		if i == len(parts)-2 {
			n = len(region) - pos - len(part)
		}
		if n < 0 || part == "" && i < len(parts)-2 || region[pos+n:pos+n+len(part)] != part {
			v.add(from, to)
			return to
		}
		found = append(found, span{from + pos, from + pos + n})
		pos += n + len(part)
	}
	for _, at := range found {
		v.add(at.from, at.to)
	}
	return to
}

// before is where a text ends that goes up to a mark, and after one that holds it.
func before(text []byte, end string) int {
	if n := bytes.Index(text, []byte(end)); n >= 0 {
		return n
	}
	return len(text)
}

func after(text []byte, end string) int {
	if n := bytes.Index(text[2:], []byte(end)); n >= 0 {
		return 2 + n + len(end)
	}
	return len(text)
}
