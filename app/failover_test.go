package app

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/hub"
	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
)

// farTools is the tool side behind a relay. It remembers what it carried out.
type farTools struct {
	name string
	mu   sync.Mutex
	did  map[string]int
	hold chan struct{} // when set, calls wait for it after they were carried out
	held chan struct{} // receives for each that does; needed with hold only where somebody counts
}

func (*farTools) ListResult(string) []byte {
	return []byte(`{"tools":[{"name":"ask","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}},{"name":"act","inputSchema":{"type":"object"}}]}`)
}

func (f *farTools) StartCall(ctx context.Context, _, tool string, arguments []byte) func() ([]byte, error) {
	what := tool + " " + string(arguments)
	return func() ([]byte, error) {
		f.mu.Lock()
		f.did[what]++
		hold, held := f.hold, f.held
		f.mu.Unlock()
		if hold != nil {
			select {
			case held <- struct{}{}:
			default:
			}
			select {
			case <-hold:
			case <-ctx.Done():
			}
		}
		return append(rpc.AppendString([]byte(`{"content":[{"type":"text","text":`), f.name), `}]}`...), nil
	}
}

// relays are two practice relays, each with a tool side of its own, and a hub that reaches
// both over links in the call role.
type relays struct {
	t     *testing.T
	far   [2]*broker.Broker
	tools [2]*farTools
	sides [2]*endpoint.Manager
	links *endpoint.Manager
	hub   *hub.Hub
}

// openRelays uses the network, or real sockets when that is nil.
func openRelays(t *testing.T, network *broker.PipeNetwork, opts endpoint.Options) *relays {
	t.Helper()
	r := &relays{t: t}
	opts.Origin = "test"
	if network != nil {
		opts.DialContext = network.DialContext
	}
	r.hub = hub.New(&hub.Options{ToolTimeout: 20 * time.Second})
	r.links = endpoint.NewManager(r.hub, &opts)
	var list []endpoint.Endpoint
	for i := range r.far {
		r.far[i] = broker.New(&broker.Options{Family: broker.Relay, KeepRegistration: true})
		listen := func() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }
		if network != nil {
			listen = func() (net.Listener, error) { return network.Listen(fmt.Sprintf("relay%d.test:80", i)) }
		}
		l, err := listen()
		if err != nil {
			t.Fatal(err)
		}
		go r.far[i].Serve(l)
		base := "ws://" + l.Addr().String()
		r.tools[i] = &farTools{name: fmt.Sprint("relay", i), did: map[string]int{}}
		side := endpoint.NewManager(r.tools[i], &endpoint.Options{DialContext: opts.DialContext, MaxCallsPerLink: 1 << 14, Retry: opts.Retry, MaxReconnectAttempts: -1})
		if _, err := side.AddEndpoint(endpoint.Endpoint{URL: secret.URL(r.far[i].URL(base, "home"))}); err != nil {
			t.Fatal(err)
		}
		if err := side.Connect(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { side.Close() })
		r.sides[i] = side
		list = append(list, endpoint.Endpoint{URL: secret.URL(r.far[i].CallURL(base, "home")), Name: r.tools[i].name})
	}
	if err := r.links.UpdateEndpoints(list); err != nil {
		t.Fatal(err)
	}
	if err := r.links.Connect(); err != nil {
		t.Fatal(err)
	}
	a := &App{links: r.links, hub: r.hub}
	changed, stop := r.links.Subscribe()
	defer stop()
	deadline := time.After(longWait)
	for {
		a.takeOffers()
		if offered := r.hub.Tools(); slices.ContainsFunc(offered, func(t hub.ToolStatus) bool { return t.Name == "remote__act" && len(t.Sources) == 2 }) {
			return r
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("the tools never came: %+v", r.links.Status())
		}
	}
}

func (r *relays) close() {
	r.links.Close()
	r.hub.Close()
	for _, far := range r.far {
		far.Close()
	}
}

