package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"slices"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/nudge"
	"xiaozhi-switchboard/core/secret"
)

const (
	// pumpGap is the least time between two updates of open pages, times
	// Options.Stretch.
	pumpGap = 500 * time.Millisecond
	// pumpIdle, times Options.Stretch, is how often pages are updated without a nudge:
	// nobody nudges about a counter that went up.
	pumpIdle = 2 * time.Second
)

// errClosed reports that the server was closed.
var errClosed = errors.New("dashboard is closed")

// boardsKept is how many views are remembered that nobody follows.
const boardsKept = 32

// errNoPage reports a view of a page that does not exist.
var errNoPage = errors.New("there is no such page")

// ask wants the current edition of a view. Watch is +1 when a stream starts to
// follow it and -1 when one stops.
type ask struct {
	view  view
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
	deps    *Deps
	look    func() snapshot // what is true now; may panic as the dependencies may
	pages   map[string]page
	zone    *time.Location
	log     *slog.Logger
	stretch func() float64 // of pumpGap and pumpIdle; nil means 1
	asks    chan ask
	done    chan struct{} // closed when the loop has ended
	rev     uint64        // the last revision of any board; of the loop
	bell    nudge.Bell    // rings when some edition is new
}

func newPump(deps *Deps, look func() snapshot, pages []page, zone *time.Location, log *slog.Logger) *pump {
	p := &pump{deps: deps, look: look, pages: map[string]page{}, zone: zone, log: log, asks: make(chan ask), done: make(chan struct{})}
	for _, page := range pages {
		p.pages[page.name] = page
	}
	return p
}

// run is the loop; it ends with ctx.
func (p *pump) run(ctx context.Context) {
	defer close(p.done)
	var sources [5]<-chan struct{}
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

	if d := p.deps.Log; d != nil {
		defer subscribe(3, d.Subscribe)()
	}
	if d := p.deps.Journal; d != nil {
		defer subscribe(4, d.Subscribe)()
	}

	boards := map[view]*board{}
	watched := func(pages ...string) bool {
		for v, b := range boards {
			if b.watchers > 0 && (pages == nil || slices.Contains(pages, v.page)) {
				return true
			}
		}
		return false
	}
	timer := time.NewTimer(p.spaced(pumpIdle))
	defer timer.Stop()
	var last time.Time // of the last update of open pages
	nudged := func() {
		if watched() { // else nobody is woken for it
			timer.Reset(max(0, time.Until(last.Add(p.spaced(pumpGap)))))
		}
	}

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
		case <-sources[3]:
			if watched("log") { // no other page shows what is logged
				nudged()
			}
		case <-sources[4]:
			nudged()
		case a := <-p.asks:
			b, err := p.board(boards, a.view)
			if err != nil {
				if a.reply != nil {
					a.reply <- answer{nil, err}
				}
				break
			}
			b.watchers += a.watch
			if a.reply == nil {
				break
			}
			if a.stale {
				a.reply <- answer{b.current, nil}
				break
			}
			changed, err := p.refresh(ctx, b, nil)
			a.reply <- answer{b.current, err}
			if changed || a.watch > 0 {
				nudged() // other pages should see it too
			}
		case <-timer.C:
			if !watched() {
				break // until somebody asks
			}
			last = time.Now()
			timer.Reset(p.spaced(pumpIdle))
			ring := false
			var now *snapshot // one look for all
			for _, b := range boards {
				if b.watchers > 0 {
					p.refresh(ctx, b, &now)
				}
				ring = b.tell(ctx) || ring
			}
			if ring {
				p.bell.Ring()
			}
		}
	}
}

// spaced is a time between two updates, longer while the processors are busy.
func (p *pump) spaced(d time.Duration) time.Duration {
	if p.stretch == nil {
		return d
	}
	return time.Duration(float64(d) * max(1, p.stretch()))
}

// board returns the board of a view, and makes it if there is none yet.
func (p *pump) board(boards map[view]*board, v view) (*board, error) {
	b := boards[v]
	if b == nil {
		page, ok := p.pages[v.page]
		args, err := url.ParseQuery(v.args)
		if !ok || err != nil {
			return nil, errNoPage
		}
		forget(boards)
		b = newBoard(page, args, painter{words: assets.Words(v.lang), zone: p.zone})
		boards[v] = b
	}
	b.asked = time.Now()
	return b, nil
}

// forget makes room by dropping the view that nobody follows and that was asked for
// longest ago. Those that are followed are bounded by the number of streams.
func forget(boards map[view]*board) {
	var oldest view
	idle := 0
	for v, b := range boards {
		if b.watchers > 0 {
			continue
		}
		if idle++; idle == 1 || b.asked.Before(boards[oldest].asked) {
			oldest = v
		}
	}
	if idle >= boardsKept {
		delete(boards, oldest)
	}
}

// refresh brings a board up to date. Now, if not nil, holds the snapshot to go by, and
// receives one when it is empty. A dependency that panics must not end the loop.
func (p *pump) refresh(ctx context.Context, b *board, now **snapshot) (changed bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("render %s: panic: %s", b.page.name, secret.Text(fmt.Sprint(r)))
			p.log.Error("panic while rendering", "panic", secret.Text(fmt.Sprint(r)), "stack", string(debug.Stack()))
		}
	}()
	if now == nil {
		now = new(*snapshot)
	}
	if *now == nil {
		s := p.look()
		*now = &s
	}
	changed, err = b.refresh(ctx, **now, func() uint64 { p.rev++; return p.rev })
	if err != nil {
		p.log.Error("page cannot be rendered", "page", b.page.name, "error", err)
	}
	return changed, err
}

// edition returns a view, up to date.
func (p *pump) edition(ctx context.Context, v view) (*edition, error) {
	return p.ask(ctx, ask{view: v, reply: make(chan answer, 1)})
}

// latest returns a view as of the last ring of the bell, without rendering it anew.
func (p *pump) latest(ctx context.Context, v view) (*edition, error) {
	return p.ask(ctx, ask{view: v, stale: true, reply: make(chan answer, 1)})
}

// watch is edition, and keeps the view up to date until stop is called, which
// must happen once, error or not.
func (p *pump) watch(ctx context.Context, v view) (e *edition, stop func(), err error) {
	e, err = p.ask(ctx, ask{view: v, watch: 1, reply: make(chan answer, 1)})
	if err != nil && e == nil {
		return nil, func() {}, err // the loop did not take it
	}
	return e, func() {
		select {
		case p.asks <- ask{view: v, watch: -1}:
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
