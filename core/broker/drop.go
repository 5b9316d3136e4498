package broker

import (
	"fmt"
	"time"
)

// DropKind is a way to lose a connection.
type DropKind uint8

const (
	// DropReset ends the TCP connection at once, without a close frame.
	DropReset DropKind = iota
	// DropClean closes with 1000 and no reason.
	DropClean
	// DropTakeover closes as the relay does when another client takes the token:
	// 1000 with the reason "新连接替换". The other client is gone again at once.
	DropTakeover
	// DropLost resets the connection as a box on the way would: the relay does
	// not notice, and still takes the socket for the registered one. The next
	// connection therefore meets the takeover bug. Official has no such state.
	DropLost
)

var dropNames = [...]string{"reset", "clean", "takeover", "lost"}

// DropKinds returns every kind.
func DropKinds() []DropKind { return []DropKind{DropReset, DropClean, DropTakeover, DropLost} }

// String returns "reset", "clean", "takeover" or "lost".
func (k DropKind) String() string {
	if int(k) < len(dropNames) {
		return dropNames[k]
	}
	return fmt.Sprintf("drop(%d)", uint8(k))
}

// MarshalText returns the name.
func (k DropKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a name. The error lists the names there are.
func (k *DropKind) UnmarshalText(text []byte) error {
	for i, known := range dropNames {
		if string(text) == known {
			*k = DropKind(i)
			return nil
		}
	}
	return fmt.Errorf("drop kind %q is unknown; use reset, clean, takeover or lost", text)
}

// Drop ends the open sockets of an agent, "" for every agent, in the given way. It
// does not wait for the peers.
func (b *Broker) Drop(agent string, how DropKind) {
	for _, s := range b.all(agent) {
		switch how {
		case DropReset:
			reset(s.wire)
		case DropLost:
			s.lost.Store(s.side == toolSide && b.opts.Family == Relay)
			reset(s.wire)
		case DropClean:
			s.shutdown(codeClean, "")
		case DropTakeover:
			b.steal(s)
		}
		s.wire.release()
	}
}

// DropWith closes the open sockets of an agent, "" for every agent, with a close
// code and the reason that the real servers give with it, or none.
func (b *Broker) DropWith(agent string, code int) {
	for _, s := range b.all(agent) {
		s.shutdown(code, closeReason(code))
	}
}

// steal closes s because another client has its token now. That client is not
// kept: whoever redials finds the place free.
func (b *Broker) steal(s *socket) {
	if s.side == toolSide {
		b.disown(s)
	}
	s.shutdown(codeTakenOver, reasonTakenOver)
}

// disown makes the relay forget s now instead of when its handler ends.
func (b *Broker) disown(s *socket) {
	if s.disowned.Swap(true) {
		return
	}
	b.mu.Lock()
	if a := b.agents[s.agent]; a != nil && a.registered == s {
		a.registered = nil
	}
	b.mu.Unlock()
}

// Restart resets every socket, as when the server's process dies, refuses new
// connections for downFor, and then accepts them again. It returns at once.
func (b *Broker) Restart(downFor time.Duration) {
	b.mu.Lock()
	b.downUntil = time.Now().Add(downFor)
	for name, a := range b.agents {
		a.registered = nil
		b.tidyLocked(name)
	}
	b.alarms.set(&b.comeback, b.downUntil)
	b.mu.Unlock()
	b.log.Info("practice broker goes down", "for", downFor)
	for _, s := range b.all("") {
		s.disowned.Store(true)
		reset(s.wire)
		s.wire.release()
	}
	b.changed()
}

// down reports whether a Restart is under way.
func (b *Broker) down() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Now().Before(b.downUntil)
}
