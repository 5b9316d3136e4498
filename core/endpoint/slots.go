package endpoint

import (
	"context"
	"sync"
)

// slots bounds how many dials to one host are in flight.
type slots struct {
	limit int

	mu    sync.Mutex
	hosts map[string]chan struct{}
}

// acquire waits for a slot and returns what gives it back.
func (s *slots) acquire(ctx context.Context, host string) (release func(), err error) {
	s.mu.Lock()
	c := s.hosts[host]
	if c == nil {
		if s.hosts == nil {
			s.hosts = make(map[string]chan struct{})
		}
		c = make(chan struct{}, s.limit)
		s.hosts[host] = c
	}
	s.mu.Unlock()
	select {
	case c <- struct{}{}:
		return func() { <-c }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
