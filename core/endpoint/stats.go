package endpoint

import "time"

// HealthCheckStat is how the pings of one link fared since it was added.
type HealthCheckStat struct {
	// ID is the endpoint's, and Label what it is called.
	ID, Label string
	// Enabled: pings are on. Interval is the time between two; 0 when they are off.
	Enabled  bool
	Interval time.Duration
	// Checks are the pings sent, those of CheckHealth included. Successes were answered in
	// time by a pong, and Misses by nothing at all; a ping that was followed by other
	// traffic is neither, and shows life as well.
	Checks, Successes, Misses uint64
	// Last is when the last ping was sent; zero before the first.
	Last time.Time
	// ConsecutiveFailures counts pings, dials and calls that failed in a row.
	ConsecutiveFailures int
	Score               Score
	// RoundTrip is smoothed over the last pings of this socket, and Average is the mean
	// over all pongs ever; 0 when there were none.
	RoundTrip, Average time.Duration
}

// HealthCheckStats returns how the health checks of every link fared, in the order of
// the endpoints. It reads snapshots and waits for no link.
func (m *Manager) HealthCheckStats() []HealthCheckStat {
	return collect(m, func(l *link) HealthCheckStat {
		s, c := l.read(), &l.counts
		stat := HealthCheckStat{
			ID: s.ID, Label: s.Label(), Enabled: s.HealthCheck, Last: s.LastHealthCheck, ConsecutiveFailures: s.ConsecutiveFailures,
			Score: s.Score, RoundTrip: s.RoundTrip, Average: mean(c.roundTrips.Load(), c.of(countPongs)),
		}
		stat.Successes, stat.Misses = c.of(countPongs), c.of(countMisses)
		stat.Checks = c.of(countPings) // after its parts, so that they do not exceed it
		if s.HealthCheck {
			stat.Interval = l.options().HealthCheckInterval
		}
		return stat
	})
}

// ReconnectStat is how often one link was lost and came back since it was added.
type ReconnectStat struct {
	// ID is the endpoint's, and Label what it is called.
	ID, Label string
	// State is the link's. Stopped says that StopReconnect ended its attempts.
	State   State
	Stopped bool
	// Dials ended, well or not; Connects of them in a socket. Drops are sockets lost, not
	// those that we closed.
	Dials, Connects, Drops uint64
	// Attempts are the dials to get the link back: all but the first, unless that failed
	// before. Successes ended in a socket. SuccessRate is their share, from 0 to 1; 0
	// without attempts.
	Attempts, Successes uint64
	SuccessRate         float64
	// Current counts failures in a row; 0 for a link that is stable. Delay is the wait that
	// led to the last or next dial, and Next when that is due; zero when none is planned.
	Current int
	Delay   time.Duration
	Next    time.Time
	// Average is how long a successful attempt took, in the mean, from the beginning of
	// its dial; 0 when there was none.
	Average time.Duration
	// History holds the last 20 attempts, the newest last. It must not be written to.
	History []Reconnect
}

// ReconnectStats returns how the reconnecting of every link fared, in the order of
// the endpoints. It reads snapshots and waits for no link.
func (m *Manager) ReconnectStats() []ReconnectStat {
	return collect(m, func(l *link) ReconnectStat {
		s, c := l.read(), &l.counts
		stat := ReconnectStat{
			ID: s.ID, Label: s.Label(), State: s.State, Stopped: s.stopped(),
			Connects: c.of(countConnects), Drops: c.of(countDrops), Successes: c.of(countReturns),
			Current: s.ReconnectAttempts, Delay: s.ReconnectDelay, Next: s.NextReconnect,
			Average: mean(c.returns.Load(), c.of(countReturns)), History: s.History,
		}
		stat.Dials, stat.Attempts = c.of(countDials), c.of(countRetries) // after their parts
		if stat.Attempts > 0 {
			stat.SuccessRate = float64(stat.Successes) / float64(stat.Attempts)
		}
		return stat
	})
}

// collect reads every link, in the order of the endpoints. It never returns nil.
func collect[T any](m *Manager, read func(*link) T) []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]T, 0, len(m.order))
	for _, id := range m.order {
		all = append(all, read(m.links[id]))
	}
	return all
}

func mean(sum int64, n uint64) time.Duration {
	if n == 0 {
		return 0
	}
	return time.Duration(sum / int64(n))
}

// countDial counts a dial that has ended.
func (l *link) countDial(now time.Time, ok bool) {
	again := l.status.Sockets > 0 || l.status.ReconnectAttempts > 0
	l.count(countDials)
	if again {
		l.count(countRetries)
	}
	if ok {
		l.count(countConnects)
	}
	if ok && l.status.Sockets > 0 {
		l.count(countReopens)
	}
	if ok && again {
		l.counts.returns.Add(int64(now.Sub(l.dialedAt)))
		l.count(countReturns)
	}
}

// countPong counts an answer that came in time, and learns from it.
func (l *link) countPong(rtt time.Duration) {
	l.counts.roundTrips.Add(int64(rtt))
	l.count(countPongs)
	l.watch.trips.add(rtt)
}

// countDrop counts a socket that was lost.
func (l *link) countDrop(now time.Time) {
	l.count(countDrops)
	l.watch.drops = l.watch.drops.add(now)
}
