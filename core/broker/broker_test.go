package broker

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestOverTLS(t *testing.T) {
	for _, family := range Families() {
		certificate, pool, err := SelfSigned("127.0.0.1", "broker.test")
		if err != nil {
			t.Fatal(err)
		}
		b := New(&Options{Family: family})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		serve(t, b, func() error {
			return b.ServeTLS(l, &tls.Config{Certificates: []tls.Certificate{certificate}})
		})
		s := &site{Broker: b, base: "https://" + l.Addr().String()}
		dialer := s.dialer()
		if _, _, err := dialer.DialContext(t.Context(), s.URL(s.base, "1"), nil); err == nil {
			t.Error("an unknown certificate was trusted")
		} else if unknown := (*tls.CertificateVerificationError)(nil); !errors.As(err, &unknown) {
			t.Errorf("unknown certificate: %v", err)
		}
		dialer.TLSClientConfig = &tls.Config{RootCAs: pool}
		conn, _, err := dialer.DialContext(t.Context(), s.URL(s.base, "1"), nil)
		if err != nil {
			t.Fatal(err)
		}
		c := &client{conn: conn, name: "client", tools: []string{"a"}, done: make(chan struct{})}
		go c.run()
		s.await(t, "the socket", func() bool { return len(s.Sockets("1")) == 1 })
		if result, err := s.Robot("1").Call(t.Context(), "a", nil); err != nil || result.Text != "client {}" {
			t.Errorf("call: %+v, %v", result, err)
		}
		s.Drop("1", DropReset)
		if code, _ := c.closed(t); code != 1006 {
			t.Errorf("closed with %d", code)
		}
		_ = conn.Close()
	}
	b := New(nil)
	defer b.Close()
	l, _ := NewPipeNetwork().Listen("")
	if err := b.ServeTLS(l, nil); err == nil {
		t.Error("served TLS without a certificate")
	}
}

func TestAsHandler(t *testing.T) {
	b := New(nil)
	server := httptest.NewServer(b)
	defer server.Close()
	defer b.Close()
	s := &site{Broker: b, base: server.URL}
	s.join(t, "1", "a")
	s.settled(t, "1", 1)
}

// Two hundred sockets with four robots each, all at once.
func TestManySockets(t *testing.T) {
	for _, family := range Families() {
		s := startTCP(t, &Options{Family: family, CallTimeout: 30 * time.Second, AnswerTimeout: -1})
		const sockets = 200
		for i := range sockets {
			s.joinAs(t, &client{name: fmt.Sprint(i), tools: []string{"a"}}, fmt.Sprint(i))
		}
		s.await(t, "every socket", func() bool {
			open, listed := s.Open()
			return open == sockets && (family == Relay || listed == sockets)
		})
		var group sync.WaitGroup
		for i := range sockets * 4 {
			agent := fmt.Sprint(i % sockets)
			group.Go(func() {
				robot := s.Robot(agent)
				if family == Relay {
					if err := robot.Initialize(t.Context()); err != nil {
						t.Errorf("%s: initialize: %v", agent, err)
					}
				}
				result, err := robot.Call(t.Context(), "a", []byte(`{"n":1}`))
				if err != nil || result.Text != agent+` {"n":1}` {
					t.Errorf("%s: %+v, %v", agent, result, err)
				}
			})
		}
		group.Wait()
		serials := make(map[uint64]bool)
		s.Drop("0", DropReset)
		s.await(t, "one to go", func() bool {
			open, listed := s.Open()
			return open == sockets-1 && listed <= open
		})
		for _, socket := range s.Sockets("") {
			if socket.InFlight != 0 || serials[socket.Serial] {
				t.Errorf("afterwards: %+v", socket)
			}
			serials[socket.Serial] = true
		}
	}
}