// call returns the name of the relay that answered, or what the assistant is told instead.
func (r *relays) call(tool string, n int) string {
	result, err := r.hub.CallTool(r.t.Context(), "", "remote__"+tool, fmt.Appendf(nil, `{"n":%d}`, n))
	if err != nil {
		return err.Error()
	}
	if strings.Contains(string(result), `"isError":true`) {
		return string(result)
	}
	_, rest, _ := strings.Cut(string(result), `"text":"`)
	text, _, _ := strings.Cut(rest, `"`)
	return text
}

// many makes n calls from several callers, and returns how many each relay answered.
func (r *relays) many(callers, n int, tool func(n int) string) map[string]int {
	var (
		mu   sync.Mutex
		by   = map[string]int{}
		next atomic.Int64
		all  sync.WaitGroup
	)
	for range callers {
		all.Go(func() {
			for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
				text := r.call(tool(i), i)
				mu.Lock()
				by[text]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return by
}

func act(int) string { return "act" }

// TestTenThousandCallsAreSpread sends 10,000 calls over two relays by each strategy.
func TestTenThousandCallsAreSpread(t *testing.T) {
	const n = 10_000
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(1, 2)) // three sigmas are passed now and then
	r := openRelays(t, nil, endpoint.Options{Random: func() float64 {
		mu.Lock()
		defer mu.Unlock()
		return random.Float64()
	}})
	defer r.close()
	for strategy, tolerance := range map[balance.Strategy]float64{balance.RoundRobin: 1, balance.Random: 3 * math.Sqrt(n*0.25)} {
		r.links.SetLoadBalanceStrategy(strategy)
		by := r.many(16, n, act)
		if by["relay0"]+by["relay1"] != n {
			t.Errorf("%v: %v", strategy, by)
		}
		if off := math.Abs(float64(by["relay0"]) - n/2); off > tolerance {
			t.Errorf("%v: %d and %d, want within %.0f of even", strategy, by["relay0"], by["relay1"], tolerance)
		}
		stats := r.links.LoadBalanceStats()
		t.Logf("%v: %v, evenness %.4f", strategy, by, stats.Fairness(endpoint.RemoteGroup))
	}
}

// TestHealthBasedPrefersTheFastRelay is the same with a relay that is a second away, in
// virtual time.
func TestHealthBasedPrefersTheFastRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 10_000
		r := openRelays(t, broker.NewPipeNetwork(), endpoint.Options{HealthCheckInterval: 10 * time.Second, Strategy: balance.HealthBased})
		defer r.close()
		r.far[1].SetFault("home", broker.Fault{Delay: time.Second})
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		before := r.links.LoadBalanceStats()
		by := r.many(256, n, act)
		var weights [2]float64
		for i, m := range before.Members {
			weights[i] = float64(m.Reading.Score.Value * m.Reading.Score.Value)
		}
		want := n * weights[0] / (weights[0] + weights[1])
		t.Logf("scores %d and %d: %v", before.Members[0].Reading.Score.Value, before.Members[1].Reading.Score.Value, by)
		if got := float64(by["relay0"]); math.Abs(got-want) > n/50 || by["relay0"] <= by["relay1"] || by["relay0"]+by["relay1"] != n {
			t.Errorf("the fast one had %v of %d calls, want about %.0f by its weight", got, n, want)
		}
	})
}

// TestToolSideGoesInTheMidst takes the tool side of one relay away, and leaves the relay and our
// link to it, while both have calls under way: a safe call is answered by the other, and an unsafe
// one is told of, long before it would be given up for lateness.
func TestToolSideGoesInTheMidst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := openRelays(t, broker.NewPipeNetwork(), endpoint.Options{})
		defer r.close()
		hold := make(chan struct{})
		for _, side := range r.tools {
			side.hold = hold
		}
		var all sync.WaitGroup
		var texts [4]string
		var took [4]time.Duration
		began := time.Now()
		for i := range 4 { // both tools go to both relays
			all.Go(func() {
				texts[i] = r.call([]string{"act", "ask"}[i/2], i)
				took[i] = time.Since(began)
			})
			synctest.Wait()
		}
		gone := 0
		if r.tools[1].did[`act {"n":0}`] > 0 {
			gone = 1
		}
		r.sides[gone].Close()
		time.Sleep(time.Second)
		close(hold)
		all.Wait()
		other := fmt.Sprint("relay", 1-gone)
		if !strings.Contains(texts[0], "carried out is not known") || took[0] > time.Second {
			t.Errorf("the unsafe call of the lost tool side ended after %v with %s", took[0], texts[0])
		}
		for i, text := range texts[1:] {
			if text != other {
				t.Errorf("call %d was answered %s", i+1, text)
			}
		}
		for _, side := range r.tools {
			for what, n := range side.did {
				if n != 1 {
					t.Errorf("%s carried %s out %d times", side.name, what, n)
				}
			}
		}
		if n := r.tools[1-gone].did[`act {"n":0}`]; n > 0 {
			t.Error("the unsafe call was carried out twice")
		}
		t.Logf("the unsafe call was told of after %v", took[0])
	})
}

