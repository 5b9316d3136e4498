package web

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/endpoint"
)

// desc describes a metric of ours. Names and units follow
// https://prometheus.io/docs/practices/naming/: seconds, bytes, and ratios of 1.
func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("switchboard_"+name, help, labels, nil)
}

// Labels by which metrics are told apart.
var (
	byLink   = []string{"id", "name"}
	byTool   = []string{"tool", "server"}
	bySource = []string{"group", "kind", "source"}
)

// The metrics there are.
var (
	descInfo     = desc("build_info", "The version that runs; always 1.", "version")
	descUptime   = desc("uptime_seconds", "How long the program has run.")
	descStrategy = desc("strategy_info", "The strategy by which sources are chosen; always 1.", "strategy")

	descDials      = desc("dials_total", "Attempts to connect to an endpoint, by how they ended.", "result")
	descReconnects = desc("reconnects_total", "Connections opened after the first of an endpoint.")
	descPings      = desc("health_pings_total", "Pings that were sent to endpoints.")
	descPingCost   = desc("health_check_cpu_ratio", "Share of one core that health checks take, from 0 to 1.")

	descCalls      = desc("calls_total", "Tool calls.")
	descCallErrors = desc("call_errors_total", "Tool calls that failed.")

	descLinkUp         = desc("link_up", "Whether an endpoint is connected.", byLink...)
	descLinkScore      = desc("link_health_score", "Health of an endpoint, from 0 to 100.", byLink...)
	descLinkRTT        = desc("link_round_trip_seconds", "Smoothed round-trip time of an endpoint.", byLink...)
	descLinkCalls      = desc("link_calls_total", "Tool calls of an endpoint.", byLink...)
	descLinkErrors     = desc("link_call_errors_total", "Tool calls of an endpoint that failed.", byLink...)
	descLinkIn         = desc("link_received_bytes_total", "Bytes that came from an endpoint.", byLink...)
	descLinkOut        = desc("link_sent_bytes_total", "Bytes that went to an endpoint.", byLink...)
	descLinkReconnects = desc("link_reconnects_total", "Connections to an endpoint after its first.", byLink...)

	descToolCalls  = desc("tool_calls_total", "Calls of a tool.", byTool...)
	descToolErrors = desc("tool_call_errors_total", "Calls of a tool that failed.", byTool...)
	descToolIn     = desc("tool_argument_bytes_total", "Size of the arguments of a tool's calls.", byTool...)
	descToolOut    = desc("tool_result_bytes_total", "Size of the results of a tool's calls, as sent.", byTool...)
	descToolTime   = desc("tool_call_duration_seconds", "How long calls of a tool took.", byTool...)

	descPicks    = desc("source_picks_total", "Calls given to a source.", bySource...)
	descFailures = desc("source_failures_total", "Calls that a source did not answer.", bySource...)
	descMoves    = desc("source_moves_total", "Calls of a source that another one took over.", bySource...)
	descScore    = desc("source_health_score", "Health of a source, from 0 to 100.", bySource...)
	descBreaker  = desc("source_breaker_open", "Whether the circuit breaker keeps calls from a source: 1 while open, 0.5 while a call is tried.", bySource...)
	descEvenness = desc("group_evenness_ratio", "Jain's fairness index of the picks of a group, up to 1.", "group")

	descGrowth     = desc("memory_growth_bytes_per_second", "How fast the memory of the program grows; negative when it shrinks.")
	descProcessCPU = desc("process_cpu_ratio", "CPU that the program uses at present; 1 is one core.")
	descHostCPU    = desc("host_cpu_ratio", "CPU in use on this computer, from 0 to 1.")
	descHostUsed   = desc("host_memory_used_bytes", "Memory in use on this computer.")
	descHostMemory = desc("host_memory_bytes", "Memory of this computer.")
	descAnomalies  = desc("anomalies", "What is unusual at present, by kind.", "kind")
)

// collector turns one snapshot into metrics for each scrape. It holds no state.
type collector struct {
	performance Performance // may be nil
	version     string
}

