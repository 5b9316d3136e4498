package app

import (
	"context"
	"sync"
	"time"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/core/endpoint"
)

// lookAtClocks is how often a pause looks at the clocks: a timer stands still while the
// computer sleeps, and people set the one on the wall.
const lookAtClocks = 30 * time.Second

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
	links  pausable
	passed func() time.Duration // desktop.Passed, unless a test plays the computer
	rang   chan struct{}        // a nudge: the end has moved

	mu     sync.Mutex
	paused map[string]bool // by ID; nil when there is no pause
	end    pauseEnd
	shown  time.Time // what people were told about the end
}

func newPauser(links pausable) *pauser {
	return &pauser{links: links, passed: desktop.Passed, rang: make(chan struct{}, 1)}
}

// pauseEnd is when a pause ends. Its zero value means that it has no end.
//
// A pause for some minutes goes by the time that passed, and so lasts neither longer nor
// shorter when somebody sets the clock. One until tomorrow goes by the clock on the
// wall, but no longer than it was meant to.
type pauseEnd struct {
	passed time.Duration // by desktop.Passed
	wall   time.Time     // zero when the clock on the wall does not count
}

// endOf is when a pause that begins now ends.
func endOf(target string, now time.Time, passed time.Duration) pauseEnd {
	switch target {
	case pauseFiveMinutes:
		return pauseEnd{passed: passed + 5*time.Minute}
	case pauseHour:
		return pauseEnd{passed: passed + time.Hour}
	case pauseUntilTomorrow:
		year, month, day := now.Date()
		wall := time.Date(year, month, day+1, morning, 0, 0, 0, now.Location())
		return pauseEnd{passed: passed + wall.Sub(now), wall: wall}
	}
	return pauseEnd{}
}

// left is how long it still is until the end; ends is false when there is none.
func (e pauseEnd) left(now time.Time, passed time.Duration) (left time.Duration, ends bool) {
	if e == (pauseEnd{}) {
		return 0, false
	}
	left = e.passed - passed
	if !e.wall.IsZero() {
		left = min(left, e.wall.Sub(now)) // it has no reading of the time that passed
	}
	return max(left, 0), true
}

// until is the end on the clock on the wall as it is set now. An earlier answer stays
// while it is right, since no two clocks are read in the same moment.
func (e pauseEnd) until(now time.Time, passed time.Duration, before time.Time) time.Time {
	left, ends := e.left(now, passed)
	if !ends {
		return time.Time{}
	}
	until := now.Round(0).Add(left)
	if until.Sub(before).Abs() < 2*time.Second {
		return before
	}
	return until
}

// pause pauses every link that is not, until what the target names; the new end holds
// for those paused before, too. One for good is ended by resume alone.
func (p *pauser) pause(target string) {
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
	now, passed := time.Now(), p.passed()
	p.end = endOf(target, now, passed)
	p.shown = p.end.until(now, passed, p.end.wall)
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
	p.paused, p.end = nil, pauseEnd{}
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

// state reports whether there is a pause and when it ends; zero when it has no end.
func (p *pauser) state() (pausing bool, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shown = p.end.until(time.Now(), p.passed(), p.shown)
	return p.paused != nil, p.shown
}

// left is how long the pause lasts; ends is false when it has no end, or there is none.
func (p *pauser) left() (left time.Duration, ends bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.end.left(time.Now(), p.passed())
}

// run ends pauses in time until ctx ends. Ended is called after each.
func (p *pauser) run(ctx context.Context, ended func()) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		timer.Stop()
		if left, ends := p.left(); ends {
			if left == 0 {
				p.resume()
				ended()
				continue
			}
			timer.Reset(min(lookAtClocks, left+time.Millisecond))
		}
		select {
		case <-ctx.Done():
			return
		case <-p.rang:
		case <-timer.C:
		}
	}
}
