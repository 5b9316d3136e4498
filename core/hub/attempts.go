package hub

import (
	"time"

	"xiaozhi-switchboard/core/retry"
)

const (
	steadyAfter = time.Minute     // ready for so long, a server's attempts count anew
	failedRetry = 5 * time.Minute // between attempts at what a person must mend
)

// attempts counts the failures of one server in a row. Its zero value has none.
type attempts struct {
	number int
	recent retry.Outcomes
}

// next counts one more failure and returns the wait before the next attempt. Steady
// says that the server was ready for steadyAfter before it failed, which ends the row.
// The wait is 0 only for the first failure of a row that is a forgotten session: the
// server works, and a caller may be waiting.
func (a *attempts) next(steady, forgotten bool, kind ProblemKind, policy retry.Policy, random func() float64) time.Duration {
	if steady {
		a.number = 0
	}
	a.number++
	a.recent = a.recent.Add(steady || forgotten)
	switch {
	case forgotten && a.number == 1:
		return 0
	case kind.lasting():
		return failedRetry
	}
	return max(policy.Delay(retry.Attempt{Number: a.number, Cause: kind.cause(), Recent: a.recent}, random), time.Millisecond)
}
