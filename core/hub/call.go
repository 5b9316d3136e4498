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

// StartCall is CallTool in two steps: it begins the call and returns at once, without
// waiting for a server, even one that does not read. Arguments is needed only until
// then. What it returns waits for the result and must be called once.
func (h *Hub) StartCall(ctx context.Context, endpoint, name string, arguments []byte) (wait func() ([]byte, error)) {
	view := h.shown.Load().of(endpoint)
	e := view.tools[name]
	if e == nil {
		unknown := &rpc.Error{Code: rpc.CodeInvalidParams, Message: "unknown tool: " + strconv.Quote(session.Cut(name, longestName))}
		return func() ([]byte, error) { return nil, unknown }
	}
	if err := ctx.Err(); err != nil {
		return func() ([]byte, error) { return nil, err }
	}
	if len(arguments) == 0 || arguments[0] != '{' {
		arguments = []byte("{}")
	}
	o, src := h.options(), e.sources[0]
	if src.run == nil {
		kept := bytes.Clone(arguments)
		return func() ([]byte, error) {
			return h.callBuiltin(endpoint, src.name, kept, o).encode(o.maxResult, &o.words), nil
		}
	}
	c := &ongoing{hub: h, ctx: ctx, endpoint: endpoint, entry: e, view: view, opts: o, began: time.Now(), peer: src.run.live.Load()}
	if c.peer != nil {
		if _, stdio := c.peer.link.(*stdioLink); !stdio {
			c.args = bytes.Clone(arguments)
		}
		c.start(arguments)
	}
	return c.wait
}

// ongoing is a call of a server's tool that has begun.
type ongoing struct {
	hub      *Hub
	ctx      context.Context
	endpoint string
	entry    *entry
	view     *seen
	opts     *options
	began    time.Time
	args     []byte // kept only where a session may be forgotten and the call made again

	peer   *peer // nil when there is no session
	waiter *session.Call
	err    error // why there is no waiter
}

func (c *ongoing) start(arguments []byte) {
	c.waiter, c.err = c.peer.Start(session.Outgoing{Tool: c.entry.sources[0].name, Args: arguments})
}

func (c *ongoing) wait() ([]byte, error) {
	o := c.opts
	for try := 0; ; try++ {
		if c.peer == nil {
			return say(fill(o.words.Away, "server", c.entry.server), o), nil
		}
		err, unsent := c.err, c.err != nil
		if err == nil {
			w := c.waiter
			w.Timer.Reset(o.toolTimeout - time.Since(c.began))
			select {
			case a := <-w.Answer:
				c.peer.Release(w)
				if a.Plain && len(a.Result) <= o.maxResult {
					return a.Result, nil
				}
				if a.Err == nil {
					return shape(a.Result, o.maxResult, &o.words), nil
				}
				err, unsent = a.Err, a.Unsent
			case <-c.ctx.Done():
				c.peer.Cancel(w, "the caller went away")
				return nil, c.ctx.Err()
			case <-w.Timer.C:
				return c.hub.detach(c.peer, w, c.endpoint, c.entry, c.view, c.began, o), nil
			}
		}
		if errors.Is(err, errGone) && try == 0 && (unsent || c.entry.offer.hints.safe()) {
			// The server forgot our session. A call that it refused for that was not made: make it
			// in the next. One that was under way may have been carried out.
			next, err := c.hub.nextSession(c.ctx, c.entry.sources[0].run, c.peer, o.toolTimeout-time.Since(c.began))
			if err != nil {
				return nil, err
			}
			if c.peer = next; next != nil {
				c.start(c.args)
			}
			continue
		}
		return wordsFor(err, c.entry, o).encode(o.maxResult, &o.words), nil
	}
}

// nextSession waits for a session of r other than old; nil when there is none in time.
func (h *Hub) nextSession(ctx context.Context, r *runner, old *peer, patience time.Duration) (*peer, error) {
	changed, stop := h.Subscribe()
	defer stop()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		h.mu.Lock()
		state := r.state
		h.mu.Unlock()
		if p := r.live.Load(); p != nil && p != old {
			return p, nil
		}
		if state != StateReady && state != StateStarting {
			return nil, nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// detach lets a call run on without its caller, and returns what to say meanwhile.
func (h *Hub) detach(p *peer, w *session.Call, endpoint string, e *entry, view *seen, began time.Time, o *options) []byte {
	seconds := strconv.Itoa(max(int(o.toolTimeout/time.Second), 1))
	pending := view.pendingName()
	var kept *lateEntry
	if pending != "" {
		kept = h.late.begin(endpoint, e.public, began)
	}
	if !h.runLate(p, w, e, kept) {
		p.Drop(w)
		pending = ""
	}
	if kept == nil || pending == "" {
		return spoken{text: fill(o.words.LateUnkept, "tool", e.public, "seconds", seconds)}.encode(o.maxResult, &o.words)
	}
	return spoken{text: fill(o.words.Late, "tool", e.public, "seconds", seconds, "pending", pending)}.encode(o.maxResult, &o.words)
}

// pendingName returns the public name of pending_result in s; empty when hidden.
func (s *seen) pendingName() string {
	for _, e := range s.tools {
		if e.sources[0].run == nil && e.offer.name == toolPending {
			return e.public
		}
	}
	return ""
}

// runLate waits for w in the background, and keeps its result unless kept is nil.
// False when the hub is closing, or too many such calls run already.
func (h *Hub) runLate(p *peer, w *session.Call, e *entry, kept *lateEntry) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.running.Load() >= mostRunning {
		return false
	}
	h.running.Add(1)
	h.work.Go(func() {
		defer h.running.Add(-1)
		w.Timer.Reset(longestLate)
		var result spoken
		select {
		case a := <-w.Answer:
			p.Release(w)
			o := h.options()
			if a.Err != nil {
				result = wordsFor(a.Err, e, o)
			} else {
				result = readResult(a.Result, &o.words)
			}
		case <-w.Timer.C:
			p.Cancel(w, "took longer than five minutes")
			result = spoken{text: fill(h.options().words.GaveUp, "tool", e.public, "minutes",
				strconv.Itoa(int(longestLate/time.Minute))), isError: true}
		case <-h.ctx.Done():
			p.Drop(w)
			return
		}
		if kept != nil {
			h.late.finish(kept, result, h.options().maxResult, time.Now())
		}
	})
	return true
}

// wordsFor puts the failure of a call into words.
func wordsFor(err error, e *entry, o *options) spoken {
	s := spoken{isError: true}
	var no *rpc.Error
	switch {
	case errors.Is(err, errDied), errors.Is(err, errGone):
		s.text = fill(o.words.Died, "server", e.server)
	case errors.Is(err, errOverloaded):
		s.text = fill(o.words.Overloaded, "server", e.server)
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
