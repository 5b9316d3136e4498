package web

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/core/tally"
)

const (
	// maxToolSeries bounds the tools that have series of their own: servers and peers
	// name them, so their number is not ours to choose. The others are summed up.
	maxToolSeries = 512
	otherTools    = "other"
	// maxGroupSeries bounds the groups likewise; those that follow are left out.
	maxGroupSeries = 256
	maxLabel       = 120 // bytes
)

// bounds are those of the histograms, from a local tool to one that gives up.
var bounds = []time.Duration{
	time.Millisecond, 5 * time.Millisecond, 25 * time.Millisecond, 100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second, 30 * time.Second,
}

// scrape is one answer in the making. Names come from outside, so it lets no secret
// into a label and, since shortened names may be equal, nothing in twice.
type scrape struct {
	out  chan<- prometheus.Metric
	sent map[series]bool
}

// series is a metric and its labels in one string.
type series struct {
	desc   *prometheus.Desc
	labels string
}

func newScrape(out chan<- prometheus.Metric) *scrape {
	return &scrape{out: out, sent: map[series]bool{}}
}

// label makes a name fit for a label.
func label(name string) string {
	return shorten(strings.ToValidUTF8(secret.Text(name), "?"), maxLabel)
}

// fresh makes labels fit, and reports whether the metric was not sent yet.
func (s *scrape) fresh(d *prometheus.Desc, labels []string) ([]string, bool) {
	fit := make([]string, len(labels))
	for i, name := range labels {
		fit[i] = label(name)
	}
	key := series{d, strings.Join(fit, "\xff")} // which valid text does not hold
	if s.sent[key] {
		return nil, false
	}
	s.sent[key] = true
	return fit, true
}

func (s *scrape) gauge(d *prometheus.Desc, value float64, labels ...string) {
	if labels, ok := s.fresh(d, labels); ok {
		s.out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
}

func (s *scrape) count(d *prometheus.Desc, value uint64, labels ...string) {
	if labels, ok := s.fresh(d, labels); ok {
		s.out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(value), labels...)
	}
}

// known sends what is known.
func (s *scrape) known(d *prometheus.Desc, value *float64, labels ...string) {
	if value != nil {
		s.gauge(d, *value, labels...)
	}
}

func (s *scrape) knownBytes(d *prometheus.Desc, value *uint64) {
	if value != nil {
		s.gauge(d, float64(*value))
	}
}

func (s *scrape) histogram(d *prometheus.Desc, of tally.Snapshot, labels ...string) {
	labels, ok := s.fresh(d, labels)
	if !ok {
		return
	}
	buckets := make(map[float64]uint64, len(bounds))
	for i, n := range of.Cumulative(bounds) {
		buckets[bounds[i].Seconds()] = n
	}
	s.out <- prometheus.MustNewConstHistogram(d, of.Count, of.Sum.Seconds(), buckets, labels...)
}

// toolSeries returns the tools that were called, by name, with labels that are fit
// and unlike each other; those beyond maxToolSeries are summed up in one more. The
// order is by name, and not by calls, so that a tool keeps its place.
func toolSeries(tools []ToolCalls) []ToolCalls {
	byLabels := map[[2]string]ToolCalls{}
	add := func(name, server string, t ToolCalls) {
		key := [2]string{name, server}
		if sum, ok := byLabels[key]; ok {
			t.Calls += sum.Calls
			t.Errors += sum.Errors
			t.BytesIn += sum.BytesIn
			t.BytesOut += sum.BytesOut
			t.Latency.Snapshot = tally.Merge(sum.Latency.Snapshot, t.Latency.Snapshot)
		}
		t.Name, t.Server = name, server
		byLabels[key] = t
	}
	for _, t := range tools {
		if t.Calls > 0 {
			add(label(t.Name), label(t.Server), t)
		}
	}
	all := slices.SortedFunc(maps.Values(byLabels), func(a, b ToolCalls) int {
		if by := strings.Compare(a.Name, b.Name); by != 0 {
			return by
		}
		return strings.Compare(a.Server, b.Server)
	})
	if len(all) <= maxToolSeries {
		return all
	}
	clear(byLabels)
	for _, t := range all[maxToolSeries:] {
		add(otherTools, "", t)
	}
	return append(all[:maxToolSeries:maxToolSeries], byLabels[[2]string{otherTools, ""}])
}
