package endpoint

import (
	"errors"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// handshakeBudget bounds what a peer may send before the upgrade is complete:
	// http.ReadResponse itself reads headers of any length.
	handshakeBudget = 256 << 10
	// queueLimit is how much may wait for a write in progress before writers wait too.
	queueLimit = 256 << 10
	// mostQueued bounds the same for writers that never wait. One frame always fits.
	mostQueued = 16 << 20
)

var (
	errHandshakeTooLong = errors.New("the answer to the upgrade is too long")
	errOverloaded       = errors.New("the endpoint does not read what it is sent")
)

// wire is a network connection that merges writes. Whoever writes a frame holds the
// wire meanwhile, so that the frame only queues, and commits it afterwards, outside of
// all locks: one of those who commit writes the whole queue with one system call. That
// is most of what makes many calls cheap.
//
// A write that was queued reports no error of its own; the next one does, and
// the reader of the connection sees it at once.
type wire struct {
	net.Conn
	in, out atomic.Uint64 // bytes
	budget  atomic.Int64  // bytes that may still be read; negative for any number
	clock   *reading      // what the answer to the upgrade said of the time, until the link has taken it

	// Owned by the goroutine that reads.
	inMessage bool // a message has begun and not ended
	timed     bool // the read deadline is set
	progress  int  // bytes since it was

	mu       sync.Mutex
	room     sync.Cond // signalled when the queue was taken, and when nobody writes any more
	queue    []byte
	held     int       // writers that will commit
	flushing bool      // somebody writes the queue
	queued   int64     // bytes that were ever queued
	handed   int64     // bytes of them that the connection was, or is being, given
	deadline time.Time // for writing, as the connection knows it
	err      error
}

var wireBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

func newWire(conn net.Conn) *wire {
	w := &wire{Conn: conn}
	w.room.L = &w.mu
	w.budget.Store(handshakeBudget)
	return w
}

// established lifts the limit that guards the handshake.
func (w *wire) established() { w.budget.Store(-1) }

// begin says that a message has begun: from now on a read that has to wait does so for
// frameTimeout at most, per frameProgress bytes. Without it a peer that drips bytes
// would hold the reader. Most messages come whole, and cost no timer.
func (w *wire) begin() { w.inMessage = true }

// end says that the message is complete.
func (w *wire) end() error {
	w.inMessage, w.progress = false, 0
	if !w.timed {
		return nil
	}
	w.timed = false
	return w.Conn.SetReadDeadline(time.Time{})
}

// Read reads from the connection and counts.
func (w *wire) Read(p []byte) (int, error) {
	if w.inMessage && (!w.timed || w.progress >= frameProgress) {
		if err := w.Conn.SetReadDeadline(time.Now().Add(frameTimeout)); err != nil {
			return 0, err
		}
		w.timed, w.progress = true, 0
	}
	n, err := w.Conn.Read(p)
	w.in.Add(uint64(n))
	w.progress += n
	if left := w.budget.Load(); left >= 0 {
		if int64(n) > left {
			return 0, errHandshakeTooLong
		}
		w.budget.Store(left - int64(n))
	}
	return n, err
}

// SetWriteDeadline does nothing: gorilla sets a deadline for every frame, which is not
// free, and flush bounds writing by itself.
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// prolongLocked sees to it that a write may take at least half of writeTimeout.
func (w *wire) prolongLocked(now time.Time) error {
	if w.deadline.Sub(now) >= writeTimeout/2 {
		return nil
	}
	w.deadline = now.Add(writeTimeout)
	return w.Conn.SetWriteDeadline(w.deadline)
}

// hold makes writes queue until commit is called. It waits for room in the queue, unless it must
// not: then the error is errOverloaded, and nothing is held.
func (w *wire) hold(mayWait bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !mayWait && w.flushing && len(w.queue) > mostQueued {
		return errOverloaded
	}
	if mayWait {
		w.roomLocked()
	}
	w.held++
	return nil
}

// roomLocked waits for room in the queue.
func (w *wire) roomLocked() {
	for w.flushing && len(w.queue) > queueLimit && w.err == nil {
		w.room.Wait()
	}
}

// commit ends a hold and sees to it that the queue is written. Crowded says that
// others are likely to commit too in a moment.
func (w *wire) commit(crowded bool) error {
	w.mu.Lock()
	w.held--
	return w.send(crowded)
}

// commitSoon is commit for those who must not wait for a peer that does not read.
func (w *wire) commitSoon() {
	w.mu.Lock()
	w.held--
	idle := !w.flushing && w.err == nil
	w.flushing = w.flushing || idle
	w.mu.Unlock()
	if idle {
		go w.flush() // drain waits for it
	}
}

// seal has nothing more given to the connection than it was, or is being, given: what is unsent
// stays so.
func (w *wire) seal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sealLocked()
}

func (w *wire) sealLocked() {
	if w.err == nil {
		w.err = net.ErrClosed
	}
	w.room.Broadcast()
}

// drain returns when nobody writes to the connection any more, which is closed: nor will
// anybody later.
func (w *wire) drain() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sealLocked()
	for w.flushing {
		w.room.Wait()
	}
}

// Write queues p, and writes the queue unless somebody holds the wire or is
// writing already.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	if w.held == 0 { // who holds has waited
		w.roomLocked()
	}
	if w.err != nil {
		defer w.mu.Unlock()
		return 0, w.err
	}
	if w.queue == nil {
		w.queue = *wireBuffers.Get().(*[]byte)
	}
	w.queue = append(w.queue, p...)
	w.queued += int64(len(p))
	if w.held > 0 {
		w.mu.Unlock()
		return len(p), nil
	}
	if err := w.send(false); err != nil {
		return 0, err
	}
	return len(p), nil
}

// mark returns where in all that was ever queued the next frame begins, or somewhat before it
// when a ping comes between; never 0, which marks nothing.
func (w *wire) mark() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.queued + 1
}

// unsent reports that nothing from mark on was ever given to the connection.
func (w *wire) unsent(mark int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return mark > w.handed
}

// busy reports that somebody writes the queue.
func (w *wire) busy() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.flushing
}

// send makes sure that the queue is being written. It is called with mu locked, and
// unlocks it.
func (w *wire) send(crowded bool) error {
	if w.flushing {
		w.mu.Unlock()
		return nil
	}
	w.flushing = true
	w.mu.Unlock()
	if crowded {
		runtime.Gosched() // let those who are about to commit join
	}
	return w.flush()
}

// flush writes until the queue is empty. Only one goroutine is in it.
func (w *wire) flush() error {
	for {
		w.mu.Lock()
		w.room.Broadcast()
		if len(w.queue) == 0 || w.err != nil {
			w.flushing = false
			err := w.err
			w.mu.Unlock()
			return err
		}
		batch := w.queue
		w.queue = nil
		w.handed += int64(len(batch))
		err := w.prolongLocked(time.Now())
		w.mu.Unlock()

		n := 0
		if err == nil {
			n, err = w.Conn.Write(batch)
		}
		w.out.Add(uint64(n))
		if cap(batch) <= 64<<10 {
			batch = batch[:0]
			wireBuffers.Put(&batch)
		}
		if err != nil {
			w.mu.Lock()
			w.err = err
			w.room.Broadcast()
			w.mu.Unlock()
			w.Conn.Close() // the reader must learn of it
		}
	}
}
