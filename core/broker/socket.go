package broker

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// socket is one open connection, of a tool side or of a robot on the call path.
// Its reader is the one goroutine it has while idle.
type socket struct {
	broker *Broker
	serial uint64
	agent  string
	side   side
	remote string
	since  time.Time
	conn   *websocket.Conn
	wire   *wire
	gone   chan struct{} // closed when the reader has ended

	in, out        atomic.Int64 // frames, control frames of the WebSocket left out of in
	lost, disowned atomic.Bool  // see DropLost and disown
	tools          atomic.Pointer[listing]

	uuid  string       // of a robot
	asked atomic.Int64 // requests of a robot in flight

	mu          sync.Mutex
	queue       []letter
	queued      int // bytes
	writing     bool
	shut        bool // a close frame is queued or sent
	ended       bool
	pending     map[string]*pending
	nextID      int64
	initialized bool
	peer        string
	strays      int
	pongs       int
	closeCode   int
	endedAt     time.Time
	alarm       alarm
	nextPing    time.Time
	pongDue     time.Time
	stealAt     time.Time
	killAt      time.Time
}

// Socket describes one connection at one moment.
type Socket struct {
	// Serial numbers the sockets of a broker from 1 and never changes, so equal
	// serials mean the same socket.
	Serial uint64
	Agent  string
	// Role is "serve" for a tool side and "call" for a robot of the relay.
	Role   string
	Remote string
	Since  time.Time
	// FramesIn counts text and binary frames received; FramesOut all frames sent.
	FramesIn, FramesOut int64
	// Initialized is true once an initialize was answered with a result.
	Initialized bool
	// Peer is the name and version the tool side gave in that answer.
	Peer string
	// Listed is true once a tools/list was answered; Tools are its names.
	Listed bool
	Tools  []string
	// Registered is true while the far side sends requests here. A socket that
	// the relay's takeover bug cut off is open without being registered.
	Registered bool
	// InFlight counts requests without an answer so far, Strays answers that
	// belonged to no request, Pongs the answers to our WebSocket pings.
	InFlight, Strays, Pongs int
	// Ended and CloseCode say when the socket went and the close code received
	// from the tool side, 1006 without any. Zero while it is open.
	Ended     time.Time
	CloseCode int
}

// snapshot describes s; registered is known to the broker only.
func (s *socket) snapshot(registered bool) Socket {
	out := Socket{
		Serial: s.serial, Agent: s.agent, Role: s.side.String(), Remote: s.remote, Since: s.since,
		FramesIn: s.in.Load(), FramesOut: s.out.Load(), Registered: registered,
	}
	if l := s.tools.Load(); l != nil {
		out.Listed = true
		out.Tools = append([]string(nil), l.names...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out.Initialized, out.Peer = s.initialized, s.peer
	out.InFlight, out.Strays, out.Pongs = len(s.pending), s.strays, s.pongs
	out.Ended, out.CloseCode = s.endedAt, s.closeCode
	return out
}

// end takes the socket down after its reader is done. The peer's close code is
// 1006 when there was none.
func (s *socket) end(code int) {
	s.mu.Lock()
	s.ended = true
	s.endedAt, s.closeCode = time.Now(), code
	waiting := s.pending
	s.pending = nil
	unsent := s.queue
	s.queue, s.queued = nil, 0
	s.broker.alarms.set(&s.alarm, time.Time{})
	s.mu.Unlock()

	s.wire.release()
	_ = s.wire.Close()
	for _, l := range unsent {
		giveBuffer(l.buf)
		if l.done != nil {
			close(l.done)
		}
	}
	if s.tools.Load() != nil {
		s.broker.listed.Add(-1)
	}
	s.broker.leave(s)
	if s.lost.Load() && s.broker.opts.PingInterval > 0 {
		// The relay's unanswered ping ends the ghost.
		s.broker.alarms.set(&alarm{fire: s.vanish}, time.Now().Add(2*s.broker.opts.PingInterval))
	}
	close(s.gone)
	for _, p := range waiting {
		if p.robot != nil {
			p.robot.asked.Add(-1) // and it is told nothing, as by the relay
		}
		if p.answer != nil {
			p.answer <- answer{err: ErrGone}
		}
	}
	s.broker.log.Info("practice socket closed", "socket", s.serial, "agent", s.agent, "code", code)
	s.broker.changed()
}
