package ui

import "fmt"

// Level is how well something is, as one look should tell. Each has a shape and
// a colour, and is never shown without a word.
type Level uint8

const (
	// Up is as it should be: a filled circle.
	Up Level = iota
	// Slow works, but worse than it should: a triangle.
	Slow
	// Down does not work: a square.
	Down
	// Paused is at rest by somebody's wish, which is not a failure: a ring.
	Paused
	// Connecting is on its way: a dashed ring.
	Connecting
)

var levelNames = [...]string{"up", "slow", "down", "paused", "connecting"}

// String returns the lower-case name, which styles and shapes go by.
func (l Level) String() string {
	if int(l) < len(levelNames) {
		return levelNames[l]
	}
	return fmt.Sprintf("level(%d)", uint8(l))
}

// MarshalText returns the name.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }
