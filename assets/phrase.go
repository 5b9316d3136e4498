package assets

import (
	"fmt"
	"strings"

	"golang.org/x/text/feature/plural"
)

// phrase is a text whose placeholders have been found. It is immutable.
type phrase []part

// part is some text and the name of the placeholder that follows it; the last has none.
type part struct{ text, name string }

// phraseKey is what the wording depends on.
type phraseKey struct {
	key  string
	form plural.Form
}

// readPhrase finds the placeholders of a text, each of the form {{.name}}.
func readPhrase(text string) phrase {
	var p phrase
	for {
		before, rest, found := strings.Cut(text, "{{.")
		name, after, closed := strings.Cut(rest, "}}")
		if !found || !closed {
			return append(p, part{text: text})
		}
		p = append(p, part{before, name})
		text = after
	}
}

// formOf returns the plural form that an int named "n" asks for in the language.
func (t *Translator) formOf(args []any) plural.Form {
	for i := 0; i+1 < len(args); i += 2 {
		if n, ok := args[i+1].(int); ok && args[i] == "n" {
			return plural.Cardinal.MatchPlural(t.tag, max(n, -n), 0, 0, 0, 0)
		}
	}
	return plural.Other
}

// phrase returns the phrase for a key; nil when there is no such text.
func (t *Translator) phrase(key string, form plural.Form) phrase {
	k := phraseKey{key, form}
	if known, ok := t.phrases.Load(k); ok {
		return known.(phrase)
	}
	text, ok := t.book.find(key, form)
	if !ok {
		return nil
	}
	p := readPhrase(text)
	t.phrases.Store(k, p)
	return p
}

// fill puts values in place of the placeholders. One that args do not name stays, so that
// it is seen.
func (t *Translator) fill(p phrase, args []any) string {
	if len(p) == 1 {
		return p[0].text
	}
	size := 0
	for _, part := range p {
		size += len(part.text) + 12 // what a value may take
	}
	var b strings.Builder
	b.Grow(size)
	for _, part := range p {
		b.WriteString(part.text)
		if part.name != "" {
			b.WriteString(t.value(part.name, args))
		}
	}
	return b.String()
}

// value writes the argument with a name.
func (t *Translator) value(name string, args []any) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != name {
			continue
		}
		switch v := args[i+1].(type) {
		case string:
			return v
		case int:
			return t.Number(v)
		default:
			return fmt.Sprint(v)
		}
	}
	return "{{." + name + "}}"
}
