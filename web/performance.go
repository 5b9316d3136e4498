package web

import (
	"encoding/json"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/tally"
)

// Performance is how the program has done. Implementations must be safe for
// concurrent use, and must not write to what they returned.
type Performance interface {
	Performance() PerformanceView
}

// PerformanceView is how the program had done at one moment. Counts are those since
// its start. Shares lie in [0, 1]; a nil pointer is what is not known, null in JSON.
type PerformanceView struct {
	At     time.Time    `json:"at"`
	Uptime Milliseconds `json:"uptimeMs"`
	// Strategy is how sources are chosen at present.
	Strategy     balance.Strategy `json:"strategy"`
	Dials        DialsView        `json:"dials"`
	Calls        CallsView        `json:"calls"`
	HealthChecks ChecksView       `json:"healthChecks"`
	Process      ProcessView      `json:"process"`
	Host         HostView         `json:"host"`
	// Groups are the sources that calls are spread over.
	Groups []GroupView `json:"groups"`
	Links  []LinkCalls `json:"links"`
	Tools  []ToolCalls `json:"tools"`
	// Runs are the last runs of optimisation routines, the newest last.
	Runs []RunView `json:"runs"`
	// Anomalies are those that last, and the last of those that ended.
	Anomalies []AnomalyView `json:"anomalies"`
	// History returns the readings of the last hour or so, the newest last, for pages that
	// draw them; nil when none are kept.
	History func() []SampleView `json:"-"`
}

// SampleView is what was in use at one moment of the past.
type SampleView struct {
	At time.Time
	// ResidentBytes is the memory of the program, HeapBytes the heap in it; CPUShare is that
	// of one core, and HostCPUShare that of all.
	ResidentBytes, HeapBytes *uint64
	CPUShare, HostCPUShare   *float64
	// Goroutines is 0 when it is not known.
	Goroutines int
}

// Milliseconds is a duration that JSON shows in milliseconds.
type Milliseconds time.Duration

// MarshalJSON writes a number.
func (m Milliseconds) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(time.Duration(m).Microseconds()) / 1000)
}

// Latency is how long calls took. JSON shows the number of calls measured, their
// average and the quantiles in milliseconds, which are null when there was no call.
type Latency struct{ tally.Snapshot }

// MarshalJSON writes the figures, not the buckets.
func (l Latency) MarshalJSON() ([]byte, error) {
	figure := func(d time.Duration) *Milliseconds {
		if l.Count == 0 {
			return nil
		}
		return new(Milliseconds(d))
	}
	return json.Marshal(struct {
		Count uint64        `json:"count"`
		Mean  *Milliseconds `json:"averageMs"`
		P50   *Milliseconds `json:"p50Ms"`
		P95   *Milliseconds `json:"p95Ms"`
		P99   *Milliseconds `json:"p99Ms"`
	}{l.Count, figure(l.Mean()), figure(l.Quantile(0.5)), figure(l.Quantile(0.95)), figure(l.Quantile(0.99))})
}

// DialsView is how connecting went, over all links.
type DialsView struct {
	Total      uint64 `json:"total"`
	Successful uint64 `json:"successful"`
	// SuccessShare is the share of successful dials; nil before the first. Server
	// fills it in.
	SuccessShare *float64 `json:"successShare"`
	// Reconnects are sockets opened after the first of a link.
	Reconnects        uint64   `json:"reconnects"`
	ReconnectsPerHour *float64 `json:"reconnectsPerHour"`
}

// CallsView is all tool calls together.
type CallsView struct {
	Total  uint64 `json:"total"`
	Errors uint64 `json:"errors"`
	// PerMinute is the calls of the last minute.
	PerMinute float64 `json:"perMinute"`
	Latency   Latency `json:"latency"`
}

// ChecksView is what health checks cost.
type ChecksView struct {
	Pings uint64 `json:"pings"`
	// CPUShare is the share of one core that is spent on them.
	CPUShare *float64 `json:"cpuShare"`
}

