package hub

import (
	"sync/atomic"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/tally"
)

// results counts what became of the calls of one tool.
type results struct {
	failed  atomic.Uint64
	in, out atomic.Uint64
	took    tally.Histogram
}

// CallStats is how the calls of a tool, or of all tools, went.
type CallStats struct {
	// Failed counts the calls that were answered with an error, ours or the tool's.
	Failed uint64
	// BytesIn is the size of all arguments, BytesOut that of all results as they were sent.
	BytesIn, BytesOut uint64
	// Took is how long all answered calls took; its Count is their number.
	Took tally.Snapshot
}

// count records one call that was answered, with the sizes of its arguments and its result.
func (h *Hub) count(e *entry, ok bool, began time.Time, in, out int) {
	now := time.Now()
	h.recent.Add(now, ok)
	for _, r := range [...]*results{e.results, &h.calls} {
		r.took.Observe(now.Sub(began))
		r.in.Add(uint64(in))
		r.out.Add(uint64(out))
		if !ok {
			r.failed.Add(1)
		}
	}
}

func (r *results) read() CallStats {
	return CallStats{Failed: r.failed.Load(), BytesIn: r.in.Load(), BytesOut: r.out.Load(), Took: r.took.Snapshot()}
}

// Balance returns how calls were spread over the servers, and what was moved. Servers outside
// of groups are there too, each with a group of its own name.
func (h *Hub) Balance() balance.Stats { return h.sources.Stats(time.Now()) }

// Calls returns how the calls of all tools went since the start.
func (h *Hub) Calls() CallStats { return h.calls.read() }

// Recent returns how many calls went well and ill within the span before now, at most
// 15 minutes, and within the last 24 hours.
func (h *Hub) Recent(now time.Time, span time.Duration) (lately, day tally.Counts) {
	return h.recent.Recent(now, span), h.recent.Day(now)
}
