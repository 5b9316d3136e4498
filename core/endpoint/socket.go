package endpoint

import (
	"context"
	"encoding/binary"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// frameTimeout is how long a message may take, per frameProgress bytes.
	frameTimeout  = 8 * time.Second
	frameProgress = 256 << 10
	// keepFrame is the largest frame buffer worth keeping.
	keepFrame = 64 << 10
)

// socket is one connection of a link. Its reader goroutine owns the reading
// side; writing is safe from any goroutine.
type socket struct {
	link   *link
	conn   *websocket.Conn
	wire   *wire
	serial uint64
	epoch  time.Time // lastFrame counts from here

	ctx    context.Context // of its tool calls; ends when the socket does
	cancel context.CancelFunc
	done   chan struct{} // closed when the reader has ended

	lastFrame atomic.Int64 // nanoseconds since epoch
	messages  atomic.Uint64
	answered  atomic.Bool            // a request was answered
	listed    atomic.Pointer[[]byte] // the result that tools/list last answered

	writing sync.Mutex // one frame at a time, as gorilla asks

	calls  calls
	caller *caller // in the call role; nil in the other
}

func newSocket(l *link, conn *websocket.Conn, w *wire, serial uint64) *socket {
	s := &socket{link: l, conn: conn, wire: w, serial: serial, epoch: time.Now(), done: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if l.status.Role == RoleCall {
		s.caller = newCaller(s)
	}
	conn.SetReadLimit(maxFrame)
	conn.SetPongHandler(s.pong)
	conn.SetPingHandler(func(data string) error {
		s.touch()
		_ = s.control(websocket.PongMessage, []byte(data), closeGrace) // the reader learns of a write that failed
		return nil
	})
	answerClose := conn.CloseHandler()
	conn.SetCloseHandler(func(code int, text string) error {
		if s.caller != nil && s.wire.busy() {
			return nil // the peer may not read, and the calls in flight are to be moved at once
		}
		return answerClose(code, text)
	})
	return s
}

// touch notes that a frame came in.
func (s *socket) touch() { s.lastFrame.Store(int64(time.Since(s.epoch))) }

// lastHeard is when a frame last came in; the epoch before the first.
func (s *socket) lastHeard() time.Time { return s.epoch.Add(time.Duration(s.lastFrame.Load())) }

// run reads until the connection ends, and cancels the calls.
func (s *socket) run() {
	err := s.read()
	if s.caller != nil {
		s.caller.end() // first of all: calls that may be moved are moved
	}
	s.cancel()
	s.cut()
	s.wire.drain()
	close(s.done)
	s.link.post(func(now time.Time) { s.link.closed(now, s, err) })
}

var frames = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

func release(buf *[]byte) {
	if cap(*buf) <= keepFrame {
		*buf = (*buf)[:0]
		frames.Put(buf)
	}
}

func (s *socket) read() error {
	for {
		_, r, err := s.conn.NextReader()
		if err != nil {
			return err
		}
		s.touch()
		buf := frames.Get().(*[]byte)
		if err = s.readMessage(r, buf); err == nil {
			s.touch()
			s.messages.Add(1)
			s.handle(*buf)
		}
		release(buf)
		if err != nil {
			return err
		}
	}
}

// readMessage reads all of r into buf, which it may grow.
func (s *socket) readMessage(r io.Reader, buf *[]byte) error {
	s.wire.begin()
	for {
		b := *buf
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := r.Read(b[len(b):cap(b)])
		*buf = b[:len(b)+n]
		if err == io.EOF {
			return s.wire.end()
		}
		if err != nil {
			return err
		}
	}
}

// write sends one text frame made of parts. An error closes the connection, so
// that the reader ends and the link learns of it.
func (s *socket) write(parts ...[]byte) error {
	_, queued, err := s.put(s.calls.inFlight() > 1, parts)
	if queued != nil {
		return queued
	}
	return err
}

// put is write for callers that must know more. Queued is why the frame was not even queued;
// with it nothing of the frame goes out. Mark is where the frame begins, for wire.unsent: its end
// would be past a ping that follows at once, and then a frame that went out would seem not to
// have. In the call role it never waits for an endpoint that does not read: it would hold up the
// calls of others, or those that are moved here.
func (s *socket) put(crowded bool, parts [][]byte) (mark int64, queued, err error) {
	s.writing.Lock()
	if err := s.wire.hold(s.caller == nil); err != nil {
		s.writing.Unlock()
		return 0, err, nil
	}
	if s.caller != nil {
		mark = s.wire.mark()
	}
	queued = s.writeFrame(parts)
	s.writing.Unlock()
	if s.caller != nil {
		s.wire.commitSoon() // a caller's patience ends before that of a write
	} else {
		err = s.wire.commit(crowded)
	}
	if queued != nil || err != nil {
		s.cut()
	}
	return mark, queued, err
}

func (s *socket) writeFrame(parts [][]byte) error {
	w, err := s.conn.NextWriter(websocket.TextMessage)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return w.Close()
}

// control sends a control frame. In the call role it never waits for an endpoint that does not
// read, as put does not: who writes a frame keeps all others from writing meanwhile.
func (s *socket) control(kind int, data []byte, patience time.Duration) error {
	if s.caller != nil {
		if err := s.wire.hold(false); err != nil {
			return err
		}
		defer s.wire.commitSoon()
	}
	return s.conn.WriteControl(kind, data, time.Now().Add(patience))
}

// ping sends a WebSocket ping with seq. It waits only for a peer that has stopped
// reading, and for writeTimeout at most; then the connection ends.
func (s *socket) ping(seq uint64) {
	var data [8]byte
	binary.BigEndian.PutUint64(data[:], seq)
	// A failure shows as a missing pong or a closed connection.
	_ = s.control(websocket.PingMessage, data[:], writeTimeout)
}

func (s *socket) pong(data string) error {
	s.touch()
	if len(data) == 8 {
		seq, now := binary.BigEndian.Uint64([]byte(data)), time.Now()
		s.link.post(func(time.Time) { s.link.ponged(now, s, seq) })
	}
	return nil
}

// cut closes the connection without a word. Unlike a TLS close it never blocks.
func (s *socket) cut() { s.wire.Conn.Close() }

// shut closes the connection cleanly: it sends a close frame and waits a moment
// for the peer's, so that the peer has forgotten this socket before it sees the
// next. It returns when the reader has ended, and reports false when the peer did not
// answer: then it may still take this socket for ours (relay trap 1).
func (s *socket) shut(code int, reason string) (clean bool) {
	select {
	case <-s.done:
		return true // it ended before, and the link knows how
	default:
	}
	frame := websocket.FormatCloseMessage(code, reason)
	stuck := time.AfterFunc(2*closeGrace, s.cut) // the peer may have stopped reading
	defer stuck.Stop()
	if err := s.control(websocket.CloseMessage, frame, closeGrace); err == nil {
		grace := time.NewTimer(closeGrace)
		defer grace.Stop()
		select {
		case <-s.done:
			return true
		case <-grace.C:
		}
	}
	s.cut()
	<-s.done
	return false
}
