package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
)

// Errors that end a call. They are never shown: the caller puts them into words.
var (
	errDied       = errors.New("the server ended")
	errGone       = errors.New("the server forgot the session")
	errOverloaded = errors.New("the server does not read what it is sent")
	errTooLarge   = errors.New("the answer is over 32 MiB")
)

// transport carries messages to one server. What arrives it hands to its peer, in
// order, from one goroutine.
type transport interface {
	// send queues or sends m and never waits for a server that does not read. What m
	// refers to is only valid until send returns.
	send(m outgoing) error
	// abandon says that nobody waits for the answer to id any more.
	abandon(id int64)
	// close ends the connection, and the server if it is ours. It returns after the last
	// goroutine of the transport, with the reason why the connection ended if it knows
	// one. Idempotent.
	close() error
}

// outgoing is a message on its way to a server: a request (id), a notification, or
// the answer to a request of the server's (answers).
type outgoing struct {
	id      int64
	method  string
	params  []byte // raw JSON, nil for none; the result of an answer
	tool    string // of tools/call, which takes the place of params
	args    []byte
	answers []byte // raw id
	err     *rpc.Error
	crowded bool // other calls are in flight
}

// peer is our side of the conversation with one server: it gives out ids, matches
// answers to calls, and answers the few requests that servers make.
type peer struct {
	link    transport
	log     *slog.Logger
	changed func() // the server's list of tools changed; must not block
	stray   *atomic.Int64

	next atomic.Int64
	done chan struct{} // closed once nothing will be answered any more

	mu    sync.Mutex
	calls map[int64]*waiter
	over  error
}

// waiter is one call in flight. It is pooled with its channel and timer.
type waiter struct {
	id     int64
	answer chan answer // one slot
	timer  *time.Timer
}

type answer struct {
	result []byte // raw JSON, a copy of its own
	plain  bool   // plainResult holds
	err    error  // *rpc.Error when the server said no
}

var waiters = sync.Pool{New: func() any {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &waiter{answer: make(chan answer, 1), timer: t}
}}

func newPeer(log *slog.Logger, stray *atomic.Int64, changed func()) *peer {
	return &peer{log: log, stray: stray, changed: changed, done: make(chan struct{}), calls: map[int64]*waiter{}}
}

// start sends a request. The waiter must be given to release or drop.
func (p *peer) start(m outgoing) (*waiter, error) {
	w := waiters.Get().(*waiter)
	m.id = p.next.Add(1)
	w.id = m.id
	p.mu.Lock()
	if p.over != nil {
		p.mu.Unlock()
		waiters.Put(w)
		return nil, p.over
	}
	p.calls[m.id] = w
	m.crowded = len(p.calls) > 1
	p.mu.Unlock()
	if err := p.link.send(m); err != nil {
		p.drop(w)
		return nil, err
	}
	return w, nil
}

// release takes back a waiter whose answer was received.
func (p *peer) release(w *waiter) {
	w.timer.Stop()
	waiters.Put(w)
}

// drop gives up waiting, without telling the server.
func (p *peer) drop(w *waiter) {
	p.mu.Lock()
	_, waiting := p.calls[w.id]
	delete(p.calls, w.id)
	p.mu.Unlock()
	if !waiting {
		<-w.answer // it was taken from the map to be answered, so this does not wait
	}
	p.link.abandon(w.id)
	p.release(w)
}

// cancel gives up waiting and tells the server so.
func (p *peer) cancel(w *waiter, reason string) {
	params := append(strconv.AppendInt([]byte(`{"requestId":`), w.id, 10), `,"reason":`...)
	params = append(rpc.AppendString(params, reason), '}')
	p.drop(w)
	_ = p.link.send(outgoing{method: rpc.MethodCancelled, params: params})
}

// request makes one request and waits for its answer.
func (p *peer) request(ctx context.Context, method string, params []byte) ([]byte, error) {
	w, err := p.start(outgoing{method: method, params: params})
	if err != nil {
		return nil, err
	}
	select {
	case a := <-w.answer:
		p.release(w)
		return a.result, a.err
	case <-ctx.Done():
		p.cancel(w, "given up")
		return nil, fmt.Errorf("%s: %w", method, ctx.Err())
	}
}

