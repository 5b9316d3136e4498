// Package tally counts calls and how long they took.
//
// A Histogram keeps durations for quantiles, a Window keeps how many went well and
// ill lately. Both are made for hot paths: recording takes tens of nanoseconds and
// allocates nothing once it has warmed up. Neither knows what is counted, starts a
// goroutine, or looks at a clock: who records says what the time is.
package tally
