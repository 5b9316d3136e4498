// Package balance chooses one of several sources that can stand in for one another:
// links to endpoints that offer the same tool, or MCP servers of one group.
//
// It knows how good each source is (Gauge), whether it is to be left alone for a while
// (BreakerState), which one is next (Set), and how evenly it chose (Stats). It knows
// nothing of what a source is, carries no call, and starts no goroutine.
//
// # Score
//
// The score of a source is, from 0 to 100,
//
//	100·(0.7·S + 0.3·L)
//
// where S is the exponentially weighted success, with weight 0.2 for the newest, of what was
// attempted; and L is 1 at a round-trip time of 50 ms and under, 0 at 2 s and over, and
// falls with its logarithm between. The round-trip time is smoothed with the same
// weight. A source is healthy when it is up and scores above 50.
//
// # Strategies
//
// RoundRobin takes whoever has waited longest, which stays even while sources come and
// go. Random takes any. HealthBased gives each a share of the calls in proportion to
// the square of its score, and where two are due at once takes the one with the shorter
// round-trip time. All three look at healthy sources first, then at any whose breaker lets
// them through, then at any that is up. A source whose health only calls tell is given one
// every 5 s also when it is not healthy.
//
// # Circuit breaker
//
// A source that leaves three calls in a row unanswered is out for 5 s. Then one call is let
// through; if it is not answered either, the source is out for 10, 20, 40 and then 60 s. An
// answer that reports an error is an answer.
package balance
