package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"xiaozhi-switchboard/core/rpc"
)

// line is a transport in memory. Answer, when set, answers each request.
type line struct {
	answer func(m rpc.Message) string // raw response, "" for none
	client *Client

	mu        sync.Mutex
	sent      []string
	abandoned []int64
	unsent    map[int64]bool
	refuse    error
}

func (l *line) Send(m Outgoing) (int64, error) {
	l.mu.Lock()
	if l.refuse != nil {
		defer l.mu.Unlock()
		return 0, l.refuse
	}
	frame := m.Append(nil)
	l.sent = append(l.sent, string(frame))
	n := int64(len(l.sent))
	l.mu.Unlock()
	if parsed, err := rpc.Parse(frame); err == nil && l.answer != nil && parsed.Kind == rpc.KindRequest {
		if raw := l.answer(parsed); raw != "" {
			if back, err := rpc.Parse([]byte(raw)); err == nil {
				l.client.Receive(back)
			}
		}
	}
	return n, nil
}

func (l *line) Unsent(id, _ int64) bool { return l.unsent[id] }

func (l *line) Abandon(id int64) { l.abandoned = append(l.abandoned, id) }

func newLine(answer func(m rpc.Message) string) (*Client, *line, *atomic.Int64) {
	stray := new(atomic.Int64)
	l := &line{answer: answer, unsent: map[int64]bool{}}
	c := New(slog.New(slog.DiscardHandler), stray, func() {})
	c.Transport, l.client = l, c
	return c, l, stray
}

func result(m rpc.Message, raw string) string {
	return string(rpc.AppendResult(nil, m.ID, []byte(raw)))
}

func receive(c *Client, frame string) {
	m, err := rpc.Parse([]byte(frame))
	if err != nil {
		panic(err)
	}
	c.Receive(m)
}

