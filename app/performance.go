package app

import (
	"math"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/vitals"
	"xiaozhi-switchboard/web"
)

// performance shows how the program does to the pages.
type performance struct{ app *App }

// Performance implements web.Performance.
func (p performance) Performance() web.PerformanceView {
	a := p.app
	now := time.Now()
	links, metrics := a.links.Status(), a.links.PerformanceMetrics()
	labels := make(map[string]string, len(links))
	for _, s := range links {
		labels[s.ID] = s.Label()
	}
	v := web.PerformanceView{
		At: now, Uptime: web.Milliseconds(now.Sub(a.start)), Strategy: a.hub.Balance().Strategy,
		Dials:        web.DialsView{Total: metrics.Dials, Successful: metrics.Connects, Reconnects: metrics.Reconnects},
		HealthChecks: web.ChecksView{Pings: metrics.Pings},
		Groups:       groupViews(a.links.LoadBalanceStats(), a.hub.Balance(), labels),
		Anomalies:    a.anomalies(labels),
		History:      func() []web.SampleView { return sampleViews(a.vitals.History()) },
	}
	if metrics.Uptime >= time.Minute {
		v.Dials.ReconnectsPerHour = &metrics.ReconnectsPerHour
		share := float64(metrics.CheckTime) / float64(metrics.Uptime)
		v.HealthChecks.CPUShare = &share
	}
	recent, _ := a.hub.Recent(now, time.Minute)
	calls := a.hub.Calls()
	v.Calls = web.CallsView{Total: calls.Took.Count, Errors: calls.Failed, PerMinute: float64(recent.Total()), Latency: web.Latency{Snapshot: calls.Took}}
	for _, s := range links {
		l := web.LinkCalls{ID: s.ID, Label: s.Label(), Connected: s.Connected(), Score: s.Score.Value, Calls: s.Calls,
			Errors: s.CallErrors, BytesIn: s.BytesIn, BytesOut: s.BytesOut, Reconnects: s.Reconnects}
		if s.RoundTrip > 0 {
			l.RoundTrip = new(web.Milliseconds(s.RoundTrip))
		}
		v.Links = append(v.Links, l)
	}
	for _, t := range a.hub.Tools() {
		v.Tools = append(v.Tools, web.ToolCalls{Name: t.Name, Server: t.Server, Calls: t.Calls.Took.Count, Errors: t.Calls.Failed,
			BytesIn: t.Calls.BytesIn, BytesOut: t.Calls.BytesOut,
			Latency: web.Latency{Snapshot: t.Calls.Took}})
	}
	v.Process, v.Host = readingViews(a.vitals.Latest(), a.vitals.GrowthRate())
	for _, r := range a.vitals.Runs() {
		v.Runs = append(v.Runs, runView(r))
	}
	return v
}

// groupViews shows how calls were spread within each group that has several sources.
func groupViews(links, servers balance.Stats, labels map[string]string) []web.GroupView {
	var views []web.GroupView
	add := func(stats balance.Stats, kind web.SourceKind, name func(id string) string) {
		place := map[string]int{} // a group of servers may have the name of that of the links
		members := map[string]int{}
		for _, m := range stats.Members {
			members[m.Group]++
		}
		for _, m := range stats.Members {
			if members[m.Group] < 2 {
				continue
			}
			i, known := place[m.Group]
			if !known {
				i = len(views)
				place[m.Group] = i
				views = append(views, web.GroupView{Name: m.Group, Evenness: new(stats.Fairness(m.Group))})
			}
			views[i].Sources = append(views[i].Sources, web.SourceView{Name: name(m.ID), Kind: kind, Picked: m.Picked, Total: m.Total, Share: m.Share,
				Failed: m.Failed, Moved: m.Moved, Score: m.Reading.Score.Value, Breaker: m.Breaker})
		}
	}
	calling := links
	calling.Members = nil
	for _, m := range links.Members {
		if m.Group == endpoint.RemoteGroup { // endpoints that call us choose for themselves
			calling.Members = append(calling.Members, m)
		}
	}
	alike := map[string]int{}
	for _, m := range calling.Members {
		alike[labels[m.ID]]++
	}
	add(calling, web.SourceLink, func(id string) string {
		switch label := labels[id]; {
		case label == "":
			return id
		case alike[label] > 1: // or nobody could tell them apart
			return label + " " + id
		default:
			return label
		}
	})
	add(servers, web.SourceServer, func(id string) string { return id })
	return views
}

// anomalies are those of links and of memory.
func (a *App) anomalies(labels map[string]string) []web.AnomalyView {
	var views []web.AnomalyView
	for _, n := range a.links.Anomalies() {
		label := labels[n.ID]
		if label == "" {
			label = n.Label
		}
		views = append(views, web.AnomalyView{Kind: n.Kind.String(), ID: n.ID, Subject: label, Since: n.Since, Until: n.Until,
			Value: finite(n.Value), Usual: finite(n.Usual), Detail: n.Detail})
	}
	for _, alarm := range a.vitals.Alarms() {
		views = append(views, web.AnomalyView{Kind: "memory_growth", Since: alarm.Since, Until: alarm.Until, Value: finite(alarm.Rate), Detail: alarm.String()})
	}
	return views
}

// finite is v, or 0 where JSON has no number for it.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

// readingViews shows a reading; what the system does not tell stays nil.
func readingViews(r vitals.Reading, growth vitals.Figure) (web.ProcessView, web.HostView) {
	number := func(f vitals.Figure) *float64 {
		if !f.Known {
			return nil
		}
		return new(finite(f.Value))
	}
	bytes := func(f vitals.Figure) *uint64 {
		if !f.Known || f.Value < 0 {
			return nil
		}
		return new(uint64(f.Value))
	}
	p := web.ProcessView{ResidentBytes: bytes(r.RSS), GrowthPerHour: number(growth), CPUShare: number(r.CPU), Goroutines: r.Goroutines}
	if r.HeapHeld > 0 {
		p.HeapBytes = new(r.HeapHeld)
	}
	used := vitals.Figure{Value: r.SystemMemory.Value - r.SystemAvailable.Value, Known: r.SystemMemory.Known && r.SystemAvailable.Known}
	return p, web.HostView{CPUShare: number(r.SystemCPU), UsedBytes: bytes(used), MemoryBytes: bytes(r.SystemMemory)}
}

// sampleViews shows the readings of the past.
func sampleViews(readings []vitals.Reading) []web.SampleView {
	samples := make([]web.SampleView, len(readings))
	for i, r := range readings {
		process, host := readingViews(r, vitals.Figure{})
		samples[i] = web.SampleView{At: r.At, ResidentBytes: process.ResidentBytes, HeapBytes: process.HeapBytes, CPUShare: process.CPUShare,
			HostCPUShare: host.CPUShare, Goroutines: r.Goroutines}
	}
	return samples
}

// runView shows a run of a routine by the reading that it is about.
func runView(r vitals.Run) web.RunView {
	v := web.RunView{At: r.At, Routine: r.Routine.String(), Reason: r.Reason.String(), Unit: "bytes", Took: web.Milliseconds(r.Took)}
	switch r.Routine {
	case vitals.Stretching:
		v.Unit, v.Before, v.After = "factor", r.From.Value, r.To.Value
	case vitals.MemoryLimit:
		v.Before, v.After = r.From.Value, r.To.Value
	default:
		v.Before, v.After = float64(r.Before.Heap), float64(r.After.Heap)
		if r.Before.RSS.Known && r.After.RSS.Known {
			v.Before, v.After = r.Before.RSS.Value, r.After.RSS.Value
		}
	}
	return v
}
