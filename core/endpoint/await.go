package endpoint

import (
	"context"
	"errors"
	"time"

	"xiaozhi-switchboard/core/session"
)

// await waits for the answer of the place where the call is, or for the end of ctx, of which
// that is told. Ended is false when there will be none: then the call is elsewhere, or nowhere, or
// has its err.
func (r *routed) await(ctx context.Context) (result []byte, ended bool, err error) {
	at := r.at
	if r.moved {
		r.moved = false
		r.manager.log.Info("call moved", "tool", r.call.Name, "from", r.lost.ID, "to", at.member.ID, "why", r.why)
	}
	var (
		doubts   doubts
		late     bool
		patience = r.manager.opts.Load().CallPatience
	)
	r.baton.Lay()
	for {
		next := doubts.due()
		if !late {
			next = min(next, patience)
		}
		at.pending.Timer.Reset(next - time.Since(at.sent))
		select {
		case a := <-at.pending.Answer:
			moved := !r.baton.Take()
			at.caller.client.Release(at.pending)
			if !errors.Is(a.Err, errLinkLost) {
				return r.answered(at, a)
			}
			if !moved {
				r.move(a)
			}
			return nil, false, nil
		case <-at.pending.Timer.C:
			waited := time.Since(at.sent)
			if !late && waited >= patience {
				if !r.baton.Take() {
					at.goes()
					return nil, false, nil
				}
				late = true
				r.count(at.member)
				r.baton.Lay()
			}
			doubts.rise(at.caller, waited)
		case <-ctx.Done():
			if !r.baton.Take() {
				at.goes()
				return nil, false, nil
			}
			at.caller.client.Cancel(at.pending, "the caller went away")
			r.leave(false)
			switch err = ctx.Err(); {
			case late: // which was counted
			case errors.Is(err, context.DeadlineExceeded):
				r.count(at.member)
			default:
				at.member.Abandoned()
			}
			return nil, true, err
		}
	}
}

// goes waits until a call that is being moved this very moment has been.
func (at place) goes() {
	<-at.pending.Answer
	at.caller.client.Release(at.pending)
}

// answered ends the call with what came from where it was. A relay's answer that it could not
// pass it on does not.
func (r *routed) answered(at place, a session.Answer) (result []byte, ended bool, err error) {
	r.leave(a.Err == nil)
	if no, unsent := notForwarded(a.Err); no {
		at.link.post(func(now time.Time) { at.link.toolsAway(now, at.caller.socket, a.Err) })
		at.caller.lookAgain()
		r.fails(at.member, unsent, time.Now())
		return nil, false, nil
	}
	if at.member.Done(time.Now(), 0) {
		r.manager.log.Info("endpoint is back in the choice", "endpoint", at.member.ID)
		r.manager.bell.Ring()
	}
	at.link.observe(time.Since(at.sent))
	if a.Err != nil {
		return nil, true, a.Err
	}
	return a.Result, true, nil
}
