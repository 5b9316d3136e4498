package broker

import (
	"errors"
	"io"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/rpc"
)

// read is the socket's own goroutine: it handles frames until the connection ends.
func (s *socket) read() {
	defer s.broker.group.Done()
	s.conn.SetReadLimit(int64(s.broker.opts.MaxFrameBytes))
	s.conn.SetPingHandler(func(data string) error {
		buf := takeBuffer()
		*buf = append(*buf, data...)
		s.post(letter{op: opPong, buf: buf})
		return nil
	})
	s.conn.SetPongHandler(func(string) error {
		s.ponged()
		return nil
	})
	s.conn.SetCloseHandler(func(int, string) error { return nil }) // echoed below
	for {
		kind, r, err := s.conn.NextReader()
		if err == nil {
			err = s.take(kind, r)
		}
		if err != nil {
			code := websocket.CloseAbnormalClosure
			var closed *websocket.CloseError
			if errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure {
				code = closed.Code
				s.echoClose(code)
			}
			if errors.Is(err, websocket.ErrReadLimit) {
				s.drain()
			}
			s.end(code)
			return
		}
	}
}

// drain discards what the peer still sends, for a moment, so that the close frame
// with 1009 is not lost to the reset that unread data would cause.
func (s *socket) drain() {
	_ = s.wire.SetReadDeadline(time.Now().Add(closeGrace))
	_, _ = io.Copy(io.Discard, io.LimitReader(s.wire, oversize))
}

// take reads one frame into a borrowed buffer and handles it.
func (s *socket) take(kind int, r io.Reader) error {
	buf := takeBuffer()
	defer func() { giveBuffer(buf) }()
	frame, err := readAll(r, *buf)
	*buf = frame
	if err != nil {
		return err
	}
	s.in.Add(1)
	if kind == websocket.TextMessage {
		s.observe(frame, false)
		s.handle(frame)
	}
	s.broker.changed()
	return nil
}

// readAll appends what r holds to buf[:0]. The WebSocket's read limit bounds it.
func readAll(r io.Reader, buf []byte) ([]byte, error) {
	buf = buf[:0]
	if cap(buf) == 0 {
		buf = make([]byte, 0, 512)
	}
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
}

// handle acts on one text frame, which may hold anything.
func (s *socket) handle(frame []byte) {
	m, err := rpc.Parse(frame)
	if s.side == robotSide {
		s.broker.passOn(s, m, err)
		return
	}
	switch {
	case err != nil:
		s.mu.Lock()
		s.strays++
		s.mu.Unlock()
	case m.Kind == rpc.KindResponse:
		s.settle(m, frame)
	case m.Kind == rpc.KindRequest && s.broker.opts.Family == Official:
		s.refuse(m)
	default:
		// Notifications are heard by nobody, and the relay drops requests too: it
		// has no robot to route them to.
	}
}

// refuse answers a request of the tool side, as a client without features does.
func (s *socket) refuse(m rpc.Message) {
	buf := takeBuffer()
	if m.Method == rpc.MethodPing {
		*buf = rpc.AppendResult(*buf, m.ID, []byte("{}"))
	} else {
		*buf = rpc.AppendErrorResponse(*buf, m.ID, &rpc.Error{Code: rpc.CodeMethodNotFound, Message: "Method not found"})
	}
	s.postText(buf)
}
