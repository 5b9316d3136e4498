package hub

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"time"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/core/session"
)

// CallTool calls the tool that endpoint knows as name and returns the raw result to
// send. Arguments is a raw JSON object, valid JSON, and needed only until CallTool
// returns; anything else counts as an empty object.
//
// The error is an *rpc.Error with CodeInvalidParams for a tool that the endpoint does
// not see, or the error of ctx when that ended first; the server is then told so.
// Everything else that goes wrong is a result that the assistant can say. So is a call
// that outlives Options.ToolTimeout: it keeps running, for up to five minutes, and its
// result is kept for the pending_result tool.
func (h *Hub) CallTool(ctx context.Context, endpoint, name string, arguments []byte) ([]byte, error) {
	return h.StartCall(ctx, endpoint, name, arguments)()
}

// CallRaw is CallTool for callers that are no voice servers, such as editors. The result
// is what the server sent, whatever its size and kind, if it is an object, which every
// result of MCP is. A server's refusal is the *rpc.Error that it sent. Options.ToolTimeout
// does not count: a call may take five minutes; then the server is told that nobody waits,
// and the result says so.
func (h *Hub) CallRaw(ctx context.Context, endpoint, name string, arguments []byte) ([]byte, error) {
	return h.startCall(ctx, caller{endpoint: endpoint, raw: true}, name, arguments)()
}

// StartCall is CallTool in two steps: it begins the call and returns at once, without
// waiting for a server, even one that does not read. Arguments is needed only until
// then. What it returns waits for the result and must be called once.
func (h *Hub) StartCall(ctx context.Context, endpoint, name string, arguments []byte) (wait func() ([]byte, error)) {
	return h.startCall(ctx, caller{endpoint: endpoint}, name, arguments)
}

// caller is who calls a tool.
type caller struct {
	endpoint string
	raw      bool // the result is not for a voice server
	guest    bool // see Guest
}

func (h *Hub) startCall(ctx context.Context, who caller, name string, arguments []byte) (wait func() ([]byte, error)) {
	view := h.shown.Load().of(who.endpoint)
	e := view.tools[name]
	if e == nil {
		if f := h.options().called; f != nil && !who.guest {
			f(CallEnd{Began: time.Now(), Endpoint: who.endpoint, Raw: who.raw, Tool: secret.Text(session.Cut(name, longestName)), Outcome: OutcomeFailed, BytesIn: len(arguments)})
		}
		unknown := &rpc.Error{Code: rpc.CodeInvalidParams, Message: "unknown tool: " + strconv.Quote(session.Cut(name, longestName))}
		return func() ([]byte, error) { return nil, unknown }
	}
	if err := ctx.Err(); err != nil {
		return func() ([]byte, error) { return nil, err }
	}
	if len(arguments) == 0 || arguments[0] != '{' {
		arguments = []byte("{}")
	}
	o := h.options()
	if src := e.sources[0]; src.run == nil && src.remote == nil {
		kept := bytes.Clone(arguments)
		return func() ([]byte, error) {
			began := time.Now()
			said := h.callBuiltin(who, src.name, kept, o)
			result := said.encode(o.maxResult, &o.words)
			if who.guest {
				return result, nil
			}
			h.count(e, !said.isError, began, len(kept), len(result))
			if o.called != nil {
				o.called(CallEnd{Began: began, Took: time.Since(began), Endpoint: who.endpoint, Raw: who.raw, Tool: e.public, Source: src.server,
					Outcome: toolOutcome(said.isError), BytesIn: len(kept), BytesOut: len(result)})
			}
			return result, nil
		}
	}
	c := &ongoing{hub: h, ctx: ctx, caller: who, entry: e, view: view, opts: o, began: time.Now(), patience: o.toolTimeout}
	if who.raw {
		c.patience = longestLate
	}
	c.begin(arguments)
	return c.wait
}

// wordsFor puts the failure of a call into words.
func wordsFor(err error, server string, e *entry, o *options) spoken {
	s := spoken{isError: true}
	var no *rpc.Error
	switch {
	case errors.Is(err, ErrAway):
		s.text = fill(o.words.Away, "server", e.server)
	case errors.Is(err, errDied), errors.Is(err, errGone), errors.Is(err, ErrLost):
		s.text = fill(o.words.Died, "server", server)
	case errors.Is(err, errOverloaded):
		s.text = fill(o.words.Overloaded, "server", server)
	case errors.Is(err, errTooLarge):
		s.text = fill(o.words.TooLarge, "tool", e.public)
	case errors.As(err, &no):
		s.text = fill(o.words.Refused, "tool", e.public, "reason", secret.Text(session.Cut(no.Message, 1000)))
	default:
		s.text = fill(o.words.Refused, "tool", e.public, "reason", secret.Text(session.Cut(err.Error(), 300)))
	}
	return s
}

func say(sentence string, o *options) []byte {
	return spoken{text: sentence, isError: true}.encode(o.maxResult, &o.words)
}
