package endpoint

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/rpc"
)

// peer is the far side of links in tests: a WebSocket server over net.Pipe that
// runs inside a synctest bubble. Handler, when set, answers an upgrade instead.
type peer struct {
	t       *testing.T
	server  *http.Server
	conns   chan net.Conn
	refuse  error // what dials get
	handler http.HandlerFunc
	header  http.Header // of the upgrade's answer

	mu      sync.Mutex
	sockets []*peerSocket
	dials   []time.Time
}

// peerSocket is one accepted socket.
type peerSocket struct {
	conn   *websocket.Conn
	raw    net.Conn
	frames chan rpc.Message // text frames, parsed
	closed chan error       // how reading ended
	at     time.Time
	mute   bool          // answer no pings
	late   time.Duration // before a ping is answered
}

func newPeer(t *testing.T) *peer {
	p := &peer{t: t, conns: make(chan net.Conn)}
	p.server = &http.Server{Handler: http.HandlerFunc(p.serve)}
	go p.server.Serve(p)
	t.Cleanup(func() {
		p.server.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, s := range p.sockets {
			s.raw.Close()
		}
	})
	return p
}

// Accept, Close and Addr make a peer the listener of its own server.
func (p *peer) Accept() (net.Conn, error) {
	c, ok := <-p.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (p *peer) Close() error { close(p.conns); return nil }

func (p *peer) Addr() net.Addr { return &net.TCPAddr{} }

func (p *peer) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	p.mu.Lock()
	p.dials = append(p.dials, time.Now())
	refuse := p.refuse
	p.mu.Unlock()
	if refuse != nil {
		return nil, refuse
	}
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *peer) setRefuse(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = err
}

func (p *peer) dialCount() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.dials)
}

func (p *peer) serve(w http.ResponseWriter, r *http.Request) {
	if p.handler != nil {
		p.handler(w, r)
		return
	}
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, p.header)
	if err != nil {
		return
	}
	s := &peerSocket{conn: conn, raw: conn.NetConn(), frames: make(chan rpc.Message, 64), closed: make(chan error, 1), at: time.Now()}
	answer := conn.PingHandler()
	conn.SetPingHandler(func(data string) error {
		p.mu.Lock()
		mute, late := s.mute, s.late
		p.mu.Unlock()
		time.Sleep(late)
		if mute {
			return nil
		}
		return answer(data)
	})
	p.mu.Lock()
	p.sockets = append(p.sockets, s)
	p.mu.Unlock()
	for {
		_, data, err := conn.ReadMessage()
		if err != nil {
			s.closed <- err
			return
		}
		m, err := rpc.Parse(data)
		if err != nil {
			p.t.Errorf("the link sent %q: %v", data, err)
		}
		s.frames <- m
	}
}

// last returns the newest socket after everything has come to rest.
func (p *peer) last() *peerSocket {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.sockets) == 0 {
		p.t.Fatal("no socket came")
	}
	return p.sockets[len(p.sockets)-1]
}

func (p *peer) count() int {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.sockets)
}

func (p *peer) setMute(s *peerSocket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.mute = true
}

// send writes one text frame.
func (s *peerSocket) send(t *testing.T, frame string) {
	t.Helper()
	if err := s.conn.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		t.Fatalf("send %.80s: %v", frame, err)
	}
}

// ask sends a frame and returns the next answer.
func (s *peerSocket) ask(t *testing.T, frame string) rpc.Message {
	t.Helper()
	s.send(t, frame)
	select {
	case m := <-s.frames:
		return m
	case err := <-s.closed:
		t.Fatalf("ask %.80s: the link closed: %v", frame, err)
	case <-time.After(time.Minute):
		t.Fatalf("ask %.80s: no answer", frame)
	}
	return rpc.Message{}
}

// askNothing sends a frame that must not be answered.
func (s *peerSocket) askNothing(t *testing.T, frame string) {
	t.Helper()
	s.send(t, frame)
	synctest.Wait()
	select {
	case m := <-s.frames:
		t.Fatalf("%.80s was answered with %s%s", frame, m.Result, m.Error)
	default:
	}
}

// goodbye closes with a code, as the far side does.
func (s *peerSocket) goodbye(code int, reason string) {
	_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
	<-s.closed
	s.raw.Close()
}

// fakeTools answers with one list and one function.
type fakeTools struct {
	mu   sync.Mutex
	list []byte
	call func(ctx context.Context, name string, args []byte) ([]byte, error)
}

func (f *fakeTools) ListResult(string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.list
}

func (f *fakeTools) setList(list string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = []byte(list)
}

func (f *fakeTools) StartCall(ctx context.Context, _, name string, args []byte) func() ([]byte, error) {
	kept := bytes.Clone(args)
	return func() ([]byte, error) {
		if f.call == nil {
			return nil, errors.New("no call expected")
		}
		return f.call(ctx, name, kept)
	}
}

func newFakeTools() *fakeTools { return &fakeTools{list: []byte(`{"tools":[{"name":"a"}]}`)} }

const testURL = "ws://peer.test/mcp/?token=secret-token-1"

// bubble runs one link to one peer in virtual time.
type bubble struct {
	*peer
	tools *fakeTools
	m     *Manager
	id    string
}

func inBubble(t *testing.T, opts Options, f func(t *testing.T, b *bubble)) {
	synctest.Test(t, func(t *testing.T) {
		b := &bubble{peer: newPeer(t), tools: newFakeTools()}
		opts.DialContext = b.dial
		b.m = NewManager(b.tools, &opts)
		// Also after a failure: a link left behind would redial for ever in virtual time.
		defer b.m.Close()
		id, err := b.m.AddEndpoint(Endpoint{URL: testURL, Name: "Study"})
		if err != nil {
			t.Fatal(err)
		}
		b.id = id
		if err := b.m.Connect(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		f(t, b)
	})
}

func (b *bubble) status(t *testing.T) Status {
	t.Helper()
	synctest.Wait()
	s, err := b.m.StatusOf(b.id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (b *bubble) wantState(t *testing.T, want State) Status {
	t.Helper()
	s := b.status(t)
	if s.State != want {
		t.Fatalf("state is %v (%s), want %v", s.State, s.LastError, want)
	}
	return s
}
