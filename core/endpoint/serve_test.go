package endpoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/rpc"
)

func TestServe(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, b *bubble) {
		b.tools.call = func(_ context.Context, name string, args []byte) ([]byte, error) {
			switch name {
			case "missing":
				return nil, &rpc.Error{Code: rpc.CodeInvalidParams, Message: "no such tool"}
			case "broken":
				return nil, errors.New("broken: token=abcdef")
			}
			return append([]byte(`{"echo":`), append(bytes.Clone(args), '}')...), nil
		}
		s := b.last()
		b.wantState(t, Open)
		tests := []struct{ name, frame, id, want string }{
			{"initialize with id 0", `{"id":0,"jsonrpc":"2.0","method":"initialize","params":{"protocolVersion":"2024-11-05","capabilities":{}}}`, "0",
				`{"protocolVersion":"2024-11-05","capabilities":{"tools":{"listChanged":false}},"serverInfo":{"name":"xiaozhi-switchboard","version":"dev"}}`},
			{"initialize again, other version", `{"id":"u_n_1","jsonrpc":"2.0","method":"initialize","params":{"protocolVersion":"1999-01-01"}}`, `"u_n_1"`, `"2025-11-25"`},
			{"list", `{"id":1,"jsonrpc":"2.0","method":"tools/list","params":{}}`, "1", `{"tools":[{"name":"a"}]}`},
			{"ping", `{"id":-2.50,"jsonrpc":"2.0","method":"ping"}`, "-2.50", `{}`},
			{"null id", `{"id":null,"jsonrpc":"2.0","method":"ping"}`, "null", `{}`},
			{"big id", `{"id":9007199254740993123,"jsonrpc":"2.0","method":"ping"}`, "9007199254740993123", `{}`},
			{"unknown method", `{"id":3,"jsonrpc":"2.0","method":"resources/list"}`, "3", `-32601`},
			{"call", `{"id":4,"jsonrpc":"2.0","method":"tools/call","params":{"name":"x","arguments":{"n":9007199254740993},"clientId":null}}`, "4", `{"echo":{"n":9007199254740993}}`},
			{"unknown tool", `{"id":5,"jsonrpc":"2.0","method":"tools/call","params":{"name":"missing"}}`, "5", `no such tool`},
			{"error without secrets", `{"id":6,"jsonrpc":"2.0","method":"tools/call","params":{"name":"broken"}}`, "6", `token=***`},
			{"bad params", `{"id":7,"jsonrpc":"2.0","method":"tools/call","params":[]}`, "7", `-32602`},
			{"garbage", `hello`, "null", `-32700`},
			{"invalid UTF-8", "{\"id\":8,\"jsonrpc\":\"2.0\",\"method\":\"\xff\"}", "null", `-32700`},
			{"100,000 levels", strings.Repeat("[", 100_000), "null", `-32700`},
			{"batch", `[{"id":9,"jsonrpc":"2.0","method":"ping"}]`, "null", `-32600`},
		}
		for _, tt := range tests {
			m := s.ask(t, tt.frame)
			if string(m.ID) != tt.id || !strings.Contains(string(m.Result)+string(m.Error), tt.want) {
				t.Errorf("%s: id %s, %s%s; want id %s with %s", tt.name, m.ID, m.Result, m.Error, tt.id, tt.want)
			}
		}
		for _, frame := range []string{
			`{"jsonrpc":"2.0","method":"notifications/initialized"}`, `{"jsonrpc":"2.0","method":"nobody/knows"}`,
			`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}`, `{"jsonrpc":"2.0","id":1,"result":{}}`,
		} {
			s.askNothing(t, frame)
		}
		if err := s.conn.WriteMessage(websocket.BinaryMessage, []byte{0, 1, 2}); err != nil {
			t.Fatal(err)
		}
		if m := <-s.frames; !strings.Contains(string(m.Error), "-32700") {
			t.Errorf("a binary frame was answered with %s%s", m.Result, m.Error)
		}
		if got := b.wantState(t, Ready); got.Serial != 1 || got.Requests == 0 || !got.Listed {
			t.Errorf("status %+v", got)
		}
	})
}

