package endpoint

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/session"
)

// Errors of CallTool that are no answer.
var (
	// ErrNoSource: no connected link in the call role offers the tool, or a relay said that
	// no tool side is connected to it. The call was not made.
	ErrNoSource = errors.New("no connected endpoint offers this tool")
	// ErrLost: the link, or the tools behind it, went away after the call was sent. It may have
	// been carried out, so it was not made again.
	ErrLost = errors.New("the link was lost before the answer came; the call may have been carried out")
)

// ToolCall is one call of a tool behind endpoints.
type ToolCall struct {
	// Name is the tool's own name.
	Name string
	// Arguments is a raw JSON object; nil means an empty one. It is needed until the call
	// has ended.
	Arguments []byte
	// Among are the IDs of the endpoints that may be asked. Nil means all that offer the tool
	// with the same input schema as the first of them.
	Among []string
	// Safe says that the tool may be called twice, beside what the tool says of itself.
	Safe bool
	// Over is told the ID of each endpoint that is given the call, before it is; nil tells
	// nobody. It must return at once.
	Over func(id string)
}

// CallTool calls a tool behind one of the endpoints in the call role, chosen by the
// strategy among the healthy ones that offer it. When the link goes away, or the tools behind
// it, a call that was not written yet, or that is safe, is given to the next, as is one that a
// relay had nobody to give to; any other fails at once with ErrLost. No unsafe tool is ever called twice. The
// result is the raw JSON of tools/call.
//
// The error is an *rpc.Error when the tool's side said no, wraps ErrNoSource or ErrLost, or is
// that of ctx, of which the endpoint is told. Without a deadline in ctx a call waits for as
// long as its link lives; one that is not answered within Options.CallPatience counts
// against its link meanwhile.
func (m *Manager) CallTool(ctx context.Context, call ToolCall) ([]byte, error) {
	if call.Arguments == nil {
		call.Arguments = []byte("{}")
	}
	r := &routed{manager: m, call: call, safe: call.Safe}
	r.baton.Take()
	r.find()
	for r.err == nil {
		if r.at.pending == nil {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			r.place()
			continue
		}
		if result, ended, err := r.await(ctx); ended {
			return result, err
		}
	}
	return nil, r.err
}

// routed is a call on its way from link to link. Whoever has the baton may touch what follows it.
type routed struct {
	manager *Manager
	call    ToolCall
	from    []*balance.Member
	links   []*link // that these stand for

	baton session.Baton
	safe  bool
	at    place
	err   error // there is no other place; nil while there may be
	tried []*balance.Member

	counted bool // that the present source failed
	moved   bool // and nobody has logged it
	// Of the last source that did not answer.
	lost    *balance.Member
	why     balance.Reason
	seen    time.Time
	refused error // that it took the call at all; nil if it did
	// Some source may have carried it out.
	uncertain bool
}

// place is where a call is; without pending it is nowhere.
type place struct {
	member  *balance.Member
	link    *link
	caller  *caller
	pending *session.Call
	sent    time.Time
}

// find gathers the links that offer the tool.
func (r *routed) find() {
	m := r.manager
	m.mu.Lock()
	defer m.mu.Unlock()
	schema, first := "", true
	claimed := true
	for _, id := range m.order {
		l := m.links[id]
		found := l.offers.Load()
		if found == nil || r.call.Among != nil && !slices.Contains(r.call.Among, id) {
			continue
		}
		i, offered := found.byName[r.call.Name]
		if !offered || !first && r.call.Among == nil && found.tools[i].schema != schema {
			continue
		}
		schema, first = found.tools[i].schema, false
		claimed = claimed && found.tools[i].safe
		r.from, r.links = append(r.from, l.member), append(r.links, l)
	}
	r.safe = r.safe || claimed && !first
}

// What a relay answers for itself when a request did not reach the tool side, by its own code.
// Others use these codes, too, among them clients of the TypeScript SDK for a call that timed
// out, so that the words count as well.
const (
	codeNotConnected, textNotConnected = -32001, "未连接"
	codeNotForwarded, textNotForwarded = -32002, "转发"
)

// notForwarded reports a relay's answer that the tool side did not get the request. Unsent says
// that it surely did not.
func notForwarded(err error) (no, unsent bool) {
	var e *rpc.Error
	switch {
	case !errors.As(err, &e):
	case e.Code == codeNotConnected && strings.Contains(e.Message, textNotConnected):
		return true, true
	case e.Code == codeNotForwarded && strings.Contains(e.Message, textNotForwarded):
		return true, false
	}
	return false, false
}
