package balance

import "time"

// SetUp says whether calls can reach the source at all. One that is down is never
// chosen; when it comes up again it neither has credit to spend nor owes any.
func (m *Member) SetUp(up bool) {
	if m.up.Swap(up) == up {
		return
	}
	m.set.mu.Lock()
	defer m.set.mu.Unlock()
	m.credit = 0
	if up {
		m.turn = max(m.turn, m.set.oldestTurnLocked(m))
	}
}

// oldestTurnLocked is the turn of the source that has waited longest, m aside: a source that
// comes back queues with those that wait, and does not get all the turns that it missed.
func (s *Set) oldestTurnLocked(m *Member) uint64 {
	oldest := s.turn
	for _, o := range s.members {
		if o != m && o.up.Load() {
			oldest = min(oldest, o.turn)
		}
	}
	return oldest
}

// Up reports what SetUp last said; false before.
func (m *Member) Up() bool { return m.up.Load() }

// Done ends a call that was answered, whatever the answer. Took is how long that took, or
// zero or less where the call's time says nothing about the source. It reports whether that brought
// back a source that was out.
func (m *Member) Done(now time.Time, took time.Duration) (back bool) {
	m.gauge.Outcome(true, now)
	if took > 0 {
		m.gauge.RoundTrip(took)
	}
	m.set.mu.Lock()
	defer m.set.mu.Unlock()
	return m.breaker.succeed()
}

// Failed ends a call that the source did not answer, and reports whether that took the
// source out.
func (m *Member) Failed(now time.Time) (out bool) {
	m.gauge.Outcome(false, now)
	m.set.mu.Lock()
	defer m.set.mu.Unlock()
	m.failed++
	return m.breaker.fail(now.UnixNano())
}

// Abandoned ends a call that says nothing about the source: the caller went away.
func (m *Member) Abandoned() {
	m.set.mu.Lock()
	defer m.set.mu.Unlock()
	m.breaker.abandon()
}

// TakeOut opens the source's breaker, as three failures in a row would: for 5 s, and for twice
// as long, up to a minute, each time before a call goes well again.
func (m *Member) TakeOut(now time.Time) {
	m.set.mu.Lock()
	defer m.set.mu.Unlock()
	m.breaker.open(now.UnixNano())
}

// Read returns the health of the source.
func (m *Member) Read() Reading { return m.gauge.Read() }
