package hub

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/session"
)

// ongoing is a call of a tool that has begun, on its way from source to source.
type ongoing struct {
	hub *Hub
	ctx context.Context
	caller
	entry    *entry
	view     *seen
	opts     *options
	began    time.Time
	patience time.Duration     // how long the caller waits
	args     []byte            // kept only where the call may have to be made again
	tried    []*balance.Member // sources that did not answer
	again    bool              // a forgotten session was waited for already
	sent     time.Time         // to the source that has it
	size     int               // of the arguments, in bytes

	source  *source                // nil when no source is up
	chosen  atomic.Pointer[source] // by a remote, of several
	peer    *peer                  // nil when the source has no session
	pending *session.Call
	err     error // why there is no pending
}

// begin chooses the first source and sends it the call. Arguments is needed only until
// it returns.
func (c *ongoing) begin(arguments []byte) {
	c.size = len(arguments)
	if len(c.entry.sources) > 1 {
		c.args = bytes.Clone(arguments)
	}
	c.choose()
	if c.peer == nil {
		return
	}
	if _, stdio := c.peer.link.(*stdioLink); !stdio && c.args == nil {
		c.args = bytes.Clone(arguments)
	}
	c.send(arguments)
}

// choose takes the next source that was not tried.
func (c *ongoing) choose() {
	c.source, c.peer = nil, nil
	if r := c.entry.sources[0].remote; r != nil {
		c.source, c.peer = &c.entry.sources[0], r.peer
		return
	}
	m := c.hub.sources.Pick(time.Now(), c.entry.members, c.tried)
	if m == nil {
		return
	}
	c.source = c.entry.sourceOf(m)
	if c.peer = c.source.run.live.Load(); c.peer == nil { // it went this very moment
		c.err = errDied
	}
}

// over notes which of its sources a remote has given the call to.
func (c *ongoing) over(id string) {
	for i := range c.entry.sources {
		if s := &c.entry.sources[i]; s.id == id {
			c.chosen.Store(s)
		}
	}
}

func (c *ongoing) send(arguments []byte) {
	c.sent = time.Now()
	if r := c.source.remote; r != nil {
		c.pending, c.err = r.start(c.entry, arguments, c.over)
		return
	}
	c.pending, c.err = c.peer.Start(session.Outgoing{Tool: c.source.name, Args: arguments})
}

// wait waits for the answer, moving the call to another source where that is allowed.
func (c *ongoing) wait() ([]byte, error) {
	o := c.opts
	for c.source != nil {
		err, unsent := c.err, c.err != nil
		if c.err == nil {
			p := c.pending
			p.Timer.Reset(c.patience - time.Since(c.began))
			select {
			case a := <-p.Answer:
				c.peer.Release(p)
				if a.Plain && len(a.Result) <= o.maxResult {
					c.answered(true, len(a.Result))
					c.tell(OutcomeOK, len(a.Result))
					return a.Result, nil
				}
				if a.Err == nil {
					result, isError := c.finish(a.Result)
					c.answered(!isError, len(result))
					c.tell(toolOutcome(isError), len(result))
					return result, nil
				}
				err, unsent = a.Err, a.Unsent
			case <-c.ctx.Done():
				c.peer.Cancel(p, "the caller went away")
				if c.source.member != nil {
					c.source.member.Abandoned()
				}
				c.tell(OutcomeCut, 0)
				return nil, c.ctx.Err()
			case <-p.Timer.C:
				c.failed(time.Now())
				var result []byte
				if c.raw {
					result = c.giveUp()
				} else {
					result = c.detach()
				}
				c.tell(OutcomeLate, len(result))
				return result, nil
			}
		}
		moved, ctxErr := c.move(err, unsent)
		if ctxErr != nil {
			c.tell(OutcomeCut, 0)
			return nil, ctxErr
		}
		if !moved {
			if unsent && (errors.Is(err, errDied) || errors.Is(err, errGone)) {
				break
			}
			if no := refusal(err); no != nil && c.raw {
				c.count(false, len(no.Message)+len(no.Data))
				c.tell(OutcomeToolError, len(no.Message)+len(no.Data))
				return nil, no
			}
			result := wordsFor(err, c.source.server, c.entry, o).encode(o.maxResult, &o.words)
			c.count(false, len(result))
			c.tell(errorOutcome(err), len(result))
			return result, nil
		}
	}
	result := say(fill(o.words.Away, "server", c.entry.server), o)
	c.count(false, len(result))
	c.tell(OutcomeFailed, len(result))
	return result, nil
}

// count records what became of the call, unless a guest made it.
func (c *ongoing) count(ok bool, bytes int) {
	if !c.guest {
		c.hub.count(c.entry, ok, c.began, c.size, bytes)
	}
}

// answered counts an answer of so many bytes.
func (c *ongoing) answered(ok bool, bytes int) {
	c.count(ok, bytes)
	if m := c.source.member; m != nil && m.Done(time.Now(), time.Since(c.sent)) {
		c.hub.log.Info("server is back in the choice", "server", m.ID)
		c.hub.nudge()
	}
}

// failed tells the choice that the source did not answer.
func (c *ongoing) failed(now time.Time) {
	if m := c.source.member; m != nil && m.Failed(now) && len(c.entry.members) > 1 {
		c.hub.log.Warn("server keeps failing and is left out for a while", "server", m.ID)
		c.hub.nudge()
	}
}

// move gives the call to another source, or to the next session of one that forgot ours,
// if that cannot carry it out twice. The error is that of the caller's context.
func (c *ongoing) move(err error, unsent bool) (moved bool, ctxErr error) {
	seen := time.Now()
	if !lost(err) { // an answer, though not a good one
		if m := c.source.member; m != nil {
			m.Done(seen, 0)
		}
		return false, nil
	}
	why, may := balance.May(unsent, c.entry.safe())
	if errors.Is(err, errGone) && may && !c.again && len(c.entry.members) == 1 {
		c.again = true
		next, err := c.hub.nextSession(c.ctx, c.source.run, c.peer, c.patience-time.Since(c.began))
		if err != nil || next == nil {
			return false, err
		}
		c.peer = next
		c.send(c.args)
		return true, nil
	}
	c.failed(seen)
	if !may || c.source.member == nil || len(c.entry.members) == 1 {
		return false, nil
	}
	from, server := c.source.member, c.source
	c.tried = append(c.tried, from)
	c.err = nil
	if c.choose(); c.source == nil {
		c.source = server // whose failure is told
		return false, nil
	}
	if c.peer != nil {
		c.send(c.args)
	}
	c.hub.sources.Moved(c.entry.public, from, c.source.member, why, seen)
	c.hub.log.Info("call moved", "tool", c.entry.public, "from", from.ID, "to", c.source.member.ID, "why", why)
	return true, nil
}

// lost reports an error that is no answer: the source went away or cannot be reached.
func lost(err error) bool {
	var f *failure
	return errors.Is(err, errDied) || errors.Is(err, errGone) || errors.Is(err, errOverloaded) || errors.As(err, &f)
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
