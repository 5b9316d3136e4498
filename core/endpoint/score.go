package endpoint

import (
	"math"
	"sync"
	"time"
)

const (
	scoreWeight = 0.2 // of the newest outcome and the newest round-trip time
	bestRTT     = 50 * time.Millisecond
	worstRTT    = 2 * time.Second
)

// Score is the health of a link with what it is made of.
type Score struct {
	// Value is the score, from 0 to 100.
	Value int
	// Success is S, the weighted share of pings, dials and calls that went well, in [0, 1].
	Success float64
	// Latency is L, from 1 at 50 ms and under to 0 at 2 s and over; 0 while not connected.
	Latency float64
}

// scoreOf computes a Score by the formula of the package documentation. A
// round-trip time of zero means that there is none.
func scoreOf(success float64, rtt time.Duration) Score {
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

// gauge collects what a score is made of. Calls report from their own
// goroutines, so it is safe for concurrent use.
type gauge struct {
	mu          sync.Mutex
	success     float64
	sampled     bool
	rtt         time.Duration // smoothed; zero when there is none
	failures    int           // in a row
	lastSuccess time.Time
}

// outcome records that a ping, dial or call went well or did not.
func (g *gauge) outcome(ok bool, now time.Time) {
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
	if !g.sampled {
		g.success, g.sampled = sample, true
		return
	}
	g.success += scoreWeight * (sample - g.success)
}

// roundTrip records a measured round-trip time.
func (g *gauge) roundTrip(rtt time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	rtt = max(rtt, 1)
	if g.rtt == 0 {
		g.rtt = rtt
		return
	}
	g.rtt += time.Duration(scoreWeight * float64(rtt-g.rtt))
}

// forgetRoundTrip is called when the socket is gone: its times say nothing about the next.
func (g *gauge) forgetRoundTrip() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.rtt = 0
}

// reading is a copy of a gauge.
type reading struct {
	success     float64
	rtt         time.Duration
	failures    int
	lastSuccess time.Time
}

func (g *gauge) read() reading {
	g.mu.Lock()
	defer g.mu.Unlock()
	return reading{g.success, g.rtt, g.failures, g.lastSuccess}
}
