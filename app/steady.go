package app

import "time"

// worseHolds is how long something worse must last before the tray shows it. Links come
// back from most troubles within that time, and an icon that blinks is soon ignored.
const worseHolds = 5 * time.Second

// worst is the highest rank a steady knows.
const worst = 3

// steady keeps back what is worse until it has lasted, and lets what is better through
// at once. Ranks go from 0, the best, to worst.
type steady struct {
	shown int
	// since is, for each rank, when things became at least that bad; zero while they
	// are better.
	since [worst + 1]time.Time
}

// next takes the rank of now and returns the one to show. Again is when that changes
// if nothing else does; zero when it does not.
func (s *steady) next(rank int, now time.Time) (shown int, again time.Time) {
	for r := range s.since {
		switch {
		case r > rank:
			s.since[r] = time.Time{}
		case s.since[r].IsZero():
			s.since[r] = now
		}
	}
	if rank <= s.shown {
		s.shown = rank
		return rank, time.Time{}
	}
	for r := rank; r > s.shown; r-- {
		due := s.since[r].Add(worseHolds)
		if !now.Before(due) {
			s.shown = r
			break
		}
		again = due
	}
	if s.shown < rank && again.IsZero() {
		again = s.since[rank].Add(worseHolds)
	}
	return s.shown, again
}

// set shows a rank at once.
func (s *steady) set(rank int, now time.Time) {
	*s = steady{shown: rank}
	for r := range rank + 1 {
		s.since[r] = now
	}
}
