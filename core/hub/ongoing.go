package hub

import (
	"bytes"
	"context"
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
	patience time.Duration          // how long the caller waits
	args     []byte                 // kept only where the call may have to be made again
	again    bool                   // a forgotten session was waited for already
	size     int                    // of the arguments, in bytes
	chosen   atomic.Pointer[source] // by a remote, of several

	// Whoever has the baton may touch what follows.
	baton   session.Baton
	tried   []*balance.Member // sources that did not answer
	sent    time.Time         // to the source that has it
	source  *source           // nil when no source is up
	peer    *peer             // nil when the source has no session
	pending *session.Call
	err     error           // why there is no pending
	passed  *balance.Member // whose call another source was given, and nobody has logged it
	why     balance.Reason  // that could be
}

// begin chooses the first source and sends it the call. Arguments is needed only until
// it returns.
func (c *ongoing) begin(arguments []byte) {
	c.baton.Take()
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
	m := session.Outgoing{Tool: c.source.name, Args: arguments, Urgent: len(c.tried) > 0}
	if len(c.entry.members) > 1 {
		m.Lost = c.lose
	}
	c.pending, c.err = c.peer.Start(m)
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
