package assets

import (
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// Fallback is the language that has every text, and that is used for those that
// another language lacks.
const Fallback = "en"

// Languages lists what Words knows, Fallback first.
func Languages() []string { return []string{"en", "zh"} }

// Translator speaks one language. It is safe for concurrent use.
type Translator struct {
	lang    string
	tag     language.Tag
	book    book
	printer *message.Printer
	phrases sync.Map // phraseKey → phrase
}

type speech struct {
	matcher     language.Matcher
	translators map[string]*Translator
}

var speak = sync.OnceValue(func() *speech {
	s := &speech{translators: map[string]*Translator{}}
	var tags []language.Tag
	for _, lang := range Languages() {
		tag := language.Make(lang)
		tags = append(tags, tag)
		s.translators[lang] = &Translator{lang: lang, tag: tag, book: mustBook(lang), printer: message.NewPrinter(tag)}
	}
	s.matcher = language.NewMatcher(tags)
	return s
})

// Words returns the translator for a language, or for Fallback if lang is none
// of Languages.
func Words(lang string) *Translator {
	s := speak()
	if t := s.translators[lang]; t != nil {
		return t
	}
	return s.translators[Fallback]
}

// Match returns the best of Languages for wishes in order of preference, each a
// language tag or the value of an Accept-Language header. Wishes that are empty,
// malformed or not to be had are passed over; without any match it returns Fallback.
func Match(wishes ...string) string {
	s := speak()
	for _, wish := range wishes {
		if len(wish) > 1000 {
			continue // nobody speaks that many
		}
		tags, _, err := language.ParseAcceptLanguage(strings.ReplaceAll(wish, "_", "-"))
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, i, confidence := s.matcher.Match(tags...); confidence > language.No {
			return Languages()[i]
		}
	}
	return Fallback
}

// Lang returns the language tag, for the lang attribute of a page.
func (t *Translator) Lang() string { return t.lang }

// Say returns the text of a key. Args are names and values for its placeholders,
// in turn; an int named "n" also chooses the plural form and is written with the
// separators of the language. A text that the language lacks comes in Fallback;
// a key that does not exist comes back as it is, so that it is seen.
func (t *Translator) Say(key string, args ...any) string {
	p := t.phrase(key, t.formOf(args))
	if p == nil && t.lang != Fallback {
		t = Words(Fallback)
		p = t.phrase(key, t.formOf(args))
	}
	if p == nil {
		return key
	}
	return t.fill(p, args)
}

// Number writes an integer with the separators of the language.
func (t *Translator) Number(n int) string {
	if n >= 0 && n < 1000 {
		return strconv.Itoa(n) // nothing to separate, in any of Languages
	}
	return t.printer.Sprint(number.Decimal(n))
}

// Percent writes a share in [0, 1] with one digit after the point at most.
func (t *Translator) Percent(share float64) string {
	return t.printer.Sprint(number.Percent(share, number.MaxFractionDigits(1)))
}
