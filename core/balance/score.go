package balance

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

const (
	seenBit = 1 << 55
	// presumed is the success of a source that nothing was attempted with yet: without it no
	// new source would ever be chosen beside a good one.
	presumed = 1

	scoreWeight = 0.2 // of the newest outcome and the newest round-trip time
	bestRTT     = 50 * time.Millisecond
	worstRTT    = 2 * time.Second
)

// HealthyAbove is the score above which a source that is up counts as healthy.
const HealthyAbove = 50

// Score is the health of a source with what it is made of.
type Score struct {
	// Value is the score, from 0 to 100.
	Value int
	// Success is S, the weighted share of attempts that went well, in [0, 1].
	Success float64
	// Latency is L, from 1 at 50 ms and under to 0 at 2 s and over; 0 when no time is known.
	Latency float64
}

// ScoreOf computes a Score by the formula of the package documentation, of a success in
// [0, 1]. A round-trip time of zero or less means that there is none.
func ScoreOf(success float64, rtt time.Duration) Score {
	latency := latencyScore(rtt)
	return Score{
		Value:   int(math.Round(100 * (0.7*success + 0.3*latency))),
		Success: success,
		Latency: latency,
	}
}

func latencyScore(rtt time.Duration) float64 {
	switch {
	case rtt <= 0, rtt >= worstRTT:
		return 0
	case rtt <= bestRTT:
		return 1
	}
	return 1 - math.Log(float64(rtt)/float64(bestRTT))/math.Log(float64(worstRTT)/float64(bestRTT))
}

// Gauge collects what a score is made of. Its zero value has seen nothing. All
// methods are safe for concurrent use.
type Gauge struct {
	brief atomic.Uint64 // what choosing needs; see shortenLocked

	mu          sync.Mutex
	success     float64
	sampled     bool
	rtt         time.Duration // smoothed; zero when there is none
	failures    int           // in a row
	lastSuccess time.Time
}

// Outcome records that an attempt went well or did not. Now is for Reading.LastSuccess.
func (g *Gauge) Outcome(ok bool, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	sample := 0.0
	if ok {
		sample = 1
		g.failures = 0
		g.lastSuccess = now
	} else {
		g.failures++
	}
	if g.sampled {
		g.success += scoreWeight * (sample - g.success)
	} else {
		g.success, g.sampled = sample, true
	}
	g.shortenLocked()
}

// RoundTrip records a measured round-trip time. It is smoothed with the weight of
// the package documentation. Zero or less counts as the shortest there is.
func (g *Gauge) RoundTrip(rtt time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	rtt = max(rtt, 1)
	if g.rtt == 0 {
		g.rtt = rtt
	} else {
		g.rtt += time.Duration(scoreWeight * float64(rtt-g.rtt))
	}
	g.shortenLocked()
}

// ForgetRoundTrip drops the round-trip time: the connection it was measured on is gone,
// and it says nothing about the next.
func (g *Gauge) ForgetRoundTrip() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rtt = 0
	g.shortenLocked()
}

// shortenLocked packs the score into the highest byte, then a bit that says that something
// was seen, then the round-trip time in microseconds.
func (g *Gauge) shortenLocked() {
	success := g.success
	if !g.sampled {
		success = presumed
	}
	micros := min(uint64(g.rtt/time.Microsecond), seenBit-1)
	g.brief.Store(uint64(ScoreOf(success, g.rtt).Value)<<56 | seenBit | micros)
}

// choice returns the score and the round-trip time in microseconds without a lock.
func (g *Gauge) choice() (score, micros uint64) {
	b := g.brief.Load()
	if b == 0 {
		return 100 * 0.7 * presumed, 0
	}
	return b >> 56, b & (seenBit - 1)
}

// Reading is a copy of what a Gauge has seen.
type Reading struct {
	Score       Score
	RoundTrip   time.Duration // smoothed; 0 when unknown
	Failures    int           // in a row
	LastSuccess time.Time     // zero before the first
}

// Read returns what the gauge has seen.
func (g *Gauge) Read() Reading {
	g.mu.Lock()
	defer g.mu.Unlock()
	return Reading{ScoreOf(g.success, g.rtt), g.rtt, g.failures, g.lastSuccess}
}
