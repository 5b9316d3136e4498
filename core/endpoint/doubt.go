package endpoint

import (
	"time"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/session"
)

const (
	// doubtAfter is how long a call waits before its link is asked whether anybody is there, and
	// then twice as long each time.
	doubtAfter = 500 * time.Millisecond
	// askPatience is how long an answer to that may take; then it says nothing.
	askPatience = 2 * time.Second
)

// doubts has a link asked whether anybody is there while a call over it waits. A relay whose
// tool side goes away never answers what it had passed on, and says nothing of it. But it
// answers for itself whatever comes while it has no tool side, in order after what the lost
// one answered. So a call that was sent before such an answer will have none.
type doubts struct {
	next time.Duration // after the beginning of the call
}

// due is how long after its beginning a call doubts next.
func (d *doubts) due() time.Duration { return max(d.next, doubtAfter) }

// rise has c ask if that is due. Many calls that wait cause one question at a time.
func (d *doubts) rise(c *caller, waited time.Duration) {
	if waited < d.due() {
		return
	}
	d.next = 2 * d.due()
	now, last := int64(time.Since(c.socket.epoch)), c.asked.Load()
	if now-last < int64(doubtAfter/2) || !c.asked.CompareAndSwap(last, now) {
		return
	}
	select {
	case c.doubt <- struct{}{}:
	default:
	}
}

// ask pings the tools' side. The error is a relay's that there is none; whatever else comes of
// it is no reason to give a call up.
func (c *caller) ask() error {
	asked, err := c.client.Start(session.Outgoing{Method: rpc.MethodPing})
	if err != nil {
		return nil // the socket has ended, which others see, too
	}
	asked.Timer.Reset(askPatience)
	select {
	case a := <-asked.Answer:
		c.client.Release(asked)
		if _, nobody := notForwarded(a.Err); nobody {
			return a.Err
		}
	case <-asked.Timer.C:
		c.client.Drop(asked)
	}
	return nil
}
