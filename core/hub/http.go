package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/session"
)

// httpRevision is the revision of MCP that servers behind HTTP are greeted with.
const httpRevision = "2025-11-25"

// httpLink is the connection to a server behind HTTP. The transports are those of
// the official SDK; the conversation on top is our peer's, because the SDK's own
// client decodes every result: it drops unknown members, rounds large integers and
// fails whole calls on content it does not know.
type httpLink struct {
	conn   mcp.Connection
	trip   *tripper
	client *http.Client
	peer   *peer
	sse    bool
	ctx    context.Context // of the session; ends with cancel
	cancel context.CancelFunc
	work   sync.WaitGroup
	once   sync.Once

	mu     sync.Mutex
	posts  map[int64]*post
	closed bool
}

// openHTTP connects p to the server at s.URL by streamable HTTP, or by SSE.
// Ctx bounds the connecting only.
func openHTTP(ctx context.Context, s Server, base http.RoundTripper, sse bool, p *peer) (*httpLink, error) {
	target, err := url.Parse(s.URL.Reveal())
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return nil, &failure{kind: ProblemConfig, sentence: "the address " + s.URL.String() + " is no http or https address",
			advice: "Correct the url of this server."}
	}
	l := &httpLink{peer: p, sse: sse, posts: map[int64]*post{}}
	l.trip = newTripper(base, target, s.Headers)
	l.client = &http.Client{Transport: l.trip}
	// The stream of SSE lives on this context, so it must outlive the connecting.
	l.ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, l.cancel)

	var t mcp.Transport = &mcp.StreamableClientTransport{Endpoint: target.String(), HTTPClient: l.client,
		DisableStandaloneSSE: true, MaxEventSize: longestMessage}
	if sse {
		t = &mcp.SSEClientTransport{Endpoint: target.String(), HTTPClient: l.client, MaxEventSize: longestMessage}
	}
	l.conn, err = t.Connect(l.ctx)
	if !stop() && err == nil {
		_ = l.conn.Close()
		err = ctx.Err()
	}
	if err != nil {
		l.cancel()
		l.trip.close()
		return nil, l.explain(err)
	}
	p.attach(l)
	l.work.Go(l.read)
	return l, nil
}

// settle is called after the handshake: from now on requests name the revision that
// was agreed, and the server may speak first.
func (l *httpLink) settle(revision string) {
	if l.sse {
		return
	}
	l.trip.revision.Store(&revision)
	l.work.Go(l.listen)
}

// read hands what arrives to the peer, in order.
func (l *httpLink) read() {
	for {
		msg, err := l.conn.Read(l.ctx)
		switch {
		case err == nil:
			l.receive(msg)
		case l.ctx.Err() != nil, errors.Is(err, io.EOF), !l.sse:
			switch {
			case errors.Is(err, mcp.ErrSessionMissing):
				l.hearOut()
				err = errGone
			case errors.Is(err, io.EOF):
				err = &failure{kind: ProblemNetwork, sentence: "the server ended the connection", advice: "Check that it is running."}
			default:
				err = l.explain(err)
			}
			l.peer.Fail(err)
			return
		default:
			// An event that is no message, such as "ping": the stream goes on.
			l.peer.Strange("an event that is no message", nil)
		}
	}
}

// hearOut waits a moment for what the POSTs under way are told: one of them heard that the
// session is forgotten, and the others are about to.
func (l *httpLink) hearOut() {
	l.mu.Lock()
	posts := slices.Collect(maps.Values(l.posts))
	l.mu.Unlock()
	patience := time.NewTimer(time.Second)
	defer patience.Stop()
	for _, p := range posts {
		select {
		case <-p.told:
		case <-patience.C:
			return
		case <-l.ctx.Done():
			return
		}
	}
}

func (l *httpLink) receive(msg jsonrpc.Message) {
	switch msg := msg.(type) {
	case *jsonrpc.Response:
		id, ok := msg.ID.Raw().(int64)
		if !ok {
			l.peer.Strange("answer to no request of ours", nil)
			return
		}
		a := session.Answer{Result: msg.Result}
		var wire *jsonrpc.Error
		switch {
		case errors.As(msg.Error, &wire):
			a = session.Answer{Err: remoteError(wire.Code, wire.Message, wire.Data)}
		case msg.Error != nil:
			a = session.Answer{Err: remoteError(rpc.CodeInternal, msg.Error.Error(), nil)}
		}
		l.peer.Deliver(id, a)
		// The stream that brought the answer usually ends by itself, and its connection can
		// then be used again.
		time.AfterFunc(2*time.Second, func() { l.Abandon(id) })
	case *jsonrpc.Request:
		m := rpc.Message{Kind: rpc.KindNotification, Method: msg.Method, Params: msg.Params}
		switch id := msg.ID.Raw().(type) {
		case int64:
			m.Kind, m.ID = rpc.KindRequest, strconv.AppendInt(nil, id, 10)
		case string:
			m.Kind, m.ID = rpc.KindRequest, rpc.AppendString(nil, id)
		}
		l.peer.Receive(m)
	}
}

