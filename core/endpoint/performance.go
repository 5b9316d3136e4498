package endpoint

import (
	"runtime/debug"
	"slices"
	"time"

	"xiaozhi-switchboard/core/tally"
)

// Metrics is how all links of a manager fare.
type Metrics struct {
	At time.Time
	// Uptime is how long the manager has been there.
	Uptime time.Duration
	// Links that are not paused; Connected and Healthy of them.
	Links, Connected, Healthy int
	Totals
	// SuccessRate is the share of dials that ended in a socket, in [0, 1], and Known whether
	// there were any.
	SuccessRate float64
	Known       bool
	// RoundTrip is the mean over the connected links; 0 when none is known.
	RoundTrip time.Duration
	// Took is how long tool calls took, in both roles.
	Took tally.Snapshot
	// ReconnectsPerHour is how often links were connected anew, over Uptime; 0 in the first
	// minute, which says too little.
	ReconnectsPerHour float64
	// Evenness is Jain's index of the calls over links in the call role; see package balance.
	Evenness float64
	// CheckTime is what health checks took of the processor, as far as it can be told from
	// here: the time spent in sending pings and taking pongs. The system's own work for it
	// comes on top.
	CheckTime time.Duration
	// BytesIn and BytesOut went over all sockets of the links that are there now.
	BytesIn, BytesOut uint64
}

// PerformanceMetrics returns how all links fare, as of now. It reads snapshots and waits for
// no link.
func (m *Manager) PerformanceMetrics() Metrics {
	now := time.Now()
	p := Metrics{At: now, Uptime: now.Sub(m.since), Totals: m.Totals(), CheckTime: time.Duration(m.ledger.checkTime.Load()),
		Evenness: m.LoadBalanceStats().Fairness(RemoteGroup)}
	if p.Known = p.Dials > 0; p.Known {
		p.SuccessRate = float64(p.Connects) / float64(p.Dials)
	}
	if p.Uptime >= time.Minute {
		p.ReconnectsPerHour = float64(p.Reconnects) / p.Uptime.Hours()
	}
	measured := 0
	for _, s := range m.Status() {
		p.BytesIn += s.BytesIn
		p.BytesOut += s.BytesOut
		if s.State == Paused {
			continue
		}
		p.Links++
		if s.Connected() {
			p.Connected++
		}
		if s.Healthy() {
			p.Healthy++
		}
		if s.RoundTrip > 0 {
			p.RoundTrip += s.RoundTrip
			measured++
		}
	}
	if measured > 0 {
		p.RoundTrip /= time.Duration(measured)
	}
	p.Took = m.took()
	return p
}

// took merges how long the calls of all links took.
func (m *Manager) took() tally.Snapshot {
	m.mu.Lock()
	all := make([]tally.Snapshot, 0, len(m.links))
	for _, l := range m.links {
		if h := l.took.Load(); h != nil {
			all = append(all, h.Snapshot())
		}
	}
	m.mu.Unlock()
	return tally.Merge(all...)
}

// historyTidied is how many attempts of each link Compact leaves.
const historyTidied = 5

// Compact drops what links can do without: the older part of their histories, and the ended
// anomalies but for the newest. It returns at once.
func (m *Manager) Compact() {
	m.ledger.trim()
	m.each(func(l *link) func(time.Time) {
		return func(time.Time) {
			if extra := len(l.status.History) - historyTidied; extra > 0 {
				l.status.History = slices.Clone(l.status.History[extra:])
			}
		}
	})
}

// OptimizeMemory does Compact and returns free memory to the system. It takes some
// milliseconds, more with a large heap, and concerns the whole process.
func (m *Manager) OptimizeMemory() {
	m.Compact()
	debug.FreeOSMemory()
}
