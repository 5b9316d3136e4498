// Package nudge tells subscribers that something changed, and nothing more.
//
// A nudge carries no value: whoever is nudged reads a fresh snapshot. Nudges
// that come faster than they are read merge into one, so a slow subscriber
// holds nobody up and never sees stale values in a queue.
package nudge

import "sync"

// Bell nudges its subscribers. The zero value is ready to use. All methods are
// safe for concurrent use.
type Bell struct {
	mu   sync.Mutex
	subs map[chan struct{}]struct{}
}

// Ring nudges every subscriber. It never blocks.
func (b *Bell) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.subs {
		select {
		case c <- struct{}{}:
		default: // a nudge is waiting already
		}
	}
}

// Subscribe returns a channel that receives a nudge after every change, and a
// function that ends the subscription. The channel is never closed.
func (b *Bell) Subscribe() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.subs == nil {
		b.subs = make(map[chan struct{}]struct{})
	}
	b.subs[c] = struct{}{}
	return c, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.subs, c)
	}
}
