package web

import (
	"net/http"
	"strings"
	"time"
)

// LatencyHistory is how the checks of a link went over a stretch of time: one element of
// each list for each slot, the oldest first. Null is a slot in which nothing was measured,
// as when there was no check.
type LatencyHistory struct {
	ID string `json:"id"`
	HistorySlots
	Median  []*Milliseconds `json:"medianMs"`
	Average []*Milliseconds `json:"averageMs"`
	Checks  []int           `json:"checks"`
	Failed  []int           `json:"failed"`
}

// UseHistory is what the program used over a stretch of time: averages of each slot, the
// oldest first. Null is a slot in which nothing was read, as while the program did not run.
type UseHistory struct {
	HistorySlots
	// CPUShare is that of one core; HostCPUShare that of all cores by all programs.
	CPUShare     []*float64 `json:"cpuShare"`
	HostCPUShare []*float64 `json:"hostCpuShare"`
	// ResidentBytes is the memory of the program, HeapBytes the heap in it.
	ResidentBytes []*float64 `json:"residentBytes"`
	HeapBytes     []*float64 `json:"heapBytes"`
	Goroutines    []*float64 `json:"goroutines"`
	Calls         []*float64 `json:"callsPerMinute"`
	LinksUp       []*float64 `json:"linksUp"`
	Links         []*float64 `json:"links"`
}

// HistorySlots are the slots of a stretch of time.
type HistorySlots struct {
	// Span is "1h", "24h" or "7d", and Width how long one slot is.
	Span  string `json:"span"`
	Width int    `json:"slotSeconds"`
	// At is where each slot starts, in Unix seconds, and End where the last one ends.
	At  []int64 `json:"at"`
	End int64   `json:"end"`
}

func (s span) slots(first time.Time) HistorySlots {
	return HistorySlots{Span: s.name, Width: int(s.width / time.Second), At: s.starts(first), End: first.Add(s.width * time.Duration(s.count)).Unix()}
}

// latencyHistory shows a chart of a link.
func latencyHistory(id string, i int, chart []bucket, now time.Time) LatencyHistory {
	span := spans[i]
	first := span.first(now)
	v := LatencyHistory{ID: id, HistorySlots: span.slots(first), Median: make([]*Milliseconds, span.count), Average: make([]*Milliseconds, span.count),
		Checks: make([]int, span.count), Failed: make([]int, span.count)}
	for _, b := range chart {
		slot, ok := span.place(first, b.at)
		if !ok {
			continue
		}
		v.Checks[slot], v.Failed[slot] = int(b.checks), int(b.failed)
		if b.timed > 0 {
			v.Median[slot], v.Average[slot] = new(Milliseconds(b.median)), new(Milliseconds(b.took/time.Duration(b.timed)))
		}
	}
	return v
}

// column is one figure of the gauges of a span, slot by slot from first on.
func (c gaugeCharts) column(i int, kind gaugeKind, first time.Time) []*float64 {
	list := make([]*float64, spans[i].count)
	for _, x := range c[i] {
		if slot, ok := spans[i].place(first, x.at); ok {
			if mean, known := x.figures[kind].of(); known {
				list[slot] = new(mean)
			}
		}
	}
	return list
}

// useHistory shows what the program used.
func useHistory(i int, charts gaugeCharts, now time.Time) UseHistory {
	first := charts.first(i, now)
	of := func(kind gaugeKind) []*float64 { return charts.column(i, kind, first) }
	return UseHistory{HistorySlots: spans[i].slots(first), CPUShare: of(gaugeCPU), HostCPUShare: of(gaugeHost), ResidentBytes: of(gaugeResident),
		HeapBytes: of(gaugeHeap), Goroutines: of(gaugeGoroutines), Calls: of(gaugeCalls), LinksUp: of(gaugeUp), Links: of(gaugeLinks)}
}

// spanned answers with something over the stretch of time that the request names.
func (s *Server) spanned(answer func(w http.ResponseWriter, r *http.Request, span int)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		i, ok := spanOf(r.URL.Query().Get("span"))
		if !ok {
			s.refuse(w, r, kindAPI, "unknown_span", "names", strings.Join(spanNames(), ", "))
			return
		}
		answer(w, r, i)
	}
}

// latencyCommand is how the checks of a link went over time.
func (s *Server) latencyCommand(w http.ResponseWriter, r *http.Request, span int) {
	now, id := s.snapshot(), r.PathValue("id")
	past, ok := now.traces[id]
	if !ok {
		s.refuse(w, r, kindAPI, "unknown_endpoint")
		return
	}
	s.json(w, r, http.StatusOK, latencyHistory(id, span, past.charts[span], now.at))
}

// useCommand is what the program used over time.
func (s *Server) useCommand(w http.ResponseWriter, r *http.Request, span int) {
	if s.deps.Performance == nil {
		s.refuse(w, r, kindAPI, "unavailable")
		return
	}
	now := time.Now()
	s.json(w, r, http.StatusOK, useHistory(span, s.gauges.all().soFar(s.deps.Performance.Performance, now), now))
}
