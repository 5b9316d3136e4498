package endpoint

import (
	"bytes"
	"context"
	"errors"
	"time"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
)

// protocolVersions are the revisions of MCP that initialize accepts, the newest
// last. Their differences do not touch what a link serves.
var protocolVersions = []string{"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}

// handle answers one message. Everything but a tool call is answered here, from
// memory, so that no server can make a link late.
func (s *socket) handle(frame []byte) {
	m, err := rpc.Parse(frame)
	if err != nil {
		var bad *rpc.Error
		errors.As(err, &bad)
		s.refuse(m.ID, bad)
		return
	}
	switch {
	case s.caller != nil:
		s.caller.receive(m)
	case m.Kind == rpc.KindRequest && m.Method == rpc.MethodToolsCall:
		s.begin(m)
	case m.Kind == rpc.KindRequest:
		s.request(m)
	case m.Kind == rpc.KindNotification && m.Method == rpc.MethodCancelled:
		if id := rpc.CancelledID(m.Params); id != nil {
			s.calls.stop(id)
		}
	}
	// Responses answer requests that a serving link never sends.
}

func (s *socket) request(m rpc.Message) {
	switch m.Method {
	case rpc.MethodInitialize:
		s.answer(m.ID, s.initializeResult(m.Params))
	case rpc.MethodPing:
		s.answer(m.ID, emptyResult)
	case rpc.MethodToolsList:
		list := s.link.tools.ListResult(s.link.id)
		if s.answer(m.ID, list) {
			s.listed.Store(&list)
		}
	default:
		s.refuse(m.ID, &rpc.Error{Code: rpc.CodeMethodNotFound, Message: "method not found"})
	}
}

var emptyResult = []byte("{}")

// initializeResult answers with the revision that the peer asked for, if known.
func (s *socket) initializeResult(params []byte) []byte {
	version := protocolVersions[len(protocolVersions)-1]
	// Params that cannot be read ask for nothing, which is no reason to refuse.
	_ = rpc.Members(params, func(name, value []byte) error {
		if string(name) == "protocolVersion" {
			for _, known := range protocolVersions {
				if string(value) == `"`+known+`"` {
					version = known
				}
			}
		}
		return nil
	})
	o := s.link.options()
	b := append(make([]byte, 0, 192), `{"protocolVersion":"`...)
	b = append(b, version...)
	b = append(b, `","capabilities":{"tools":{"listChanged":false}},"serverInfo":{"name":`...)
	b = rpc.AppendString(b, o.ServerName)
	b = append(b, `,"version":`...)
	b = rpc.AppendString(b, o.ServerVersion)
	return append(b, `}}`...)
}

// toolCall is a call that has begun.
type toolCall struct {
	id     []byte
	ctx    context.Context
	cancel context.CancelFunc
	wait   func() ([]byte, error)
	began  time.Time
}

// begin starts a tool call, which a goroutine of its own then waits for. The call is on
// its way before that goroutine is.
func (s *socket) begin(m rpc.Message) {
	call, err := rpc.ParseCall(m.Params)
	if err != nil {
		var bad *rpc.Error
		errors.As(err, &bad)
		s.refuseCall(m.ID, bad)
		return
	}
	if !s.calls.begin(s.link.options().MaxCallsPerLink) {
		s.refuseCall(m.ID, &rpc.Error{Code: rpc.CodeBusy, Message: "too many tool calls in flight; try again later"})
		return
	}
	s.link.callCount.Add(1)
	c := &toolCall{id: bytes.Clone(m.ID), began: time.Now()}
	c.ctx, c.cancel = context.WithCancel(s.ctx)
	c.wait = s.link.tools.StartCall(c.ctx, s.link.id, call.Name, call.Arguments)
	s.calls.name(c)
	s.link.tasks.Add(1)
	go s.finish(c)
}

// finish waits for a tool call and answers it.
func (s *socket) finish(c *toolCall) {
	defer s.link.tasks.Done()
	defer c.cancel()
	result, err := c.wait()
	took := time.Since(c.began)
	var refused *rpc.Error
	ok := false
	switch {
	case c.ctx.Err() != nil:
		// The link is gone, or the endpoint cancelled and waits for no answer.
	case errors.As(err, &refused):
		s.sendError(c.id, refused)
	case err != nil:
		s.sendError(c.id, &rpc.Error{Code: rpc.CodeInternal, Message: secret.Text(err.Error())})
	default:
		ok = s.sendResult(c.id, result)
	}
	s.link.observe(took)
	s.link.callEnds(ok)
	if s.calls.end(c) && s.link.publishing.Load() {
		s.link.post(func(now time.Time) { s.link.quiet(now, s) })
	}
}

var (
	answerHead   = []byte(`{"jsonrpc":"2.0","id":`)
	answerResult = []byte(`,"result":`)
	answerTail   = []byte(`}`)
)

// answer answers a request that is no tool call, and reports whether that was sent.
func (s *socket) answer(id, result []byte) bool {
	s.link.requests.Add(1)
	if !s.sendResult(id, result) {
		return false
	}
	s.link.successes.Add(1)
	return true
}

// refuse answers a request that is no tool call with an error.
func (s *socket) refuse(id []byte, e *rpc.Error) {
	s.link.requests.Add(1)
	s.sendError(id, e)
}

// refuseCall answers a tool call that does not begin.
func (s *socket) refuseCall(id []byte, e *rpc.Error) {
	s.link.callCount.Add(1)
	s.sendError(id, e)
	s.link.callEnds(false)
}

// sendResult sends a result and reports whether it was sent.
func (s *socket) sendResult(id, result []byte) bool {
	if err := s.write(answerHead, id, answerResult, result, answerTail); err != nil {
		return false
	}
	s.sayReady()
	return true
}

// sendError sends an error. It is an answer too: the endpoint talks to us.
func (s *socket) sendError(id []byte, e *rpc.Error) {
	if err := s.write(rpc.AppendErrorResponse(nil, id, e)); err == nil && len(id) > 0 && e.Code != rpc.CodeParse {
		s.sayReady()
	}
}

// sayReady tells the link once that a request was answered.
func (s *socket) sayReady() {
	if s.answered.CompareAndSwap(false, true) {
		s.link.post(func(now time.Time) { s.link.ready(now, s) })
	}
}
