package broker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/rpc"
)

// client is a small tool side.
type client struct {
	conn  *websocket.Conn
	name  string
	tools []string
	// answer overrides the answer to a tool call; nil echoes the arguments.
	answer func(call rpc.Call) string
	// ignore names methods that get no answer.
	ignore string

	mu      sync.Mutex
	frames  []string // received
	sending sync.Mutex
	done    chan struct{}
	err     error // why reading ended; valid after done
}

// site is a running broker and the way to it.
type site struct {
	*Broker
	base string
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// start serves a broker on a network in memory.
func start(t *testing.T, opts *Options) *site {
	t.Helper()
	b := New(opts)
	network := NewPipeNetwork()
	l, err := network.Listen("broker:80")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, b, func() error { return b.Serve(l) })
	return &site{Broker: b, base: "ws://broker:80", dial: network.DialContext}
}

// startTCP serves a broker on loopback.
func startTCP(t testing.TB, opts *Options) *site {
	t.Helper()
	b := New(opts)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, b, func() error { return b.Serve(l) })
	return &site{Broker: b, base: "ws://" + l.Addr().String()}
}

func serve(t testing.TB, b *Broker, run func() error) {
	ended := make(chan error, 1)
	go func() { ended <- run() }()
	t.Cleanup(func() {
		_ = b.Close()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

func (s *site) dialer() *websocket.Dialer {
	return &websocket.Dialer{NetDialContext: s.dial, HandshakeTimeout: 5 * time.Second}
}

// join connects a tool side that offers the named tools.
func (s *site) joinAs(t testing.TB, c *client, agent string) *client {
	t.Helper()
	conn, response, err := s.dialer().DialContext(t.Context(), s.URL(s.base, agent), nil)
	if err != nil {
		status := ""
		if response != nil {
			status = response.Status
		}
		t.Fatalf("dial: %v %s", err, status)
	}
	c.conn, c.done = conn, make(chan struct{})
	go c.run()
	t.Cleanup(func() {
		_ = conn.Close()
		<-c.done
	})
	return c
}

func (s *site) join(t testing.TB, agent string, tools ...string) *client {
	t.Helper()
	return s.joinAs(t, &client{name: "client", tools: tools}, agent)
}

func (c *client) run() {
	defer close(c.done)
	for {
		kind, frame, err := c.conn.ReadMessage()
		if err != nil {
			c.err = err
			return
		}
		c.mu.Lock()
		if len(c.frames) < 1000 {
			c.frames = append(c.frames, string(frame[:min(len(frame), 1000)]))
		}
		c.mu.Unlock()
		if kind == websocket.TextMessage {
			c.handle(frame)
		}
	}
}

func (c *client) handle(frame []byte) {
	m, err := rpc.Parse(frame)
	if err != nil {
		var e *rpc.Error
		errors.As(err, &e)
		c.send(rpc.AppendErrorResponse(nil, m.ID, e))
		return
	}
	if m.Kind != rpc.KindRequest || c.ignore == m.Method {
		return
	}
	switch m.Method {
	case rpc.MethodInitialize:
		c.send(rpc.AppendResult(nil, m.ID, fmt.Appendf(nil, `{"protocolVersion":"2024-11-05","capabilities":{"tools":{}},"serverInfo":{"name":%q,"version":"1"}}`, c.name)))
	case rpc.MethodToolsList:
		var list []string
		for _, name := range c.tools {
			list = append(list, fmt.Sprintf(`{"name":%q,"description":"about %s","inputSchema":{"type":"object"}}`, name, name))
		}
		c.send(rpc.AppendResult(nil, m.ID, []byte(`{"tools":[`+strings.Join(list, ",")+`]}`)))
	case rpc.MethodPing:
		c.send(rpc.AppendResult(nil, m.ID, []byte(`{}`)))
	case rpc.MethodToolsCall:
		call, err := rpc.ParseCall(m.Params)
		if err != nil {
			c.send(rpc.AppendErrorResponse(nil, m.ID, &rpc.Error{Code: rpc.CodeInvalidParams, Message: err.Error()}))
			return
		}
		result := echoed(c.name + " " + string(call.Arguments))
		if c.answer != nil {
			result = c.answer(call)
		}
		if result != "" {
			c.send(rpc.AppendResult(nil, m.ID, []byte(result)))
		}
	default:
		c.send(rpc.AppendErrorResponse(nil, m.ID, &rpc.Error{Code: rpc.CodeMethodNotFound, Message: "method not found"}))
	}
}

func echoed(s string) string {
	return `{"content":[{"type":"text","text":` + string(rpc.AppendString(nil, s)) + `}]}`
}

func (c *client) send(frame []byte) {
	c.sending.Lock()
	defer c.sending.Unlock()
	_ = c.conn.WriteMessage(websocket.TextMessage, frame)
}

// received returns the frames so far.
func (c *client) received() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.frames...)
}

// closed waits for the end and returns the close code, 1006 for none. The limit is
// long enough for the virtual minutes of a bubble.
func (c *client) closed(t testing.TB) (int, string) {
	t.Helper()
	select {
	case <-c.done:
	case <-time.After(5 * time.Minute):
		t.Fatal("the socket stays open")
	}
	var e *websocket.CloseError
	if errors.As(c.err, &e) {
		return e.Code, e.Text
	}
	return websocket.CloseAbnormalClosure, c.err.Error()
}

// await fails the test unless ready becomes true.
func (s *site) await(t testing.TB, what string, ready func() bool) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	if err := s.Wait(ctx, ready); err != nil {
		t.Fatalf("waiting for %s: %v", what, err)
	}
}

// settled waits until an agent has n tool sides that listed their tools.
func (s *site) settled(t testing.TB, agent string, n int) []Socket {
	t.Helper()
	var sockets []Socket
	s.await(t, "the handshake", func() bool {
		sockets = s.Sockets(agent)
		listed := 0
		for _, one := range sockets {
			if one.Listed {
				listed++
			}
		}
		return listed == n
	})
	return sockets
}

// refusedWith dials and returns the HTTP answer that refuses it, or the error.
func (s *site) refusedWith(t *testing.T, address string) (*http.Response, error) {
	t.Helper()
	conn, response, err := s.dialer().DialContext(t.Context(), address, nil)
	if err == nil {
		_ = conn.Close()
		t.Fatal("the dial succeeded")
	}
	return response, err
}
