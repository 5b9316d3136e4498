package web

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/web/ui"
)

// manual is the manual of one language: its parts in order, and the headings that lead
// into it.
type manual struct {
	parts    []part
	headings []ui.Heading
}

// part is HTML, or the name of what the program puts in.
type part struct{ html, insert string }

// manuals are made when somebody first asks for help.
var manuals = sync.OnceValues(func() (map[string]manual, error) {
	all := map[string]manual{}
	for _, lang := range assets.Languages() {
		m, err := readManual(assets.Manual(lang))
		if err != nil {
			return nil, fmt.Errorf("manual in %s: %w", lang, err)
		}
		all[lang] = m
	}
	return all, nil
})

// readManual turns Markdown of our own into a manual. HTML in it is left out.
func readManual(source string) (manual, error) {
	var (
		m        manual
		markdown = goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithHeadingAttribute()))
		section  strings.Builder
	)
	flush := func() error {
		raw := []byte(section.String())
		section.Reset()
		doc := markdown.Parser().Parse(text.NewReader(raw))
		for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
			h, ok := n.(*ast.Heading)
			if !ok {
				continue
			}
			id, _ := h.AttributeString("id")
			name, ok := id.([]byte)
			if !ok {
				return fmt.Errorf("the heading %q has no id", h.Lines().Value(raw))
			}
			m.headings = append(m.headings, ui.Heading{ID: string(name), Text: string(h.Lines().Value(raw)), Level: h.Level})
		}
		var html bytes.Buffer
		if err := markdown.Renderer().Render(&html, raw, doc); err != nil {
			return err
		}
		m.parts = append(m.parts, part{html: html.String()})
		return nil
	}
	for line := range strings.Lines(source) {
		name, opened := strings.CutPrefix(strings.TrimSpace(line), "{{")
		name, closed := strings.CutSuffix(name, "}}")
		if !opened || !closed {
			section.WriteString(line)
			continue
		}
		if err := flush(); err != nil {
			return m, err
		}
		m.parts = append(m.parts, part{insert: name})
	}
	return m, flush()
}
