package balance_test

import (
	"fmt"
	"time"

	"xiaozhi-switchboard/core/balance"
)

// Two sources take turns. When one leaves calls unanswered its score falls, and the other has
// all calls for a while.
func ExampleSet() {
	set := balance.NewSet(balance.RoundRobin, nil)
	from := []*balance.Member{set.Add("a", "lights", nil), set.Add("b", "lights", nil)}
	for _, m := range from {
		m.SetUp(true)
	}
	now := time.Now()
	call := func() *balance.Member { return set.Pick(now, from, nil) }

	for range 6 {
		switch m := call(); m.ID {
		case "a":
			m.Done(now, 20*time.Millisecond)
		case "b":
			m.Failed(now)
		}
	}
	for range 2 {
		m := call()
		fmt.Println("next is", m.ID)
		m.Done(now, 20*time.Millisecond)
	}
	stats := set.Stats(now)
	for _, m := range stats.Members {
		fmt.Println(m.ID, m.Picked, m.Failed, m.Reading.Score.Value, m.Breaker)
	}
	fmt.Printf("%.2f\n", stats.Fairness("lights"))
	// Output:
	// next is a
	// next is a
	// a 6 0 100 closed
	// b 2 2 45 closed
	// 0.80
}

// Of two sources the healthier has more of the calls, by the square of the score.
func ExampleStrategy() {
	strategy, err := balance.ParseStrategy("Health_Based")
	if err != nil {
		fmt.Println(err)
	}
	var near, far balance.Gauge // fed by pings, say
	for range 50 {
		near.Outcome(true, time.Now())
		near.RoundTrip(20 * time.Millisecond)
		far.Outcome(true, time.Now())
		far.RoundTrip(time.Second)
	}
	set := balance.NewSet(strategy, nil)
	from := []*balance.Member{set.Add("near", "", &near), set.Add("far", "", &far)}
	for _, m := range from {
		m.SetUp(true)
	}
	for range 1000 {
		set.Pick(time.Now(), from, nil).Done(time.Now(), 0)
	}
	for _, m := range set.Stats(time.Now()).Members {
		fmt.Println(strategy, m.ID, m.Reading.Score.Value, m.Picked)
	}
	// Output:
	// health-based near 100 634
	// health-based far 76 366
}
