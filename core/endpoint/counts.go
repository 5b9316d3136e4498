package endpoint

import (
	"sync/atomic"
	"time"

	"xiaozhi-switchboard/core/tally"
)

// count names a number that every link keeps of itself and the manager of them all.
type count uint8

const (
	countDials    count = iota // that ended, well or not
	countConnects              // dials that ended in a socket
	countRetries               // dials to get a link back
	countReturns               // retries that ended in a socket
	countReopens               // sockets after a link's first
	countPings                 // sent
	countPongs                 // pings answered in time, by a pong
	countMisses                // pings whose answer was overdue
	countDrops                 // sockets lost, not those that we closed
	counted
)

// linkCounts are the numbers of one link. Its loop writes; anybody may read.
type linkCounts struct {
	n          [counted]atomic.Uint32 // a ping a second overflows it in 136 years
	roundTrips atomic.Int64           // nanoseconds, of all pongs
	returns    atomic.Int64           // nanoseconds, of all returns
}

func (c *linkCounts) of(what count) uint64 { return uint64(c.n[what].Load()) }

// count adds one, here and for all links.
func (l *link) count(what count) {
	l.counts.n[what].Add(1)
	l.ledger.totals[what].Add(1)
}

// callEnds counts the end of a tool call, in both roles. It is a request like others.
func (l *link) callEnds(ok bool) {
	l.requests.Add(1)
	if ok {
		l.successes.Add(1)
	} else {
		l.callErrors.Add(1)
	}
}

// observe counts how long a call took. A link that never had one holds no histogram.
func (l *link) observe(took time.Duration) {
	h := l.took.Load()
	if h == nil {
		l.took.CompareAndSwap(nil, new(tally.Histogram))
		h = l.took.Load()
	}
	h.Observe(took)
}

// Totals are sums over all links of a manager since NewManager, of removed ones too. They
// never fall.
type Totals struct {
	Dials    uint64 // that ended, well or not
	Connects uint64 // dials that ended in a socket
	Retries  uint64 // dials to get a link back: all but the first of each, unless that failed before
	Returns  uint64 // retries that ended in a socket
	// Reconnects are sockets opened after the first of a link: Returns without those of a first
	// dial that failed.
	Reconnects uint64
	Pings      uint64 // sent
	Pongs      uint64 // pings answered in time, by a pong
	Misses     uint64 // pings whose answer was overdue
	Drops      uint64 // sockets lost; those that we closed are not
}

// Totals returns the sums. The parts of a pair, such as Connects and Dials, may be
// of slightly different moments, but a part never exceeds its whole.
func (m *Manager) Totals() Totals {
	of := func(what count) uint64 { return m.ledger.totals[what].Load() }
	// Parts are counted after their wholes, so they are read before them.
	t := Totals{Returns: of(countReturns), Reconnects: of(countReopens), Connects: of(countConnects), Pongs: of(countPongs), Misses: of(countMisses), Drops: of(countDrops)}
	t.Retries, t.Dials, t.Pings = of(countRetries), of(countDials), of(countPings)
	return t
}
