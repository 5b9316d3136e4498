package app

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/endpoint"
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
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		tb.Skipf("resident memory is read from /proc, which this system lacks: %v", err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			if err != nil {
				tb.Fatal(err)
			}
			return kib << 10
		}
	}
	tb.Fatal("no VmRSS")
	return 0
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
		time.Sleep(time.Millisecond)
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
