package desktop

import "time"

// Passed returns how much time has passed since some moment, sleep included where the
// system tells. Unlike the clock on the wall, nobody can set it.
func Passed() time.Duration { return passed() }

// napNoticed is the shortest sleep that is told. Connections outlive a shorter one, and
// a busy computer may well keep a program from running for some seconds.
const napNoticed = 10 * time.Second

// naps decides from two clocks whether the computer slept. It is pure.
//
// Go's own clock stands still in sleep on Linux (CLOCK_MONOTONIC) and macOS
// (mach_absolute_time), and goes on on Windows (interrupt time), so it alone says nothing; nor
// does the wall clock, which people and time servers set. Asleep comes from clocks that
// neither touches. A program can be frozen without sleep of the system, too: by its virtual
// machine, a container's freezer, SIGSTOP, or the modern standby of Windows, whose clocks go on. Then
// the clock is read too late.
type naps struct {
	at     time.Time     // of the last reading
	asleep time.Duration // of the system at that time, counted from some moment
}

// read takes a reading, which must come within a tick of the one before, and reports
// for how long the program did not run, when that is worth telling.
func (n *naps) read(now time.Time, asleep time.Duration) (slept time.Duration, woke bool) {
	slept = max(asleep-n.asleep, now.Sub(n.at)-tick)
	n.at, n.asleep = now, asleep
	if slept < napNoticed {
		return 0, false
	}
	return slept, true
}
