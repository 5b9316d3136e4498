package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"xiaozhi-switchboard/core/journal"
)

const (
	// activityShown is how many rows a page of Activity has, and activityListed how many the
	// API lists unless it is told otherwise; activityMost is the most.
	activityShown  = 50
	activityListed = 100
	activityMost   = 500
	// longestFilter bounds what is looked for, in bytes.
	longestFilter = maxArg
)

// activityArgs are what a page of Activity depends on.
var activityArgs = []string{"endpoint", "tool", "topic", "level", "span", "q", "before"}

// Names that stand for callers that are no endpoints.
const (
	callerClient = "mcp"
	callerPage   = "api"
)

// activitySpans are the stretches of time to choose from; "" is all that is known.
var activitySpans = []string{"", "15m", "1h", "24h"}

// activityFilter is what part of the journal is wanted. The zero value is all of it.
type activityFilter struct {
	endpoint string // the ID of one, or callerClient or callerPage
	tool     string
	topic    string // of events
	level    journal.Level
	words    []string // in lower case; a text must have all of them
	from, to time.Time
	// Numbers to page by, and how many to list.
	after, before uint64
	limit         int
}

// filterError says that a parameter is no filter.
type filterError struct{ name, value string }

// readFilter reads a filter from the parameters of an address, at a moment, with how many to
// list unless the address says so. What it does not know it leaves alone. The error is nil
// when all is well.
func readFilter(has url.Values, now time.Time, limit int) (activityFilter, *filterError) {
	f := activityFilter{limit: limit}
	for _, name := range []string{"endpoint", "tool", "topic", "level", "span", "from", "to", "q", "after", "before", "limit"} {
		value := has.Get(name)
		if value != "" && !f.take(name, value, now) {
			return activityFilter{}, &filterError{name, value}
		}
	}
	if !f.to.IsZero() && !f.from.Before(f.to) {
		return activityFilter{}, &filterError{"to", has.Get("to")}
	}
	return f, nil
}

// take reads one parameter, and reports whether it means anything.
func (f *activityFilter) take(name, value string, now time.Time) (ok bool) {
	var err error
	switch name {
	case "endpoint":
		f.endpoint = value
		return len(value) <= longestFilter
	case "tool":
		f.tool = value
		return len(value) <= longestFilter
	case "topic":
		f.topic = value
		return slices.Contains(journal.Topics(), value)
	case "level":
		for _, l := range []journal.Level{journal.Info, journal.Warning, journal.Error} {
			if value == l.String() {
				f.level = l
				return true
			}
		}
		return false
	case "span":
		var span time.Duration
		span, err = time.ParseDuration(value)
		f.from = now.Add(-span)
		return err == nil && slices.Contains(activitySpans, value)
	case "from":
		f.from, err = time.Parse(time.RFC3339, value)
	case "to":
		f.to, err = time.Parse(time.RFC3339, value)
	case "q":
		f.words = strings.Fields(strings.ToLower(value))
		return len(value) <= longestFilter
	case "after":
		f.after, err = strconv.ParseUint(value, 10, 64)
	case "before":
		f.before, err = strconv.ParseUint(value, 10, 64)
	case "limit":
		f.limit, err = strconv.Atoi(value)
		return err == nil && f.limit >= 1 && f.limit <= activityMost
	}
	return err == nil
}

// within reports whether a moment and a level are wanted. Good and Info count alike.
func (f activityFilter) within(at time.Time, level journal.Level) bool {
	return !at.Before(f.from) && (f.to.IsZero() || at.Before(f.to)) && (f.level < journal.Warning || level >= f.level)
}

// says reports whether a text has every word that is looked for.
func (f activityFilter) says(texts ...string) bool {
	if len(f.words) == 0 {
		return true
	}
	all := strings.ToLower(strings.Join(texts, "\n"))
	for _, word := range f.words {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

// wantsCall reports whether a call is wanted, but for the words.
func (f activityFilter) wantsCall(c journal.Call) bool {
	return f.within(c.At, c.Outcome.Level()) && (f.tool == "" || f.tool == c.Tool) && (f.endpoint == "" || f.endpoint == callerOf(c))
}

// wantsEvent reports whether an event is wanted, but for the words.
func (f activityFilter) wantsEvent(e journal.Event) bool {
	return f.within(e.At, e.Level) && (f.tool == "" || f.tool == e.Tool) && (f.topic == "" || f.topic == e.Topic.String()) &&
		(f.endpoint == "" || f.endpoint == e.ID || e.Topic == journal.Failover && (f.endpoint == e.From || f.endpoint == e.To))
}

// wantsMove reports whether a move is wanted, but for the words. Each is a warning.
func (f activityFilter) wantsMove(m journal.Move) bool {
	return f.within(m.At, journal.Warning) && (f.tool == "" || f.tool == m.Tool) && (f.endpoint == "" || f.endpoint == m.From || f.endpoint == m.To)
}

// callerOf is what a filter calls the caller.
func callerOf(c journal.Call) string {
	switch c.Caller {
	case journal.ByClient:
		return callerClient
	case journal.ByPage:
		return callerPage
	}
	return c.Endpoint
}

// cutTo takes of a list, the newest first, as many as the filter wants, and reports whether
// older ones are left out. Who asks for what is newer than something gets the oldest of
// that, so as to miss nothing.
func cutTo[T any](f activityFilter, list []T) (kept []T, older bool) {
	n := min(f.limit, len(list))
	if f.after > 0 && f.before == 0 {
		return list[len(list)-n:], false
	}
	return list[:n], n < len(list)
}