func TestAnswersFindTheirCalls(t *testing.T) {
	c, l, stray := newLine(nil)
	var calls []*Call
	for range 3 {
		call, err := c.Start(Outgoing{Tool: "a", Args: []byte(`{"x":1}`)})
		if err != nil {
			t.Fatal(err)
		}
		calls = append(calls, call)
	}
	if want := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"x":1}}}`; l.sent[0] != want {
		t.Errorf("sent %s", l.sent[0])
	}
	receive(c, `{"jsonrpc":"2.0","id":2,"result":{"n":2}}`)
	receive(c, `{"jsonrpc":"2.0","id":2,"result":{"n":"twice"}}`)
	receive(c, `{"jsonrpc":"2.0","id":77,"result":{}}`)
	receive(c, `{"jsonrpc":"2.0","id":"1","result":{}}`)
	receive(c, `{"jsonrpc":"2.0","id":3,"error":{"code":-5,"message":"no"}}`)
	if a := <-calls[1].Answer; string(a.Result) != `{"n":2}` {
		t.Errorf("got %s", a.Result)
	}
	var no *rpc.Error
	if a := <-calls[2].Answer; !errors.As(a.Err, &no) || no.Code != -5 {
		t.Errorf("got %v", a.Err)
	}
	if stray.Load() != 3 || c.InFlight() != 1 {
		t.Errorf("%d stray, %d in flight", stray.Load(), c.InFlight())
	}
	if id, only := c.OnlyCall(); !only || id != 1 {
		t.Errorf("the only call is %d, %v", id, only)
	}
	c.Cancel(calls[0], "why not")
	if last := l.sent[len(l.sent)-1]; !strings.Contains(last, `"requestId":1,"reason":"why not"`) || len(l.abandoned) != 1 {
		t.Errorf("sent %s, abandoned %v", last, l.abandoned)
	}
}

func TestFailAnswersEveryCall(t *testing.T) {
	c, l, _ := newLine(nil)
	sent, _ := c.Start(Outgoing{Method: "x"})
	kept, _ := c.Start(Outgoing{Method: "y"})
	l.unsent[2] = true
	gone := errors.New("gone")
	c.Fail(gone)
	c.Fail(errors.New("later"))
	if a := <-sent.Answer; a.Err != gone || a.Unsent {
		t.Errorf("got %+v", a)
	}
	if a := <-kept.Answer; a.Err != gone || !a.Unsent {
		t.Errorf("got %+v", a)
	}
	<-c.Done()
	if _, err := c.Start(Outgoing{Method: "z"}); err != gone || c.Ended() != gone {
		t.Errorf("got %v", err)
	}
}

// TestLostIsCalledFirst holds what is called when no answer will come: before any of those who
// wait is told, with the same, and only then.
func TestLostIsCalledFirst(t *testing.T) {
	c, l, _ := newLine(nil)
	var told []Answer
	var calls []*Call
	for range 4 {
		call, err := c.Start(Outgoing{Method: "x", Lost: func(a Answer) {
			for _, other := range calls[min(1, len(calls)):] {
				if len(other.Answer) > 0 {
					t.Error("somebody was told before")
				}
			}
			told = append(told, a)
		}})
		if err != nil {
			t.Fatal(err)
		}
		calls = append(calls, call)
	}
	l.unsent[2] = true
	receive(c, `{"jsonrpc":"2.0","id":1,"result":{}}`)
	if len(told) != 0 {
		t.Fatal("an answer counts as none")
	}
	gone := errors.New("gone")
	c.Lose(calls[1].id, gone)
	if a := <-calls[1].Answer; len(told) != 1 || told[0].Err != gone || told[0].Seen != a.Seen || a.Seen.IsZero() {
		t.Fatalf("told %+v, and %+v", told, a)
	}
	c.Release(calls[1])
	c.Fail(gone)
	if len(told) != 3 || told[1].Err != gone || told[1].Seen.IsZero() {
		t.Errorf("told %+v", told)
	}
}

func TestBaton(t *testing.T) {
	var b Baton
	if !b.Take() || b.Take() {
		t.Error("it can be taken once")
	}
	b.Lay()
	if !b.Take() {
		t.Error("it cannot be taken again")
	}
}

func TestLoseAnswersWhatWasSent(t *testing.T) {
	c, _, stray := newLine(nil)
	first, _ := c.Start(Outgoing{Method: "x"})
	newest := c.Last()
	later, _ := c.Start(Outgoing{Method: "y"})
	gone := errors.New("gone")
	c.Lose(newest, gone)
	if a := <-first.Answer; a.Err != gone || a.Unsent {
		t.Errorf("got %+v", a)
	}
	c.Release(first)
	receive(c, `{"jsonrpc":"2.0","id":1,"result":{}}`) // late
	receive(c, `{"jsonrpc":"2.0","id":2,"result":{"n":2}}`)
	if a := <-later.Answer; string(a.Result) != `{"n":2}` || stray.Load() != 1 {
		t.Errorf("got %+v, %d stray", a, stray.Load())
	}
	if c.Ended() != nil {
		t.Error("the conversation has ended")
	}
}

func TestRequestsOfServers(t *testing.T) {
	changed := 0
	c, l, _ := newLine(nil)
	c.changed = func() { changed++ }
	receive(c, `{"jsonrpc":"2.0","id":"p","method":"ping"}`)
	receive(c, `{"jsonrpc":"2.0","id":0,"method":"roots/list"}`)
	receive(c, `{"jsonrpc":"2.0","id":9,"method":"sampling/createMessage"}`)
	receive(c, `{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`)
	receive(c, `{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"x"}}`)
	want := []string{`{"jsonrpc":"2.0","id":"p","result":{}}`, `{"jsonrpc":"2.0","id":0,"result":{"roots":[]}}`,
		`{"jsonrpc":"2.0","id":9,"error":{"code":-32601,"message":"method not found"}}`}
	if fmt.Sprint(l.sent) != fmt.Sprint(want) || changed != 1 {
		t.Errorf("sent %v, changed %d", l.sent, changed)
	}
}

func TestInitialize(t *testing.T) {
	for _, tt := range []struct{ answer, want string }{
		{`{"protocolVersion":"2025-06-18","serverInfo":{"name":"n","version":"1"}}`, "{n 1 2025-06-18}"},
		{`{"serverInfo":7}`, "{  }"},
		{`[]`, "the answer to initialize is no object"},
	} {
		c, l, _ := newLine(func(m rpc.Message) string { return result(m, tt.answer) })
		g, err := c.Initialize(t.Context(), "2025-06-18", "dev")
		got := fmt.Sprint(g)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want || !strings.Contains(l.sent[0], `"protocolVersion":"2025-06-18"`) {
			t.Errorf("%s: got %s after %s", tt.answer, got, l.sent[0])
		}
	}
}

func TestListTools(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer func(m rpc.Message) string
		want   string
	}{
		{"one page", func(m rpc.Message) string { return result(m, `{"tools":[{"name":"a"},{"name":"b"}]}`) }, "2 true "},
		{"with an origin", func(m rpc.Message) string {
			return result(m, `{"tools":[],"_meta":{"xiaozhi-switchboard/origin":"me"}}`)
		}, "0 true me"},
		{"more than wanted", func(m rpc.Message) string { return result(m, `{"tools":[1,2,3,4]}`) }, "3 false "},
		{"stuck", func(m rpc.Message) string { return result(m, `{"tools":[],"nextCursor":"x"}`) }, "list tools: the list of tools repeats its pages"},
		{"no list", func(m rpc.Message) string { return result(m, `{"tools":{}}`) }, "list tools: the answer holds no list of tools"},
		{"no object", func(m rpc.Message) string { return result(m, `7`) }, "list tools: not a JSON object"},
		{"refused", func(m rpc.Message) string {
			return string(rpc.AppendErrorResponse(nil, m.ID, &rpc.Error{Code: -1, Message: "no"}))
		}, "list tools: no (-1)"},
	} {
		c, _, _ := newLine(tt.answer)
		n := 0
		whole, origin, err := c.ListTools(t.Context(), func([]byte) bool { n++; return n < 4 })
		got := fmt.Sprintf("%d %v %s", min(n, 3), whole, origin)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	page := 0
	c, _, _ := newLine(func(m rpc.Message) string {
		page++
		return result(m, fmt.Sprintf(`{"tools":[{}],"nextCursor":"%d"}`, page))
	})
	if whole, _, err := c.ListTools(t.Context(), func([]byte) bool { return true }); whole || err != nil || page != mostPages {
		t.Errorf("endless pages: %v, %v after %d", whole, err, page)
	}
}

func TestRequestGivesUp(t *testing.T) {
	c, l, _ := newLine(nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Request(ctx, "x", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	l.refuse = errors.New("full")
	if _, err := c.Request(t.Context(), "x", nil); err != l.refuse || c.InFlight() != 0 {
		t.Errorf("got %v, %d in flight", err, c.InFlight())
	}
}

func TestText(t *testing.T) {
	for raw, want := range map[string]string{`"a\u00e9"`: "aé", `7`: "", ``: "", `"\ud800"`: "�"} {
		if got, _ := Text([]byte(raw)); got != want {
			t.Errorf("Text(%s) = %q", raw, got)
		}
	}
	for _, tt := range []struct {
		in    string
		limit int
		want  string
	}{{"short", 5, "short"}, {"longer", 5, "lo…"}, {"中文字", 7, "中…"}, {"ab", 1, "…"}} {
		if got := Cut(tt.in, tt.limit); got != tt.want {
			t.Errorf("Cut(%q, %d) = %q", tt.in, tt.limit, got)
		}
	}
}

// FuzzReceive holds that nothing that a server sends makes a client panic, or answers a
// call twice or never.
func FuzzReceive(f *testing.F) {
	for _, s := range []string{`{"jsonrpc":"2.0","id":1,"result":{}}`, `{"jsonrpc":"2.0","id":1,"error":7}`,
		`{"jsonrpc":"2.0","id":1,"result":{"tools":[{}],"nextCursor":"\ud800","_meta":{"xiaozhi-switchboard/origin":1}}}`,
		`{"jsonrpc":"2.0","id":null,"method":"ping"}`, `{"jsonrpc":"2.0","method":"notifications/message","params":"x"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		m, err := rpc.Parse(frame)
		if err != nil {
			return
		}
		c, _, _ := newLine(nil)
		call, _ := c.Start(Outgoing{Method: "x"})
		c.Receive(m)
		c.Receive(m)
		c.Fail(errors.New("over"))
		a := <-call.Answer
		if a.Result != nil {
			_, _, _, _ = parsePage(a.Result)
			_ = Elements(a.Result, func(value []byte) error { Text(value); Member(value, "x"); return nil })
		}
		c.Release(call)
	})
}
