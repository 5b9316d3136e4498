package endpoint

import "fmt"

// State is where a link is in its life. The transitions are drawn in the
// package documentation and held by TestTransitions.
type State uint8

const (
	// Paused is at rest by the user's wish. It is not a failure.
	Paused State = iota
	// Dialing is waiting for a dial slot, resolving, connecting or upgrading.
	Dialing
	// Open has a socket that is up; nothing was asked of us yet.
	Open
	// Ready has answered a request on its socket.
	Ready
	// Waiting will dial when its retry delay is over.
	Waiting
	// Failed has given up until the user, Wake or FailedRetryInterval says otherwise.
	Failed
)

var stateNames = [...]string{"paused", "dialing", "open", "ready", "waiting", "failed"}

// String returns the lower-case name.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// MarshalText returns the name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Connected reports whether a socket is up: Open or Ready.
func (s State) Connected() bool { return s == Open || s == Ready }

// follows lists, for each state, the states that may come next.
var follows = [...][]State{
	Paused:  {Dialing},
	Dialing: {Open, Waiting, Failed, Paused},
	Open:    {Ready, Waiting, Failed, Paused, Dialing},
	Ready:   {Waiting, Failed, Paused, Dialing},
	Waiting: {Dialing, Failed, Paused},
	Failed:  {Dialing, Paused},
}
