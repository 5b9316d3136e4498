package journal

import (
	"sync"
	"time"
	"unsafe"

	"xiaozhi-switchboard/core/nudge"
)

// Defaults of Options.
const (
	DefaultEvents = 1000
	DefaultCalls  = 1000
	DefaultMoves  = 200
	DefaultBytes  = 512 << 10
)

// Options bounds what a Journal remembers. A zero field means its default, and so does a
// negative one.
type Options struct {
	// Events, Calls and Moves are how many of each are kept: 1000, 1000 and 200.
	Events, Calls, Moves int
	// Bytes is about how much memory each of the three takes at most. Default 512 KiB. One
	// that is larger by itself is kept alone.
	Bytes int
}

const (
	eventSize = int(unsafe.Sizeof(Event{}))
	callSize  = int(unsafe.Sizeof(Call{}))
	moveSize  = int(unsafe.Sizeof(Move{}))
)

// Journal remembers. All methods are safe for concurrent use and return at once.
type Journal struct {
	bell nudge.Bell

	mu     sync.Mutex
	rung   bool // since somebody read
	events ring[Event, *Event]
	calls  ring[Call, *Call]
	moves  ring[Move, *Move]
}

// New returns an empty Journal, which needs no end. Nil means the defaults.
func New(opts *Options) *Journal {
	var o Options
	if opts != nil {
		o = *opts
	}
	or := func(v, otherwise int) int {
		if v > 0 {
			return v
		}
		return otherwise
	}
	j, bytes := &Journal{}, or(o.Bytes, DefaultBytes)
	j.events.most, j.events.bytes = or(o.Events, DefaultEvents), bytes
	j.calls.most, j.calls.bytes = or(o.Calls, DefaultCalls), bytes
	j.moves.most, j.moves.bytes = or(o.Moves, DefaultMoves), bytes
	j.calls.grow() // the first call is not to wait for that
	return j
}

// NoteEvent remembers an event.
func (j *Journal) NoteEvent(e Event) {
	if e.At.IsZero() {
		e.At = time.Now()
	}
	j.mu.Lock()
	e.Seq = j.events.last + 1
	j.events.put(e, e.size())
	j.ringUnlock()
}

// NoteCall remembers a call. It allocates nothing once the journal is full.
func (j *Journal) NoteCall(c Call) {
	j.mu.Lock()
	c.Seq = j.calls.last + 1
	j.calls.put(c, c.size())
	j.ringUnlock()
}

// NoteMove remembers a move.
func (j *Journal) NoteMove(m Move) {
	j.mu.Lock()
	m.Seq = j.moves.last + 1
	j.moves.put(m, m.size())
	j.ringUnlock()
}

// ringUnlock gives the lock back, and nudges once until somebody reads again: where
// nobody looks, calls wake nobody.
func (j *Journal) ringUnlock() {
	ring := !j.rung
	j.rung = true
	j.mu.Unlock()
	if ring {
		j.bell.Ring()
	}
}

// Events returns the events with numbers over after and under before, the newest first; a
// before of 0 is no bound. The slice is the caller's.
func (j *Journal) Events(after, before uint64) []Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.rung = false
	return j.events.between(after, before)
}

// Calls returns calls as Events does events.
func (j *Journal) Calls(after, before uint64) []Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.rung = false
	return j.calls.between(after, before)
}

// Moves returns moves as Events does events.
func (j *Journal) Moves(after, before uint64) []Move {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.rung = false
	return j.moves.between(after, before)
}

// Subscribe returns a channel that gets a nudge when there is something new, and then not
// again before somebody has read. The function ends the subscription and may be called
// again. The channel is never closed.
func (j *Journal) Subscribe() (<-chan struct{}, func()) { return j.bell.Subscribe() }
