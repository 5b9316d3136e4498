package app

import (
	"context"
	"sync"
	"time"

	"xiaozhi-switchboard/core/endpoint"
)

// wallClockEvery is how often a pause looks at the clock on the wall: a timer stands
// still while the computer sleeps.
const wallClockEvery = 30 * time.Second

// morning is the hour at which a pause until tomorrow ends.
const morning = 6

// pausable is what a pauser needs of the links. *endpoint.Manager is one.
type pausable interface {
	Status() []endpoint.Status
	Pause(id string) error
	Resume(id string) error
}

// pauser pauses all links at once, for good or for a time, and ends the pauses that it
// made and no others. It survives nothing: after a restart nothing is paused by it.
// All methods are safe for concurrent use.
type pauser struct {
	links pausable
	rang  chan struct{} // a nudge: the end has moved

	mu     sync.Mutex
	paused map[string]bool // by ID; nil when there is no pause
	until  time.Time       // zero without an end
}

func newPauser(links pausable) *pauser {
	return &pauser{links: links, rang: make(chan struct{}, 1)}
}

// pauseEnd is when a pause that begins now ends; zero when it has no end.
func pauseEnd(target string, now time.Time) time.Time {
	switch target {
	case pauseFiveMinutes:
		return now.Add(5 * time.Minute)
	case pauseHour:
		return now.Add(time.Hour)
	case pauseUntilTomorrow:
		year, month, day := now.Date()
		return time.Date(year, month, day+1, morning, 0, 0, 0, now.Location())
	}
	return time.Time{}
}

// pause pauses every link that is not; the new end holds for those paused before, too.
// A zero end means that only resume ends it.
func (p *pauser) pause(until time.Time) {
	var awake []string
	for _, s := range p.links.Status() {
		if s.State != endpoint.Paused {
			awake = append(awake, s.ID)
		}
	}
	p.mu.Lock()
	if p.paused == nil {
		p.paused = make(map[string]bool)
	}
	for _, id := range awake {
		p.paused[id] = true
	}
	p.until = until.Round(0) // the wall clock counts, see wallClockEvery
	p.mu.Unlock()
	for _, id := range awake {
		p.links.Pause(id) // one that has gone meanwhile needs no pause
	}
	p.ring()
}

// resume ends the pause.
func (p *pauser) resume() {
	p.mu.Lock()
	ids := p.paused
	p.paused, p.until = nil, time.Time{}
	p.mu.Unlock()
	for id := range ids {
		p.links.Resume(id) // one that has gone meanwhile needs no end of it
	}
	p.ring()
}

func (p *pauser) ring() {
	select {
	case p.rang <- struct{}{}:
	default: // a nudge is waiting already
	}
}

// state reports whether there is a pause and when it ends.
func (p *pauser) state() (pausing bool, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.paused != nil, p.until
}

// run ends pauses in time until ctx ends. Ended is called after each.
func (p *pauser) run(ctx context.Context, ended func()) {
	timer := time.NewTimer(wallClockEvery)
	defer timer.Stop()
	for {
		wait := wallClockEvery
		if _, until := p.state(); !until.IsZero() {
			left := until.Sub(time.Now().Round(0))
			if left <= 0 {
				p.resume()
				ended()
			}
			wait = min(wait, max(left, 0)+time.Millisecond)
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return
		case <-p.rang:
		case <-timer.C:
		}
	}
}
