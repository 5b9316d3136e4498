package web

import (
	"time"
)

// spans are the stretches of time that a chart can show, by their names, the usual one
// first.
var spans = [...]span{
	{"1h", time.Minute, 60},
	{"24h", 15 * time.Minute, 96},
	{"7d", 2 * time.Hour, 84},
}

// span is a stretch of time, cut into slots of one width.
type span struct {
	name  string
	width time.Duration
	count int
}

// spanOf finds a span by its name. Without a name it is the usual one.
func spanOf(name string) (i int, ok bool) {
	for i, s := range spans {
		if s.name == name {
			return i, true
		}
	}
	return 0, name == ""
}

// spanNames are the names of all spans.
func spanNames() []string {
	var names []string
	for _, s := range spans {
		names = append(names, s.name)
	}
	return names
}

// first is where the first slot starts, of those of which the last one holds now.
func (s span) first(now time.Time) time.Time {
	return now.Truncate(s.width).Add(-s.width * time.Duration(s.count-1))
}

// place returns which of the slots from first on starts at a moment, and whether any does.
func (s span) place(first time.Time, at int64) (int, bool) {
	since := at - first.Unix()
	i := since / int64(s.width.Seconds())
	return int(i), since >= 0 && i < int64(s.count)
}

// starts are where the slots start, in Unix seconds.
func (s span) starts(first time.Time) []int64 {
	all := make([]int64, s.count)
	for i := range all {
		all[i] = first.Add(s.width * time.Duration(i)).Unix()
	}
	return all
}

// stretch is what is known of one slot.
type stretch interface{ start() int64 }

// slot returns a chart, which the caller owns, with fresh or what is there already of its
// time as the last element. A clock that was put back takes what was of the future away; by
// less than the width of a slot, time does not go back at all.
func slot[T stretch](chart []T, fresh T, width time.Duration, count int) []T {
	at := fresh.start()
	for len(chart) > 0 && chart[len(chart)-1].start() > at+int64(width.Seconds()) {
		chart = chart[:len(chart)-1]
	}
	if n := len(chart); n > 0 && chart[n-1].start() >= at {
		return chart
	}
	return appended(chart, fresh, count)
}

// appended returns a new slice with the last n of list and v.
func appended[T any](list []T, v T, n int) []T {
	list = list[max(0, len(list)+1-n):]
	return append(append(make([]T, 0, len(list)+1), list...), v)
}
