package endpoint

import (
	"context"
	"sync"
)

// calls are the tool calls in flight on one socket.
type calls struct {
	mu     sync.Mutex
	n      int
	cancel map[string]context.CancelFunc // by raw id
}

// begin counts a call in, unless limit are in flight.
func (c *calls) begin(limit int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n >= limit {
		return false
	}
	c.n++
	return true
}

// name makes a call that has begun cancellable by its id. Of two calls with the
// same id in flight the first keeps it.
func (c *calls) name(id string, cancel context.CancelFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel == nil {
		c.cancel = make(map[string]context.CancelFunc)
	}
	if _, taken := c.cancel[id]; !taken {
		c.cancel[id] = cancel
	}
}

// stop cancels the call with this id, if there is one. The call still ends.
func (c *calls) stop(id []byte) {
	c.mu.Lock()
	cancel := c.cancel[string(id)]
	delete(c.cancel, string(id))
	c.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// end counts a call out and reports whether it was the last one.
func (c *calls) end(id string) (last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.cancel, id)
	c.n--
	return c.n == 0
}

// inFlight returns how many calls there are.
func (c *calls) inFlight() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}