func TestSlowCallDelaysNobody(t *testing.T) {
	inBubble(t, Options{MaxCallsPerLink: 2}, func(t *testing.T, b *bubble) {
		b.tools.call = func(ctx context.Context, name string, _ []byte) ([]byte, error) {
			if name == "slow" {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return []byte(`{}`), nil
		}
		s := b.last()
		s.askNothing(t, `{"id":1,"jsonrpc":"2.0","method":"tools/call","params":{"name":"slow"}}`)
		s.askNothing(t, `{"id":1,"jsonrpc":"2.0","method":"tools/call","params":{"name":"slow"}}`) // the same id twice
		if m := s.ask(t, `{"id":2,"jsonrpc":"2.0","method":"tools/call","params":{"name":"fast"}}`); !strings.Contains(string(m.Error), "-32000") {
			t.Errorf("a call beyond the limit got %s%s", m.Result, m.Error)
		}
		s.askNothing(t, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`)
		if got := b.status(t); got.InFlight != 1 {
			t.Errorf("%d calls in flight after a cancellation, want 1", got.InFlight)
		}
		if m := s.ask(t, `{"id":2,"jsonrpc":"2.0","method":"tools/call","params":{"name":"fast"}}`); string(m.Result) != `{}` {
			t.Errorf("a fast call got %s%s", m.Result, m.Error)
		}
	})
}

func TestCallsEndWithTheLink(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, b *bubble) {
		ended := make(chan error, 1)
		b.tools.call = func(ctx context.Context, _ string, _ []byte) ([]byte, error) {
			<-ctx.Done()
			ended <- ctx.Err()
			return nil, ctx.Err()
		}
		s := b.last()
		s.askNothing(t, `{"id":1,"jsonrpc":"2.0","method":"tools/call","params":{"name":"x"}}`)
		s.raw.Close()
		synctest.Wait()
		select {
		case <-ended:
		default:
			t.Error("the call outlived its link")
		}
	})
}

func TestOversizedFrame(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, b *bubble) {
		s := b.last()
		go s.conn.WriteMessage(websocket.TextMessage, make([]byte, 64<<20))
		synctest.Wait()
		if err := <-s.closed; !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
			t.Errorf("the link closed with %v, want 1009", err)
		}
		got := b.wantState(t, Waiting)
		if got.Kind != KindProtocol || got.Code != websocket.CloseMessageTooBig {
			t.Errorf("kind %v, code %d", got.Kind, got.Code)
		}
		time.Sleep(10 * time.Second)
		if m := b.last().ask(t, `{"id":1,"jsonrpc":"2.0","method":"ping"}`); string(m.Result) != "{}" {
			t.Errorf("the successor answered %s%s", m.Result, m.Error)
		}
	})
}

func TestDrippedFrame(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, b *bubble) {
		s := b.last()
		start := time.Now()
		// A text frame of 100 bytes, one byte a second.
		if _, err := s.raw.Write([]byte{0x81, 100}); err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := s.raw.Write([]byte{'x'}); err != nil {
				break
			}
			time.Sleep(time.Second)
		}
		if held := time.Since(start); held > 10*time.Second {
			t.Errorf("a dripped frame held the link for %v", held)
		}
	})
}

func TestLargeMessageLeavesNoDeadline(t *testing.T) {
	inBubble(t, Options{HealthCheckInterval: -1}, func(t *testing.T, b *bubble) {
		s := b.last()
		for _, size := range []int{100, 10_000, 300_000, 3 << 20} {
			frame := fmt.Sprintf(`{"id":1,"jsonrpc":"2.0","method":"ping","params":{"x":%q}}`, strings.Repeat("x", size))
			if m := s.ask(t, frame); string(m.Result) != "{}" {
				t.Errorf("%d bytes: %s", size, m.Error)
			}
			time.Sleep(time.Minute)
		}
		if got := b.wantState(t, Ready); got.Serial != 1 {
			t.Error("the link was cut after a large message")
		}
	})
}

func TestPublish(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, b *bubble) {
		hold := make(chan struct{})
		b.tools.call = func(ctx context.Context, _ string, _ []byte) ([]byte, error) {
			select {
			case <-hold:
				return []byte(`{}`), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		first := b.last()
		b.m.ToolsChanged()
		time.Sleep(10 * time.Second)
		if b.count() != 1 {
			t.Fatal("a link that was told no list was dialled again")
		}
		first.ask(t, `{"id":1,"jsonrpc":"2.0","method":"tools/list"}`)
		b.m.ToolsChanged()
		time.Sleep(10 * time.Second)
		if b.count() != 1 {
			t.Fatal("an unchanged list was published")
		}
		b.tools.setList(`{"tools":[]}`)
		b.m.ToolsChanged()
		time.Sleep(2 * time.Second)
		b.m.ToolsChanged() // debounced: the clock starts anew
		time.Sleep(2 * time.Second)
		first.askNothing(t, `{"id":2,"jsonrpc":"2.0","method":"tools/call","params":{"name":"x"}}`)
		time.Sleep(20 * time.Second)
		if b.count() != 1 {
			t.Fatal("published while a call is in flight")
		}
		close(hold)
		<-first.frames
		second := b.last()
		if b.count() != 2 {
			t.Fatalf("%d sockets, want 2", b.count())
		}
		if err := <-first.closed; !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
			t.Errorf("the old socket ended with %v, want a clean close", err)
		}
		if m := second.ask(t, `{"id":1,"jsonrpc":"2.0","method":"tools/list"}`); string(m.Result) != `{"tools":[]}` {
			t.Errorf("listed %s", m.Result)
		}
		if got := b.status(t); got.ReconnectAttempts != 0 {
			t.Error("publishing counts as a failure")
		}
	})
}

func FuzzHandle(f *testing.F) {
	for _, frame := range []string{
		`{"id":0,"jsonrpc":"2.0","method":"initialize","params":{"protocolVersion":1}}`,
		`{"id":1,"jsonrpc":"2.0","method":"tools/call","params":{"name":"a","arguments":{"b":[1]}}}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}`, `[]`, ``,
	} {
		f.Add([]byte(frame))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		inBubble(t, Options{}, func(t *testing.T, b *bubble) {
			b.tools.call = func(_ context.Context, _ string, args []byte) ([]byte, error) { return bytes.Clone(args), nil }
			s := b.last()
			if err := s.conn.WriteMessage(websocket.TextMessage, frame); err != nil {
				t.Fatal(err)
			}
			s.send(t, `{"id":"after","jsonrpc":"2.0","method":"ping"}`)
			for m := range s.frames {
				if string(m.ID) == `"after"` && m.Result != nil {
					return
				}
			}
		})
	})
}
