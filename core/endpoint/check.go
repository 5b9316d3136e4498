package endpoint

import "time"

// check runs the health check's schedule, and reports whether it began a check.
func (l *link) check(now time.Time) (began bool) {
	switch l.probe.tick(now, l.socket.lastHeard()) {
	case verdictPing:
		l.sendPing(now)
		return true
	case verdictMissed:
		l.count(countMisses)
		l.gauge.Outcome(false, now)
		l.log.Warn("pong overdue", "endpoint", l.id)
		l.sendPing(now)
	case verdictDead:
		l.count(countMisses)
		l.lost(now, mute)
	}
	return false
}

// pingTakes is what sending a ping takes at most; what goes beyond is a wait for a peer that
// does not read.
const pingTakes = time.Millisecond

// sendPing sends a ping in a goroutine of its own: a peer that does not read must not keep the
// loop from what else there is to do.
func (l *link) sendPing(now time.Time) {
	l.status.LastHealthCheck = now
	l.count(countPings)
	s, seq := l.socket, l.probe.seq
	l.tasks.Go(func() {
		began := time.Now()
		s.ping(seq)
		l.ledger.checkTime.Add(int64(min(time.Since(began), pingTakes)))
	})
}

func (l *link) ponged(now time.Time, s *socket, seq uint64) {
	if s != l.socket {
		return
	}
	began := time.Now()
	defer func() { l.ledger.checkTime.Add(int64(time.Since(began))) }()
	if rtt, ok := l.probe.pong(now, seq); ok {
		l.gauge.RoundTrip(rtt)
		l.countPong(rtt)
		l.gauge.Outcome(true, now)
	}
}

func (l *link) startProbe(now time.Time) {
	l.status.HealthCheck = !l.endpoint.NoHealthCheck && l.options().HealthCheckInterval > 0
	if l.socket == nil || !l.status.HealthCheck {
		l.probe.stop()
		return
	}
	l.probe.start(now, l.options().HealthCheckInterval, l.phase)
}
