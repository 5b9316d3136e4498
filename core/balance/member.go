package balance

import "time"

// SetUp says whether calls can reach the source at all. One that is down is never
// chosen; when it comes up again it neither has credit to spend nor owes any, and of the turns
// that it missed it gets one at most.
func (m *Member) SetUp(up bool) {
	if m.up.Swap(up) == up {
		return
	}
	m.set.mu.Lock()
	defer m.set.mu.Unlock()
	m.credit = 0
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
	return m.breaker.fail(m.set.clock(now))
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
	m.breaker.open(m.set.clock(now))
}

// Read returns the health of the source.
func (m *Member) Read() Reading { return m.gauge.Read() }
