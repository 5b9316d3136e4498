package hub

import (
	"bytes"
	"os"
	"runtime"
	"sync"

	"xiaozhi-switchboard/core/session"
)

// mostQueued bounds what waits for a server that does not read, in bytes. One
// message always fits, however large.
const mostQueued = 16 << 20

// pipeWriter writes lines to a program's standard input, many at once.
//
// The first sender that finds nobody writing becomes the writer: it takes what
// everyone queued and hands it to the kernel in one call that does not wait. What
// the pipe has no room for is left to a goroutine that may wait, so that a program
// that does not read holds up nobody but itself.
type pipeWriter struct {
	file *os.File
	try  *tryWriter // nil where writing without waiting is not to be had

	wake  chan struct{} // one slot: the goroutine has something to write
	quit  chan struct{}
	done  chan struct{}
	close sync.Once

	mu     sync.Mutex
	queue  []byte
	spare  []byte // the buffer that queue takes turns with
	busy   bool   // somebody writes, or the goroutine is about to
	rest   []byte // what the goroutine writes before the queue
	closed bool
	queued int64 // bytes that were ever queued
	handed int64 // bytes of them that the kernel was, or is being, given
}

func newPipeWriter(file *os.File) *pipeWriter {
	w := &pipeWriter{file: file, try: newTryWriter(file), wake: make(chan struct{}, 1),
		quit: make(chan struct{}), done: make(chan struct{})}
	go w.drain()
	return w
}

// send queues m as a line and returns where in all that was ever queued it ends.
func (w *pipeWriter) send(m session.Outgoing) (mark int64, err error) {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return 0, errDied
	}
	if len(w.queue) > 0 && len(w.queue)+len(w.rest)+len(m.Params)+len(m.Args) > mostQueued {
		w.mu.Unlock()
		return 0, errOverloaded
	}
	before := len(w.queue)
	w.queue = appendLine(w.queue, m)
	w.queued += int64(len(w.queue) - before)
	mark = w.queued
	if w.busy {
		w.mu.Unlock()
		return mark, nil
	}
	w.busy = true
	w.mu.Unlock()
	if w.try == nil {
		w.wake <- struct{}{}
		return mark, nil
	}
	if m.Crowded {
		runtime.Gosched() // let those who are about to send join this write
	}
	w.flush()
	return mark, nil
}

// unsent reports that nothing of what ends at mark was ever given to the kernel.
func (w *pipeWriter) unsent(mark int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return mark > w.handed
}

// flush writes what is queued as long as that needs no waiting, and at most a few
// times, so that no sender writes for the others for ever.
func (w *pipeWriter) flush() {
	for range 4 {
		batch := w.next()
		if batch == nil {
			return
		}
		n, err := w.try.write(batch)
		if err != nil || n < len(batch) {
			w.mu.Lock()
			w.rest = batch[n:] // not reused before next, which the goroutine calls
			w.mu.Unlock()
			break
		}
	}
	w.wake <- struct{}{} // busy is ours, so the slot is free
}

// next takes the queue; nil, and no longer busy, when it is empty.
func (w *pipeWriter) next() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 || w.closed {
		w.busy = false
		return nil
	}
	batch := w.queue
	w.queue, w.spare = w.spare[:0], batch
	w.handed += int64(len(batch))
	// Buffers that a burst made large are let go after it.
	const usual, most = 256 << 10, 4 << 20
	if cap(batch) > usual && (len(batch) < cap(batch)/8 || cap(batch) > most) {
		w.spare = nil
	}
	return batch
}

// drain is the goroutine that may wait.
func (w *pipeWriter) drain() {
	defer close(w.done)
	for {
		select {
		case <-w.wake:
		case <-w.quit:
			return
		}
		w.mu.Lock()
		batch := w.rest
		w.rest = nil
		w.mu.Unlock()
		if len(batch) == 0 {
			batch = w.next()
		}
		for ; len(batch) > 0; batch = w.next() {
			if _, err := w.file.Write(batch); err != nil {
				w.seal() // the reader sees the end of the program
				return
			}
		}
	}
}

// seal drops the queue: from now on the kernel is given nothing but the rest of what it was
// being given.
func (w *pipeWriter) seal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed, w.queue = true, nil
}

// stop closes the pipe, which tells the program to end. It does not wait for a
// write under way; wait does. Idempotent.
func (w *pipeWriter) stop() {
	w.seal()
	w.close.Do(func() {
		close(w.quit)
		_ = w.file.Close()
	})
}

// wait returns after the goroutine.
func (w *pipeWriter) wait() { <-w.done }

// appendLine appends m as one line. Line breaks between the tokens of raw JSON become
// spaces; within its strings there are none.
func appendLine(dst []byte, m session.Outgoing) []byte {
	start := len(dst)
	dst = m.Append(dst)
	line := dst[start:]
	for _, c := range []byte{'\n', '\r'} {
		for rest := line; ; {
			i := bytes.IndexByte(rest, c)
			if i < 0 {
				break
			}
			rest[i] = ' '
			rest = rest[i+1:]
		}
	}
	return append(dst, '\n')
}
