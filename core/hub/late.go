package hub

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"xiaozhi-switchboard/core/session"
)

// Bounds of what is kept of calls that outlived the deadline.
const (
	mostLate    = 32               // kept, in all
	mostRunning = 256              // running, kept or not; further ones are stopped waiting for
	longestLate = 5 * time.Minute  // how long such a call may run
	keepLate    = 15 * time.Minute // how long its result waits to be asked for
)

// lateResults holds the calls that outlived the deadline, oldest first, until an
// endpoint asks for their results.
type lateResults struct {
	mu      sync.Mutex
	entries []*lateEntry
}

type lateEntry struct {
	endpoint, tool string
	started        time.Time
	finished       time.Time // zero while it runs
	result         spoken
}

// begin makes room for one more call; nil when there is none.
func (l *lateResults) begin(endpoint, tool string, started time.Time) *lateEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pruneLocked(time.Now())
	if len(l.entries) >= mostLate {
		i := slices.IndexFunc(l.entries, func(e *lateEntry) bool { return !e.finished.IsZero() })
		if i < 0 {
			return nil
		}
		l.entries = slices.Delete(l.entries, i, i+1)
	}
	e := &lateEntry{endpoint: endpoint, tool: tool, started: started}
	l.entries = append(l.entries, e)
	return e
}

// finish keeps the result of e, and of a long one the first limit bytes.
func (l *lateResults) finish(e *lateEntry, result spoken, limit int, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	result.text = strings.Clone(session.Cut(result.text, limit))
	e.result, e.finished = result, now
}

// forget drops an entry, if it is there, whose call nobody waits for.
func (l *lateResults) forget(entry *lateEntry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = slices.DeleteFunc(l.entries, func(e *lateEntry) bool { return e == entry })
}

func (l *lateResults) pruneLocked(now time.Time) {
	l.entries = slices.DeleteFunc(l.entries, func(e *lateEntry) bool {
		return !e.finished.IsZero() && now.Sub(e.finished) > keepLate
	})
}

// take answers pending_result: the oldest result of endpoint, which is then
// forgotten, or what is still running.
func (l *lateResults) take(endpoint string, now time.Time, words *Words) spoken {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pruneLocked(now)
	var found *lateEntry
	var running []string
	more := 0
	for _, e := range l.entries {
		switch {
		case e.endpoint != endpoint:
		case e.finished.IsZero():
			running = append(running, fill(words.PendingRunning, "tool", e.tool,
				"seconds", strconv.Itoa(int(now.Sub(e.started)/time.Second))))
		case found == nil:
			found = e
		default:
			more++
		}
	}
	if found == nil {
		if len(running) == 0 {
			return spoken{text: words.PendingNone}
		}
		return spoken{text: strings.Join(running, "\n")}
	}
	l.entries = slices.DeleteFunc(l.entries, func(e *lateEntry) bool { return e == found })
	s := found.result
	if s.text == "" {
		s.text = words.Empty
	}
	lead := fill(words.PendingReady, "tool", found.tool)
	if more > 0 {
		// In front of the result, so that cutting a long one does not lose it.
		lead = fill(words.PendingMore, "count", strconv.Itoa(more)) + "\n" + lead
	}
	s.text = lead + "\n" + s.text
	return s
}
