package balance

import (
	"slices"
	"time"
)

// Stats is how a Set has spread its calls.
type Stats struct {
	Strategy Strategy
	// Since is from when Picked counts: the start, or the last change of the strategy.
	Since   time.Time
	Members []MemberStats // in the order in which they were added
	Moves   []Move        // the last 100, newest last
}

// MemberStats is the part of one source.
type MemberStats struct {
	ID, Group string
	Up        bool // as SetUp last said
	// Picked counts the calls given to it since Stats.Since, Total since it was added.
	Picked, Total uint64
	// Share is its part of the calls of its group since Stats.Since, in [0, 1].
	Share float64
	// Failed counts the calls that it did not answer, Moved those of them, and those that it
	// was never sent, that were given to another source.
	Failed, Moved uint64
	Reading       Reading
	Breaker       BreakerState
	OpenUntil     time.Time // zero unless the breaker is open
}

// Stats returns how the calls were spread, as of now.
func (s *Set) Stats(now time.Time) Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := Stats{Strategy: s.strategy, Since: s.since, Moves: slices.Clone(s.moves), Members: make([]MemberStats, 0, len(s.members))}
	sums := map[string]uint64{}
	for _, m := range s.members {
		sums[m.Group] += m.picked
		state, left := m.breaker.state(s.clock(now))
		var until time.Time
		if left > 0 {
			until = now.Add(left)
		}
		all.Members = append(all.Members, MemberStats{ID: m.ID, Group: m.Group, Up: m.up.Load(), Picked: m.picked, Total: m.total,
			Failed: m.failed, Moved: m.moved, Reading: m.gauge.Read(), Breaker: state, OpenUntil: until})
	}
	for i := range all.Members {
		if sum := sums[all.Members[i].Group]; sum > 0 {
			all.Members[i].Share = float64(all.Members[i].Picked) / float64(sum)
		}
	}
	return all
}

// Fairness returns Jain's index of the picks of a group: 1 when all sources have the same
// number, 1/n when one of n has them all; 1 when there are none. (R. Jain, D. Chiu,
// W. Hawe, "A Quantitative Measure of Fairness and Discrimination", 1984.)
func (s Stats) Fairness(group string) float64 {
	var picks []uint64
	for _, m := range s.Members {
		if m.Group == group {
			picks = append(picks, m.Picked)
		}
	}
	return Jain(picks)
}

// Jain returns the index of Stats.Fairness for any counts; 1 for none or only zeros.
func Jain(counts []uint64) float64 {
	var sum, squares float64
	for _, c := range counts {
		sum += float64(c)
		squares += float64(c) * float64(c)
	}
	if squares == 0 {
		return 1
	}
	return sum * sum / (float64(len(counts)) * squares)
}
