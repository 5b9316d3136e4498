package web

import (
	"bytes"
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"xiaozhi-switchboard/web/ui"
)

// piece is one fragment of a page that a stream can replace.
type piece struct {
	id string
	// rev is the revision at which the piece last changed.
	rev uint64
	// mark changes when the piece does: its bytes, or, for a container, which
	// children it has.
	mark string
	html string
	// body renders the piece; nil for a container.
	body templ.Component
	// whole renders a container with all it holds; nil for others.
	whole templ.Component
	// in is the container that the piece is part of; empty when there is none.
	in string
}

// edition is everything a page shows in one language at one revision. It is
// immutable.
type edition struct {
	rev     uint64
	problem *ui.Problem
	screen  screen
	pieces  []piece
	// gone: what the page was about is no more.
	gone bool
	// before is the revision that streams were told of last, and step what changed since
	// then, as data of an event: the same for nearly all tabs of a page.
	before uint64
	step   []byte
}

// board makes editions of one view. It belongs to the pump's goroutine.
type board struct {
	page     page
	args     url.Values
	painter  painter
	watchers int
	asked    time.Time // last
	rung     uint64    // the revision that streams were told of
	current  *edition
	marks    map[string]piece
}

func newBoard(p page, args url.Values, painter painter) *board {
	painter.here = p.address(args)
	return &board{page: p, args: args, painter: painter, current: &edition{}}
}

// refresh makes a new edition if the snapshot shows anything new, and reports
// whether it did. Next returns the next revision; revisions of all boards are taken
// from one row, so that a board that was thrown away and made again is newer than
// what a page got from the first one.
func (b *board) refresh(ctx context.Context, s snapshot, next func() uint64) (bool, error) {
	shown, ok := b.page.paint(b.painter, s, b.args)
	if !ok {
		if b.current.gone {
			return false, nil
		}
		b.current, b.marks = &edition{rev: next(), gone: true}, nil
		return true, nil
	}
	problem := b.painter.problem(s)
	pieces := append([]piece{{id: "problem", body: ui.ConfigProblem(problem, b.painter.words.Say)}}, shown.pieces...)
	if err := render(ctx, pieces); err != nil {
		return false, err
	}
	changed := b.marks == nil || len(pieces) != len(b.marks)
	for i := range pieces {
		old, ok := b.marks[pieces[i].id]
		if pieces[i].rev = old.rev; !ok || old.mark != pieces[i].mark {
			pieces[i].rev, changed = 0, true
		}
	}
	if !changed {
		return false, nil
	}
	rev := next()
	b.marks = make(map[string]piece, len(pieces))
	for i := range pieces {
		if pieces[i].rev == 0 {
			pieces[i].rev = rev
		}
		b.marks[pieces[i].id] = pieces[i]
	}
	b.current = &edition{rev: rev, problem: problem, screen: shown, pieces: pieces}
	return true, nil
}

// tell readies the current edition for the streams, and reports whether it is news to them.
func (b *board) tell(ctx context.Context) bool {
	before := b.rung
	if b.current.rev == before {
		return false
	}
	b.rung = b.current.rev
	if b.watchers == 0 || b.current.gone {
		return true
	}
	if html, err := b.current.since(ctx, before); err == nil { // else each stream meets the error by itself
		told := *b.current // those who have the old one keep it as it is
		told.before, told.step = before, eventData(html)
		b.current = &told
	}
	return true
}

// news is what a page that has a revision lacks, as data of an event.
func (e *edition) news(ctx context.Context, has uint64) ([]byte, error) {
	if e.step != nil && has == e.before {
		return e.step, nil
	}
	html, err := e.since(ctx, has)
	return eventData(html), err
}

// render writes out every piece that is no container.
func render(ctx context.Context, pieces []piece) error {
	var buffer bytes.Buffer
	for i := range pieces {
		p := &pieces[i]
		if p.body == nil {
			continue
		}
		buffer.Reset()
		if err := p.body.Render(ctx, &buffer); err != nil {
			return err
		}
		p.html, p.body = buffer.String(), nil
		p.mark = p.html
	}
	return nil
}

// since writes what changed after a revision, as htmx partials. A container
// brings its children along.
func (e *edition) since(ctx context.Context, rev uint64) (string, error) {
	fresh := map[string]bool{}
	var b strings.Builder
	for _, p := range e.pieces {
		if p.rev <= rev || fresh[p.in] {
			continue
		}
		fresh[p.id] = p.whole != nil
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
