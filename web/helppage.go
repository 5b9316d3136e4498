package web

import (
	"context"
	"io"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/web/ui"
)

// helpPage is the manual. It stands still but for what every page follows.
var helpPage = page{name: "help", pattern: "/help", calm: true, paint: func(p painter, _ snapshot, _ url.Values) (screen, bool) {
	// It is made for whoever asks, and not for those who follow.
	content := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		h, err := p.help()
		if err != nil {
			return err
		}
		return ui.HelpPage(h, p.words.Say).Render(ctx, w)
	})
	return screen{title: p.say("nav.help"), content: content}, true
}}

// help is the manual in the language of the painter.
func (p painter) help() (ui.Help, error) {
	all, err := manuals()
	if err != nil {
		return ui.Help{}, err
	}
	m := all[p.words.Lang()]
	h := ui.Help{Headings: m.headings}
	for _, part := range m.parts {
		var c templ.Component = templ.Raw(part.html)
		if part.insert == "options" {
			c = ui.OptionDocs(p.optionDocs(), p.words.Say)
		}
		h.Parts = append(h.Parts, c)
	}
	return h, nil
}

// optionDocs explains every option.
func (p painter) optionDocs() []ui.OptionDoc {
	var docs []ui.OptionDoc
	standard := config.Default()
	for _, o := range options {
		key := "option." + o.name()
		doc := ui.OptionDoc{ID: "option-" + o.name(), Key: o.key, Name: p.say(key + ".name"), Text: p.say(key + ".text"),
			Default: p.optionValue(o, o.of(standard)), Bounds: p.optionBounds(o)}
		if o.advice {
			doc.Advice = p.say(key + ".advice")
		}
		if o.later {
			doc.Advice = p.sentences(doc.Advice, p.say("option.later"))
		}
		docs = append(docs, doc)
	}
	return docs
}

// optionValue writes a value for reading.
func (p painter) optionValue(o option, value string) string {
	switch {
	case o.boxed && value == "on":
		return p.say("option.on")
	case o.boxed:
		return p.say("option.off")
	case o.key == "language" && value == "":
		return p.say("option.language.system")
	case o.listed && value == "":
		return p.say("option.none")
	case o.listed:
		return strings.Join(wordsIn(value), p.say("list.comma"))
	case o.unit != "":
		return value + " " + p.say("option.unit."+o.unit)
	}
	return value
}

// optionBounds says what a value may be; empty when anything goes.
func (p painter) optionBounds(o option) string {
	switch {
	case o.boxed || o.wordy || o.listed:
		return ""
	case o.key == "language":
		return "zh" + p.say("list.comma") + "en"
	case o.choices != nil:
		return strings.Join(o.choices, p.say("list.comma"))
	case o.zero:
		return p.say("option.range.zero", "min", p.bound(o, o.min), "max", p.bound(o, o.max))
	}
	return p.say("option.range", "min", p.bound(o, o.min), "max", p.bound(o, o.max))
}

// bound writes a bound so that it can be read: amounts have separators.
func (p painter) bound(o option, v float64) string {
	if o.unit != "" && v == float64(int(v)) {
		return p.words.Number(int(v))
	}
	return plain(v)
}

// sentences puts sentences after one another.
func (p painter) sentences(all ...string) string {
	var said []string
	for _, s := range all {
		if s != "" {
			said = append(said, s)
		}
	}
	if p.words.Lang() == "zh" {
		return strings.Join(said, "")
	}
	return strings.Join(said, " ")
}
