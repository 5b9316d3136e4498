package broker

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// maxQueued bounds what waits for a peer that does not read.
	maxQueued = 32 << 20
	// writeTimeout is how long one frame may take to be written.
	writeTimeout = 10 * time.Second
	// closeGrace is how long a peer may take to answer a close frame.
	closeGrace = time.Second
	// keptBuffer is the largest buffer that is kept for reuse.
	keptBuffer = 64 << 10
)

// op is what a letter asks of the writer.
type op uint8

const (
	opText op = iota
	opBinary
	opPing
	opPong
	opClose
	opOversized // a frame of 64 MiB, made while it is written
)

// letter is one thing to be written on a socket.
type letter struct {
	op     op
	code   int    // of opClose
	reason string // of opClose
	buf    *[]byte
	due    time.Time     // not before; zero is at once
	done   chan struct{} // closed once written or given up; may be nil
}

// buffers holds buffers for frames, coming and going.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

func takeBuffer() *[]byte { return buffers.Get().(*[]byte) }

func giveBuffer(buf *[]byte) {
	if buf != nil && cap(*buf) <= keptBuffer {
		*buf = (*buf)[:0]
		buffers.Put(buf)
	}
}

// post queues l and never blocks. The writer is a goroutine that lives only while
// there is something to write. It reports whether the socket still took the
// letter; a queue that outgrows maxQueued ends the socket.
func (s *socket) post(l letter) bool {
	if delay := s.wire.fault().Delay; delay > 0 {
		l.due = time.Now().Add(delay)
	}
	size := 0
	if l.buf != nil {
		size = len(*l.buf)
	}
	s.mu.Lock()
	if s.ended || s.shut && l.op != opClose {
		s.mu.Unlock()
		giveBuffer(l.buf)
		if l.done != nil {
			close(l.done)
		}
		return false
	}
	s.queue = append(s.queue, l)
	s.queued += size
	full, start := s.queued > maxQueued, !s.writing
	s.writing = true
	if start {
		// The reader still holds the group, so this cannot race with Close.
		s.broker.group.Add(1)
	}
	s.mu.Unlock()
	if start {
		go s.write()
	}
	if full {
		s.broker.log.Warn("practice socket reads too slowly", "socket", s.serial, "agent", s.agent)
		reset(s.wire)
	}
	return true
}

// postText queues a text frame.
func (s *socket) postText(buf *[]byte) bool { return s.post(letter{op: opText, buf: buf}) }

// write empties the queue and ends.
func (s *socket) write() {
	defer s.broker.group.Done()
	var batch []letter
	for {
		s.mu.Lock()
		if len(s.queue) == 0 {
			s.writing = false
			if cap(s.queue) > 16 {
				s.queue = nil
			}
			s.mu.Unlock()
			return
		}
		batch, s.queue = s.queue, batch[:0]
		s.queued = 0
		s.mu.Unlock()
		for i, l := range batch {
			s.deliver(l)
			giveBuffer(l.buf)
			if l.done != nil {
				close(l.done)
			}
			batch[i] = letter{}
		}
	}
}

// deliver writes one letter as the fault of the moment wants it.
func (s *socket) deliver(l letter) {
	if wait := time.Until(l.due); !l.due.IsZero() && wait > 0 {
		s.wire.pause(wait)
	}
	if l.op != opClose {
		s.wire.park()
		select {
		case <-s.wire.ending:
			return
		default:
		}
	}
	fault := s.wire.fault()
	if fault.Mute && l.op != opClose {
		return
	}
	var err error
	deadline := time.Now().Add(writeTimeout)
	switch l.op {
	case opText, opBinary:
		err = s.deliverFrame(l, fault, deadline)
	case opPing:
		err = s.conn.WriteControl(websocket.PingMessage, *l.buf, deadline)
	case opPong:
		err = s.conn.WriteControl(websocket.PongMessage, *l.buf, deadline)
	case opClose:
		err = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(l.code, l.reason), time.Now().Add(closeGrace))
		_ = s.wire.SetReadDeadline(time.Now().Add(closeGrace))
	case opOversized:
		err = s.deliverOversized()
	}
	if err != nil {
		_ = s.wire.Close()
		return
	}
	s.out.Add(1)
	s.broker.changed()
}

func (s *socket) deliverFrame(l letter, fault Fault, deadline time.Time) error {
	kind := websocket.TextMessage
	if l.op == opBinary {
		kind = websocket.BinaryMessage
	} else {
		s.observe(*l.buf, true)
	}
	switch {
	case fault.ResetMidFrame:
		raw := append(frameHeader(kind, len(*l.buf)), *l.buf...)
		_ = s.wire.SetWriteDeadline(deadline)
		_, _ = s.wire.Write(raw[:len(raw)/2])
		reset(s.wire)
		return nil
	case fault.Drip > 0:
		return s.deliverDripping(append(frameHeader(kind, len(*l.buf)), *l.buf...), fault.Drip)
	}
	_ = s.conn.SetWriteDeadline(deadline)
	return s.conn.WriteMessage(kind, *l.buf)
}

func (s *socket) deliverDripping(raw []byte, pause time.Duration) error {
	for i := range raw {
		_ = s.wire.SetWriteDeadline(time.Now().Add(writeTimeout))
		if _, err := s.wire.Write(raw[i : i+1]); err != nil {
			return err
		}
		if s.wire.fault().Drip > 0 {
			s.wire.pause(pause)
		}
	}
	return nil
}

// oversize is the length of the frame that opOversized sends.
const oversize = 64 << 20

func (s *socket) deliverOversized() error {
	_ = s.wire.SetWriteDeadline(time.Now().Add(writeTimeout))
	if _, err := s.wire.Write(frameHeader(websocket.TextMessage, oversize)); err != nil {
		return err
	}
	chunk := make([]byte, 32<<10)
	for i := range chunk {
		chunk[i] = ' '
	}
	for sent := 0; sent < oversize; sent += len(chunk) {
		_ = s.wire.SetWriteDeadline(time.Now().Add(writeTimeout))
		if _, err := s.wire.Write(chunk); err != nil {
			return err
		}
	}
	return nil
}

// frameHeader is the header of an unmasked, unfragmented WebSocket frame.
func frameHeader(kind, length int) []byte {
	head := []byte{0x80 | byte(kind)}
	switch {
	case length < 126:
		return append(head, byte(length))
	case length <= 0xffff:
		return binary.BigEndian.AppendUint16(append(head, 126), uint16(length))
	}
	return binary.BigEndian.AppendUint64(append(head, 127), uint64(length))
}
