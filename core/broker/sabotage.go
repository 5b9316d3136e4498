package broker

import (
	"bytes"
	"time"
)

// SetFault puts an agent under a fault, or with the zero Fault ends it. The agent
// "" stands for every agent that has no fault of its own. It acts on new
// connections and, as far as it can, on the open ones.
func (b *Broker) SetFault(agent string, f Fault) {
	b.mu.Lock()
	if f == (Fault{}) {
		delete(b.faults, agent)
	} else {
		b.faults[agent] = f
	}
	b.mu.Unlock()
	b.log.Info("practice fault set", "agent", agent, "fault", f)
	for _, s := range b.all(agent) {
		s.suffer(b.faultOf(s.agent))
	}
	b.changed()
}

// FaultOf returns the fault that an agent is under.
func (b *Broker) FaultOf(agent string) Fault { return b.faultOf(agent) }

func (b *Broker) faultOf(agent string) Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f, own := b.faults[agent]; own {
		return f
	}
	return b.faults[""]
}

// suffer puts an open socket under another fault.
func (s *socket) suffer(f Fault) {
	if s.wire.fault() == f {
		return
	}
	s.wire.pose(f)
	s.mu.Lock()
	s.armLocked(f)
	s.mu.Unlock()
	s.inject(f)
}

// armLocked sets the times at which the socket acts by itself.
func (s *socket) armLocked(f Fault) {
	now := time.Now()
	s.stealAt = time.Time{}
	if f.TakeoverEvery > 0 && s.side == toolSide {
		s.stealAt = now.Add(f.TakeoverEvery)
	}
	if s.nextPing.IsZero() && s.broker.opts.PingInterval > 0 && (s.side == toolSide || s.broker.opts.Family == Relay) {
		s.nextPing = now.Add(s.broker.opts.PingInterval)
	}
	s.scheduleLocked()
}

// inject sends the bad frames of a fault, each once.
func (s *socket) inject(f Fault) {
	if f.CloseCode > 0 {
		reason := closeReason(f.CloseCode)
		if f.CloseCode == codeTakenOver {
			reason = reasonTakenOver
		}
		s.shutdown(f.CloseCode, reason)
		return
	}
	send := func(op op, frames ...[]byte) {
		for _, frame := range frames {
			buf := takeBuffer()
			*buf = append(*buf, frame...)
			s.post(letter{op: op, buf: buf})
		}
	}
	if f.Garbage {
		send(opText, []byte("\x00{]not json, "))
	}
	if f.Binary {
		send(opBinary, []byte(`{"jsonrpc":"2.0","id":900,"method":"ping"}`))
	}
	if f.Deep {
		send(opText, deepFrame(100_000))
	}
	if f.Batch {
		send(opText, []byte(`[{"jsonrpc":"2.0","id":901,"method":"ping"},{"jsonrpc":"2.0","id":902,"method":"ping"}]`))
	}
	if f.InvalidUTF8 {
		send(opText, []byte("{\"jsonrpc\":\"2.0\",\"id\":903,\"method\":\"ping\",\"params\":{\"x\":\"\xff\xfe\"}}"))
	}
	if f.DuplicateIDs {
		frame := []byte(`{"jsonrpc":"2.0","id":904,"method":"tools/list","params":{}}`)
		send(opText, frame, frame)
	}
	if f.Oversized {
		s.post(letter{op: opOversized})
	}
}

// deepFrame is a request whose params nest depth levels deep.
func deepFrame(depth int) []byte {
	frame := []byte(`{"jsonrpc":"2.0","id":905,"method":"ping","params":`)
	frame = append(frame, bytes.Repeat([]byte{'['}, depth)...)
	frame = append(frame, bytes.Repeat([]byte{']'}, depth)...)
	return append(frame, '}')
}
