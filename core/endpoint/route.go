package endpoint

import (
	"context"
	"errors"
	"fmt"
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
	r := routed{manager: m, call: call, safe: call.Safe}
	r.find()
	for {
		result, again, err := r.attempt(ctx)
		if !again {
			return result, err
		}
	}
}

// routed is a call on its way from link to link.
type routed struct {
	manager *Manager
	call    ToolCall
	safe    bool
	from    []*balance.Member
	tried   []*balance.Member

	counted bool // that the present source failed
	// Of the last source that did not answer.
	lost *balance.Member
	why  balance.Reason
	seen time.Time
	// Some source may have carried it out.
	uncertain bool
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
		r.from = append(r.from, l.member)
	}
	r.safe = r.safe || claimed && !first
}

// attempt makes the call over one link. Again says that another is to be tried.
func (r *routed) attempt(ctx context.Context) (result []byte, again bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	m := r.manager
	member := m.choice.Pick(time.Now(), r.from, r.tried)
	if member == nil {
		if r.uncertain {
			return nil, false, fmt.Errorf("call %q over %s: %w", r.call.Name, r.lost.ID, ErrLost)
		}
		return nil, false, fmt.Errorf("call %q: %w", r.call.Name, ErrNoSource)
	}
	r.counted = false
	l := m.linkOf(member.ID)
	var s *socket
	if l != nil {
		s = l.current.Load()
	}
	if s == nil || s.caller == nil { // it went this very moment
		return nil, r.next(member, true, time.Now()), ErrNoSource
	}
	if r.call.Over != nil {
		r.call.Over(member.ID)
	}
	sent := time.Now()
	pending, err := s.caller.client.Start(session.Outgoing{Tool: r.call.Name, Args: r.call.Arguments})
	if err != nil {
		return nil, r.next(member, true, time.Now()), err
	}
	if r.lost != nil {
		m.choice.Moved(r.call.Name, r.lost, member, r.why, r.seen)
		m.log.Info("call moved", "tool", r.call.Name, "from", r.lost.ID, "to", member.ID, "why", r.why)
	}
	l.callCount.Add(1)
	s.caller.running.Add(1)
	a, late, err := s.caller.waitFor(ctx, pending, m.opts.Load().CallPatience, func() { r.fail(member) })
	s.caller.running.Add(-1)
	l.callEnds(err == nil && a.Err == nil)
	switch {
	case err != nil && errors.Is(err, context.DeadlineExceeded) && !late:
		r.fail(member)
		return nil, false, err
	case err != nil:
		if !late {
			member.Abandoned()
		}
		return nil, false, err
	case errors.Is(a.Err, errLinkLost):
		seen := time.Now()
		if ended := s.caller.ended.Load(); ended > 0 {
			seen = time.Unix(0, ended)
		}
		again := r.next(member, a.Unsent, seen)
		return nil, again, fmt.Errorf("call %q over %s: %w", r.call.Name, member.ID, ErrLost)
	}
	if no, unsent := notForwarded(a.Err); no {
		l.post(func(now time.Time) { l.toolsAway(now, s, a.Err) })
		s.caller.lookAgain()
		again := r.next(member, unsent, time.Now())
		return nil, again, fmt.Errorf("call %q over %s: %w", r.call.Name, member.ID, ErrLost)
	}
	if member.Done(time.Now(), 0) {
		m.log.Info("endpoint is back in the choice", "endpoint", member.ID)
		m.bell.Ring()
	}
	l.observe(time.Since(sent))
	if a.Err != nil {
		return nil, false, a.Err
	}
	return a.Result, false, nil
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

// waitFor waits for the answer to a call, or for the end of ctx, of which the far side is
// told. Overdue is called once when the answer is not there after patience.
func (c *caller) waitFor(ctx context.Context, pending *session.Call, patience time.Duration, overdue func()) (a session.Answer, late bool, err error) {
	var doubts doubts
	began := time.Now()
	for {
		next := doubts.due()
		if !late {
			next = min(next, patience)
		}
		pending.Timer.Reset(next - time.Since(began))
		select {
		case a := <-pending.Answer:
			c.client.Release(pending)
			return a, late, nil
		case <-pending.Timer.C:
			waited := time.Since(began)
			if !late && waited >= patience {
				late = true
				overdue()
			}
			doubts.rise(c, waited)
		case <-ctx.Done():
			c.client.Cancel(pending, "the caller went away")
			return session.Answer{}, late, ctx.Err()
		}
	}
}

// next notes that a link did not answer, as was seen at a time, and reports whether another may be
// tried.
func (r *routed) next(member *balance.Member, unsent bool, seen time.Time) bool {
	r.seen = seen
	r.fail(member)
	r.tried = append(r.tried, member)
	r.uncertain = r.uncertain || !unsent
	why, may := balance.May(unsent, r.safe)
	r.lost, r.why = member, why
	return may
}

// fail counts a failure of the source that has the call, once: one that is late may be lost later.
func (r *routed) fail(member *balance.Member) {
	if r.counted {
		return
	}
	r.counted = true
	if member.Failed(time.Now()) {
		r.manager.log.Warn("endpoint keeps failing and is left out for a while", "endpoint", member.ID)
		r.manager.bell.Ring()
	}
}
