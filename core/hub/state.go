package hub

import (
	"fmt"
	"time"
)

// State is where a server is in its life.
//
//	Disabled ─ enable ─► Starting ── handshake and list done ──► Ready
//	                      ▲   │ error                             │ died
//	           time is up │   ▼                                   ▼
//	                     Waiting ◄─────────────────────────────────
//	Starting ── command not found, refused, cannot work as configured ──► Failed ── 5 min, Restart ─► Starting
type State uint8

const (
	// StateDisabled is a server switched off by the user.
	StateDisabled State = iota
	// StateStarting is a server being started, up to Options.StartTimeout.
	StateStarting
	// StateReady is a server that answers.
	StateReady
	// StateWaiting is a server that will be started again by the retry policy.
	StateWaiting
	// StateFailed is a server that a person must do something about. It is tried
	// again every five minutes.
	StateFailed
	// StateStopped is a server of a closed hub.
	StateStopped
)

var stateNames = [...]string{"disabled", "starting", "ready", "waiting", "failed", "stopped"}

// String returns the name in lower case.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// MarshalText returns what String does.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// ServerStatus is a snapshot of one server.
type ServerStatus struct {
	Name  string
	Kind  Kind
	Group string
	State State
	Since time.Time // when State was entered
	// PID is the process of a stdio server; 0 when there is none.
	PID int
	// Tools counts the tools the server listed, disabled ones included.
	Tools int
	// Restarts counts the sessions begun after the first.
	Restarts int
	// Stray counts lines and messages that were not understood and ignored, over
	// all sessions.
	Stray int64
	// Problem is the last failure; nil when there was none since the server was
	// last ready.
	Problem *Problem
	// NextRetry is when a waiting or failed server is started again.
	NextRetry time.Time
	// Stderr holds the last lines of a stdio server's standard error, scrubbed.
	Stderr []string
	// Title and Version are how the server introduced itself.
	Title, Version string
	// Note says what was left out of the server's list; empty when nothing was.
	Note string
}
