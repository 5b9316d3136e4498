package session

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
)

// Transport carries messages to one server. What arrives it hands to its Client, in
// order, from one goroutine.
type Transport interface {
	// Send queues or sends m and never waits for a server that does not read. What m
	// refers to is only valid until Send returns. Mark is handed back to Unsent. An error
	// means that nothing of m went out.
	Send(m Outgoing) (mark int64, err error)
	// Unsent reports that the request surely never reached the server, so that it may be
	// made elsewhere. It is asked when the conversation has ended; when in doubt it says no.
	Unsent(id, mark int64) bool
	// Abandon says that nobody waits for the answer to id any more.
	Abandon(id int64)
}

// Outgoing is a message on its way to a server: a request (ID), a notification, or
// the answer to a request of the server's (Answers).
type Outgoing struct {
	ID      int64
	Method  string
	Params  []byte // raw JSON, nil for none; the result of an answer
	Tool    string // of tools/call, which takes the place of Params
	Args    []byte
	Answers []byte // raw id
	Err     *rpc.Error
	Crowded bool // other calls are in flight, so that m may wait a moment to go with them
	Urgent  bool // it may not
	// Lost is called when the conversation, or whoever had the request, ends before the answer:
	// before that is delivered, and by the goroutine that sees the end, so it must not wait
	// for anything. Whoever started the request may not have got it back yet; see Baton. Nil
	// is not called.
	Lost func(Answer)
}

// Append appends the JSON of m to dst.
func (m *Outgoing) Append(dst []byte) []byte {
	switch {
	case m.Answers != nil && m.Err != nil:
		return rpc.AppendErrorResponse(dst, m.Answers, m.Err)
	case m.Answers != nil:
		return rpc.AppendResult(dst, m.Answers, m.Params)
	case m.ID == 0:
		return rpc.AppendNotification(dst, m.Method, m.Params)
	case m.Tool == "":
		return rpc.AppendRequest(dst, m.ID, m.Method, m.Params)
	}
	dst = append(dst, `{"jsonrpc":"2.0","id":`...)
	dst = strconv.AppendInt(dst, m.ID, 10)
	dst = append(dst, `,"method":"tools/call","params":`...)
	return append(rpc.AppendToolCall(dst, m.Tool, m.Args), '}')
}

// Client is our side of the conversation with one server. All methods are safe for
// concurrent use, but for Receive and Deliver, which one goroutine calls.
type Client struct {
	// Transport is set before the first use.
	Transport Transport

	log     *slog.Logger
	changed func() // the server's list of tools changed; must not block
	stray   *atomic.Int64

	pool sync.Pool // of *Call; of this client, since a test's bubble owns their channels
	next atomic.Int64
	done chan struct{} // closed once nothing will be answered any more

	mu    sync.Mutex
	calls map[int64]*Call
	over  error
}

// Call is one request in flight. It is pooled, with its channel and timer.
type Call struct {
	// Answer receives once.
	Answer chan Answer
	// Timer is for whoever waits to use; it is stopped when the call begins.
	Timer *time.Timer

	id   int64
	mark atomic.Int64
	lost func(Answer)
}

// Answer is what became of a call.
type Answer struct {
	Result []byte // raw JSON, a copy of its own
	Plain  bool   // whoever delivered it knows that the result needs no shaping
	Err    error  // *rpc.Error when the server said no
	// Unsent: the request surely never reached the server. Only with Err.
	Unsent bool
	// Seen is when it was seen that no answer will come. Only of Fail and Lose.
	Seen time.Time
}

func newCall() any {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &Call{Answer: make(chan Answer, 1), Timer: t}
}

// New returns a client that has no Transport yet. Stray counts what is ignored; changed is
// called when the server says that its list of tools changed, and must not block. None may
// be nil. A client needs no end, but Fail is what frees those who wait.
func New(log *slog.Logger, stray *atomic.Int64, changed func()) *Client {
	return &Client{log: log, stray: stray, changed: changed, done: make(chan struct{}), calls: map[int64]*Call{},
		pool: sync.Pool{New: newCall}}
}

// Done is closed once nothing will be answered any more.
func (c *Client) Done() <-chan struct{} { return c.done }

// Start sends a request; its ID is given by the client. The call must be given to Release,
// Drop or Cancel. An error means that nothing was sent.
func (c *Client) Start(m Outgoing) (*Call, error) {
	call := c.pool.Get().(*Call)
	m.ID = c.next.Add(1)
	call.id, call.lost = m.ID, m.Lost
	call.mark.Store(0)
	c.mu.Lock()
	if c.over != nil {
		c.mu.Unlock()
		c.pool.Put(call)
		return nil, c.over
	}
	c.calls[m.ID] = call
	m.Crowded = len(c.calls) > 1 && !m.Urgent
	c.mu.Unlock()
	mark, err := c.Transport.Send(m)
	if err != nil {
		c.Drop(call)
		return nil, err
	}
	call.mark.Store(mark) // nobody can have given the call back yet
	return call, nil
}

// Release takes back a call whose answer was received.
func (c *Client) Release(call *Call) {
	call.Timer.Stop()
	call.lost = nil // of what it refers to nothing is kept
	c.pool.Put(call)
}

// Drop gives up waiting, without telling the server.
func (c *Client) Drop(call *Call) {
	c.mu.Lock()
	_, waiting := c.calls[call.id]
	delete(c.calls, call.id)
	c.mu.Unlock()
	if !waiting {
		<-call.Answer // it was taken from the map to be answered, at the latest when others have been moved
	}
	c.Transport.Abandon(call.id)
	c.Release(call)
}

