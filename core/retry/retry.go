// Package retry computes how long to wait before trying again.
//
// It knows the four strategies, jitter and the cap, and nothing of what is being
// retried: no timers, no goroutines, no randomness of its own. A Policy is a
// value, safe for concurrent use.
//
// With base b, multiplier m and attempt n counted from 1:
//
//	fixed-interval       b
//	linear-backoff       b·n
//	exponential-backoff  b·m^(n−1)
//	adaptive             exponential, but linear after a timeout; ×4 after refused
//	                     credentials, ×1.5 after a server error; and × (1.5 − s)
//	                     where s is the share of successes among the last ten
//	                     attempts, once there are three
//
// The result is capped, then jittered within [d/2, d], so that jitter never
// passes the cap. Only a wait that the other side asked for may exceed it.
package retry

import (
	"math"
	"time"
)

// Documented defaults of Policy, from the seed's option table.
const (
	DefaultBase       = 5 * time.Second
	DefaultMax        = 60 * time.Second
	DefaultMultiplier = 2.0
)

// Longest bounds Base and Max, so that no product leaves the range of a Duration.
const Longest = 30 * 24 * time.Hour

// LongestAsked bounds a wait that the other side asks for, so that a peer
// cannot silence us for good.
const LongestAsked = time.Hour

// Cause is why the last attempt failed, as far as it shapes the wait.
type Cause uint8

const (
	// CauseOther shapes nothing.
	CauseOther Cause = iota
	// CauseAuth is refused credentials.
	CauseAuth
	// CauseRateLimit is a request to slow down.
	CauseRateLimit
	// CauseServer is a failure that the other side reports of itself.
	CauseServer
	// CauseTimeout is silence.
	CauseTimeout
)

// Policy says how to space attempts.
type Policy struct {
	Strategy Strategy
	// Base is b above. Zero or less means DefaultBase.
	Base time.Duration
	// Max caps the wait. Zero or less means DefaultMax; a Max below Base counts
	// as Base.
	Max time.Duration
	// Multiplier is m above. Below 1 means DefaultMultiplier.
	Multiplier float64
	// NoJitter makes every wait exact. By default N peers that fail together do not
	// come back together.
	NoJitter bool
}

// Attempt describes what is being retried.
type Attempt struct {
	// Number counts failed attempts in a row from 1; less counts as 1.
	Number int
	Cause  Cause
	// Asked is the wait that the other side asked for (Retry-After); zero if it did not.
	// The result is never below it, up to LongestAsked.
	Asked time.Duration
	// Floor is the least wait, before jitter, whatever the strategy says and the cap allows.
	Floor time.Duration
	// Recent is how the last attempts went; only Adaptive reads it.
	Recent Outcomes
}

// Delay returns the wait before the next attempt. Random returns numbers in
// [0, 1), as rand.Float64 does; it is not called with NoJitter.
func (p Policy) Delay(a Attempt, random func() float64) time.Duration {
	base, limit, multiplier := p.Base, p.Max, p.Multiplier
	if base <= 0 {
		base = DefaultBase
	}
	if limit <= 0 {
		limit = DefaultMax
	}
	base = min(base, Longest)
	limit = min(max(limit, base), Longest)
	if multiplier < 1 || math.IsNaN(multiplier) {
		multiplier = DefaultMultiplier
	}
	n := float64(max(a.Number, 1))
	linear, exponential := float64(base)*n, float64(base)*math.Pow(multiplier, n-1)

	var d float64
	switch p.Strategy {
	case FixedInterval:
		d = float64(base)
	case LinearBackoff:
		d = linear
	case Adaptive:
		d = exponential
		switch a.Cause {
		case CauseTimeout:
			d = linear
		case CauseAuth:
			d *= 4
		case CauseServer:
			d *= 1.5
		}
		if share, known := a.Recent.Share(); known {
			d *= 1.5 - share
		}
	default:
		d = exponential
	}
	// min also folds the +Inf of a large n into the limit.
	d = max(min(d, float64(limit)), float64(min(a.Floor, Longest)))
	if !p.NoJitter {
		d = d/2 + random()*d/2
	}
	return max(time.Duration(d), min(a.Asked, LongestAsked))
}
