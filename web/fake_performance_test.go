package web

import (
	"context"
	"fmt"
	"sync"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/tally"
)

// fakePerformance tells what it was told.
type fakePerformance struct {
	mu   sync.Mutex
	view PerformanceView
}

func (f *fakePerformance) Performance() PerformanceView {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.view
}

// open lends what is told to be changed, until unlock is called: a server looks at it now
// and then.
func (f *fakePerformance) open() (view *PerformanceView, unlock func()) {
	f.mu.Lock()
	return &f.view, f.mu.Unlock
}

// fakeControls notes what it is asked to do.
type fakeControls struct {
	mu    sync.Mutex
	calls []string
	fail  error
}

func (f *fakeControls) called(call string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, call)
	return f.fail
}

func (f *fakeControls) SetStrategy(strategy balance.Strategy) error {
	return f.called("strategy " + strategy.String())
}

func (f *fakeControls) Failover(id string) (string, error) {
	if id == "nobody" {
		return "", fmt.Errorf("%w %q", endpoint.ErrUnknown, id)
	}
	return "c3c3c3c3c3c3", f.called("failover " + id)
}

func (f *fakeControls) Prewarm(ctx context.Context) ([]PrewarmView, error) {
	if _, ok := ctx.Deadline(); !ok {
		return nil, fmt.Errorf("prewarm has no end")
	}
	return []PrewarmView{
		{Kind: SourceLink, ID: "a1a1a1a1a1a1", Name: "书房小智", Took: Milliseconds(61500 * time.Microsecond), Timings: &endpoint.Timings{DNS: 2 * time.Millisecond, TLS: 31 * time.Millisecond}},
		{Kind: SourceServer, Name: "calendar", Error: "GET https://cal.example.com/sse?token=" + token + ": 401 Unauthorized"},
	}, f.called("prewarm")
}

func (f *fakeControls) OptimizeMemory() RunView {
	f.called("optimize")
	return RunView{At: noon, Routine: "compaction", Reason: "asked for", Before: 64 << 20, After: 40 << 20, Unit: "bytes", Took: Milliseconds(12 * time.Millisecond)}
}

// latency returns what n calls of equal length leave behind.
func latency(n int, took time.Duration) Latency {
	var h tally.Histogram
	for range n {
		h.Observe(took)
	}
	return Latency{h.Snapshot()}
}

// inventedPerformance is that of the invented links and tools.
func inventedPerformance(now time.Time) PerformanceView {
	forecast, turnOn := latency(10, 80*time.Millisecond), latency(30, 2*time.Millisecond)
	history := func() []SampleView {
		var all []SampleView
		for i := range 120 {
			s := SampleView{At: now.Add(time.Duration(i-119) * 30 * time.Second), ResidentBytes: new(uint64(40<<20 + i%17<<19)), CPUShare: new(0.01 + float64(i%7)/100), HostCPUShare: new(0.2 + float64(i%11)/40)}
			if i == 60 {
				s.ResidentBytes, s.CPUShare, s.HostCPUShare = nil, nil, nil
			}
			all = append(all, s)
		}
		return all
	}
	return PerformanceView{
		History: history,
		At:      now, Uptime: Milliseconds(time.Hour), Strategy: balance.HealthBased,
		Dials:        DialsView{Total: 8, Successful: 6, Reconnects: 2, ReconnectsPerHour: new(2.0)},
		Calls:        CallsView{Total: 41, Errors: 1, PerMinute: 3, Latency: Latency{tally.Merge(forecast.Snapshot, turnOn.Snapshot)}},
		HealthChecks: ChecksView{Pings: 480, CPUShare: new(0.0004)},
		Process:      ProcessView{ResidentBytes: new(uint64(48 << 20)), HeapBytes: new(uint64(12 << 20)), GrowthPerHour: new(-36000.0), CPUShare: new(0.02), Goroutines: 60},
		Host:         HostView{MemoryBytes: new(uint64(8 << 30))}, // the rest is not known
		Groups: []GroupView{{Name: "music", Evenness: new(0.8), Sources: []SourceView{
			{Name: "music-a", Kind: SourceServer, Picked: 30, Total: 50, Share: 0.75, Score: 98},
			{Name: "music-b", Kind: SourceServer, Picked: 10, Total: 20, Share: 0.25, Failed: 3, Moved: 2, Score: 20, Breaker: balance.Open},
		}}},
		Links: []LinkCalls{
			{ID: "a1a1a1a1a1a1", Label: "书房小智", Connected: true, Score: 98, Calls: 40, Errors: 1, BytesIn: 9000, BytesOut: 70000, Reconnects: 2, RoundTrip: new(Milliseconds(31 * time.Millisecond))},
			{ID: "b2b2b2b2b2b2", Label: "客厅音箱"},
		},
		Tools: []ToolCalls{
			{Name: "weather__forecast", Server: "weather", Calls: 11, Errors: 1, Latency: forecast},
			{Name: "home_assistant__turn_on", Server: "home_assistant", Calls: 30, Latency: turnOn},
			{Name: "switchboard__time", Server: "switchboard"},
		},
		Runs: []RunView{{At: now, Routine: "compaction", Reason: "growth", Before: 80 << 20, After: 48 << 20, Unit: "bytes", Took: Milliseconds(9 * time.Millisecond)}},
		Anomalies: []AnomalyView{
			{Kind: "rtt_spike", ID: "d4d4d4d4d4d4", Subject: "店铺前台", Since: now.Add(-time.Minute), Value: 640, Usual: 31},
			{Kind: "flapping", ID: "e5e5e5e5e5e5", Subject: "车间", Since: now.Add(-time.Hour), Until: now.Add(-time.Minute), Value: 6, Detail: "dial api.xiaozhi.me: no such host"},
		},
	}
}
