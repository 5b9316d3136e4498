package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/core/broker"
)

// everythingServer returns how to start the reference MCP server of npm. It must have
// been installed: SWITCHBOARD_NODE_MODULES names the folder, node_modules in the
// repository is looked at otherwise.
func everythingServer(t *testing.T) (node, script string) {
	t.Helper()
	missing := t.Skipf
	if os.Getenv("CI") == "true" {
		missing = t.Fatalf
	}
	node, err := exec.LookPath("node")
	if err != nil {
		missing("needs Node.js: %v", err)
	}
	modules := os.Getenv("SWITCHBOARD_NODE_MODULES")
	if modules == "" {
		modules = filepath.Join("..", "node_modules")
	}
	script, err = filepath.Abs(filepath.Join(modules, "@modelcontextprotocol", "server-everything", "dist", "index.js"))
	if err == nil {
		_, err = os.Stat(script)
	}
	if err != nil {
		missing("needs the npm package @modelcontextprotocol/server-everything: %v", err)
	}
	return node, script
}

// startEverythingHTTP runs the reference server over streamable HTTP, and returns its
// address and what kills it.
func startEverythingHTTP(t *testing.T, node, script string, port int) (kill func()) {
	t.Helper()
	cmd := exec.Command(node, script, "streamableHttp")
	cmd.Env = append(os.Environ(), "PORT="+strconv.Itoa(port))
	var out bytes.Buffer
	cmd.Stderr = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() { cmd.Process.Kill(); cmd.Wait() }
	t.Cleanup(kill)
	for end := time.Now().Add(longWait); ; {
		conn, err := net.Dial("tcp", net.JoinHostPort("localhost", strconv.Itoa(port)))
		if err == nil {
			conn.Close()
			return kill
		}
		if time.Now().After(end) {
			t.Fatalf("the reference server does not listen: %v", err)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// freePort finds a port that stays free until somebody asks for it by its number: systems
// give connections of their own choice higher ones.
func freePort(t *testing.T) int {
	t.Helper()
	var last error
	for range 100 {
		port := 10000 + rand.IntN(20000)
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			l.Close()
			return port
		}
		last = err
	}
	t.Fatal(last)
	return 0
}

// TestRealServers runs the whole program with the reference MCP server over stdio and
// over streamable HTTP behind three practice endpoints, while endpoints and servers are
// killed and come back.
func TestRealServers(t *testing.T) {
	node, script := everythingServer(t)
	port := freePort(t)
	killHTTP := startEverythingHTTP(t, node, script, port)
	official, base := practice(t, broker.Official)
	relay, relayBase := practice(t, broker.Relay)
	p := startProgram(t, fmt.Sprintf(`{
		"mcpEndpoint": [%s, %s, %s],
		"connectionOptions": {"healthCheckInterval": 3000, "reconnectInterval": 300, "toolTimeout": 3000},
		"mcpServers": {
			"local": {"command": %s, "args": [%s, "stdio"]},
			"remote": {"type": "streamable-http", "url": "http://localhost:%d/mcp"}
		}
	}`, quoted(official.URL(base, "1")), quoted(official.URL(base, "2")), quoted(relay.URL(relayBase, "3")), quoted(node), quoted(script), port))

	type place struct {
		name  string
		robot *broker.Robot
		far   *broker.Broker
		agent string
	}
	places := []place{
		{"official 1", official.Robot("1"), official, "1"},
		{"official 2", official.Robot("2"), official, "2"},
		{"relay 3", relay.Robot("3"), relay, "3"},
	}
	call := func(at place, tool, arguments string) (string, error) {
		ctx, cancel := context.WithTimeout(t.Context(), longWait)
		defer cancel()
		heard, err := at.robot.Call(ctx, tool, []byte(arguments))
		return heard.Text, err
	}
	hears := func(at place, tool, arguments, want string) bool {
		text, err := call(at, tool, arguments)
		return err == nil && strings.Contains(text, want)
	}
	// both reports whether a place gets right answers of both servers.
	both := func(at place) bool {
		return hears(at, "local__echo", `{"message":"你好 stdio"}`, "你好 stdio") &&
			hears(at, "remote__echo", `{"message":"你好 http"}`, "你好 http") &&
			hears(at, "local__get-sum", `{"a":19,"b":23}`, "42") &&
			hears(at, "remote__get-sum", `{"a":40,"b":2.5}`, "42.5")
	}
	for _, at := range places {
		p.eventually(at.name+" gets right answers", func() bool { return both(at) })
		tools, err := at.robot.Tools(t.Context())
		names := map[string]bool{}
		for _, tool := range tools {
			names[tool.Name] = true
		}
		if err != nil || !names["local__get-sum"] || !names["remote__get-sum"] || !names["switchboard__status"] {
			t.Errorf("%s is offered %v, %v", at.name, names, err)
		}
	}

	// A long-running tool answers in time; a longer one is answered with a sentence, and
	// its result is there to be asked for.
	if text, err := call(places[0], "local__trigger-long-running-operation", `{"duration":1,"steps":2}`); err != nil || !strings.Contains(text, "completed") {
		t.Errorf("a running operation: %q %v", text, err)
	}
	text, err := call(places[1], "remote__trigger-long-running-operation", `{"duration":5,"steps":2}`)
	if err != nil || !strings.Contains(text, "switchboard__pending_result") {
		t.Errorf("an operation that outlives the deadline: %q %v", text, err)
	}
	p.eventually("the late result", func() bool {
		return hears(places[1], "switchboard__pending_result", `{}`, "completed")
	})

	// A slow call delays no fast one on the same link.
	slow := make(chan error, 1)
	go func() {
		_, err := call(places[2], "local__trigger-long-running-operation", `{"duration":2,"steps":1}`)
		slow <- err
	}()
	for range 20 {
		if text, err := call(places[2], "local__get-sum", `{"a":1,"b":2}`); err != nil || !strings.Contains(text, "3") {
			t.Errorf("beside a slow call: %q %v", text, err)
		}
	}
	if err := <-slow; err != nil {
		t.Errorf("the slow call: %v", err)
	}

	// One endpoint is killed and comes back; the others notice nothing.
	untouched := official.Sockets("1")[0].Serial
	dropped := official.Sockets("2")[0].Serial
	official.Drop("2", broker.DropReset)
	p.eventually("the dropped endpoint is back", func() bool {
		s := official.Sockets("2")
		return len(s) == 1 && s[0].Serial != dropped && s[0].Listed && both(places[1])
	})
	if s := official.Sockets("1"); len(s) != 1 || s[0].Serial != untouched {
		t.Errorf("the drop of one endpoint touched another: %+v", s)
	}

	// One server is killed and comes back, then the other.
	pid := p.serverPID("local")
	if runtime.GOOS == "windows" {
		t.Skip("kills a process by its number")
	}
	victim, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	victim.Kill()
	p.eventually("the killed server is back", func() bool {
		now := p.serverPID("local")
		return now != 0 && now != pid && both(places[0]) && both(places[2])
	})
	killHTTP()
	if text, err := call(places[0], "remote__echo", `{"message":"x"}`); err != nil || !strings.Contains(text, "remote") {
		t.Errorf("a call to a dead server: %q, %v", text, err)
	}
	if !hears(places[0], "local__echo", `{"message":"still here"}`, "still here") {
		t.Error("a dead server stopped another")
	}
	startEverythingHTTP(t, node, script, port)
	p.eventually("the HTTP server is back", func() bool { return both(places[1]) })

	code, took := p.stop(os.Interrupt)
	if code != 0 || took > stopsWithin {
		t.Errorf("exit code %d after %v", code, took)
	}
}

// serverPID returns the process of a stdio server that is ready, else 0.
func (p *program) serverPID(name string) int {
	p.t.Helper()
	var servers []struct {
		Name, State string
		PID         int
	}
	if err := json.Unmarshal([]byte(p.get("/api/v1/servers")), &servers); err != nil {
		p.t.Fatal(err)
	}
	for _, s := range servers {
		if s.Name == name && s.State == "ready" {
			return s.PID
		}
	}
	return 0
}
