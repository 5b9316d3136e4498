package hub

import (
	"strconv"
	"time"
)

// detach lets a call run on without its caller, and returns what to say meanwhile.
func (c *ongoing) detach() []byte {
	h, e, o := c.hub, c.entry, c.opts
	seconds := strconv.Itoa(max(int(o.toolTimeout/time.Second), 1))
	pending := c.view.pendingName()
	var kept *lateEntry
	if pending != "" && !c.guest {
		kept = h.late.begin(c.endpoint, e.public, c.began)
	}
	running := c.runLate(kept)
	if !running {
		c.peer.Drop(c.pending)
		h.late.forget(kept)
	}
	if !running || pending == "" || kept == nil && !c.guest {
		result := spoken{text: fill(o.words.LateUnkept, "tool", e.public, "seconds", seconds)}.encode(o.maxResult, &o.words)
		if !running {
			c.count(false, len(result))
		}
		return result
	}
	return spoken{text: fill(o.words.Late, "tool", e.public, "seconds", seconds, "pending", pending)}.encode(o.maxResult, &o.words)
}

// pendingName returns the public name of pending_result in s; empty when hidden.
func (s *seen) pendingName() string {
	for _, e := range s.tools {
		if e.builtin() && e.offer.name == toolPending {
			return e.public
		}
	}
	return ""
}

// runLate waits for the call in the background, and keeps its result unless kept is nil.
// False when the hub is closing, or too many such calls run already.
func (c *ongoing) runLate(kept *lateEntry) bool {
	h := c.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.running.Load() >= mostRunning {
		return false
	}
	h.running.Add(1)
	h.work.Go(func() {
		defer h.running.Add(-1)
		c.pending.Timer.Reset(longestLate)
		var result spoken
		select {
		case a := <-c.pending.Answer:
			c.peer.Release(c.pending)
			o := h.options()
			if a.Err != nil {
				result = wordsFor(a.Err, c.source.server, c.entry, o)
			} else {
				result = readResult(a.Result, &o.words)
			}
			if lost(a.Err) {
				c.count(false, len(result.text)) // the choice was told when the call was late
			} else {
				c.answered(!result.isError, len(result.text))
			}
		case <-c.pending.Timer.C:
			c.peer.Cancel(c.pending, "took longer than five minutes")
			result = spoken{text: fill(h.options().words.GaveUp, "tool", c.entry.public, "minutes",
				strconv.Itoa(int(longestLate/time.Minute))), isError: true}
			c.count(false, 0)
		case <-h.ctx.Done():
			c.peer.Drop(c.pending)
			return
		}
		if kept != nil {
			h.late.finish(kept, result, h.options().maxResult, time.Now())
		}
	})
	return true
}
