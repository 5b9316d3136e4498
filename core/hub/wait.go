package hub

import (
	"errors"
	"time"

	"xiaozhi-switchboard/core/session"
)

// wait waits for the answer, moving the call to another source where that is allowed.
func (c *ongoing) wait() ([]byte, error) {
	for c.source != nil {
		err, unsent, seen, decided := c.err, c.err != nil, time.Now(), false
		if c.err == nil {
			p, peer := c.pending, c.peer
			p.Timer.Reset(c.patience - time.Since(c.began))
			var a session.Answer
			c.baton.Lay()
			select {
			case a = <-p.Answer:
				decided = !c.baton.Take()
			case <-c.ctx.Done():
				if c.baton.Take() {
					return nil, c.cut()
				}
				a, decided = <-p.Answer, true // it is being moved this very moment
			case <-p.Timer.C:
				if c.baton.Take() {
					return c.late(), nil
				}
				a, decided = <-p.Answer, true
			}
			peer.Release(p)
			if a.Err == nil {
				return c.succeed(a), nil
			}
			if err, unsent = a.Err, a.Unsent; !a.Seen.IsZero() {
				seen = a.Seen
			}
		}
		moved := c.passed != nil
		if !decided {
			var ctxErr error
			if moved, ctxErr = c.move(err, unsent, seen); ctxErr != nil {
				c.tell(OutcomeCut, 0)
				return nil, ctxErr
			}
		}
		if !moved {
			return c.fail(err, unsent)
		}
		c.logPass()
	}
	return c.away(), nil
}

// succeed ends the call with an answer of the source.
func (c *ongoing) succeed(a session.Answer) []byte {
	result, isError := a.Result, false
	if !a.Plain || len(a.Result) > c.opts.maxResult {
		result, isError = c.finish(a.Result)
	}
	c.answered(!isError, len(result))
	c.tell(toolOutcome(isError), len(result))
	return result
}

// cut ends the call of a caller that went away. It returns the error of its context.
func (c *ongoing) cut() error {
	c.peer.Cancel(c.pending, "the caller went away")
	if c.source.member != nil {
		c.source.member.Abandoned()
	}
	c.tell(OutcomeCut, 0)
	return c.ctx.Err()
}

// late returns what the caller of a call that takes too long is told.
func (c *ongoing) late() []byte {
	c.failed(time.Now())
	var result []byte
	if c.raw {
		result = c.giveUp()
	} else {
		result = c.detach()
	}
	c.tell(OutcomeLate, len(result))
	return result
}

// fail ends the call with an error that no other source can mend.
func (c *ongoing) fail(err error, unsent bool) ([]byte, error) {
	if unsent && (errors.Is(err, errDied) || errors.Is(err, errGone)) {
		return c.away(), nil
	}
	if no := refusal(err); no != nil && c.raw {
		c.count(false, len(no.Message)+len(no.Data))
		c.tell(OutcomeToolError, len(no.Message)+len(no.Data))
		return nil, no
	}
	result := wordsFor(err, c.source.server, c.entry, c.opts).encode(c.opts.maxResult, &c.opts.words)
	c.count(false, len(result))
	c.tell(errorOutcome(err), len(result))
	return result, nil
}

// away ends a call that nobody was there for.
func (c *ongoing) away() []byte {
	result := say(fill(c.opts.words.Away, "server", c.entry.server), c.opts)
	c.count(false, len(result))
	c.tell(OutcomeFailed, len(result))
	return result
}