// handshake initializes the session and returns how the server introduced itself
// and which revision of the protocol it speaks.
func (p *peer) handshake(ctx context.Context, revision, version string) (title, serverVersion, spoken string, err error) {
	params := rpc.AppendString([]byte(`{"protocolVersion":`), revision)
	params = append(params, `,"capabilities":{},"clientInfo":{"name":"xiaozhi-switchboard","version":`...)
	params = append(rpc.AppendString(params, version), `}}`...)
	result, err := p.request(ctx, rpc.MethodInitialize, params)
	if err != nil {
		return "", "", "", err
	}
	if err := rpc.Members(result, func(name, value []byte) error {
		switch string(name) {
		case "protocolVersion":
			spoken, _ = text(value)
		case "serverInfo":
			name, _ := text(member(value, "name"))
			ver, _ := text(member(value, "version"))
			title, serverVersion = cutText(name, 100), cutText(ver, 100)
		}
		return nil
	}); err != nil {
		return "", "", "", &failure{kind: ProblemProtocol, sentence: "the server's answer to initialize is no object",
			advice: "Check that this is an MCP server."}
	}
	return title, serverVersion, spoken, nil
}

// ready tells the server that the handshake is over.
func (p *peer) ready() error {
	return p.link.send(outgoing{method: rpc.MethodInitialized})
}

// list reads the server's tools. A server that knows no tools/list has none.
func (p *peer) list(ctx context.Context) ([]offer, string, error) {
	offers, note, err := listTools(ctx, p.request)
	var e *rpc.Error
	if errors.As(err, &e) && e.Code == rpc.CodeMethodNotFound {
		return nil, "the server offers no tools", nil
	}
	return offers, note, err
}

// receive handles one message from the server. The message may alias a buffer
// that is reused when receive returns.
func (p *peer) receive(m rpc.Message) {
	switch m.Kind {
	case rpc.KindResponse:
		id, ok := parseID(m.ID)
		if !ok {
			p.strange("answer to no request of ours", m.ID)
			return
		}
		if m.Error != nil {
			p.deliver(id, answer{err: rpc.ParseError(append([]byte(nil), m.Error...))})
			return
		}
		w := p.take(id)
		if w == nil {
			p.strange("answer to no request of ours", m.ID)
			return
		}
		w.answer <- answer{result: append(make([]byte, 0, len(m.Result)), m.Result...)}
	case rpc.KindRequest:
		reply := outgoing{answers: m.ID}
		switch m.Method {
		case rpc.MethodPing:
			reply.params = []byte("{}")
		case "roots/list":
			reply.params = []byte(`{"roots":[]}`)
		default:
			reply.err = &rpc.Error{Code: rpc.CodeMethodNotFound, Message: "method not found"}
		}
		_ = p.link.send(reply)
	case rpc.KindNotification:
		switch m.Method {
		case rpc.MethodToolsChange:
			p.changed()
		case rpc.MethodLogMessage:
			p.log.Debug("server says", "message", secret.Text(cutText(string(m.Params), 500)))
		}
	}
}

// deliver answers the call id; false when nobody waits for it.
func (p *peer) deliver(id int64, a answer) bool {
	w := p.take(id)
	if w == nil {
		p.strange("answer to no request of ours", strconv.AppendInt(nil, id, 10))
		return false
	}
	w.answer <- a
	return true
}

func (p *peer) take(id int64) *waiter {
	p.mu.Lock()
	w := p.calls[id]
	delete(p.calls, id)
	p.mu.Unlock()
	return w
}

// onlyCall returns the id of the single call in flight, if there is but one.
func (p *peer) onlyCall() (int64, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.calls) != 1 {
		return 0, false
	}
	for id := range p.calls {
		return id, true
	}
	return 0, false
}

// fail ends the conversation: every call in flight is answered with err, and so
// is every later one. Only the first failure counts.
func (p *peer) fail(err error) {
	p.mu.Lock()
	if p.over != nil {
		p.mu.Unlock()
		return
	}
	p.over = err
	calls := p.calls
	p.calls = map[int64]*waiter{}
	p.mu.Unlock()
	close(p.done)
	for _, w := range calls {
		w.answer <- answer{err: err}
	}
}

// ended returns why the conversation ended.
func (p *peer) ended() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.over
}

// strange counts something that was ignored.
func (p *peer) strange(what string, raw []byte) {
	p.stray.Add(1)
	p.log.Debug("ignored from server", "what", what, "text", secret.Text(cutText(string(raw[:min(len(raw), 300)]), 200)))
}

// parseID reads an id of ours: a positive integer without a sign or a fraction.
func parseID(raw []byte) (int64, bool) {
	if len(raw) == 0 || len(raw) > 18 {
		return 0, false
	}
	var id int64
	for _, c := range raw {
		if c < '0' || c > '9' {
			return 0, false
		}
		id = id*10 + int64(c-'0')
	}
	return id, true
}

// remoteError turns an error of a transport that decodes for itself into ours.
func remoteError(code int64, message string, data json.RawMessage) *rpc.Error {
	if message == "" {
		message = "the answer is an error without a readable message"
	}
	return &rpc.Error{Code: int(code), Message: message, Data: data}
}