func TestCloseWaitsAndRepeats(t *testing.T) {
	b := New(nil)
	network := NewPipeNetwork()
	l, _ := network.Listen("broker:80")
	ended := make(chan error, 1)
	go func() { ended <- b.Serve(l) }()
	s := &site{Broker: b, base: "ws://broker:80", dial: network.DialContext}
	polite := s.join(t, "1")
	s.bare(t, "2") // never reads, so never answers the close
	s.await(t, "both", func() bool { return len(s.Sockets("")) == 2 })
	for range 2 {
		if err := b.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	if err := <-ended; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if code, _ := polite.closed(t); code != 1001 {
		t.Errorf("closed with %d", code)
	}
	if n := len(s.Sockets("")); n != 0 {
		t.Errorf("%d sockets are left", n)
	}
	if _, err := b.Robot("1").Call(t.Context(), "a", nil); !errors.Is(err, ErrNoToolSide) {
		t.Errorf("call after close: %v", err)
	}
	other, _ := network.Listen("broker:80")
	if err := b.Serve(other); err != nil {
		t.Errorf("Serve after close: %v", err)
	}
	b.Restart(time.Second)
	b.SetFault("", Fault{Mute: true})
	b.Drop("", DropReset)
}

func TestLimits(t *testing.T) {
	s := start(t, &Options{MaxSockets: 1, MaxFrameBytes: 1000})
	c := s.join(t, "1")
	s.settled(t, "1", 1)
	if response, err := s.refusedWith(t, s.URL(s.base, "2")); response == nil || response.StatusCode != 503 {
		t.Errorf("one too many: %v, %v", response, err)
	}
	c.send(bytes.Repeat([]byte{' '}, 1001))
	if code, _ := c.closed(t); code != websocket.CloseMessageTooBig {
		t.Errorf("closed with %d", code)
	}
}

func TestNothingSecretIsLogged(t *testing.T) {
	for _, family := range Families() {
		var log syncBuffer
		s := start(t, &Options{Family: family, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		token := s.Token("42")
		conn, _, err := s.dialer().DialContext(t.Context(), strings.Split(s.URL(s.base, "42"), "?")[0]+"?token="+strings.NewReplacer("+", "%2B", "/", "%2F").Replace(token), nil)
		if err != nil {
			t.Fatal(err)
		}
		s.await(t, "the socket", func() bool { return len(s.Sockets("42")) == 1 })
		s.SetFault("42", Fault{Mute: true})
		_ = conn.Close()
		s.await(t, "the end", func() bool { return len(s.Departed("42")) == 1 })
		_ = s.Close()
		if text := log.String(); strings.Contains(text, token[:20]) || strings.Contains(text, "eyJ") || !strings.Contains(text, "agent=42") {
			t.Errorf("the log is %s", text)
		}
	}
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func TestSubscribe(t *testing.T) {
	s := start(t, nil)
	nudged, stop := s.Subscribe()
	other, stopOther := s.Subscribe()
	s.join(t, "1")
	<-nudged
	<-other
	stop()
	stop()
	s.settled(t, "1", 1)
	stopOther()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Wait(ctx, func() bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("wait: %v", err)
	}
}

func BenchmarkCall(b *testing.B) {
	for _, family := range Families() {
		b.Run(family.String(), func(b *testing.B) {
			s := startTCP(b, &Options{Family: family})
			s.join(b, "1", "a")
			s.await(b, "the socket", func() bool { return len(s.Sockets("1")) == 1 })
			robot := s.Robot("1")
			b.ReportAllocs()
			for b.Loop() {
				if _, err := robot.Call(b.Context(), "a", nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkIdleSockets reports what a socket costs while nothing happens on it, the
// client's bare TCP connection and read buffer included.
func BenchmarkIdleSockets(b *testing.B) {
	s := startTCP(b, &Options{Family: Relay})
	for b.Loop() {
		const sockets = 500
		before, goroutines := inUse(), runtime.NumGoroutine()
		conns := make([]*websocket.Conn, sockets)
		for i := range conns {
			conn, _, err := s.dialer().DialContext(b.Context(), s.URL(s.base, fmt.Sprint(i)), nil)
			if err != nil {
				b.Fatal(err)
			}
			conns[i] = conn
		}
		s.await(b, "every socket", func() bool { return len(s.Sockets("")) == sockets })
		b.ReportMetric(float64(runtime.NumGoroutine()-goroutines)/sockets, "goroutines/socket")
		b.ReportMetric((inUse()-before)/sockets, "B/socket")
		for _, conn := range conns {
			_ = conn.Close()
		}
		s.await(b, "the end", func() bool { return len(s.Sockets("")) == 0 })
	}
}

func inUse() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse + m.StackInuse)
}
