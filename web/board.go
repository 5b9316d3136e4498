package web

import (
	"bytes"
	"context"
	"strings"

	"github.com/a-h/templ"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/web/ui"
)

// piece is one fragment of the overview that a stream can replace.
type piece struct {
	id string
	// rev is the revision at which the piece last changed.
	rev uint64
	// mark changes when the piece does: its bytes, or, for a container, which
	// children it has.
	mark string
	html string
	// whole renders a container with all it holds; nil for others.
	whole templ.Component
	// in is the container that the piece is part of; empty when there is none.
	in string
}

// edition is everything a page shows in one language at one revision. It is
// immutable.
type edition struct {
	rev    uint64
	view   ui.Overview
	pieces []piece
}

// board makes editions in one language. It belongs to the pump's goroutine.
type board struct {
	painter  painter
	watchers int
	rung     uint64 // the revision that streams were told of
	current  *edition
	marks    map[string]piece
}

func newBoard(p painter) *board {
	return &board{painter: p, current: &edition{}}
}

// refresh makes a new edition if the snapshot shows anything new, and reports
// whether it did.
func (b *board) refresh(ctx context.Context, s snapshot) (bool, error) {
	view := b.painter.overview(s)
	pieces, err := piecesOf(ctx, view, b.painter.words)
	if err != nil {
		return false, err
	}
	rev, changed := b.current.rev+1, len(pieces) != len(b.marks)
	marks := make(map[string]piece, len(pieces))
	for i := range pieces {
		p := &pieces[i]
		p.rev = rev
		if old, ok := b.marks[p.id]; ok && old.mark == p.mark {
			p.rev = old.rev
		} else {
			changed = true
		}
		marks[p.id] = *p
	}
	if !changed {
		return false, nil
	}
	b.current, b.marks = &edition{rev: rev, view: view, pieces: pieces}, marks
	return true, nil
}

// piecesOf renders every fragment of the overview, containers before their children.
func piecesOf(ctx context.Context, o ui.Overview, words *assets.Translator) ([]piece, error) {
	var (
		pieces []piece
		buffer bytes.Buffer
		failed error
	)
	add := func(id, in string, c templ.Component) {
		buffer.Reset()
		if err := c.Render(ctx, &buffer); err != nil && failed == nil {
			failed = err
		}
		html := buffer.String()
		pieces = append(pieces, piece{id: id, in: in, mark: html, html: html})
	}
	add("problem", "", ui.ConfigProblem(o.Problem, words.Say))
	add("summary", "", ui.Summary(o.Figures, words.Say))
	add("alerts", "", ui.Alerts(o.Alerts, words.Say))

	ids := []string{o.ConfigPath}
	for _, l := range o.Links {
		ids = append(ids, l.ID)
	}
	pieces = append(pieces, piece{id: "links", mark: strings.Join(ids, "\n"), whole: ui.Links(o.Links, o.ConfigPath, words.Say)})
	for _, l := range o.Links {
		add("link-"+l.ID, "links", ui.LinkCard(l, words.Say))
	}

	ids = ids[:0]
	for _, s := range o.Servers {
		ids = append(ids, s.ID)
	}
	pieces = append(pieces, piece{id: "servers", mark: strings.Join(ids, "\n"), whole: ui.Servers(o.Servers, words.Say)})
	for _, s := range o.Servers {
		add("server-"+s.ID, "servers", ui.ServerRow(s, words.Say))
	}
	add("tools", "", ui.Tools(o.Tools, o.ToolTotal, words.Say))
	return pieces, failed
}

// since writes what changed after a revision, as htmx partials. A container
// brings its children along.
func (e *edition) since(ctx context.Context, rev uint64) (string, error) {
	fresh := map[string]bool{}
	return e.partials(ctx, func(p piece) bool {
		if p.rev <= rev || fresh[p.in] {
			return false
		}
		fresh[p.id] = p.whole != nil
		return true
	})
}

// only writes the pieces with these ids, as htmx partials.
func (e *edition) only(ctx context.Context, ids ...string) (string, error) {
	return e.partials(ctx, func(p piece) bool {
		for _, id := range ids {
			if p.id == id {
				return true
			}
		}
		return false
	})
}

func (e *edition) partials(ctx context.Context, pick func(piece) bool) (string, error) {
	var b strings.Builder
	for _, p := range e.pieces {
		if !pick(p) {
			continue
		}
		b.WriteString(`<hx-partial hx-target="#` + templ.EscapeString(p.id) + `" hx-swap="outerMorph">`)
		if p.whole == nil {
			b.WriteString(p.html)
		} else if err := p.whole.Render(ctx, &b); err != nil {
			return "", err
		}
		b.WriteString("</hx-partial>")
	}
	return b.String(), nil
}
