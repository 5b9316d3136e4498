package balance

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Set is what is chosen from: sources that can stand in for one another, with the
// strategy by which they are chosen. All methods are safe for concurrent use.
type Set struct {
	random func() float64
	onMove func(Move) // set before use; nil is told nothing
	born   time.Time

	mu       sync.Mutex
	strategy Strategy
	since    time.Time // from when the picks are counted
	turn     uint64    // of the last pick
	members  []*Member
	moves    []Move // newest last
}

// Member is one source of a Set. All methods are safe for concurrent use.
type Member struct {
	// ID names the source, Group what it is interchangeable with; see Stats.
	ID, Group string

	set   *Set
	gauge *Gauge
	up    atomic.Bool
	// unprobed: nothing but calls tells how the source fares.
	unprobed bool

	// Guarded by set.mu.
	breaker breaker
	turn    uint64  // of its last pick
	last    int64   // when that was, by the clock of the set
	credit  float64 // of the health-based strategy
	picked  uint64  // since the strategy was chosen
	total   uint64
	failed  uint64
	moved   uint64
}

// NewSet returns an empty set. It needs no end. Random returns numbers in [0, 1) and must be safe for
// concurrent use; nil means math/rand.
func NewSet(strategy Strategy, random func() float64) *Set {
	if random == nil {
		random = rand.Float64
	}
	now := time.Now()
	return &Set{random: random, strategy: strategy, since: now, born: now.Add(-1)}
}

// clock is how long the set has been there, in nanoseconds; 0 never comes. Unlike the time of
// day it cannot be set, which would keep sources out for as long as it was set back.
func (s *Set) clock(now time.Time) int64 { return int64(now.Sub(s.born)) }

// OnMove has f called with every move, by the goroutine that moves the call; f should return
// at once. It must be called before the set is used, and at most once.
func (s *Set) OnMove(f func(Move)) { s.onMove = f }

// Add adds a source that is not up yet. Its ID need not be unique: Stats tells sources apart
// by it, Pick does not. Gauge is one that others feed too, by probes of
// their own. Nil starts a gauge that only calls feed; then a source that is not healthy is
// given a call now and again all the same, or it could never recover.
func (s *Set) Add(id, group string, gauge *Gauge) *Member {
	m := &Member{ID: id, Group: group, set: s, gauge: gauge}
	if gauge == nil {
		m.unprobed = true
		m.gauge = &Gauge{success: presumed, sampled: true}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m.turn = s.turn // it takes its turn after those that wait
	s.members = append(s.members, m)
	return m
}

// Remove forgets a source, if it is there. A call that it has goes on, and is ended as ever.
func (s *Set) Remove(m *Member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.members = slices.DeleteFunc(s.members, func(o *Member) bool { return o == m })
}

// Strategy returns the strategy in use.
func (s *Set) Strategy() Strategy {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.strategy
}

// SetStrategy changes the strategy from the next pick on. The picks of another
// strategy are counted anew, so that Stats tells how the new one spreads.
func (s *Set) SetStrategy(strategy Strategy) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.strategy == strategy {
		return
	}
	s.strategy, s.since = strategy, time.Now()
	for _, m := range s.members {
		m.picked, m.credit = 0, 0
	}
}

// Pick chooses one of from, which must be members of the set, for a call at now. It
// leaves out those of tried and those that are not up; prefers those that are healthy and
// whose breaker lets them through; and takes one that is out rather than none. It
// returns nil when there is none. Whoever gets a member ends the call by its Done, Failed or
// Abandoned. Pick allocates nothing.
func (s *Set) Pick(now time.Time, from, tried []*Member) *Member {
	at := s.clock(now)
	s.mu.Lock()
	defer s.mu.Unlock()
	for level := healthy; level <= anyUp; level++ {
		var m *Member
		switch s.strategy {
		case Random:
			m = s.anyLocked(at, from, tried, level)
		case HealthBased:
			m = s.weightedLocked(at, from, tried, level)
		default:
			m = s.longestWaitingLocked(at, from, tried, level)
		}
		if m != nil {
			s.turn++
			m.turn, m.last = s.turn, at
			m.picked++
			m.total++
			m.breaker.begin(at)
			return m
		}
	}
	return nil
}

// level is how good a source must be to be chosen.
type level uint8

const (
	healthy level = iota // up, let through, and with a score above HealthyAbove
	working              // up and let through
	anyUp                // up: better than certain failure
)

func (m *Member) fits(now int64, tried []*Member, least level) bool {
	if !m.up.Load() || len(tried) > 0 && slices.Contains(tried, m) {
		return false
	}
	if least == anyUp {
		return true
	}
	if !m.breaker.allows(now) {
		return false
	}
	if least == working {
		return true
	}
	score, _ := m.gauge.choice()
	return score > HealthyAbove || m.unprobed && now-m.last >= int64(breakFirst)
}

// longestWaitingLocked is the round: whoever was chosen longest ago is next. With sources
// that come and go this stays even where a running index would skip or repeat some.
func (s *Set) longestWaitingLocked(now int64, from, tried []*Member, least level) *Member {
	var best *Member
	for _, m := range from {
		if (best == nil || m.turn < best.turn) && m.fits(now, tried, least) {
			best = m
		}
	}
	return best
}

// anyLocked takes each with the same probability: it counts those that fit, then takes one.
func (s *Set) anyLocked(now int64, from, tried []*Member, least level) *Member {
	fit := 0
	for _, m := range from {
		if m.fits(now, tried, least) {
			fit++
		}
	}
	if fit == 0 {
		return nil
	}
	nth := min(int(s.random()*float64(fit)), fit-1)
	for _, m := range from {
		if m.fits(now, tried, least) {
			if nth == 0 {
				return m
			}
			nth--
		}
	}
	return nil
}

// weightedLocked is smooth weighted round-robin, as in nginx: each earns its weight,
// whoever has most is chosen and pays what all have earned. Of those with as much, the
// one with the shorter round-trip time is chosen.
func (s *Set) weightedLocked(now int64, from, tried []*Member, least level) *Member {
	var (
		best   *Member
		rtt    uint64
		earned float64
	)
	for _, m := range from {
		if !m.fits(now, tried, least) {
			continue
		}
		score, micros := m.gauge.choice()
		weight := max(float64(score*score), 1)
		m.credit += weight
		earned += weight
		if best == nil || m.credit > best.credit || m.credit == best.credit && micros < rtt {
			best, rtt = m, micros
		}
	}
	if best != nil {
		best.credit -= earned
	}
	return best
}
