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