// Send makes one POST, in a goroutine of its own: the answer to it may be that of
// the call.
func (l *httpLink) Send(m session.Outgoing) (int64, error) {
	msg, err := l.message(m)
	if err != nil {
		return 0, err
	}
	post := &post{told: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.WithValue(l.ctx, postKey{}, post))
	post.cancel = cancel
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		cancel()
		return 0, errDied
	}
	if m.ID != 0 {
		l.posts[m.ID] = post
	}
	l.work.Add(1)
	l.mu.Unlock()
	go func() {
		defer l.work.Done()
		if m.ID == 0 {
			defer cancel()
			stop := time.AfterFunc(30*time.Second, cancel)
			defer stop.Stop()
		}
		l.post(ctx, msg, m.ID)
	}()
	return 0, nil
}

// Unsent reports a request that the server refused, or that found no server.
func (l *httpLink) Unsent(id, _ int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	post := l.posts[id]
	return post != nil && post.refused.Load()
}

func (l *httpLink) post(ctx context.Context, msg jsonrpc.Message, id int64) {
	err := l.conn.Write(ctx, msg)
	if err == nil || ctx.Err() != nil || id == 0 {
		return
	}
	defer l.Abandon(id)
	if errors.Is(err, mcp.ErrSessionMissing) {
		l.peer.Fail(errGone)
		return
	}
	err = l.explain(err)
	l.peer.Deliver(id, session.Answer{Err: err, Unsent: l.Unsent(id, 0)})
	var f *failure
	if errors.As(err, &f) && (f.kind == ProblemNetwork || f.kind == ProblemAuth) {
		l.peer.Fail(err) // to be connected anew, by the retry policy
	}
}

func (l *httpLink) message(m session.Outgoing) (jsonrpc.Message, error) {
	var id jsonrpc.ID
	var err error
	if m.Answers != nil {
		if s, ok := session.Text(m.Answers); ok {
			id, err = jsonrpc.MakeID(s)
		} else {
			n, _ := strconv.ParseFloat(string(m.Answers), 64)
			id, err = jsonrpc.MakeID(n)
		}
		if err != nil {
			return nil, err
		}
		if m.Err != nil {
			return &jsonrpc.Response{ID: id, Error: &jsonrpc.Error{Code: int64(m.Err.Code), Message: m.Err.Message}}, nil
		}
		return &jsonrpc.Response{ID: id, Result: append([]byte(nil), m.Params...)}, nil
	}
	req := &jsonrpc.Request{Method: m.Method}
	if m.ID != 0 {
		if req.ID, err = jsonrpc.MakeID(float64(m.ID)); err != nil {
			return nil, err
		}
	}
	if m.Tool != "" {
		req.Method, req.Params = rpc.MethodToolsCall, rpc.AppendToolCall(nil, m.Tool, m.Args)
	} else if m.Params != nil {
		req.Params = append([]byte(nil), m.Params...)
	}
	return req, nil
}

// Abandon ends the POST of a call: its answer has arrived or is no longer wanted.
func (l *httpLink) Abandon(id int64) {
	l.mu.Lock()
	post := l.posts[id]
	delete(l.posts, id)
	l.mu.Unlock()
	if post != nil {
		post.cancel()
	}
}

func (l *httpLink) close() error {
	l.once.Do(func() {
		l.mu.Lock()
		l.closed = true
		l.mu.Unlock()
		l.peer.Fail(errDied)
		_ = l.conn.Close() // says goodbye, within the second that the tripper allows
		l.cancel()
		l.work.Wait()
		l.trip.close()
	})
	return nil
}

// refused returns the HTTP status of the last answer.
func (l *httpLink) refused() int32 { return l.trip.status.Load() }

// explain puts an error of a request into words, by what the tripper saw.
func (l *httpLink) explain(err error) error {
	status := int(l.trip.status.Load())
	var network *url.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &failure{kind: ProblemTimeout, sentence: "the server did not answer in time", advice: "Check that it is running.", cause: err}
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return &failure{kind: ProblemAuth, sentence: fmt.Sprintf("the server refused our credentials (HTTP %d)", status),
			advice: "Check the key or token in this server's url or headers."}
	case status >= 400:
		return &failure{kind: ProblemServer, sentence: fmt.Sprintf("the server answered with HTTP %d", status),
			advice: "Check the address of this server; if it is right, wait or ask its operator."}
	case errors.As(err, &network):
		return &failure{kind: ProblemNetwork, sentence: "the server could not be reached", cause: network.Err,
			advice: "Check the address, and that the server and the network are up."}
	}
	return &failure{kind: ProblemProtocol, sentence: "the server's answer was not understood", cause: err,
		advice: "Check that the address is that of an MCP server."}
}