// Describe names no metric: which there are depends on what is known. The registry
// checks them when they are gathered.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect sends the metrics of this moment.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	s := newScrape(out)
	s.gauge(descInfo, 1, c.version)
	if c.performance == nil {
		return
	}
	v := c.performance.Performance()
	s.totals(v)
	s.links(v.Links)
	s.tools(v.Tools)
	s.groups(v.Groups)
	s.anomalies(v.Anomalies)
}

func (s *scrape) totals(v PerformanceView) {
	s.gauge(descUptime, time.Duration(v.Uptime).Seconds())
	s.gauge(descStrategy, 1, v.Strategy.String())
	s.count(descDials, v.Dials.Successful, "success")
	s.count(descDials, v.Dials.Total-min(v.Dials.Successful, v.Dials.Total), "failure")
	s.count(descReconnects, v.Dials.Reconnects)
	s.count(descPings, v.HealthChecks.Pings)
	s.known(descPingCost, v.HealthChecks.CPUShare)
	s.count(descCalls, v.Calls.Total)
	s.count(descCallErrors, v.Calls.Errors)
	if v.Process.GrowthPerHour != nil {
		s.gauge(descGrowth, *v.Process.GrowthPerHour/3600)
	}
	s.known(descProcessCPU, v.Process.CPUShare)
	s.known(descHostCPU, v.Host.CPUShare)
	s.knownBytes(descHostUsed, v.Host.UsedBytes)
	s.knownBytes(descHostMemory, v.Host.MemoryBytes)
}

func (s *scrape) links(links []LinkCalls) {
	for _, l := range links {
		up := 0.0
		if l.Connected {
			up = 1
		}
		s.gauge(descLinkUp, up, l.ID, l.Label)
		s.gauge(descLinkScore, float64(l.Score), l.ID, l.Label)
		if l.RoundTrip != nil {
			s.gauge(descLinkRTT, time.Duration(*l.RoundTrip).Seconds(), l.ID, l.Label)
		}
		s.count(descLinkCalls, l.Calls, l.ID, l.Label)
		s.count(descLinkErrors, l.Errors, l.ID, l.Label)
		s.count(descLinkIn, l.BytesIn, l.ID, l.Label)
		s.count(descLinkOut, l.BytesOut, l.ID, l.Label)
		s.count(descLinkReconnects, l.Reconnects, l.ID, l.Label)
	}
}

func (s *scrape) tools(tools []ToolCalls) {
	for _, t := range toolSeries(tools) {
		s.count(descToolCalls, t.Calls, t.Name, t.Server)
		s.count(descToolErrors, t.Errors, t.Name, t.Server)
		s.count(descToolIn, t.BytesIn, t.Name, t.Server)
		s.count(descToolOut, t.BytesOut, t.Name, t.Server)
		s.histogram(descToolTime, t.Latency.Snapshot, t.Name, t.Server)
	}
}

func (s *scrape) groups(groups []GroupView) {
	for _, g := range groups[:min(len(groups), maxGroupSeries)] {
		s.known(descEvenness, g.Evenness, g.Name)
		for _, source := range g.Sources {
			labels := []string{g.Name, source.Kind.String(), source.Name}
			s.count(descPicks, source.Total, labels...)
			s.count(descFailures, source.Failed, labels...)
			s.count(descMoves, source.Moved, labels...)
			s.gauge(descScore, float64(source.Score), labels...)
			open := map[balance.BreakerState]float64{balance.Open: 1, balance.HalfOpen: 0.5}[source.Breaker]
			s.gauge(descBreaker, open, labels...)
		}
	}
}

func (s *scrape) anomalies(list []AnomalyView) {
	// A kind that nothing is of is told as 0, so that what began can be seen to end.
	lasting := map[string]float64{"memory_growth": 0}
	for kind := endpoint.AnomalyFlapping; kind <= endpoint.AnomalyTokenExpired; kind++ {
		lasting[kind.String()] = 0
	}
	for _, a := range list {
		if a.Until.IsZero() {
			lasting[a.Kind]++
		}
	}
	for kind, n := range lasting {
		s.gauge(descAnomalies, n, kind)
	}
}
