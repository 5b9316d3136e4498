package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/hub"
	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
)

// path is the whole way of a call: an endpoint, a link, the hub, and a stdio server in
// a process of its own. The endpoint is as lean as the floors are, since it is not what
// is measured.
type path struct {
	socket *websocket.Conn
	conn   net.Conn // below the socket
	closed chan struct{}

	mu      sync.Mutex
	next    int64
	waiting map[int64]chan struct{}
	queue   []byte
	writing bool
}

func openPath(tb testing.TB) *path {
	tb.Helper()
	p := &path{waiting: make(map[int64]chan struct{}), closed: make(chan struct{})}
	accepted := make(chan *websocket.Conn, 1)
	up := websocket.Upgrader{}
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		accepted <- c
		<-p.closed
	}))
	tb.Cleanup(func() {
		close(p.closed)
		far.Close()
	})
	openLink(tb, strings.Replace(far.URL, "http", "ws", 1))
	p.socket = <-accepted
	p.conn = p.socket.NetConn()
	return p
}

// openLink connects a link to url that is answered by a stdio server.
func openLink(tb testing.TB, url string) {
	tb.Helper()
	h := hub.New(&hub.Options{MaxResultBytes: 1 << 20})
	links := endpoint.NewManager(h, nil)
	tb.Cleanup(func() {
		links.Close()
		h.Close()
	})
	h.Apply([]hub.Server{{Name: "bench", Command: os.Args[0], Env: map[string]string{playAs: "stdio"}}}, nil)
	ctx, cancel := context.WithTimeout(tb.Context(), 30*time.Second)
	defer cancel()
	if err := h.Wait(ctx); err != nil {
		tb.Fatal(err)
	}
	if _, err := links.AddEndpoint(endpoint.Endpoint{URL: secret.URL(url)}); err != nil {
		tb.Fatal(err)
	}
	if err := links.Connect(); err != nil {
		tb.Fatal(err)
	}
}

// read hands answers to those who wait for them.
func (p *path) read() {
	for {
		_, frame, err := p.socket.ReadMessage()
		if err != nil {
			return
		}
		m, err := rpc.Parse(frame)
		if err != nil || m.Result == nil {
			panic(fmt.Sprintf("the answer is %s, %v", frame, err))
		}
		id, _ := strconv.ParseInt(string(m.ID), 10, 64)
		p.mu.Lock()
		done := p.waiting[id]
		delete(p.waiting, id)
		p.mu.Unlock()
		done <- struct{}{}
	}
}

// caller returns a function that makes one call and waits for its answer. Frames of
// callers that call at the same time go out together.
func (p *path) caller(arguments []byte) func() error {
	done := make(chan struct{}, 1)
	params := rpc.AppendToolCall(nil, "bench__echo", arguments)
	var frame []byte
	return func() error {
		p.mu.Lock()
		p.next++
		p.waiting[p.next] = done
		frame = rpc.AppendRequest(frame[:0], p.next, rpc.MethodToolsCall, params)
		p.queue = appendTextFrame(p.queue, frame)
		if p.writing {
			p.mu.Unlock()
			<-done
			return nil
		}
		p.writing = true
		for len(p.queue) > 0 {
			crowded := len(p.waiting) > 1
			p.mu.Unlock()
			if crowded {
				runtime.Gosched()
			}
			p.mu.Lock()
			batch := p.queue
			p.queue = nil
			p.mu.Unlock()
			if _, err := p.conn.Write(batch); err != nil {
				return err
			}
			p.mu.Lock()
		}
		p.writing = false
		p.mu.Unlock()
		<-done
		return nil
	}
}

// appendTextFrame appends an unmasked text frame, as servers send them (RFC 6455, 5.2).
func appendTextFrame(dst, payload []byte) []byte {
	dst = append(dst, 0x81)
	if n := len(payload); n < 126 {
		dst = append(dst, byte(n))
	} else {
		dst = append(dst, 126, byte(n>>8), byte(n))
	}
	return append(dst, payload...)
}

func textOf(size int) []byte {
	return []byte(`{"text":"` + strings.Repeat("x", size) + `"}`)
}

// rate runs callers that call for d together, and returns calls per second.
func rate(b *testing.B, callers int, d time.Duration, caller func() func() error) float64 {
	var (
		all  sync.WaitGroup
		n    atomic.Int64
		stop atomic.Bool
	)
	start := time.Now()
	for range callers {
		call := caller()
		all.Go(func() {
			for !stop.Load() {
				if err := call(); err != nil {
					b.Error(err)
					return
				}
				n.Add(1)
			}
		})
	}
	time.AfterFunc(d, func() { stop.Store(true) })
	all.Wait()
	return float64(n.Load()) / time.Since(start).Seconds()
}

// each is how long one call takes when they come one after another.
func each(b *testing.B, d time.Duration, call func() error) time.Duration {
	for range 100 { // warm
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
	n, start := 0, time.Now()
	for time.Since(start) < d {
		for range 20 {
			if err := call(); err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	return time.Since(start) / time.Duration(n)
}

// BenchmarkCall is one tools/call, endpoint to server and back, against the sum of
// its floors: a raw loop that echoes what the same endpoint sends, and the stdio server
// alone. Endpoint, we and server are three processes, as in life. Target: at most 1.6,
// with at most 60 allocations.
func BenchmarkCall(b *testing.B) {
	for _, size := range []int{100, 10_000} {
		b.Run(fmt.Sprint(size, "B"), func(b *testing.B) {
			far, alone := startCaller(b), startStdioAlone(b)
			openLink(b, far.url)
			far.wait(1)
			far.echo()
			far.wait(2)
			direct := alone.caller(textOf(size))
			const calls, slice = 1000, 100 * time.Millisecond
			var ours, floors time.Duration
			for range 10 { // interleaved, so that a noisy moment hits all of them
				ours += far.each(0, calls, size)
				floors += far.each(1, calls, size) + each(b, slice, direct)
			}
			b.ReportAllocs()
			b.ResetTimer()
			far.each(0, b.N, size)
			b.ReportMetric(float64(ours.Nanoseconds())/10, "ns/call")
			b.ReportMetric(float64(floors.Nanoseconds())/10, "ns/floors")
			b.ReportMetric(float64(ours)/float64(floors), "ratio")
		})
	}
}

// BenchmarkCallers is calls per second with many callers at once, as a share of
// what the stdio server gives alone. Target: 0.45 with 16, 0.5 with 256.
func BenchmarkCallers(b *testing.B) {
	for _, callers := range []int{1, 16, 256} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			p, alone := openPath(b), startStdioAlone(b)
			go p.read()
			const slice = 300 * time.Millisecond
			for range b.N {
				var ours, floor float64
				for range 4 {
					ours += rate(b, callers, slice, func() func() error { return p.caller(textOf(100)) })
					floor += rate(b, callers, slice, func() func() error { return alone.caller(textOf(100)) })
				}
				b.ReportMetric(ours/4, "calls/s")
				b.ReportMetric(floor/4, "alone/s")
				b.ReportMetric(ours/floor, "share")
			}
		})
	}
}
