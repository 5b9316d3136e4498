package balance

import (
	"testing"
	"time"
	"unsafe"
)

func TestBreaker(t *testing.T) {
	s, members := some(RoundRobin, 2)
	bad, good := members[0], members[1]
	at := start
	state := func(want BreakerState) {
		t.Helper()
		if got := s.Stats(at).Members[0].Breaker; got != want {
			t.Fatalf("breaker is %v after %v, want %v", got, at.Sub(start), want)
		}
	}
	state(Closed)
	for range breakAfter {
		bad.Failed(at)
	}
	for _, wait := range []time.Duration{5, 10, 20, 40, 60, 60} {
		wait *= time.Second
		state(Open)
		bad.gauge.Outcome(true, at) // only the breaker is looked at here
		for range 10 {
			if s.Pick(at.Add(wait-1), members, nil) != good {
				t.Fatal("a source that is out was picked")
			}
		}
		at = at.Add(wait)
		state(HalfOpen)
		trials := 0
		for range 10 {
			if s.Pick(at, members, nil) == bad {
				trials++
			}
		}
		if trials != 1 {
			t.Fatalf("%d calls were let through as a trial, want 1", trials)
		}
		if !bad.Failed(at) {
			t.Fatal("a failed trial does not open the breaker again")
		}
		for range 20 { // no longer unhealthy for that alone
			bad.gauge.Outcome(true, at)
		}
	}
	at = at.Add(breakMost)
	for s.Pick(at, members, nil) != bad {
	}
	if !bad.Done(at, time.Millisecond) || bad.Done(at, time.Millisecond) {
		t.Error("the trial's success is reported once")
	}
	state(Closed)
	for range breakAfter - 1 {
		bad.Failed(at)
	}
	state(Closed)
	bad.TakeOut(at)
	state(Open)
	if until := s.Stats(at).Members[0].OpenUntil; !until.Equal(at.Add(breakFirst)) {
		t.Errorf("open until %v", until.Sub(at))
	}
}

// reset is now after the time of day was set by some seconds, as the system would tell it: the
// monotonic part goes on. Package time has no way to make one; see its documentation of Time.
func reset(now time.Time, seconds int64) time.Time {
	*(*uint64)(unsafe.Pointer(&now)) += uint64(seconds) << 30
	return now
}

// TestClockIsSet sets the time of day back and forth while a source is out.
func TestClockIsSet(t *testing.T) {
	for _, set := range []int64{-3600, 3600} {
		s := NewSet(RoundRobin, nil)
		m := s.Add("a", "g", nil)
		now := time.Now()
		if then := reset(now, set); then.Unix() != now.Unix()+set || then.Sub(now) != 0 {
			t.Fatalf("the clock cannot be set: %v after %v", then, now)
		}
		m.TakeOut(now)
		before := s.Stats(reset(now.Add(breakFirst-1), set)).Members[0]
		if before.Breaker != Open || before.OpenUntil.Sub(now) != breakFirst {
			t.Errorf("set by %d s: %v before its time, until %v", set, before.Breaker, before.OpenUntil)
		}
		if got := s.Stats(reset(now.Add(breakFirst), set)).Members[0].Breaker; got != HalfOpen {
			t.Errorf("set by %d s: %v when its time is over", set, got)
		}
	}
}

func TestForgottenTrial(t *testing.T) {
	s, members := some(RoundRobin, 1)
	bad := members[0]
	good := s.Add("good", "g", nil)
	good.SetUp(true)
	good.gauge.Outcome(true, start)
	both := []*Member{bad, good}
	bad.TakeOut(start)
	at := start.Add(breakFirst)
	tries := func() (n int) {
		for range 6 {
			if s.Pick(at, both, nil) == bad {
				n++
			}
		}
		return n
	}
	if tries() != 1 || tries() != 0 {
		t.Error("a second trial began while the first ran")
	}
	at = at.Add(breakMost + 1)
	if tries() != 1 {
		t.Error("a trial that nobody ended blocks the source for ever")
	}
}

func TestUnprobedSourceRecovers(t *testing.T) {
	s, members := some(RoundRobin, 1)
	own := s.Add("own", "g", nil)
	own.SetUp(true)
	both := []*Member{members[0], own}
	at, tries := start, 0
	for range 2 { // unhealthy, but its breaker is closed
		for s.Pick(at, both, nil) != own {
		}
		own.Failed(at)
	}
	for second := range 20 {
		at = start.Add(time.Duration(second) * time.Second)
		for range 5 {
			if s.Pick(at, both, nil) == own {
				tries++
				own.Done(at, 0)
			}
		}
	}
	if tries < 3 || own.Read().Score.Value <= HealthyAbove {
		t.Errorf("given %d calls in 20 s, and scores %d", tries, own.Read().Score.Value)
	}
}
