package endpoint

import (
	"context"
	"errors"
	"fmt"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/core/session"
)

// Missing says why the tools behind a connected endpoint in the call role cannot be called.
type Missing uint8

const (
	// MissingNothing: they can be called, as far as is known.
	MissingNothing Missing = iota
	// MissingToolSide: a relay says that no tool side is connected to it.
	MissingToolSide
	// MissingAnswer: the endpoint does not answer what it is asked.
	MissingAnswer
	// MissingLoop: the address leads back to this program, whose own tools it offers.
	MissingLoop
	// MissingList: the endpoint answers, and not with a list of tools.
	MissingList
)

var missingNames = [...]string{"", "toolside", "answer", "loop", "list"}

// String returns the lower-case name; MissingNothing is empty.
func (m Missing) String() string {
	if int(m) < len(missingNames) {
		return missingNames[m]
	}
	return fmt.Sprintf("missing(%d)", uint8(m))
}

// MarshalText returns the name.
func (m Missing) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// loopsBack is the sentence of MissingLoop.
const loopsBack = "this address leads back to this program: what it offers are our own tools"

// missingFrom is why no list could be had, with a sentence about it.
func missingFrom(err error) (Missing, string) {
	var no *rpc.Error
	if away, _ := notForwarded(err); away {
		return MissingToolSide, "no tool side is connected to the relay"
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return MissingAnswer, "the tools behind the endpoint do not answer"
	case errors.As(err, &no):
		return MissingList, fmt.Sprintf("the endpoint says: %s", secret.Text(session.Cut(no.Message, 200)))
	}
	return MissingList, secret.Text(session.Cut(err.Error(), 200))
}