// Cancel gives up waiting and tells the server so.
func (c *Client) Cancel(call *Call, reason string) {
	params := append(strconv.AppendInt([]byte(`{"requestId":`), call.id, 10), `,"reason":`...)
	params = append(rpc.AppendString(params, reason), '}')
	c.Drop(call)
	_, _ = c.Transport.Send(Outgoing{Method: rpc.MethodCancelled, Params: params}) // it need not arrive
}

// Request makes one request and waits for its answer. The error is an *rpc.Error when the
// server said no, wraps that of ctx, or says why nothing will be answered.
func (c *Client) Request(ctx context.Context, method string, params []byte) ([]byte, error) {
	call, err := c.Start(Outgoing{Method: method, Params: params})
	if err != nil {
		return nil, err
	}
	select {
	case a := <-call.Answer:
		c.Release(call)
		return a.Result, a.Err
	case <-ctx.Done():
		c.Cancel(call, "given up")
		return nil, fmt.Errorf("%s: %w", method, ctx.Err())
	}
}

// Receive handles one message from the server. The message may alias a buffer
// that is reused when Receive returns.
func (c *Client) Receive(m rpc.Message) {
	switch m.Kind {
	case rpc.KindResponse:
		id, ok := ParseID(m.ID)
		if !ok {
			c.Strange("answer to no request of ours", m.ID)
			return
		}
		if m.Error != nil {
			c.Deliver(id, Answer{Err: rpc.ParseError(append([]byte(nil), m.Error...))})
			return
		}
		call := c.take(id)
		if call == nil {
			c.Strange("answer to no request of ours", m.ID)
			return
		}
		call.Answer <- Answer{Result: append(make([]byte, 0, len(m.Result)), m.Result...)}
	case rpc.KindRequest:
		reply := Outgoing{Answers: m.ID}
		switch m.Method {
		case rpc.MethodPing:
			reply.Params = []byte("{}")
		case "roots/list":
			reply.Params = []byte(`{"roots":[]}`)
		default:
			reply.Err = &rpc.Error{Code: rpc.CodeMethodNotFound, Message: "method not found"}
		}
		_, _ = c.Transport.Send(reply) // a server that asks and does not listen waits in vain
	case rpc.KindNotification:
		switch m.Method {
		case rpc.MethodToolsChange:
			c.changed()
		case rpc.MethodLogMessage:
			c.log.Debug("server says", "message", secret.Text(Cut(string(m.Params), 500)))
		}
	}
}

// Deliver answers the call id; false when nobody waits for it.
func (c *Client) Deliver(id int64, a Answer) bool {
	call := c.take(id)
	if call == nil {
		c.Strange("answer to no request of ours", strconv.AppendInt(nil, id, 10))
		return false
	}
	call.Answer <- a
	return true
}

func (c *Client) take(id int64) *Call {
	c.mu.Lock()
	call := c.calls[id]
	delete(c.calls, id)
	c.mu.Unlock()
	return call
}

// OnlyCall returns the id of the single call in flight, if there is but one.
func (c *Client) OnlyCall() (int64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.calls) != 1 {
		return 0, false
	}
	for id := range c.calls {
		return id, true
	}
	return 0, false
}

// InFlight returns how many requests wait for an answer.
func (c *Client) InFlight() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.calls)
}

// Fail ends the conversation: every call in flight is answered with err, and so
// is every later one. Only the first failure counts.
func (c *Client) Fail(err error) {
	seen := time.Now()
	c.mu.Lock()
	if c.over != nil {
		c.mu.Unlock()
		return
	}
	c.over = err
	calls := c.calls
	c.calls = map[int64]*Call{}
	c.mu.Unlock()
	close(c.done)
	lost := make([]lostCall, 0, len(calls))
	for id, call := range calls {
		unsent := c.Transport != nil && c.Transport.Unsent(id, call.mark.Load())
		lost = append(lost, lostCall{call, Answer{Err: err, Unsent: unsent, Seen: seen}})
	}
	tell(lost)
}

// lostCall is a call whose answer will not come, and what is said of that.
type lostCall struct {
	*Call
	is Answer
}

// tell has the calls moved that may be, lets those write who send them, and only then wakes
// those who wait.
func tell(all []lostCall) {
	for _, l := range all {
		if l.lost != nil {
			l.lost(l.is)
		}
	}
	runtime.Gosched()
	for _, l := range all {
		l.Answer <- l.is
	}
}

// Last returns the ID of the newest request; 0 before the first.
func (c *Client) Last() int64 { return c.next.Load() }

// Lose answers the requests up to the ID last that are in flight with err, and the conversation
// goes on: whoever had them is gone, and another may answer what comes next. It is not known
// whether they were carried out.
func (c *Client) Lose(last int64, err error) {
	var lost []lostCall
	is := Answer{Err: err, Seen: time.Now()}
	c.mu.Lock()
	for id, call := range c.calls {
		if id <= last {
			lost = append(lost, lostCall{call, is})
			delete(c.calls, id)
		}
	}
	c.mu.Unlock()
	tell(lost)
}

// Ended returns why the conversation ended; nil while it has not.
func (c *Client) Ended() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}

// Strange counts something that was ignored.
func (c *Client) Strange(what string, raw []byte) {
	c.stray.Add(1)
	c.log.Debug("ignored from server", "what", what, "text", secret.Text(Cut(string(raw[:min(len(raw), 300)]), 200)))
}

// ParseID reads an id of ours: a positive integer without a sign or a fraction.
func ParseID(raw []byte) (int64, bool) {
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
