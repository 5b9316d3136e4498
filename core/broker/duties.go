package broker

import (
	"time"

	"xiaozhi-switchboard/core/rpc"
)

// scheduleLocked sets the socket's alarm to its next duty.
func (s *socket) scheduleLocked() {
	if s.ended {
		return
	}
	next := s.killAt
	for _, at := range [...]time.Time{s.nextPing, s.pongDue, s.stealAt} {
		next = sooner(next, at)
	}
	for _, p := range s.pending {
		next = sooner(next, p.due)
	}
	s.broker.alarms.set(&s.alarm, next)
}

// sooner returns the earlier of two times, of which a zero one does not count.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// tick does what is due on the socket. It runs on the alarms' goroutine.
func (s *socket) tick(now time.Time) {
	due := func(at time.Time) bool { return !at.IsZero() && !at.After(now) }
	silent := s.wire.fault().silent()

	s.mu.Lock()
	kill, late, deaf, steal, ping := due(s.killAt), false, due(s.pongDue), due(s.stealAt), due(s.nextPing)
	if deaf {
		s.pongDue = time.Time{}
	}
	if steal {
		s.stealAt = now.Add(s.wire.fault().TakeoverEvery)
	}
	if ping {
		s.nextPing = now.Add(s.broker.opts.PingInterval)
	}
	for _, p := range s.pending {
		switch {
		case !due(p.due):
		case silent: // the fault is ours
			p.due = now.Add(s.broker.opts.AnswerTimeout)
		default:
			late = true
			p.due = time.Time{}
		}
	}
	shut := s.shut
	if ping && !shut && !silent && s.broker.opts.Family == Relay {
		s.pongDue = now.Add(s.broker.opts.PingInterval)
	}
	if kill {
		s.killAt = time.Time{}
	}
	s.scheduleLocked()
	s.mu.Unlock()

	switch {
	case kill:
		_ = s.wire.Close()
	case shut:
	case late:
		s.shutdown(codeLate, closeReason(codeLate))
	case deaf && !silent:
		s.shutdown(codeNoPong, closeReason(codeNoPong))
	case steal:
		s.broker.steal(s)
	case ping && !silent:
		s.ping()
	}
}

// ping sends the keepalive of the family.
func (s *socket) ping() {
	if s.broker.opts.Family == Relay {
		s.post(letter{op: opPing, buf: takeBuffer()})
		return
	}
	s.request(rpc.MethodPing, emptyParams, &pending{step: stepPing, handshake: true})
}

// ponged notes the answer to a WebSocket ping.
func (s *socket) ponged() {
	s.mu.Lock()
	s.pongs++
	s.pongDue = time.Time{}
	s.mu.Unlock()
	s.broker.changed()
}
