package endpoint

import (
	"errors"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
)

const (
	// handshakeBudget bounds what a peer may send before the upgrade is complete:
	// http.ReadResponse itself reads headers of any length.
	handshakeBudget = 256 << 10
	// queueLimit is how much may wait for a write in progress before writers wait too.
	queueLimit = 256 << 10
)

var errHandshakeTooLong = errors.New("the answer to the upgrade is too long")

// wire is a network connection that merges concurrent writes: while one write
// is on its way to the kernel, others queue and go out together. One system call
// for many small frames is most of what makes many calls cheap.
//
// A write that was queued reports no error of its own; the next one does, and
// the reader of the connection sees it at once.
type wire struct {
	net.Conn
	in, out atomic.Uint64 // bytes
	budget  atomic.Int64  // bytes that may still be read; negative for any number

	mu       sync.Mutex
	room     sync.Cond // signalled when the queue was taken
	queue    []byte
	flushing bool
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

// Read reads from the connection and counts.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.in.Add(uint64(n))
	if left := w.budget.Load(); left >= 0 {
		if int64(n) > left {
			return 0, errHandshakeTooLong
		}
		w.budget.Store(left - int64(n))
	}
	return n, err
}

// Write queues p, and writes the queue unless another goroutine is doing so.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	for w.flushing && len(w.queue) > queueLimit && w.err == nil {
		w.room.Wait()
	}
	if w.err != nil {
		defer w.mu.Unlock()
		return 0, w.err
	}
	if w.queue == nil {
		w.queue = *wireBuffers.Get().(*[]byte)
	}
	w.queue = append(w.queue, p...)
	if w.flushing {
		w.mu.Unlock()
		return len(p), nil
	}
	w.flushing = true
	w.mu.Unlock()

	runtime.Gosched() // let those who are about to write join
	if err := w.flush(); err != nil {
		return 0, err
	}
	return len(p), nil
}

// flush writes until the queue is empty. Only one goroutine is in it.
func (w *wire) flush() error {
	for {
		w.mu.Lock()
		batch := w.queue
		w.queue = nil
		if len(batch) == 0 || w.err != nil {
			w.flushing = false
			err := w.err
			w.mu.Unlock()
			return err
		}
		w.room.Broadcast()
		w.mu.Unlock()

		n, err := w.Conn.Write(batch)
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
