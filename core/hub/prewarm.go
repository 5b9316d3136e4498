package hub

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"xiaozhi-switchboard/core/rpc"
)

// prewarmPings is how often Prewarm pings a server: both sides have then run the code that a
// call needs, and have the buffers for it.
const prewarmPings = 8

// Warmed is how the preparation of one server went.
type Warmed struct {
	Server string
	// Took is how long it was until the server was ready and answered.
	Took time.Duration
	// Err is why it is not; nil when it is.
	Err error
}

// Prewarm rehearses a call that nobody sees, waits until every enabled server has started or
// failed to, and has those that are ready answer a few pings, so that the first call finds
// everything as later ones do. It returns one Warmed for each, in the order of the configuration, also when ctx ends before
// the last is ready: then that has the error of ctx. It may be called concurrently.
func (h *Hub) Prewarm(ctx context.Context) []Warmed {
	h.mu.Lock()
	var runners []*runner
	for _, s := range h.servers {
		if r := h.runners[s.Name]; r != nil {
			runners = append(runners, r)
		}
	}
	h.mu.Unlock()
	rehearse(ctx)
	h.recent.Open(time.Now())
	all := make([]Warmed, len(runners))
	var working sync.WaitGroup
	for i, r := range runners {
		working.Go(func() {
			began := time.Now()
			err := r.warm(ctx)
			all[i] = Warmed{Server: r.name, Took: time.Since(began), Err: err}
		})
	}
	working.Wait()
	return all
}

func (r *runner) warm(ctx context.Context) error {
	select {
	case <-r.settled:
	case <-ctx.Done():
		return fmt.Errorf("prewarm server %q: %w", r.name, ctx.Err())
	}
	p := r.live.Load()
	if p == nil {
		r.hub.mu.Lock()
		defer r.hub.mu.Unlock()
		if r.problem != nil {
			return fmt.Errorf("prewarm server %q: %s", r.name, r.problem.Sentence)
		}
		return fmt.Errorf("prewarm server %q: it is not running", r.name)
	}
	for range prewarmPings {
		_, err := p.Request(ctx, rpc.MethodPing, nil)
		var no *rpc.Error
		if errors.As(err, &no) { // it knows no ping, and answered
			continue
		}
		if err != nil {
			return fmt.Errorf("prewarm server %q: %w", r.name, err)
		}
	}
	return nil
}
