package hub

import (
	"errors"
	"fmt"
	"time"

	"xiaozhi-switchboard/core/rpc"
)

// Outcome says how a call ended, as its caller sees it.
type Outcome uint8

const (
	// OutcomeOK: the tool answered.
	OutcomeOK Outcome = iota
	// OutcomeToolError: the tool or its server answered that it failed.
	OutcomeToolError
	// OutcomeFailed: there was no answer, because there is no such tool or no server
	// that could be asked, or it went away.
	OutcomeFailed
	// OutcomeLate: there was no answer in time. The call may go on.
	OutcomeLate
	// OutcomeCut: the caller went away first.
	OutcomeCut
)

var outcomeNames = [...]string{"ok", "tool_error", "failed", "late", "cut"}

// String returns the lower-case name, such as "tool_error".
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return fmt.Sprintf("outcome(%d)", uint8(o))
}

// CallEnd is a call that has ended for its caller. It says how much went to and fro, and
// nothing of what that was.
type CallEnd struct {
	// Began is when the call came, and Took how long its caller waited.
	Began time.Time
	Took  time.Duration
	// Endpoint is that of CallTool and its kin, and Raw tells CallRaw from the others.
	Endpoint string
	Raw      bool
	// Tool is the tool's public name, or the name that was asked for when there is no such
	// tool.
	Tool string
	// Source is the server that had the call last; of a remote with several sources that did
	// not tell which it chose, its name. Empty when there is no such tool.
	Source  string
	Outcome Outcome
	// BytesIn is the size of the arguments, BytesOut that of what the caller got.
	BytesIn, BytesOut int
}

// tell says that the call has ended for its caller, unless that is a guest.
func (c *ongoing) tell(outcome Outcome, bytes int) {
	f := c.opts.called
	if f == nil || c.guest {
		return
	}
	source := c.entry.server
	if chosen := c.chosen.Load(); chosen != nil {
		source = chosen.server
	} else if c.source != nil && (c.source.remote == nil || len(c.entry.sources) == 1) {
		source = c.source.server
	}
	f(CallEnd{Began: c.began, Took: time.Since(c.began), Endpoint: c.endpoint, Raw: c.raw, Tool: c.entry.public, Source: source,
		Outcome: outcome, BytesIn: c.size, BytesOut: bytes})
}

// toolOutcome is that of a result.
func toolOutcome(isError bool) Outcome {
	if isError {
		return OutcomeToolError
	}
	return OutcomeOK
}

// errorOutcome is that of an error for which wordsFor finds words.
func errorOutcome(err error) Outcome {
	var no *rpc.Error
	if errors.As(err, &no) && !lost(err) {
		return OutcomeToolError
	}
	return OutcomeFailed
}
