package session

import "sync/atomic"

// Baton says who may decide what becomes of a call: the goroutine that waits for its answer, or
// the one that sees that none will come. Moving a call to another source need not wait until
// the first has been woken, which on a busy computer takes longer than all the rest.
//
// Who waits holds the baton, lays it down while it waits, and takes it up again before it does
// anything with the call: when an answer has come, whether or not somebody else has taken it,
// and otherwise, for a timer or a caller that went away, only if nobody has. Outgoing.Lost
// takes it, and keeps it: the answer that follows hands it on to who waits. Its zero value
// lies there.
type Baton struct{ taken atomic.Bool }

// Take takes the baton, and reports false when somebody has it.
func (b *Baton) Take() bool { return b.taken.CompareAndSwap(false, true) }

// Lay lays it down.
func (b *Baton) Lay() { b.taken.Store(false) }
