package broker

import (
	"slices"
	"time"
)

// remembered is how many sockets that have ended are kept for Departed.
const remembered = 256

// join adds an open socket and starts its reader. It reports false when the broker
// has no room for it any more.
func (b *Broker) join(s *socket) bool {
	s.alarm.fire = s.tick
	s.gone = make(chan struct{})
	b.mu.Lock()
	if b.closed || b.open >= b.opts.MaxSockets || time.Now().Before(b.downUntil) {
		b.mu.Unlock()
		return false
	}
	b.serials++
	s.serial = b.serials
	b.open++
	a := b.agents[s.agent]
	if a == nil {
		a = &agent{}
		b.agents[s.agent] = a
	}
	var old *socket
	switch {
	case s.side == robotSide:
		a.robots = append(a.robots, s)
	case b.opts.Family == Relay:
		a.tools = append(a.tools, s)
		old, a.registered = a.registered, s
	default:
		a.tools = append(a.tools, s)
	}
	b.group.Add(1)
	b.mu.Unlock()

	s.mu.Lock()
	s.armLocked(s.wire.fault())
	s.mu.Unlock()
	go s.read()
	b.log.Info("practice socket opened", "socket", s.serial, "agent", s.agent, "role", s.side, "remote", s.remote)
	if old != nil {
		b.displace(old)
	}
	b.changed()
	return true
}

// displace is the relay's takeover: the old socket is closed, and the end of its
// handler is what deletes the new registration.
func (b *Broker) displace(old *socket) {
	select {
	case <-old.gone: // a ghost, whose handler notices only now
		b.mu.Lock()
		b.unregisterLocked(old)
		b.mu.Unlock()
		b.changed()
	default:
		old.shutdown(codeTakenOver, reasonTakenOver)
	}
}

// leave removes a socket whose reader has ended.
func (b *Broker) leave(s *socket) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open--
	b.resignLocked(s)
	if a := b.agents[s.agent]; a != nil {
		a.tools = slices.DeleteFunc(a.tools, func(other *socket) bool { return other == s })
		a.robots = slices.DeleteFunc(a.robots, func(other *socket) bool { return other == s })
		b.tidyLocked(s.agent)
	}
	if len(b.departed) == remembered {
		b.departed = slices.Delete(b.departed, 0, 1)
	}
	b.departed = append(b.departed, s.snapshot(false))
}

// resignLocked ends the registration of a tool side whose handler ends, unless the relay
// knows that already, or does not know that the socket is gone.
func (b *Broker) resignLocked(s *socket) {
	if s.side == toolSide && !s.lost.Load() && !s.disowned.Swap(true) {
		b.unregisterLocked(s)
	}
}

// vanish ends a ghost that nobody took over.
func (s *socket) vanish(time.Time) {
	s.broker.mu.Lock()
	if a := s.broker.agents[s.agent]; a != nil && a.registered == s {
		s.broker.unregisterLocked(s)
	}
	s.broker.mu.Unlock()
	s.broker.changed()
}

// unregisterLocked is what the relay does when the handler of a tool side ends.
func (b *Broker) unregisterLocked(s *socket) {
	a := b.agents[s.agent]
	if a == nil {
		return
	}
	if a.registered == s || !b.opts.KeepRegistration {
		a.registered = nil
	}
	b.tidyLocked(s.agent)
}

func (b *Broker) tidyLocked(name string) {
	if a := b.agents[name]; a != nil && len(a.tools) == 0 && len(a.robots) == 0 && a.registered == nil {
		delete(b.agents, name)
	}
}

// registeredLocked reports whether requests reach s.
func (b *Broker) registeredLocked(s *socket) bool {
	if s.side == robotSide || b.opts.Family == Official {
		return true
	}
	a := b.agents[s.agent]
	return a != nil && a.registered == s
}

// all returns the sockets of an agent, or of every agent, by age.
func (b *Broker) all(name string) []*socket {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []*socket
	add := func(a *agent) {
		out = append(out, a.tools...)
		out = append(out, a.robots...)
	}
	if name != "" {
		if a := b.agents[name]; a != nil {
			add(a)
		}
	} else {
		for _, a := range b.agents {
			add(a)
		}
	}
	slices.SortFunc(out, func(x, y *socket) int { return int(x.serial) - int(y.serial) })
	return out
}

// reachable returns the tool sides that requests of an agent's robots go to.
func (b *Broker) reachable(name string) []*socket {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.agents[name]
	switch {
	case a == nil:
		return nil
	case b.opts.Family == Official:
		return slices.Clone(a.tools)
	case a.registered == nil || a.registered.lost.Load():
		return nil
	}
	return []*socket{a.registered}
}
