package broker

import (
	"time"

	"xiaozhi-switchboard/core/rpc"
)

// step says what the far side does itself with the answer to a request.
type step uint8

const (
	stepNone       step = iota
	stepInitialize      // note the peer; in the handshake, go on with the list
	stepList            // note the tools
	stepPing
)

func stepOf(method string) step {
	switch method {
	case rpc.MethodInitialize:
		return stepInitialize
	case rpc.MethodToolsList:
		return stepList
	case rpc.MethodPing:
		return stepPing
	}
	return stepNone
}

// pending is a request in flight on a socket. Whoever removes it from the socket's
// map sends exactly one answer to a waiter.
type pending struct {
	step      step
	handshake bool      // asked by the far side itself, not by a robot
	due       time.Time // Official closes the socket when the answer is later; zero is never

	asker *Robot // who asked, for Robot.InFlight; nil otherwise

	// A waiter has answer; a robot on the call path has robot.
	answer chan answer
	timer  *time.Timer
	whole  bool // the waiter wants the whole frame

	robot   *socket
	robotID []byte
}

// answer is what a waiter receives. The bytes are its own.
type answer struct {
	frame  []byte // when the whole frame was asked for
	result []byte
	err    error // *rpc.Error, or ErrGone
}

// maxInFlight bounds the requests that wait for one tool side.
const maxInFlight = 1 << 16

// ask registers p under the raw id, unless the id is in flight already.
func (s *socket) ask(id string, p *pending) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.shut {
		return ErrGone
	}
	if _, taken := s.pending[id]; taken {
		return errDuplicateID
	}
	if len(s.pending) >= maxInFlight {
		return errTooMany
	}
	if s.pending == nil {
		s.pending = make(map[string]*pending)
	}
	s.pending[id] = p
	if s.broker.opts.Family == Official && p.step != stepNone && s.broker.opts.AnswerTimeout > 0 {
		p.due = time.Now().Add(s.broker.opts.AnswerTimeout)
		if s.alarm.at.IsZero() || p.due.Before(s.alarm.at) {
			s.scheduleLocked()
		}
	}
	return nil
}

// forget withdraws p and reports whether it was still in flight.
func (s *socket) forget(id string, p *pending) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending[id] != p {
		return false
	}
	delete(s.pending, id)
	return true
}

// settle matches a response with its request.
func (s *socket) settle(m rpc.Message, frame []byte) {
	s.mu.Lock()
	p := s.pending[string(m.ID)]
	if p != nil {
		delete(s.pending, string(m.ID))
	} else {
		s.strays++
	}
	s.mu.Unlock()
	if p == nil {
		return
	}
	if m.Error == nil {
		s.note(p, m.Result)
	}
	switch {
	case p.robot != nil:
		s.broker.passBack(p, m)
	case p.answer != nil:
		p.answer <- answerOf(p, m, frame)
	}
}

func answerOf(p *pending, m rpc.Message, frame []byte) answer {
	switch {
	case p.whole:
		return answer{frame: append([]byte(nil), frame...)}
	case m.Error != nil:
		e := rpc.ParseError(m.Error)
		e.Data = append([]byte(nil), e.Data...)
		return answer{err: e}
	}
	return answer{result: append([]byte(nil), m.Result...)}
}
