package app

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
)

// post sends a body to the API and decodes the answer.
func (p *program) post(path, body string, answer any) int {
	p.t.Helper()
	resp, err := http.Post(strings.TrimSuffix(p.url, "/")+path, "application/json", strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && answer != nil {
		err = json.Unmarshal(text, answer)
	}
	if err != nil {
		p.t.Fatalf("post %s: %s %v\n%s", path, resp.Status, err, text)
	}
	return resp.StatusCode
}

// TestGroupViews has links that are called alike, and a group of servers that is called like that
// of the links: shares of each group are whole, and each source can be told from the others.
func TestGroupViews(t *testing.T) {
	spread := func(group string, ids ...string) balance.Stats {
		set := balance.NewSet(balance.RoundRobin, nil)
		var from []*balance.Member
		for _, id := range ids {
			m := set.Add(id, group, nil)
			m.SetUp(true)
			from = append(from, m)
		}
		set.Add("alone", "alone", nil)
		set.Add("serving", "serve", nil)
		set.Add("serving too", "serve", nil)
		for range 10 {
			set.Pick(time.Now(), from, nil)
		}
		return set.Stats(time.Now())
	}
	links := spread(endpoint.RemoteGroup, "1", "2", "3")
	servers := spread(endpoint.RemoteGroup, "a", "b")
	servers.Members = servers.Members[:3] // links only serve
	views := groupViews(links, servers, map[string]string{"1": "Hall", "2": "Kitchen", "3": "Hall"})
	var got []string
	for _, v := range views {
		names, share := "", 0.0
		for _, s := range v.Sources {
			names += fmt.Sprintf(" %v:%s", s.Kind, s.Name)
			share += s.Share
		}
		if math.Abs(share-1) > 1e-9 || *v.Evenness < 0.9 {
			t.Errorf("%s:%s have %v of the calls, spread as evenly as %v", v.Name, names, share, *v.Evenness)
		}
		got = append(got, v.Name+names)
	}
	if want := []string{"remote link:Hall 1 link:Kitchen link:Hall 3", "remote server:a server:b"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestWholeProgramRoutesCalls has two relays with tools behind them, two servers in a group
// and an official endpoint whose robot calls all of them, and then asks the program by its
// API how it did.
func TestWholeProgramRoutesCalls(t *testing.T) {
	official, base := practice(t, broker.Official)
	var addresses []string
	for i := range 2 {
		relay, relayBase := practice(t, broker.Relay)
		side := endpoint.NewManager(&farTools{name: fmt.Sprint("relay", i), did: map[string]int{}}, nil)
		t.Cleanup(func() { side.Close() })
		if _, err := side.AddEndpoint(endpoint.Endpoint{URL: secret.URL(relay.URL(relayBase, "home"))}); err != nil {
			t.Fatal(err)
		}
		if err := side.Connect(); err != nil {
			t.Fatal(err)
		}
		addresses = append(addresses, quoted(relay.CallURL(relayBase, "home")))
	}
	twin := fmt.Sprintf(`{"command": %s, "env": {%q: "stdio"}, "group": "twins"}`, quoted(os.Args[0]), playAs)
	p := startProgram(t, fmt.Sprintf(`{
		// kept
		"mcpEndpoint": [%s, {"url": %s, "name": "Kitchen"}, {"url": %s, "name": "Hall"}],
		"mcpServers": {"a": %s, "b": %s}
	}`, quoted(official.URL(base, "1")), addresses[0], addresses[1], twin, twin))

	p.eventually("the tools of both groups", func() bool {
		s := official.Sockets("1")
		return len(s) == 1 && strings.Contains(fmt.Sprint(s[0].Tools), "twins__echo") && strings.Contains(fmt.Sprint(s[0].Tools), "remote__act")
	})
	robot := official.Robot("1")
	heard := map[string]int{}
	for i := range 20 {
		for _, tool := range []string{"remote__act", "twins__echo"} {
			result, err := robot.Call(t.Context(), tool, fmt.Appendf(nil, `{"text":"%d"}`, i))
			if err != nil || result.IsError {
				t.Fatalf("%s: %+v, %v", tool, result, err)
			}
			if tool == "remote__act" {
				heard[result.Text]++
			}
		}
	}
	if heard["relay0"] != 10 || heard["relay1"] != 10 {
		t.Errorf("calls went to %v", heard)
	}

	var tools []struct {
		Name    string
		Sources []string
	}
	if err := json.Unmarshal([]byte(p.get("/api/v1/tools")), &tools); err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{}
	for _, tool := range tools {
		sources[tool.Name] = strings.Join(tool.Sources, " ")
	}
	if sources["remote__act"] != "Kitchen Hall" || sources["twins__echo"] != "a b" {
		t.Errorf("sources: %v", sources)
	}

	var v struct {
		Strategy string
		Calls    struct{ Total, Errors int }
		Dials    struct{ SuccessShare float64 }
		Process  struct{ ResidentBytes, Goroutines int }
		Host     struct{ MemoryBytes, MemoryUsedBytes int }
		Groups   []struct {
			Name     string
			Evenness float64
			Sources  []struct {
				Name          string
				Picked, Total int
				Share         float64
			}
		}
		Links []struct {
			Label         string
			Calls, Errors int
		}
		Tools []struct {
			Name    string
			Calls   int
			Latency struct{ P50Ms float64 }
		}
	}
	read := func() {
		t.Helper()
		if err := json.Unmarshal([]byte(p.get("/api/v1/performance")), &v); err != nil {
			t.Fatal(err)
		}
	}
	p.eventually("a reading of memory", func() bool { read(); return v.Process.ResidentBytes > 1<<20 })
	if v.Strategy != "round-robin" || v.Calls.Total != 40 || v.Calls.Errors != 0 || v.Dials.SuccessShare != 1 || v.Process.Goroutines == 0 ||
		v.Host.MemoryUsedBytes < 1<<26 || v.Host.MemoryUsedBytes > v.Host.MemoryBytes {
		t.Errorf("got %+v", v)
	}
	if len(v.Groups) != 2 || v.Groups[0].Name != "remote" || v.Groups[0].Evenness != 1 || v.Groups[1].Sources[0].Picked != 10 {
		t.Errorf("groups: %+v", v.Groups)
	}

	for _, l := range v.Links {
		if want := map[string]int{"Kitchen": 10, "Hall": 10}[l.Label]; want > 0 && l.Calls != want || want == 0 && l.Calls != 40 || l.Errors != 0 {
			t.Errorf("links: %+v", v.Links)
		}
	}
	p.post("/api/v1/strategy", `{"strategy":"random"}`, nil)
	p.eventually("the strategy", func() bool { // it goes through the file
		read()
		for _, s := range v.Groups[0].Sources {
			if s.Picked > 0 {
				return false
			}
		}
		return v.Strategy == "random"
	})
	if _, err := robot.Call(t.Context(), "remote__act", []byte(`{"text":"random"}`)); err != nil {
		t.Error(err)
	}
	p.eventually("the call by another strategy", func() bool { read(); return v.Calls.Total == 41 })
	picked, total, share := 0, 0, 0.0
	for _, s := range v.Groups[0].Sources {
		picked, total, share = picked+s.Picked, total+s.Total, share+s.Share
	}
	if picked != 1 || total != 21 || share != 1 {
		t.Errorf("after a change of the strategy: %+v", v.Groups[0])
	}

	metrics := p.get("/metrics")
	for _, want := range []string{`switchboard_tool_calls_total{`, `source="Kitchen"`, "go_goroutines"} {
		if !strings.Contains(metrics, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	if strings.Contains(metrics, "token=") || strings.Contains(metrics, "ws://") {
		t.Error("/metrics tells an address")
	}

	if code := p.post("/api/v1/strategy", `{"strategy":"health_based"}`, nil); code != http.StatusOK {
		t.Errorf("strategy: %d", code)
	}
	p.eventually("the new strategy", func() bool { read(); return v.Strategy == "health-based" })
	if text, _ := os.ReadFile(p.config); !strings.Contains(string(text), `"health-based"`) || !strings.Contains(string(text), "// kept") {
		t.Errorf("the file is %s", text)
	}
	if code := p.post("/api/v1/strategy", `{"strategy":"fastest"}`, nil); code != http.StatusUnprocessableEntity {
		t.Errorf("an unknown strategy: %d", code)
	}

	var warmed []struct {
		Kind, Name, Error string
		Timings           *struct{ TCP float64 }
	}
	if code := p.post("/api/v1/prewarm", `{}`, &warmed); code != http.StatusOK || len(warmed) != 5 {
		t.Errorf("prewarm: %d %+v", code, warmed)
	}
	for _, w := range warmed {
		if w.Error != "" || w.Kind == "link" && w.Timings == nil {
			t.Errorf("prewarm: %+v", w)
		}
	}
	var run struct{ Routine, Reason string }
	if code := p.post("/api/v1/optimize", `{}`, &run); code != http.StatusOK || run.Routine != "compaction" || run.Reason != "by_hand" {
		t.Errorf("optimise: %d %+v", code, run)
	}

	ids := map[string]string{}
	for _, c := range p.connections() {
		ids[c.Name] = c.ID
	}
	var chosen map[string]any
	if code := p.post("/api/v1/connections/"+ids["Kitchen"]+"/failover", `{}`, &chosen); code != http.StatusOK || !strings.Contains(fmt.Sprint(chosen), ids["Hall"]) {
		t.Errorf("failover: %d %v", code, chosen)
	}
	for range 4 {
		if result, err := robot.Call(t.Context(), "remote__act", nil); err != nil || result.Text != "relay1" {
			t.Errorf("after the failover: %+v, %v", result, err)
		}
	}
	if code := p.post("/api/v1/connections/nobody/failover", `{}`, nil); code != http.StatusNotFound {
		t.Errorf("failover from nobody: %d", code)
	}
}
