package balance

import (
	"fmt"
	"time"
)

// Rules of the circuit breaker.
const (
	// breakAfter failures in a row take a source out.
	breakAfter = 3
	// breakFirst is for how long, the first time; it doubles with each trial that
	// fails, up to breakMost.
	breakFirst = 5 * time.Second
	breakMost  = time.Minute
)

// BreakerState is where a circuit breaker is.
//
//	Closed ── three failures in a row ─► Open ── its time is over ─► HalfOpen
//	  ▲                                   ▲                             │
//	  │                                   └────── the trial failed ─────┤
//	  └────────────────────────────────────────── the trial went well ──┘
type BreakerState uint8

const (
	// Closed lets everything through.
	Closed BreakerState = iota
	// Open lets nothing through until its time is over.
	Open
	// HalfOpen lets one call through, to see how it fares.
	HalfOpen
)

var breakerNames = [...]string{"closed", "open", "half-open"}

// String returns the lower-case name.
func (s BreakerState) String() string {
	if int(s) < len(breakerNames) {
		return breakerNames[s]
	}
	return fmt.Sprintf("breaker(%d)", uint8(s))
}

// MarshalText returns the name.
func (s BreakerState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// breaker takes a source out of the choice while it keeps failing. Its zero value
// is closed. It is changed under the lock of its set.
type breaker struct {
	until    int64 // when an open one may be tried again, by the clock of its set; 0 while closed
	failures int   // in a row
	opened   int   // times in a row
	trying   int64 // when a trial began, likewise; 0 when none runs
}

// allows reports whether a call may go through at now, by the clock of its set.
func (b *breaker) allows(now int64) bool {
	if b.until == 0 {
		return true
	}
	// A trial that nobody ended is forgotten after as long as the longest wait.
	return now >= b.until && (b.trying == 0 || now-b.trying > int64(breakMost))
}

// begin notes that a call goes through.
func (b *breaker) begin(now int64) {
	if b.until != 0 {
		b.trying = now
	}
}

// abandon notes that a call came to nothing that says how the source fares.
func (b *breaker) abandon() { b.trying = 0 }

// succeed notes that a call went well, and reports whether that closed an open breaker.
func (b *breaker) succeed() (closed bool) {
	closed = b.until != 0
	b.failures, b.opened, b.trying, b.until = 0, 0, 0, 0
	return closed
}

// fail notes that a call failed, and reports whether that opened it.
func (b *breaker) fail(now int64) (opened bool) {
	b.failures++
	tried := b.trying != 0
	b.trying = 0
	switch {
	case tried, b.until == 0 && b.failures >= breakAfter:
		b.open(now)
		return true
	}
	return false
}

func (b *breaker) open(now int64) {
	wait := breakMost
	if b.opened < 4 { // 5, 10, 20, 40 s
		wait = breakFirst << b.opened
	}
	b.opened++
	b.until = now + int64(wait)
}

// state returns where the breaker is at now, and for how long it is open still.
func (b *breaker) state(now int64) (BreakerState, time.Duration) {
	switch {
	case b.until == 0:
		return Closed, 0
	case now < b.until:
		return Open, time.Duration(b.until - now)
	default:
		return HalfOpen, 0
	}
}
