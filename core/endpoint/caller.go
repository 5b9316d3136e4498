package endpoint

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/session"
)

const (
	// callRevision is the revision of MCP that the tools behind an endpoint are greeted with.
	callRevision = "2025-06-18"
	// A list that could not be had is asked for again after listAgain, doubling up to listAtMost.
	listAgain  = 2 * time.Second
	listAtMost = 30 * time.Second
	// lookApart is the least time between two lists: the far side may say as often as it likes that
	// its list changed.
	lookApart = 250 * time.Millisecond
)

// errLinkLost answers the calls of a link whose socket has ended, or whose relay has lost its
// tool side.
var errLinkLost = errors.New("the link was lost")

// caller is our side of a link in the call role: a client of the tools behind the endpoint.
// It is the transport of its own client.
type caller struct {
	socket  *socket
	client  *session.Client
	stray   atomic.Int64
	running atomic.Int32  // tool calls in flight
	look    chan struct{} // one slot: look at the list again
	doubt   chan struct{} // one slot: a call waits long; see ask
	asked   atomic.Int64  // when a call last doubted, in nanoseconds since the socket's epoch
}

func newCaller(s *socket) *caller {
	c := &caller{socket: s, look: make(chan struct{}, 1), doubt: make(chan struct{}, 1)}
	c.client = session.New(s.link.log, &c.stray, c.lookAgain)
	c.client.Transport = c
	return c
}

// lookAgain asks for the list of tools to be read again.
func (c *caller) lookAgain() {
	select {
	case c.look <- struct{}{}:
	default:
	}
}

// receive takes one message of the endpoint.
func (c *caller) receive(m rpc.Message) { c.client.Receive(m) }

// end takes the link out of the choice, moves the calls in flight that may be moved, and fails
// the others.
func (c *caller) end() {
	c.socket.link.member.SetUp(false)
	c.socket.wire.seal()
	c.client.Fail(errLinkLost)
}

// Send queues one message.
func (c *caller) Send(m session.Outgoing) (int64, error) {
	buf := frames.Get().(*[]byte)
	defer release(buf)
	*buf = m.Append((*buf)[:0])
	mark, queued, _ := c.socket.put(m.Crowded, [][]byte{*buf}) // the reader learns of a write that failed
	return mark, queued
}

// Unsent reports a call that the connection was never given.
func (c *caller) Unsent(_, mark int64) bool { return c.socket.wire.unsent(mark) }

// Abandon does nothing: there is nothing to free.
func (c *caller) Abandon(int64) {}

// run keeps the list of the endpoint's tools until the socket ends.
func (c *caller) run() {
	l, again := c.socket.link, listAgain
	greeted := false
	var looked time.Time
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		doubted := false
		select {
		case <-timer.C:
		case <-c.look:
			timer.Stop()
			if early := lookApart - time.Since(looked); early > 0 {
				timer.Reset(early)
				continue
			}
		case <-c.doubt:
			doubted = true
		case <-c.socket.ctx.Done():
			return
		}
		var found *offers
		var err error
		newest := c.client.Last()
		if !doubted {
			found, err = c.list(&greeted)
			looked = time.Now()
		} else if err = c.ask(); err == nil {
			continue
		}
		switch {
		case c.socket.ctx.Err() != nil:
			return
		case err != nil:
			greeted = false // behind a relay it may be another one next time
			if _, nobody := notForwarded(err); nobody {
				c.client.Lose(newest, errLinkLost)
			}
			l.post(func(now time.Time) { l.toolsAway(now, c.socket, err) })
			timer.Reset(again)
			again = min(2*again, listAtMost)
		default:
			l.post(func(now time.Time) { l.toolsListed(now, c.socket, found) })
			again = listAgain
			if interval := l.options().HealthCheckInterval; interval > 0 {
				timer.Reset(interval)
			}
		}
	}
}

// list greets the far side if that was not done, and reads its tools.
func (c *caller) list(greeted *bool) (*offers, error) {
	o := c.socket.link.options()
	ctx, cancel := context.WithTimeout(c.socket.ctx, o.ConnectionTimeout)
	defer cancel()
	if !*greeted {
		if _, err := c.client.Initialize(ctx, callRevision, o.ServerVersion); err != nil {
			return nil, err
		}
		if err := c.client.Initialized(); err != nil {
			return nil, err
		}
		*greeted = true
	}
	found := newOffers()
	_, origin, err := c.client.ListTools(ctx, found.add)
	if err != nil {
		return nil, err
	}
	c.socket.sayReady()
	found.finish(origin, o.Origin)
	return found, nil
}

// toolsListed takes what the endpoint offers now.
func (l *link) toolsListed(now time.Time, s *socket, found *offers) {
	if s != l.socket {
		return
	}
	before := l.offers.Swap(found)
	l.status.Missing, l.status.NoTools = MissingNothing, ""
	if found.loop {
		l.status.Missing, l.status.NoTools = MissingLoop, loopsBack
	}
	l.member.SetUp(len(found.tools) > 0)
	l.status.OffersCut = found.cut
	if !found.same(before) {
		l.log.Info("endpoint offers tools", "endpoint", l.id, "tools", len(found.tools), "left_out", found.leftOut, "cut", found.cut, "problem", l.status.NoTools)
		l.offered()
	}
}

// toolsAway notes that the endpoint is there and the tools behind it are not. They stay in
// the catalogue, so that lists do not flicker.
func (l *link) toolsAway(now time.Time, s *socket, err error) {
	if s != l.socket {
		return
	}
	missing, reason := missingFrom(err)
	if l.status.NoTools != reason {
		l.log.Warn("tools behind the endpoint cannot be reached", "endpoint", l.id, "reason", reason)
	}
	l.status.Missing, l.status.NoTools = missing, reason
	l.member.SetUp(false)
}
