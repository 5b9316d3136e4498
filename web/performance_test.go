package web

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"xiaozhi-switchboard/assets"
)

func TestPerformance(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	w := do(s, request("GET", "/api/v1/performance"))
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
		t.Fatalf("%d %v %s", w.Code, err, w.Body)
	}
	// at walks into the answer by keys and positions.
	at := func(path string) any {
		var v any = got
		for step := range strings.SplitSeq(path, ".") {
			switch inner := v.(type) {
			case map[string]any:
				var ok bool
				if v, ok = inner[step]; !ok {
					t.Errorf("%s lacks %s", path, step)
				}
			case []any:
				v = inner[step[0]-'0']
			}
		}
		return v
	}
	for path, want := range map[string]any{
		"uptimeMs": 3600000.0, "strategy": "health-based",
		"dials.total": 8.0, "dials.successful": 6.0, "dials.successShare": 0.75, "dials.reconnectsPerHour": 2.0,
		"calls.total": 41.0, "calls.errors": 1.0, "calls.perMinute": 3.0, "calls.latency.count": 40.0, "calls.latency.averageMs": 21.5,
		"healthChecks.pings": 480.0, "healthChecks.cpuShare": 0.0004,
		"process.residentBytes": float64(48 << 20), "process.growthBytesPerHour": -36000.0, "process.goroutines": 60.0,
		"host.cpuShare": nil, "host.memoryUsedBytes": nil, "host.memoryBytes": float64(8 << 30),
		"groups.0.evenness": 0.8, "groups.0.sources.1.kind": "server", "groups.0.sources.1.breaker": "open", "groups.0.sources.1.moved": 2.0,
		"links.0.bytesOut": 70000.0, "links.0.roundTripMs": 31.0, "links.1.roundTripMs": nil,
		"tools.0.name": "weather__forecast", "tools.0.errors": 1.0, "tools.2.latency.p50Ms": nil, "tools.2.latency.averageMs": nil,
		"runs.0.tookMs": 9.0, "runs.0.unit": "bytes", "anomalies.1.detail": "dial api.xiaozhi.me: no such host",
	} {
		if v := at(path); v != want {
			t.Errorf("%s is %v, want %v", path, v, want)
		}
	}
	for path, want := range map[string]float64{"calls.latency.p50Ms": 2, "calls.latency.p95Ms": 80, "tools.0.latency.p99Ms": 80} {
		if v := at(path).(float64); math.Abs(v-want) > 0.05*want {
			t.Errorf("%s is %v, want about %v", path, v, want)
		}
	}

	// Nothing measured yet: no null where a list belongs, and no share of nothing.
	view, unlock := s.deps.Performance.(*fakePerformance).open()
	*view = PerformanceView{Groups: []GroupView{{Name: "music"}}}
	unlock()
	w = do(s, request("GET", "/api/v1/performance"))
	for _, want := range []string{`"successShare":null`, `"evenness":null`, `"sources":[]`, `"links":[]`, `"tools":[]`, `"runs":[]`, `"anomalies":[]`, `"p50Ms":null`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s lacks %s", w.Body, want)
		}
	}
	if w := do(s, request("GET", "/api/v1/anomalies")); w.Body.String() != "[]\n" {
		t.Errorf("no anomalies are %s", w.Body)
	}
}

// TestPerformanceIsNotChanged holds that an answer is made from copies.
func TestPerformanceIsNotChanged(t *testing.T) {
	leak := "token=" + token
	leaky := func() PerformanceView {
		v := inventedPerformance(noon)
		v.History = nil // functions are never equal
		v.Groups[0].Name, v.Groups[0].Sources[0].Name, v.Links[0].Label = leak, leak, leak
		v.Tools[0].Name, v.Tools[0].Server, v.Runs[0].Reason, v.Anomalies[0].Subject, v.Anomalies[0].Detail = leak, leak, leak, leak, leak
		return v
	}
	v := leaky()
	presentable(assets.Words("en"), v)
	if !reflect.DeepEqual(v, leaky()) {
		t.Error("the view of the dependency was written to")
	}
}

func TestAnomalies(t *testing.T) {
	for _, c := range []struct {
		a      AnomalyView
		en, zh string
	}{
		{AnomalyView{Kind: "flapping", Value: 6}, "Study lost its connection 6 times within ten minutes.", "断开了 6 次"},
		{AnomalyView{Kind: "flapping", Value: 1}, "Study lost its connection 1 time within", "断开了 1 次"},
		{AnomalyView{Kind: "takeover", Value: 3}, "took the connection of Study over 3 times", "抢占了 3 次"},
		{AnomalyView{Kind: "overdue_ping", Value: 4200}, "Study has not answered a ping for 4.2 s;", "已有 4.2 秒 没有响应"},
		{AnomalyView{Kind: "rtt_spike", Value: 640, Usual: 31}, "Study takes 640 ms to answer instead of the usual 31 ms.", "响应时间为 640 ms，平时为 31 ms"},
		{AnomalyView{Kind: "clock_skew", Value: 90.7}, "is 90 seconds ahead of Study.", "快 90 秒"},
		{AnomalyView{Kind: "clock_skew", Value: -5000}, "is 5,000 seconds behind Study.", "慢 5,000 秒"},
		{AnomalyView{Kind: "token_expiring", Value: 1.9}, "The address of Study stops working in 1 day.", "将在 1 天后失效"},
		{AnomalyView{Kind: "token_expired", Value: 2}, "The address of Study has expired.", "已过期"},
		{AnomalyView{Kind: "memory_growth", Value: 5.25 * (1 << 20)}, "grows by 5.2 MiB an hour", "增长 5.2 MiB"},
		{AnomalyView{Kind: "something_new"}, "Something about Study is unusual", "出现异常"},
		{AnomalyView{Kind: ""}, "Something about Study is unusual", "出现异常"},
	} {
		c.a.Subject = "Study"
		for lang, want := range map[string]string{"en": c.en, "zh": c.zh} {
			if got := anomalyText(assets.Words(lang), c.a); !strings.Contains(got, want) || strings.Contains(got, "<no value>") {
				t.Errorf("%s %s: %s", lang, c.a.Kind, got)
			}
		}
	}
	s, _, _, _ := newServer(t, nil)
	r := request("GET", "/api/v1/anomalies")
	r.Header.Set("Accept-Language", "zh")
	var list []AnomalyView
	w := do(s, r)
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list) != 2 || !list[0].Until.IsZero() || list[1].Until.IsZero() || !strings.HasPrefix(list[0].Text, "店铺前台 的响应时间") {
		t.Errorf("%v %s", err, w.Body)
	}
}