// ProcessView is what the program uses.
type ProcessView struct {
	ResidentBytes *uint64 `json:"residentBytes"`
	HeapBytes     *uint64 `json:"heapBytes"`
	// GrowthPerHour is how fast memory grows, in bytes; negative when it shrinks.
	GrowthPerHour *float64 `json:"growthBytesPerHour"`
	// CPUShare is that of one core, so it may exceed 1.
	CPUShare   *float64 `json:"cpuShare"`
	Goroutines int      `json:"goroutines"`
}

// HostView is what all programs of this computer use together.
type HostView struct {
	// CPUShare is that of all cores.
	CPUShare    *float64 `json:"cpuShare"`
	UsedBytes   *uint64  `json:"memoryUsedBytes"`
	MemoryBytes *uint64  `json:"memoryBytes"`
}

// SourceKind says what a source of tools is.
type SourceKind uint8

const (
	// SourceLink is a link to an endpoint that offers tools.
	SourceLink SourceKind = iota
	// SourceServer is an MCP server.
	SourceServer
)

// String returns the lower-case name.
func (k SourceKind) String() string {
	if k == SourceServer {
		return "server"
	}
	return "link"
}

// MarshalText returns the name.
func (k SourceKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// GroupView is sources that can stand in for each other.
type GroupView struct {
	Name string `json:"name"`
	// Evenness is Jain's index of the picks: 1 when they are equal, 1/n when one of n
	// sources has them all; nil before the first.
	Evenness *float64     `json:"evenness"`
	Sources  []SourceView `json:"sources"`
}

// SourceView is the part of one source.
type SourceView struct {
	Name string     `json:"name"`
	Kind SourceKind `json:"kind"`
	// Picked are the calls given to it since the strategy last changed, Share their
	// share of those of the group, and Total those since it was there.
	Picked uint64  `json:"picked"`
	Total  uint64  `json:"total"`
	Share  float64 `json:"share"`
	// Failed are calls of Total that it did not answer, Moved those that went elsewhere instead.
	Failed uint64 `json:"failed"`
	Moved  uint64 `json:"moved"`
	// Score is its health, 0 to 100.
	Score   int                  `json:"score"`
	Breaker balance.BreakerState `json:"breaker"`
}

// LinkCalls is the traffic of one link.
type LinkCalls struct {
	ID string `json:"id"`
	// Label is the name to show.
	Label      string `json:"label"`
	Connected  bool   `json:"connected"`
	Score      int    `json:"score"`
	Calls      uint64 `json:"calls"`
	Errors     uint64 `json:"errors"`
	BytesIn    uint64 `json:"bytesIn"`
	BytesOut   uint64 `json:"bytesOut"`
	Reconnects uint64 `json:"reconnects"`
	// RoundTrip is nil when unknown.
	RoundTrip *Milliseconds `json:"roundTripMs"`
}

// ToolCalls is the calls of one tool.
type ToolCalls struct {
	Name   string `json:"name"`
	Server string `json:"server"`
	Calls  uint64 `json:"calls"`
	Errors uint64 `json:"errors"`
	// BytesIn is the size of all arguments, BytesOut that of all results as they were sent.
	BytesIn  uint64  `json:"bytesIn"`
	BytesOut uint64  `json:"bytesOut"`
	Latency  Latency `json:"latency"`
}

// RunView is one run of an optimisation routine.
type RunView struct {
	At time.Time `json:"at"`
	// Routine is what ran and Reason why, as core/vitals names them.
	Routine string `json:"routine"`
	Reason  string `json:"reason"`
	// Before and After are the reading that the routine is about, in Unit: "bytes",
	// "factor", "ms" or "share".
	Before float64      `json:"before"`
	After  float64      `json:"after"`
	Unit   string       `json:"unit"`
	Took   Milliseconds `json:"tookMs"`
}
