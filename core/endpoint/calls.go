package endpoint

import "sync"

// calls are the tool calls in flight on one socket.
type calls struct {
	mu    sync.Mutex
	n     int
	named map[string]*toolCall // by raw id
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
func (c *calls) name(call *toolCall) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.named == nil {
		c.named = make(map[string]*toolCall)
	}
	if c.named[string(call.id)] == nil {
		c.named[string(call.id)] = call
	}
}

// stop cancels the call with this id, if there is one. The call still ends.
func (c *calls) stop(id []byte) {
	c.mu.Lock()
	call := c.named[string(id)]
	delete(c.named, string(id))
	c.mu.Unlock()
	if call != nil {
		call.cancel()
	}
}

// end counts a call out and reports whether it was the last one.
func (c *calls) end(call *toolCall) (last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.named[string(call.id)] == call {
		delete(c.named, string(call.id))
	}
	c.n--
	return c.n == 0
}

// inFlight returns how many tool calls go over the socket now, in either role.
func (s *socket) inFlight() int {
	if s.caller != nil {
		return int(s.caller.running.Load())
	}
	return s.calls.inFlight()
}

// inFlight returns how many calls there are.
func (c *calls) inFlight() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}
