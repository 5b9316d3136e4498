package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/nudge"
	"xiaozhi-switchboard/core/secret"
)

const (
	// pumpGap is the least time between two updates of open pages.
	pumpGap = 500 * time.Millisecond
	// pumpIdle is how often pages are updated without a nudge: nobody nudges about
	// a counter that went up.
	pumpIdle = 2 * time.Second
)

// errClosed reports that the server was closed.
var errClosed = errors.New("dashboard is closed")

// ask wants the current edition of a language. Watch is +1 when a stream starts to
// follow it and -1 when one stops.
type ask struct {
	lang  string
	watch int
	stale bool        // what open pages last got will do
	reply chan answer // buffered; nil when nobody waits
}

type answer struct {
	edition *edition
	err     error
}

// pump owns the boards. Its loop is the only one to touch them; pages and streams
// send it an ask.
type pump struct {
	deps *Deps
	zone *time.Location
	log  *slog.Logger
	asks chan ask
	done chan struct{} // closed when the loop has ended
	bell nudge.Bell    // rings when some edition is new
}

func newPump(deps *Deps, zone *time.Location, log *slog.Logger) *pump {
	return &pump{deps: deps, zone: zone, log: log, asks: make(chan ask), done: make(chan struct{})}
}

// run is the loop; it ends with ctx.
func (p *pump) run(ctx context.Context) {
	defer close(p.done)
	var sources [3]<-chan struct{}
	subscribe := func(i int, f func() (<-chan struct{}, func())) func() {
		c, cancel := f()
		sources[i] = c
		return cancel
	}
	if d := p.deps.Links; d != nil {
		defer subscribe(0, d.Subscribe)()
	}
	if d := p.deps.Catalogue; d != nil {
		defer subscribe(1, d.Subscribe)()
	}
	if d := p.deps.Settings; d != nil {
		defer subscribe(2, d.Subscribe)()
	}

	boards := map[string]*board{}
	watched := func() bool {
		for _, b := range boards {
			if b.watchers > 0 {
				return true
			}
		}
		return false
	}
	timer := time.NewTimer(pumpIdle)
	defer timer.Stop()
	var last time.Time // of the last update of open pages
	nudged := func() { timer.Reset(max(0, time.Until(last.Add(pumpGap)))) }

	for {
		select {
		case <-ctx.Done():
			return
		case <-sources[0]:
			nudged()
		case <-sources[1]:
			nudged()
		case <-sources[2]:
			nudged()
		case a := <-p.asks:
			b := boards[a.lang]
			if b == nil {
				b = newBoard(painter{words: assets.Words(a.lang), zone: p.zone})
				boards[a.lang] = b
			}
			b.watchers += a.watch
			if a.reply == nil {
				break
			}
			if a.stale {
				a.reply <- answer{b.current, nil}
				break
			}
			changed, err := p.refresh(ctx, b)
			a.reply <- answer{b.current, err}
			if changed || a.watch > 0 {
				nudged() // other pages should see it too
			}
		case <-timer.C:
			if !watched() {
				break // until somebody asks
			}
			last = time.Now()
			timer.Reset(pumpIdle)
			ring := false
			for _, b := range boards {
				if b.watchers > 0 {
					p.refresh(ctx, b)
				}
				ring = ring || b.current.rev != b.rung
				b.rung = b.current.rev
			}
			if ring {
				p.bell.Ring()
			}
		}
	}
}

// refresh brings a board up to date. A dependency that panics must not end the loop.
func (p *pump) refresh(ctx context.Context, b *board) (changed bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("render overview: panic: %s", secret.Text(fmt.Sprint(r)))
			p.log.Error("panic while rendering", "panic", secret.Text(fmt.Sprint(r)), "stack", string(debug.Stack()))
		}
	}()
	changed, err = b.refresh(ctx, p.deps.snapshot())
	if err != nil {
		p.log.Error("overview cannot be rendered", "error", err)
	}
	return changed, err
}

// edition returns the overview in a language, up to date.
func (p *pump) edition(ctx context.Context, lang string) (*edition, error) {
	return p.ask(ctx, ask{lang: lang, reply: make(chan answer, 1)})
}

// latest returns the overview as of the last ring of the bell, without rendering it anew.
func (p *pump) latest(ctx context.Context, lang string) (*edition, error) {
	return p.ask(ctx, ask{lang: lang, stale: true, reply: make(chan answer, 1)})
}

// watch is edition, and keeps the language up to date until stop is called, which
// must happen once, error or not.
func (p *pump) watch(ctx context.Context, lang string) (e *edition, stop func(), err error) {
	e, err = p.ask(ctx, ask{lang: lang, watch: 1, reply: make(chan answer, 1)})
	if err != nil && e == nil {
		return nil, func() {}, err // the loop did not take it
	}
	return e, func() {
		select {
		case p.asks <- ask{lang: lang, watch: -1}:
		case <-p.done:
		}
	}, err
}

// ask sends an ask and waits for the answer. The edition is nil if the loop did
// not take it.
func (p *pump) ask(ctx context.Context, a ask) (*edition, error) {
	select {
	case p.asks <- a:
	case <-p.done:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	got := <-a.reply // the loop answers what it took before it looks at anything else
	return got.edition, got.err
}
