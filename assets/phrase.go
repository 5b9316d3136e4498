package assets

import (
	"fmt"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

var fallbackTag = language.Make(Fallback)

// phrase is a text whose placeholders have been found once, since pages are full of texts
// and templates are slow. It is immutable.
type phrase struct {
	names []string // of the placeholders that it was made with, as Say was given them
	parts []part
}

// part is some text and the value that follows it.
type part struct {
	text  string
	value int // an index of names; -1 for none
}

// phraseKey is what the wording depends on: the plural form only where it is asked for.
type phraseKey struct {
	key     string
	counted bool
	// form is that of the language, and fallback that of Fallback, which may have to do.
	form, fallback plural.Form
}

// count is how many there are, which decides about the plural form; false without an int
// named "n".
func count(args []any) (int, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if n, ok := args[i+1].(int); ok && args[i] == "n" {
			return n, true
		}
	}
	return 0, false
}

// phrase returns the phrase for args; nil when there is no such text.
func (t *Translator) phrase(key string, args []any) *phrase {
	n, counted := count(args)
	k := phraseKey{key: key, counted: counted}
	if counted {
		k.form = plural.Cardinal.MatchPlural(t.tag, max(n, -n), 0, 0, 0, 0)
		k.fallback = plural.Cardinal.MatchPlural(fallbackTag, max(n, -n), 0, 0, 0, 0)
	}
	if known, ok := t.phrases.Load(k); ok && known.(*phrase).takes(args) {
		return known.(*phrase)
	}
	p := &phrase{}
	config := i18n.LocalizeConfig{MessageID: key}
	marks := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		name := fmt.Sprint(args[i])
		marks[name] = fmt.Sprintf("\x00%d\x00", len(p.names))
		p.names = append(p.names, name)
	}
	config.TemplateData = marks
	if counted {
		config.PluralCount = n
	}
	text, err := t.localizer.Localize(&config)
	if err != nil && text == "" {
		return nil
	}
	// Text and numbers of values, in turn.
	pieces := strings.Split(text, "\x00")
	for i := 0; i < len(pieces); i += 2 {
		shown := part{text: pieces[i], value: -1}
		if i+1 < len(pieces) {
			fmt.Sscan(pieces[i+1], &shown.value) // a mark of ours
		}
		p.parts = append(p.parts, shown)
	}
	t.phrases.Store(k, p)
	return p
}

// takes reports whether args have the names that the phrase was made with.
func (p *phrase) takes(args []any) bool {
	if len(p.names) != len(args)/2 {
		return false
	}
	for i, name := range p.names {
		if args[2*i] != name {
			return false
		}
	}
	return true
}

// fill puts values in place of the placeholders.
func (p *phrase) fill(values []string) string {
	size := 0
	for _, part := range p.parts {
		size += len(part.text)
		if part.value >= 0 {
			size += len(values[part.value])
		}
	}
	var b strings.Builder
	b.Grow(size)
	for _, part := range p.parts {
		b.WriteString(part.text)
		if part.value >= 0 {
			b.WriteString(values[part.value])
		}
	}
	return b.String()
}
