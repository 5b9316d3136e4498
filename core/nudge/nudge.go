// Package nudge tells subscribers that something changed, and nothing more.
//
// A nudge carries no value: whoever is nudged reads a fresh snapshot. Nudges
// that come faster than they are read merge into one, so a slow subscriber
// holds nobody up and never sees stale values in a queue.
package nudge

import (
	"slices"
	"sync/atomic"
)

// Bell nudges its subscribers. The zero value is ready to use. All methods are
// safe for concurrent use.
type Bell struct {
	subs atomic.Pointer[[]chan struct{}] // replaced, never changed: Ring is on hot paths
}

// Ring nudges every subscriber. It never blocks, and costs next to nothing when
// there are none.
func (b *Bell) Ring() {
	subs := b.subs.Load()
	if subs == nil {
		return
	}
	for _, c := range *subs {
		select {
		case c <- struct{}{}:
		default: // a nudge is waiting already
		}
	}
}

// Subscribe returns a channel that receives a nudge after every change, and a
// function that ends the subscription and may be called again. The channel is
// never closed.
func (b *Bell) Subscribe() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	b.edit(func(subs []chan struct{}) []chan struct{} { return append(subs, c) })
	return c, func() {
		b.edit(func(subs []chan struct{}) []chan struct{} {
			return slices.DeleteFunc(subs, func(other chan struct{}) bool { return other == c })
		})
	}
}

// edit replaces the list of subscribers by an edited copy.
func (b *Bell) edit(change func([]chan struct{}) []chan struct{}) {
	for {
		old := b.subs.Load()
		var subs []chan struct{}
		if old != nil {
			subs = slices.Clone(*old)
		}
		subs = change(subs)
		if b.subs.CompareAndSwap(old, &subs) {
			return
		}
	}
}
