package journal

import "time"

// Caller says who called a tool.
type Caller uint8

const (
	// ByEndpoint is an endpoint, for a device.
	ByEndpoint Caller = iota
	// ByClient is an MCP client of this computer, at /mcp.
	ByClient
	// ByPage is a person who tries the tool, or a program that uses the API.
	ByPage
)

var callerNames = [...]string{"endpoint", "mcp", "api"}

// String returns the lower-case name: endpoint, mcp or api.
func (c Caller) String() string { return name(callerNames[:], "caller", int(c)) }

// MarshalText returns the name.
func (c Caller) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Outcome says how a call ended, as its caller saw it.
type Outcome uint8

const (
	// OK is a result.
	OK Outcome = iota
	// ToolError is an answer of the tool or its server that says no.
	ToolError
	// Failed is no answer: there is no such tool, or its source is away or was lost.
	Failed
	// Late is no answer in time. The call may have gone on.
	Late
	// Cut is a caller that went away before the answer.
	Cut
)

var outcomeNames = [...]string{"ok", "tool_error", "failed", "late", "cut"}

// String returns the lower-case name, such as "tool_error".
func (o Outcome) String() string { return name(outcomeNames[:], "outcome", int(o)) }

// MarshalText returns the name.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Level says how bad that is.
func (o Outcome) Level() Level {
	switch o {
	case OK:
		return Good
	case Failed:
		return Error
	case Cut:
		return Info
	}
	return Warning
}

// Call is one call of a tool that ended.
type Call struct {
	// Seq counts the calls from 1; the journal sets it.
	Seq uint64
	// At is when it began.
	At     time.Time
	Caller Caller
	// Endpoint is the ID of the endpoint that called; empty for other callers.
	Endpoint string
	// Tool is its public name, and Source the server, or the endpoint, that had it last.
	Tool, Source string
	// Took is how long its caller waited.
	Took    time.Duration
	Outcome Outcome
	// BytesIn is the size of the arguments, BytesOut that of what was answered.
	BytesIn, BytesOut int
}

func (c *Call) size() int { return callSize + len(c.Endpoint) + len(c.Tool) + len(c.Source) }

// Move is one call that was given to another source.
type Move struct {
	// Seq counts the moves from 1; the journal sets it.
	Seq uint64
	At  time.Time
	// Tool is the tool's name.
	Tool string
	// From and To are the servers; or the IDs of the endpoints, if Links.
	From, To string
	Links    bool
	// Why is a code for why it could be moved.
	Why string
	// Took is how long it was from the loss of the first until the next had it.
	Took time.Duration
}

func (m *Move) size() int { return moveSize + len(m.Tool) + len(m.From) + len(m.To) + len(m.Why) }
