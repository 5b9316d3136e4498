package config

import "time"

// Times of settling, as multiples of the debounce time.
const (
	settleRecheck = 4  // between a first look at a bad file and its second
	settleLimit   = 20 // at most, however often a file changes
)

// settler decides when to look at a file that is being changed, and when to believe
// that it is bad. An editor truncates, writes in pieces, or moves files about; each
// of these passes through states that nobody meant.
//
// Every sign of change puts the look off, up to a limit. A bad look is believed only
// when a second one, some time later, finds the very same.
type settler struct {
	debounce time.Duration
	first    time.Time // of the signs since the last look; zero if there were none
	suspect  string    // what the last look found, if bad
}

// sign notes a change and returns how long to wait before the next look.
func (s *settler) sign(now time.Time) time.Duration {
	if s.first.IsZero() {
		s.first = now
	}
	left := s.first.Add(settleLimit * s.debounce).Sub(now)
	return max(min(s.debounce, left), 0)
}

// look notes what was found, as a revision. It returns whether to believe it and, if
// not, how long to wait before looking again.
func (s *settler) look(found string, bad bool) (believe bool, again time.Duration) {
	s.first = time.Time{}
	if !bad || s.suspect == found {
		s.suspect = ""
		return true, 0
	}
	s.suspect = found
	return false, settleRecheck * s.debounce
}
