package web

import (
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// families asks for the metrics and reads them as Prometheus does.
func families(t *testing.T, s *Server) map[string]*dto.MetricFamily {
	t.Helper()
	w := do(s, request("GET", "/metrics"))
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	all, err := parser.TextToMetricFamilies(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// pick returns the metric of a family whose labels have these values, written name=value.
func pick(f *dto.MetricFamily, labels ...string) *dto.Metric {
	for _, m := range f.GetMetric() {
		have := map[string]bool{}
		for _, l := range m.GetLabel() {
			have[l.GetName()+"="+l.GetValue()] = true
		}
		all := len(have) == len(labels)
		for _, l := range labels {
			all = all && have[l]
		}
		if all {
			return m
		}
	}
	return nil
}

func TestMetrics(t *testing.T) {
	s, _, _, _ := newServer(t, &Options{Version: "1.2.3"})
	all := families(t, s)
	for _, c := range []struct {
		name   string
		want   float64
		labels []string
	}{
		{"build_info", 1, []string{"version=1.2.3"}},
		{"uptime_seconds", 3600, nil},
		{"strategy_info", 1, []string{"strategy=health-based"}},
		{"dials_total", 6, []string{"result=success"}},
		{"dials_total", 2, []string{"result=failure"}},
		{"health_check_cpu_ratio", 0.0004, nil},
		{"calls_total", 41, nil},
		{"link_up", 1, []string{"id=a1a1a1a1a1a1", "name=书房小智"}},
		{"link_up", 0, []string{"id=b2b2b2b2b2b2", "name=客厅音箱"}},
		{"link_round_trip_seconds", 0.031, []string{"id=a1a1a1a1a1a1", "name=书房小智"}},
		{"link_sent_bytes_total", 70000, []string{"id=a1a1a1a1a1a1", "name=书房小智"}},
		{"tool_calls_total", 11, []string{"tool=weather__forecast", "server=weather"}},
		{"tool_call_errors_total", 1, []string{"tool=weather__forecast", "server=weather"}},
		{"source_picks_total", 50, []string{"group=music", "kind=server", "source=music-a"}},
		{"source_breaker_open", 1, []string{"group=music", "kind=server", "source=music-b"}},
		{"group_evenness_ratio", 0.8, []string{"group=music"}},
		{"memory_growth_bytes_per_second", -10, nil},
		{"host_memory_bytes", 8 << 30, nil},
		{"anomalies", 1, []string{"kind=rtt_spike"}},
		{"anomalies", 0, []string{"kind=flapping"}},
		{"anomalies", 0, []string{"kind=token_expired"}},
		{"anomalies", 0, []string{"kind=memory_growth"}},
	} {
		f := all["switchboard_"+c.name]
		m := pick(f, c.labels...)
		if m == nil {
			t.Errorf("%s %v is missing in %v", c.name, c.labels, f)
			continue
		}
		if got := m.GetGauge().GetValue() + m.GetCounter().GetValue(); got != c.want {
			t.Errorf("%s %v is %v, want %v", c.name, c.labels, got, c.want)
		}
		if counter := f.GetType() == dto.MetricType_COUNTER; counter != strings.HasSuffix(c.name, "_total") {
			t.Errorf("%s is a %s", c.name, f.GetType())
		}
	}
	// What is not known, was never called or is over is not there.
	for name, labels := range map[string][]string{
		"host_cpu_ratio": nil, "link_round_trip_seconds": {"id=b2b2b2b2b2b2", "name=客厅音箱"},
		"tool_calls_total": {"tool=switchboard__time", "server=switchboard"},
	} {
		if m := pick(all["switchboard_"+name], labels...); m != nil {
			t.Errorf("%s %v is there: %v", name, labels, m)
		}
	}
	h := pick(all["switchboard_tool_call_duration_seconds"], "tool=weather__forecast", "server=weather").GetHistogram()
	if h.GetSampleCount() != 10 || math.Abs(h.GetSampleSum()-0.8) > 1e-9 || len(h.GetBucket()) != len(bounds)+1 {
		t.Errorf("histogram: %v", h)
	}
	for _, b := range h.GetBucket() {
		want := uint64(0)
		if b.GetUpperBound() >= 0.08 {
			want = 10
		}
		if b.GetCumulativeCount() != want {
			t.Errorf("up to %v s there are %d calls", b.GetUpperBound(), b.GetCumulativeCount())
		}
	}
	for _, name := range []string{"go_goroutines", "go_memstats_heap_inuse_bytes"} {
		if all[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
}

// TestMetricNames holds names, types and help to the rules of Prometheus.
func TestMetricNames(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	view, unlock := s.deps.Performance.(*fakePerformance).open()
	view.Host.CPUShare, view.Host.UsedBytes = new(0.5), new(uint64(1)) // so that all are there
	unlock()
	problems, err := testutil.GatherAndLint(s.registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
	n, err := testutil.GatherAndCount(s.registry, "switchboard_host_cpu_ratio", "switchboard_link_up", "switchboard_host_memory_used_bytes")
	if err != nil || n != 4 {
		t.Errorf("%d series: %v", n, err)
	}
}

// TestMetricsOfHostileNames holds that names make neither secrets, nor series without
// end, nor an answer that cannot be read.
func TestMetricsOfHostileNames(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	view, unlock := s.deps.Performance.(*fakePerformance).open()
	leak := "wss://api.xiaozhi.me/mcp/?token=" + token
	evil := []string{
		leak, token, "Bearer " + token, "api_key=sk-0123456789abcdef0123", "https://user:hunter22@mcp.example.com/sse/a1b2c3d4e5f6a7b8c9d0e1f2",
		"\xff\xfe", "", "a\nb\"c\\d{}", strings.Repeat("名", 1000), strings.Repeat("名", 1001), "other",
	}
	view.Links, view.Tools, view.Groups = nil, nil, nil
	for i, name := range evil {
		view.Links = append(view.Links, LinkCalls{ID: fmt.Sprint(i), Label: name}, LinkCalls{ID: name, Label: name})
		view.Tools = append(view.Tools, ToolCalls{Name: name, Server: name, Calls: 2, Errors: 1, Latency: latency(2, time.Second)})
		view.Groups = append(view.Groups, GroupView{Name: name, Evenness: new(1.0), Sources: []SourceView{{Name: name}, {Name: name}}})
		view.Anomalies = append(view.Anomalies, AnomalyView{Kind: name})
	}
	unlock()
	text := do(s, request("GET", "/metrics")).Body.String()
	for _, secret := range []string{token, "c2lnbmF0dXJl", "sk-0123456789abcdef0123", "hunter22", "a1b2c3d4e5f6a7b8c9d0e1f2"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is shown", secret)
		}
	}
	all := families(t, s)
	for _, f := range all {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if len(l.GetValue()) > maxLabel+len("…") {
					t.Errorf("%s has a label of %d bytes", f.GetName(), len(l.GetValue()))
				}
			}
		}
	}
	// Two names that are equal once they are cut are one tool.
	cut := label(strings.Repeat("名", 1000))
	if m := pick(all["switchboard_tool_calls_total"], "tool="+cut, "server="+cut); m.GetCounter().GetValue() != 4 {
		t.Errorf("tools with equal labels: %v", m)
	}
	if m := pick(all["switchboard_tool_call_duration_seconds"], "tool="+cut, "server="+cut); m.GetHistogram().GetSampleCount() != 4 {
		t.Errorf("tools with equal labels: %v", m)
	}
}

func TestMetricsOfManyTools(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	view, unlock := s.deps.Performance.(*fakePerformance).open()
	view.Tools, view.Groups = nil, nil
	for i := range 5000 {
		name := fmt.Sprintf("tool_%04d", i)
		view.Tools = append(view.Tools, ToolCalls{Name: name, Server: "s", Calls: 1, Latency: latency(1, time.Millisecond)})
		view.Groups = append(view.Groups, GroupView{Name: name, Evenness: new(1.0)})
	}
	unlock()
	all := families(t, s)
	if n := len(all["switchboard_tool_calls_total"].GetMetric()); n != maxToolSeries+1 {
		t.Errorf("%d tools have series", n)
	}
	if n := len(all["switchboard_group_evenness_ratio"].GetMetric()); n != maxGroupSeries {
		t.Errorf("%d groups have series", n)
	}
	var calls float64
	for _, m := range all["switchboard_tool_calls_total"].GetMetric() {
		calls += m.GetCounter().GetValue()
	}
	rest := pick(all["switchboard_tool_call_duration_seconds"], "tool=other", "server=")
	if calls != 5000 || rest.GetHistogram().GetSampleCount() != 5000-maxToolSeries {
		t.Errorf("%v calls, the rest %v", calls, rest)
	}
	if pick(all["switchboard_tool_calls_total"], "tool=tool_0511", "server=s") == nil {
		t.Error("the first tools by name lack series")
	}
}

func TestMetricsAreCompressed(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	r := request("GET", "/metrics")
	r.Header.Set("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")
	r.Header.Set("Accept-Encoding", "gzip")
	w := do(s, r)
	if w.Header().Get("Content-Encoding") != "gzip" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Fatalf("%v", w.Header())
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil || !strings.Contains(string(text), "switchboard_uptime_seconds 3600\n") {
		t.Errorf("%v: %.200s", err, text)
	}
}

func TestMetricsWithoutPerformance(t *testing.T) {
	s := New(Deps{}, &Options{Port: testPort})
	t.Cleanup(func() { s.Close() })
	all := families(t, s)
	if all["switchboard_build_info"] == nil || all["go_goroutines"] == nil || all["switchboard_calls_total"] != nil {
		t.Errorf("%d families", len(all))
	}
}

// BenchmarkMetrics is a scrape of 100 links and as many tools as have series.
func BenchmarkMetrics(b *testing.B) {
	s, _, _, _ := newServer(b, nil)
	view, unlock := s.deps.Performance.(*fakePerformance).open()
	for i := range 100 {
		view.Links = append(view.Links, LinkCalls{ID: fmt.Sprint(i), Label: "link"})
	}
	for i := range maxToolSeries {
		view.Tools = append(view.Tools, ToolCalls{Name: fmt.Sprint(i), Calls: 1, Latency: latency(1, time.Millisecond)})
	}
	unlock()
	r := request("GET", "/metrics")
	var w *httptest.ResponseRecorder
	for b.Loop() {
		w = do(s, r)
	}
	b.ReportMetric(float64(w.Body.Len())/1000, "kB")
}