// TestRelayKilledInTheMidst loses one of two relays at call 5,000 of 10,000, with a call of every
// other caller in flight there: its sockets only, or all of it for good. No safe call is lost, no
// unsafe call runs twice, and the pause is as short as can be.
func TestRelayKilledInTheMidst(t *testing.T) {
	for name, forGood := range map[string]bool{"its sockets": false, "for good": true} {
		t.Run(name, func(t *testing.T) { killedInTheMidst(t, forGood) })
	}
}

func killedInTheMidst(t *testing.T, forGood bool) {
	const n, callers = 10_000, 16
	r := openRelays(t, nil, endpoint.Options{})
	defer r.close()
	tool := func(i int) string { return []string{"ask", "act"}[i/2%2] } // relays take turns by i%2
	var (
		next      atomic.Int64
		longest   [2]atomic.Int64 // before and after the kill
		all       sync.WaitGroup
		mu        sync.Mutex
		uncertain = map[string]bool{}
	)
	kill := func() {
		hold, held := make(chan struct{}), make(chan struct{}, callers)
		r.tools[0].mu.Lock()
		r.tools[0].hold, r.tools[0].held = hold, held
		r.tools[0].mu.Unlock()
		for range callers - 1 {
			<-held
		}
		r.far[0].Drop("", broker.DropReset)
		if forGood {
			r.far[0].Close()
		}
		r.tools[0].mu.Lock()
		r.tools[0].hold = nil
		r.tools[0].mu.Unlock()
		close(hold)
	}
	for range callers {
		all.Go(func() {
			for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
				if i == n/2 {
					kill()
				}
				began := time.Now()
				text := r.call(tool(i), i)
				phase := 0
				if i >= n/2 {
					phase = 1
				}
				for took := int64(time.Since(began)); ; {
					old := longest[phase].Load()
					if took <= old || longest[phase].CompareAndSwap(old, took) {
						break
					}
				}
				switch {
				case text == "relay0", text == "relay1":
				case tool(i) == "act" && strings.Contains(text, "carried out is not known"):
					mu.Lock()
					uncertain[fmt.Sprintf(`act {"n":%d}`, i)] = true
					mu.Unlock()
				default:
					t.Errorf("%s %d: %s", tool(i), i, text)
				}
			}
		})
	}
	all.Wait()
	twice, never := 0, 0
	for i := 1; i <= n; i++ {
		what := fmt.Sprintf(`%s {"n":%d}`, tool(i), i)
		times := 0
		for _, side := range r.tools {
			side.mu.Lock()
			times += side.did[what]
			side.mu.Unlock()
		}
		if times > 1 && tool(i) == "act" {
			twice++
		}
		if times == 0 && !uncertain[what] {
			never++
		}
	}
	if twice > 0 || never > 0 {
		t.Errorf("%d unsafe calls ran twice, %d answered calls never ran", twice, never)
	}
	stats := r.links.LoadBalanceStats()
	var moves []time.Duration
	for _, m := range stats.Moves {
		moves = append(moves, m.Took)
	}
	if len(moves) == 0 || len(moves)+len(uncertain) < callers-1 {
		t.Fatalf("%d calls moved and %d were told that they may have run, of %d", len(moves), len(uncertain), callers-1)
	}
	t.Logf("longest call after the kill %v; %d calls moved, each within %v of the drop; %d unsafe calls told that they may have run",
		time.Duration(longest[1].Load()), len(moves), slices.Max(moves), len(uncertain))
}
