package web

import (
	"slices"
	"sync"
	"time"
)

// gaugeKind is one of the figures that are remembered of the program.
type gaugeKind uint8

// The figures, in the order in which they lie on disk: new ones come last.
const (
	gaugeCPU        gaugeKind = iota // of the program, as a share of one core
	gaugeHost                        // of all programs, as a share of all cores
	gaugeResident                    // memory of the program in bytes
	gaugeHeap                        // of it, heap
	gaugeGoroutines                  //
	gaugeCalls                       // tool calls a minute
	gaugeUp                          // links that are connected
	gaugeLinks                       // links that there are
	gaugeKinds
)

// mean collects numbers.
type mean struct {
	sum float64
	n   int
}

func (m *mean) add(x float64) { m.sum, m.n = m.sum+x, m.n+1 }

// of is the mean, and whether there is one.
func (m mean) of() (float64, bool) { return m.sum / float64(max(m.n, 1)), m.n > 0 }

// gauge is what the program used in one slot of time.
type gauge struct {
	at      int64 // in Unix seconds, where it starts
	figures [gaugeKinds]mean
}

func (g gauge) start() int64 { return g.at }

// gaugeCharts are the gauges of each span, the oldest first.
type gaugeCharts [len(spans)][]gauge

// gauges remember what the program used, from snapshots that are taken once a minute. They
// are safe for concurrent use.
type gauges struct {
	mu     sync.Mutex
	charts gaugeCharts // slices are never written to again
	read   time.Time   // the last reading that was taken
	looked time.Time   // when calls were counted last, and how many there were
	calls  uint64
	fresh  map[rowID]bool // what is not on disk yet; nil when nothing is kept there
}

// all returns what is remembered.
func (g *gauges) all() gaugeCharts {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.charts
}

// note takes the readings since the last time, and the calls and links of the minute that is
// over.
func (g *gauges) note(v PerformanceView, now time.Time) {
	var samples []SampleView
	if v.History != nil {
		samples = v.History()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range g.charts {
		g.charts[i] = slices.Clone(g.charts[i])
	}
	if g.read.After(now.Add(early)) {
		g.read = time.Time{} // the clock was put back
	}
	for _, s := range samples {
		if !s.At.After(g.read) || s.At.After(now.Add(early)) {
			continue
		}
		g.read = s.At
		g.addLocked(gaugeCPU, s.At, s.CPUShare)
		g.addLocked(gaugeHost, s.At, s.HostCPUShare)
		g.addLocked(gaugeResident, s.At, float(s.ResidentBytes))
		g.addLocked(gaugeHeap, s.At, float(s.HeapBytes))
		if s.Goroutines > 0 {
			g.addLocked(gaugeGoroutines, s.At, new(float64(s.Goroutines)))
		}
	}
	minutes := max(1, now.Sub(g.looked).Minutes()) // more when the computer slept
	if !g.looked.IsZero() {
		over := now.Add(-spans[0].width / 2)
		g.addLocked(gaugeCalls, over, new(float64(v.Calls.Total-min(g.calls, v.Calls.Total))/minutes))
		up := 0
		for _, l := range v.Links {
			if l.Connected {
				up++
			}
		}
		g.addLocked(gaugeUp, over, new(float64(up)))
		g.addLocked(gaugeLinks, over, new(float64(len(v.Links))))
	}
	g.looked, g.calls = now, v.Calls.Total
}

// float is a number that may be unknown.
func float(n *uint64) *float64 {
	if n == nil {
		return nil
	}
	return new(float64(*n))
}

// addLocked adds a figure to the slots of its moment; nil is one that is not known.
func (g *gauges) addLocked(kind gaugeKind, at time.Time, x *float64) {
	if x == nil {
		return
	}
	for i, span := range spans {
		chart := slot(g.charts[i], gauge{at: at.Truncate(span.width).Unix()}, span.width, span.count)
		last := &chart[len(chart)-1]
		last.figures[kind].add(*x)
		if g.charts[i] = chart; g.fresh != nil {
			g.fresh[rowID{i, last.at}] = true
		}
	}
}
