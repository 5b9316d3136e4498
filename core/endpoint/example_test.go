package endpoint_test

import (
	"context"
	"fmt"
	"net"
	"time"

	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/retry"
	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
)

// greeter is the smallest Tools there is: one tool, for every endpoint. A *hub.Hub is one
// with the tools of MCP servers.
type greeter struct{}

var greeterList = []byte(`{"tools":[{"name":"greet","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}}]}`)

func (greeter) ListResult(string) []byte { return greeterList }

func (greeter) StartCall(_ context.Context, _, name string, _ []byte) func() ([]byte, error) {
	return func() ([]byte, error) {
		if name != "greet" {
			return nil, &rpc.Error{Code: rpc.CodeInvalidParams, Message: "unknown tool"}
		}
		return []byte(`{"content":[{"type":"text","text":"hello"}]}`), nil
	}
}

// practice plays the far side of endpoints until it is closed, and returns where.
func practice(family broker.Family) (far *broker.Broker, base string) {
	far = broker.New(&broker.Options{Family: family})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go far.Serve(listener)
	return far, "ws://" + listener.Addr().String()
}

// Three endpoints are kept connected and answered with a tool. All connections are lost,
// and come back by themselves.
func Example() {
	far, base := practice(broker.Official)
	defer far.Close()

	links := endpoint.NewManager(greeter{}, &endpoint.Options{Retry: retry.Policy{Base: 100 * time.Millisecond}})
	defer links.Close()
	for _, room := range []string{"kitchen", "nursery", "study"} {
		if _, err := links.AddEndpoint(endpoint.Endpoint{URL: secret.URL(far.URL(base, room)), Name: room}); err != nil {
			fmt.Println(err)
		}
	}
	if err := links.Connect(); err != nil {
		fmt.Println(err)
		return
	}

	// A program subscribes and reads again whenever something changed.
	changed, end := links.Subscribe()
	defer end()
	until := func(done func(endpoint.Metrics) bool) {
		for !done(links.PerformanceMetrics()) {
			<-changed
		}
	}
	until(func(m endpoint.Metrics) bool { return m.Connected == 3 })
	far.Drop("", broker.DropReset)
	until(func(m endpoint.Metrics) bool { return m.Returns == 3 && m.Connected == 3 })

	for _, link := range links.Status() {
		fmt.Println(link.Name, link.Connected(), link.Reconnects)
	}
	ctx := context.Background()
	_ = far.Wait(ctx, func() bool { _, listed := far.Open(); return listed == 3 })
	heard, err := far.Robot("kitchen").Call(ctx, "greet", nil)
	fmt.Println("heard:", heard.Text, err)
	// Output:
	// kitchen true 1
	// nursery true 1
	// study true 1
	// heard: hello <nil>
}

// In the call role it is we who call: the tools behind two endpoints, in turn.
func ExampleManager_CallTool() {
	far, base := practice(broker.Relay)
	defer far.Close()

	// Somebody else offers a tool to two agents of a relay.
	others := endpoint.NewManager(greeter{}, nil)
	defer others.Close()
	_ = others.Initialize([]endpoint.Endpoint{{URL: secret.URL(far.URL(base, "upstairs"))}, {URL: secret.URL(far.URL(base, "downstairs"))}})
	_ = others.Connect()
	ctx := context.Background()
	_ = far.Wait(ctx, func() bool { open, _ := far.Open(); return open == 2 })

	// The role is that of the addresses: their path ends in /call/.
	links := endpoint.NewManager(nil, nil)
	defer links.Close()
	_ = links.Initialize([]endpoint.Endpoint{
		{URL: secret.URL(far.CallURL(base, "upstairs")), Name: "upstairs"},
		{URL: secret.URL(far.CallURL(base, "downstairs")), Name: "downstairs"},
	})
	changed, end := links.Subscribe()
	defer end()
	_ = links.Connect()
	for ready := 0; ready < 2; {
		<-changed
		ready = 0
		for _, m := range links.LoadBalanceStats().Members {
			if m.Up {
				ready++
			}
		}
	}

	for range 4 {
		result, err := links.CallTool(ctx, endpoint.ToolCall{Name: "greet"})
		fmt.Println(string(result), err)
	}
	for _, m := range links.LoadBalanceStats().Members {
		fmt.Println(m.Group, m.Picked)
	}
	// Output:
	// {"content":[{"type":"text","text":"hello"}]} <nil>
	// {"content":[{"type":"text","text":"hello"}]} <nil>
	// {"content":[{"type":"text","text":"hello"}]} <nil>
	// {"content":[{"type":"text","text":"hello"}]} <nil>
	// remote 2
	// remote 2
}
