package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/retry"
	"xiaozhi-switchboard/core/secret"
)

// oneTool answers with a list of one tool, without a hub.
type oneTool struct{}

func (oneTool) ListResult(string) []byte {
	return []byte(`{"tools":[{"name":"a","inputSchema":{"type":"object"}}]}`)
}

func (oneTool) StartCall(context.Context, string, string, []byte) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(`{"content":[]}`), nil }
}

// resident is the memory of this process in bytes, after garbage is collected and
// given back.
func resident(tb testing.TB) int64 {
	tb.Helper()
	for range 3 {
		runtime.GC()
	}
	debug.FreeOSMemory()
	return residentOf(tb, os.Getpid())
}

// residentOf is the memory of a process in bytes, as the system counts it.
func residentOf(tb testing.TB, pid int) int64 {
	tb.Helper()
	return statusOf(tb, pid, "VmRSS:")
}

// statusOf reads one line of a process's status, in bytes.
func statusOf(tb testing.TB, pid int, name string) int64 {
	tb.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		tb.Skipf("resident memory is read from /proc, which this system lacks: %v", err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name); ok {
			kib, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			if err != nil {
				tb.Fatal(err)
			}
			return kib << 10
		}
	}
	tb.Fatalf("no %s", name)
	return 0
}

// processorTime is what the threads of this process have used, by the scheduler's
// own count: that of getrusage is too coarse.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	return processorTimeOf(tb, os.Getpid())
}

func (f *farSide) endpoints(n int, secure bool) []endpoint.Endpoint {
	base := f.plain
	if secure {
		base = f.tls
	}
	list := make([]endpoint.Endpoint, n)
	for i := range list {
		list[i].URL = secret.URL(f.minter.URL(base, fmt.Sprint(farAgents, i)))
	}
	return list
}

// waitListed waits until n sockets were told their tools.
func (f *farSide) waitListed(n int) {
	f.tb.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		sockets, listed := f.open()
		if sockets == n && listed == n {
			return
		}
		if time.Now().After(deadline) {
			f.tb.Fatalf("%d sockets and %d lists, want %d", sockets, listed, n)
		}
		<-time.After(time.Millisecond)
	}
}

// bareLinks is the floor: sockets with one goroutine each that only reads.
func bareLinks(tb testing.TB, list []endpoint.Endpoint, config *tls.Config) (stop func()) {
	d := websocket.Dialer{ReadBufferSize: 1 << 10, WriteBufferSize: 1 << 10, WriteBufferPool: nil, TLSClientConfig: config}
	conns := make([]*websocket.Conn, len(list))
	for i, ep := range list {
		conn, _, err := d.Dial(ep.URL.Reveal(), nil)
		if err != nil {
			tb.Fatal(err)
		}
		conns[i] = conn
		go func() {
			for {
				if _, _, err := conn.NextReader(); err != nil {
					return
				}
			}
		}()
	}
	return func() {
		for _, c := range conns {
			c.Close()
		}
	}
}

// BenchmarkIdleMemory measures what 1000 idle links keep resident, beside a bare
// loop that only reads.
func BenchmarkIdleMemory(b *testing.B) {
	const links = 1000
	for _, secure := range []bool{false, true} {
		name := map[bool]string{false: "ws", true: "wss"}[secure]
		b.Run(name, func(b *testing.B) {
			for range b.N {
				far := startFarSide(b)
				config := &tls.Config{RootCAs: far.roots, ClientSessionCache: tls.NewLRUClientSessionCache(64)}
				list := far.endpoints(links, secure)

				before := resident(b)
				m := endpoint.NewManager(oneTool{}, &endpoint.Options{TLS: config})
				if err := m.UpdateEndpoints(list); err != nil {
					b.Fatal(err)
				}
				if err := m.Connect(); err != nil {
					b.Fatal(err)
				}
				far.waitListed(links)
				b.ReportMetric(float64(resident(b)-before)/links/1024, "KiB/link")
				m.Close()
				far.waitListed(0)

				before = resident(b)
				stop := bareLinks(b, list, config)
				b.ReportMetric(float64(resident(b)-before)/links/1024, "KiB/bare")
				stop()
			}
		})
	}
}

// BenchmarkDrops measures what is left over after 1000 drops and reconnects. Target: at
// most 1 MiB.
func BenchmarkDrops(b *testing.B) {
	const links, rounds = 50, 20
	for range b.N {
		far := startFarSide(b)
		m := endpoint.NewManager(oneTool{}, &endpoint.Options{
			MaxReconnectAttempts: -1, Retry: retry.Policy{Strategy: retry.FixedInterval, Base: 10 * time.Millisecond},
		})
		if err := m.UpdateEndpoints(far.endpoints(links, false)); err != nil {
			b.Fatal(err)
		}
		if err := m.Connect(); err != nil {
			b.Fatal(err)
		}
		drop := func(round uint64) {
			far.ask("drop")
			for _, s := range m.Status() {
				for s.Sockets <= round {
					<-time.After(time.Millisecond)
					s, _ = m.StatusOf(s.ID)
				}
			}
			far.waitListed(links)
		}
		far.waitListed(links)
		for round := range uint64(3) { // until buffers and histories have their size
			drop(round + 1)
		}
		before := resident(b)
		for round := range uint64(rounds) {
			drop(round + 4)
		}
		b.ReportMetric(float64(resident(b)-before)/1024, "KiB/1000drops")
		m.Close()
	}
}

// BenchmarkIdleCPU is the processor time that 100 idle links need in a minute, pings
// every 30 s included. Target: at most 20 ms.
func BenchmarkIdleCPU(b *testing.B) {
	far := startFarSide(b)
	m := endpoint.NewManager(oneTool{}, nil)
	defer m.Close()
	if err := m.UpdateEndpoints(far.endpoints(100, false)); err != nil {
		b.Fatal(err)
	}
	if err := m.Connect(); err != nil {
		b.Fatal(err)
	}
	far.waitListed(100)
	for range b.N {
		before := processorTime(b)
		<-time.After(time.Minute)
		b.ReportMetric(float64((processorTime(b)-before).Microseconds())/1000, "ms-cpu/min")
	}
	for _, s := range m.Status() {
		if s.LastHealthCheck.IsZero() || !s.Connected() {
			b.Errorf("link %s was not checked: %+v", s.ID, s)
		}
	}
}

// BenchmarkProcess is the resident memory of the whole program, as it is built, with one
// link and one server. Target: at most 20 MiB.
func BenchmarkProcess(b *testing.B) {
	far := startFarSide(b)
	dir, binary := b.TempDir(), buildProgram(b)
	info, err := os.Stat(binary)
	if err != nil {
		b.Fatal(err)
	}
	config := filepath.Join(dir, "config.json")
	text := fmt.Sprintf(`{"mcpEndpoint": %q, "mcpServers": {"echo": {"command": %q, "env": {%q: "stdio"}}}}`,
		far.endpoints(1, false)[0].URL.Reveal(), os.Args[0], playAs)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	for range b.N {
		cmd := exec.Command(binary, "--config", config, "--data", dir, "--port", "0")
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		far.waitListed(1)
		<-time.After(10 * time.Second) // the tools of the server are published meanwhile
		far.waitListed(1)
		b.ReportMetric(float64(residentOf(b, cmd.Process.Pid))/(1<<20), "MiB")
		b.ReportMetric(float64(info.Size())/(1<<20), "MiB-binary")
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	}
}
