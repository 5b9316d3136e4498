package hub

import (
	"context"
	"errors"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/session"
)

// move gives the call to another source, or to the next session of one that forgot ours,
// if that cannot carry it out twice. Seen is when the first was seen to be lost. The error is
// that of the caller's context.
func (c *ongoing) move(err error, unsent bool, seen time.Time) (moved bool, ctxErr error) {
	if !lost(err) { // an answer, though not a good one
		if m := c.source.member; m != nil {
			m.Done(seen, 0)
		}
		return false, nil
	}
	if _, may := balance.May(unsent, c.entry.safe()); errors.Is(err, errGone) && may && !c.again && len(c.entry.members) == 1 {
		c.again = true
		next, err := c.hub.nextSession(c.ctx, c.source.run, c.peer, c.patience-time.Since(c.began))
		if err != nil || next == nil {
			return false, err
		}
		c.peer = next
		c.send(c.args)
		return true, nil
	}
	c.pass(unsent, seen)
	return c.passed != nil, nil
}

// lose is called when the source of the call is lost, by the goroutine that sees it.
func (c *ongoing) lose(a session.Answer) {
	if lost(a.Err) && c.baton.Take() {
		c.pass(a.Unsent, a.Seen)
	}
}

// pass gives the call from a source that was lost to the next one that takes it, if that cannot
// carry it out twice. It never waits.
func (c *ongoing) pass(unsent bool, seen time.Time) {
	why, may := balance.May(unsent, c.entry.safe())
	c.failed(seen)
	if !may || c.source.member == nil || len(c.entry.members) == 1 {
		return
	}
	first := c.source
	for {
		c.tried = append(c.tried, c.source.member)
		c.err = nil
		if c.choose(); c.source == nil {
			c.source = first // whose failure is told
			return
		}
		if c.peer != nil {
			c.send(c.args)
		}
		if c.err == nil {
			break
		}
		c.failed(time.Now())
	}
	c.passed, c.why = first.member, why
	c.hub.sources.Moved(c.entry.public, first.member, c.source.member, why, seen)
}

// logPass says that another source was given the call, if one was: those who see a source go
// have more urgent things to do.
func (c *ongoing) logPass() {
	if c.passed != nil {
		c.hub.log.Info("call moved", "tool", c.entry.public, "from", c.passed.ID, "to", c.source.member.ID, "why", c.why)
		c.passed = nil
	}
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
