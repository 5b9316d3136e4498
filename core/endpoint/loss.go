package endpoint

import "time"

func (l *link) closed(now time.Time, s *socket, err error) {
	if s == l.socket {
		l.lost(now, failureOf(err))
	}
}

// lost takes the socket's end: what ended it decides what comes next.
func (l *link) lost(now time.Time, f failure) {
	l.gauge.Outcome(false, now)
	l.countDrop(now)
	l.recent = l.recent.Add(false)
	// Who dials after a takeover throws the other program out, and the relay then forgets the
	// newer socket, ours, as after an unclean drop (relay trap 1).
	l.unclean = f.unclean || f.kind == KindTakenOver
	wasStable := l.stable || l.diedAway(now, f)
	l.detach().cut()

	switch {
	case f.kind == KindTakenOver && l.takeovers.add(now):
		f.text = "another program uses this endpoint: it took it over three times within a minute"
		l.giveUp(now, f, false)
	case wasStable && f.kind != KindAuth && f.code != closeGaveUp:
		l.note(f)
		l.wait(now, time.Duration(l.options().Random()*float64(stableRedial)))
	default:
		l.fail(now, f)
	}
}

// fail counts a failure and waits, or gives up.
func (l *link) fail(now time.Time, f failure) {
	l.status.ReconnectAttempts++
	o, n := l.options(), l.status.ReconnectAttempts
	if f.refused() {
		l.giveUp(now, f, false)
		return
	}
	if o.MaxReconnectAttempts > 0 && n > o.MaxReconnectAttempts {
		l.giveUp(now, f, true)
		return
	}
	l.note(f)
	l.wait(now, o.Retry.Delay(f.attempt(n, l.recent), o.Random))
}

func (l *link) wait(now time.Time, delay time.Duration) {
	l.status.ReconnectDelay = delay
	l.retryAt = now.Add(delay)
	l.enter(Waiting, now)
}

// giveUp enters Failed. Again says whether time alone may bring the link back.
func (l *link) giveUp(now time.Time, f failure, again bool) {
	l.note(f)
	l.retryAt = time.Time{}
	if o := l.options(); again && o.FailedRetryInterval > 0 {
		l.status.ReconnectDelay = o.FailedRetryInterval
		l.retryAt = now.Add(o.FailedRetryInterval)
	}
	l.enter(Failed, now)
}
