package hub

import (
	"testing"
	"time"

	"xiaozhi-switchboard/core/retry"
)

func TestAttempts(t *testing.T) {
	policy := retry.Policy{Strategy: retry.LinearBackoff, Base: time.Second, NoJitter: true}
	var a attempts
	for i, tt := range []struct {
		steady, forgotten bool
		kind              ProblemKind
		want              time.Duration
	}{
		{false, false, ProblemExited, time.Second},
		{false, false, ProblemExited, 2 * time.Second},
		{false, true, ProblemUnknown, 3 * time.Second}, // a server that forgets at once again is not trusted
		{true, false, ProblemExited, time.Second},      // a minute of service ends the row
		{true, true, ProblemUnknown, 0},
		{false, false, ProblemNotFound, failedRetry},
		{false, false, ProblemAuth, failedRetry},
		{false, false, ProblemConfig, failedRetry},
		{false, false, ProblemNetwork, 5 * time.Second},
	} {
		if got := a.next(tt.steady, tt.forgotten, tt.kind, policy, nil); got != tt.want {
			t.Errorf("failure %d: wait %v, want %v", i, got, tt.want)
		}
	}
}

func TestEnumsHaveNames(t *testing.T) {
	for got, want := range map[string]string{
		KindAuto.String(): "auto", StateStopped.String(): "stopped", ProblemServer.String(): "server",
		Kind(9).String(): "kind(9)", State(9).String(): "state(9)", ProblemKind(99).String(): "problem(99)",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
