package balance

import (
	"fmt"
	"time"
)

// movesKept bounds Stats.Moves.
const movesKept = 100

// Reason says why a call could be given to another source.
type Reason uint8

const (
	// Unsent: the call never reached its first source.
	Unsent Reason = iota
	// Safe: the source went away before it answered, and the tool may be called twice.
	Safe
)

var reasonNames = [...]string{"unsent", "safe"}

// String returns the lower-case name.
func (r Reason) String() string {
	if int(r) < len(reasonNames) {
		return reasonNames[r]
	}
	return fmt.Sprintf("reason(%d)", uint8(r))
}

// MarshalText returns the name.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// May reports whether a call that its source did not answer may be given to another, and
// why. Nothing that is not safe is ever sent twice.
func May(unsent, safe bool) (Reason, bool) {
	if unsent {
		return Unsent, true
	}
	return Safe, safe
}

// Move is one call that was given to another source.
type Move struct {
	At       time.Time
	Tool     string
	From, To string // IDs of members
	Why      Reason
	// Took is how long it was from the loss of the first source until the next had the call.
	Took time.Duration
}

// Moved counts a call of a tool that was taken from one source and given to another, and
// remembers it for Stats. Seen is when it was seen that the first would not answer.
func (s *Set) Moved(tool string, from, to *Member, why Reason, seen time.Time) {
	now := time.Now()
	m := Move{At: now, Tool: tool, From: from.ID, To: to.ID, Why: why, Took: now.Sub(seen)}
	s.mu.Lock()
	from.moved++
	if len(s.moves) == movesKept {
		copy(s.moves, s.moves[1:])
		s.moves = s.moves[:movesKept-1]
	}
	s.moves = append(s.moves, m)
	s.mu.Unlock()
	if s.onMove != nil {
		s.onMove(m)
	}
}
