package endpoint

import "time"

const (
	// wakeSpread is over how long many links spread that were woken together.
	wakeSpread = 950 * time.Millisecond
	// wakeCalm is how long after a wake-up another one restarts no dial, so that a network
	// that comes back piece by piece does not keep a slow dial from its end.
	wakeCalm = 10 * time.Second
	// staleDial is the age from which a dial is taken to have begun on a network that is gone.
	staleDial = 2 * time.Second
)

// wake is told that the network came back or changed, or that the computer woke up: what
// time alone would have brought comes at once, that is at a random moment within spread.
// What failed before says nothing about the network that is there now, so attempts count
// anew. What the endpoint itself has said stands.
func (l *link) wake(now time.Time, spread time.Duration) {
	calm := l.wokenAt.IsZero() || now.Sub(l.wokenAt) >= wakeCalm
	l.wokenAt = now
	at := now.Add(time.Duration(l.options().Random() * float64(spread)))
	switch l.status.State {
	case Open, Ready:
		if l.status.HealthCheck {
			l.probe.hurry(at)
		}
	case Dialing:
		l.status.ReconnectAttempts = 0
		if calm && now.Sub(l.dialedAt) >= staleDial {
			l.redial(now)
		}
	case Waiting, Failed:
		if l.wordStands() {
			return
		}
		l.status.ReconnectAttempts = 0
		if l.retryAt.IsZero() || l.retryAt.After(now.Add(spread)) {
			l.retryAt = at
			l.status.ReconnectDelay = at.Sub(l.status.Since)
		}
	}
}

// wordStands reports a link that rests for what its endpoint or the user has said, which no
// change of our network alters: a refusal, a takeover, a wish to be left alone.
func (l *link) wordStands() bool {
	switch l.status.Kind {
	case KindAuth, KindTakenOver, KindStopped:
		return true
	case KindRateLimit:
		return l.status.State == Waiting
	}
	return l.status.Code == closeGaveUp && l.status.State == Waiting
}

// diedAway reports a socket that was there before a wake-up and was found dead soon
// after: it died with its network, or while the computer was away, which is no failure of
// the endpoint's.
func (l *link) diedAway(now time.Time, f failure) bool {
	return f.unclean && f.kind != KindProtocol && !l.status.LastConnected.After(l.wokenAt) && now.Sub(l.wokenAt) < wakeCalm
}
