package broker

import "time"

// Frame is one text frame that goes over a socket.
type Frame struct {
	// Socket is the Serial of the socket.
	Socket uint64
	// Sent is true for what the broker sends, false for what it received.
	Sent bool
	At   time.Time
	// Text is what the frame holds, which may be anything. It is valid until Observe
	// returns.
	Text []byte
}

// observe shows a frame to Options.Observe.
func (s *socket) observe(text []byte, sent bool) {
	if watch := s.broker.opts.Observe; watch != nil {
		watch(Frame{Socket: s.serial, Sent: sent, At: time.Now(), Text: text})
	}
}
