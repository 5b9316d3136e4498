package endpoint

import (
	"context"
	"sync"
)

// slots bounds how many dials to one host are in flight.
type slots struct {
	limit int

	mu    sync.Mutex
	hosts map[string]*hostSlots // of those that somebody dials or waits for
}

// hostSlots are those of one host.
type hostSlots struct {
	taken chan struct{} // one for each dial in flight
	users int           // dials in flight and those that wait
}

// acquire waits for a slot and returns what gives it back.
func (s *slots) acquire(ctx context.Context, host string) (release func(), err error) {
	s.mu.Lock()
	h := s.hosts[host]
	if h == nil {
		if s.hosts == nil {
			s.hosts = make(map[string]*hostSlots)
		}
		h = &hostSlots{taken: make(chan struct{}, s.limit)}
		s.hosts[host] = h
	}
	h.users++
	s.mu.Unlock()
	select {
	case h.taken <- struct{}{}:
		return func() { <-h.taken; s.leave(host, h) }, nil
	case <-ctx.Done():
		s.leave(host, h)
		return nil, context.Cause(ctx)
	}
}

// leave forgets a host that nobody dials any more.
func (s *slots) leave(host string, h *hostSlots) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h.users--; h.users == 0 {
		delete(s.hosts, host)
	}
}
