package broker

import (
	"os"
	"sync"
)

// pipeBuffer is how many bytes may be under way in one direction.
const pipeBuffer = 64 << 10

// stream is one direction of a connection.
type stream struct {
	mu       sync.Mutex
	moved    chan struct{} // closed and replaced at every change that somebody waits for
	waiting  bool
	data     []byte
	readErr  error // what a reader gets once data is empty; nil while open
	writeErr error // what a writer gets; nil while open
}

func newStream() *stream { return &stream{moved: make(chan struct{})} }

// wakeLocked lets everybody look again.
func (s *stream) wakeLocked() {
	if s.waiting {
		close(s.moved)
		s.moved = make(chan struct{})
		s.waiting = false
	}
}

// close ends the stream for readers and writers, and reports whether there was data
// to read. The first end of each kind counts, except that dropping the data, as the
// reading side does, changes what is read.
func (s *stream) close(readErr, writeErr error, drop bool) (unread bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	unread = len(s.data) > 0
	if drop {
		s.data = nil
	}
	if s.readErr == nil || drop {
		s.readErr = readErr
	}
	if s.writeErr == nil {
		s.writeErr = writeErr
	}
	s.wakeLocked()
	return unread
}

func (s *stream) read(p []byte, by *deadline) (int, error) {
	for {
		expired := by.channel()
		s.mu.Lock()
		switch {
		case isClosed(expired):
			s.mu.Unlock()
			return 0, os.ErrDeadlineExceeded
		case len(s.data) > 0:
			n := copy(p, s.data)
			s.data = s.data[n:]
			if len(s.data) == 0 {
				s.data = nil
			}
			s.wakeLocked()
			s.mu.Unlock()
			return n, nil
		case s.readErr != nil:
			err := s.readErr
			s.mu.Unlock()
			return 0, err
		case len(p) == 0:
			s.mu.Unlock()
			return 0, nil
		}
		moved := s.moved
		s.waiting = true
		s.mu.Unlock()
		select {
		case <-moved:
		case <-expired:
		}
	}
}

func (s *stream) write(p []byte, by *deadline) (int, error) {
	written := 0
	for {
		expired := by.channel()
		s.mu.Lock()
		switch {
		case s.writeErr != nil:
			err := s.writeErr
			s.mu.Unlock()
			return written, err
		case isClosed(expired):
			s.mu.Unlock()
			return written, os.ErrDeadlineExceeded
		}
		if n := min(len(p)-written, pipeBuffer-len(s.data)); n > 0 {
			s.data = append(s.data, p[written:written+n]...)
			written += n
			s.wakeLocked()
		}
		if written == len(p) {
			s.mu.Unlock()
			return written, nil
		}
		moved := s.moved
		s.waiting = true
		s.mu.Unlock()
		select {
		case <-moved:
		case <-expired:
		}
	}
}
