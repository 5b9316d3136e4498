package broker

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

func TestRelayIsSilentUntilARobotComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, &Options{Family: Relay})
		c := s.join(t, "1", "a")
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if frames := c.received(); len(frames) > 0 {
			t.Errorf("received %q", frames)
		}
		if socket := s.Sockets("1")[0]; socket.Pongs != 29 && socket.Pongs != 30 || socket.Initialized || !socket.Registered {
			t.Errorf("after ten minutes: %+v", socket)
		}

		one, two := s.Robot("1"), s.Robot("1")
		for _, robot := range []*Robot{one, two, one} {
			if err := robot.Initialize(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if tools, err := two.Tools(t.Context()); err != nil || len(tools) != 1 || tools[0].Name != "a" {
			t.Errorf("tools: %v, %v", tools, err)
		}
		if result, err := one.Call(t.Context(), "a", []byte(`{"x":1}`)); err != nil || result.Text != `client {"x":1}` {
			t.Errorf("call: %+v, %v", result, err)
		}
		frames := c.received()
		if want := `{"jsonrpc":"2.0","id":"` + one.uuid + `_n_1","method":"initialize"`; !strings.HasPrefix(frames[0], want) {
			t.Errorf("first frame is %s", frames[0])
		}
		if want := `{"jsonrpc":"2.0","id":"` + one.uuid + `_n_3","method":"tools/call","params":{"name":"a","arguments":{"x":1}}}`; frames[len(frames)-1] != want {
			t.Errorf("last frame is %s", frames[len(frames)-1])
		}
		if socket := s.Sockets("1")[0]; !socket.Initialized || !slices.Equal(socket.Tools, []string{"a"}) {
			t.Errorf("in the end: %+v", socket)
		}
		_ = s.Close()
	})
}

func TestRelayClosesBadTokensAfterTheUpgrade(t *testing.T) {
	s := start(t, &Options{Family: Relay})
	// The token holds a plus, which an unquoted query turns into a space.
	unquoted := s.base + relayToolPath + "?token=" + s.Token("1")
	for address, reason := range map[string]string{
		s.base + relayToolPath:                 "缺少token参数",
		s.base + relayToolPath + "?token=abcd": "token解密失败",
		unquoted:                               "token解密失败",
	} {
		conn, _, err := s.dialer().DialContext(t.Context(), address, nil)
		if err != nil {
			t.Fatalf("dial: %v", err)
		}
		_, _, err = conn.ReadMessage()
		var closed *websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != 1008 || closed.Text != reason {
			t.Errorf("closed with %v, want 1008 %s", err, reason)
		}
		_ = conn.Close()
	}
}

func TestRelayTakeover(t *testing.T) {
	for _, keep := range []bool{false, true} {
		s := start(t, &Options{Family: Relay, KeepRegistration: keep})
		first := s.joinAs(t, &client{name: "first"}, "1")
		s.await(t, "the first", func() bool { return len(s.Sockets("1")) == 1 }) // or the second may be
		second := s.joinAs(t, &client{name: "second"}, "1")
		if code, reason := first.closed(t); code != 1000 || reason != "新连接替换" {
			t.Errorf("the first was closed with %d %q", code, reason)
		}
		s.await(t, "the first to leave", func() bool { return len(s.Sockets("1")) == 1 })
		result, err := s.Robot("1").Call(t.Context(), "a", nil)
		if keep {
			if err != nil || result.Text != "second {}" {
				t.Errorf("without the bug: %+v, %v", result, err)
			}
			continue
		}
		if !errors.Is(err, ErrNoToolSide) || s.Sockets("1")[0].Registered {
			t.Errorf("the bug should have cut the second off: %+v, %v", result, err)
		}
		// The remedy: close cleanly, then dial again.
		_ = second.conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""))
		if code, _ := second.closed(t); code != 1000 {
			t.Errorf("the close was answered with %d", code)
		}
		s.await(t, "the second to leave", func() bool { return len(s.Sockets("1")) == 0 })
		s.joinAs(t, &client{name: "third"}, "1")
		s.await(t, "the third", func() bool { return len(s.Sockets("1")) == 1 })
		if result, err := s.Robot("1").Call(t.Context(), "a", nil); err != nil || result.Text != "third {}" {
			t.Errorf("after the remedy: %+v, %v", result, err)
		}
	}
}

// Whoever closed cleanly may dial at once: the relay has forgotten the old socket when it
// answers the close.
func TestRelayRedialAfterCleanClose(t *testing.T) {
	s := start(t, &Options{Family: Relay})
	for range 200 {
		c := s.join(t, "1")
		s.await(t, "the one before to leave", func() bool { return len(s.Sockets("1")) == 1 })
		if !s.Sockets("1")[0].Registered {
			t.Fatal("the end of an earlier socket took the registration away")
		}
		_ = c.conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""))
		if code, _ := c.closed(t); code != 1000 {
			t.Fatalf("the close was answered with %d", code)
		}
	}
}

// A connection that a box on the way dropped is still registered, so the redial
// meets the bug.
func TestRelayLostConnection(t *testing.T) {
	s := start(t, &Options{Family: Relay})
	c := s.join(t, "1")
	s.await(t, "the first", func() bool { return len(s.Sockets("1")) == 1 })
	s.Drop("1", DropLost)
	if code, _ := c.closed(t); code != 1006 {
		t.Errorf("closed with %d", code)
	}
	s.await(t, "the end", func() bool { return len(s.Sockets("1")) == 0 })
	s.join(t, "1")
	s.await(t, "the second", func() bool { return len(s.Sockets("1")) == 1 && !s.Sockets("1")[0].Registered })

	s.Drop("1", DropTakeover)
	s.await(t, "the end", func() bool { return len(s.Sockets("1")) == 0 })
	s.join(t, "1")
	s.await(t, "the third", func() bool { return len(s.Sockets("1")) == 1 && s.Sockets("1")[0].Registered })
}

func TestRelayGhostsVanish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, &Options{Family: Relay})
		s.join(t, "1")
		synctest.Wait()
		s.Drop("1", DropLost)
		synctest.Wait()
		if _, err := s.Robot("1").Ping(t.Context()); !errors.Is(err, ErrNoToolSide) {
			t.Errorf("a ghost answered: %v", err)
		}
		time.Sleep(41 * time.Second)
		c := s.join(t, "1")
		synctest.Wait()
		if sockets := s.Sockets("1"); len(sockets) != 1 || !sockets[0].Registered {
			t.Errorf("sockets are %+v", sockets)
		}
		_ = c.conn.Close()
		_ = s.Close()
	})
}

func TestRelayDropsWhatTheToolSideAsks(t *testing.T) {
	s := start(t, &Options{Family: Relay})
	c := s.join(t, "1")
	c.send([]byte(`{"jsonrpc":"2.0","id":"q","method":"ping"}`))
	c.send([]byte(`{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`))
	s.await(t, "both frames", func() bool { return len(s.Sockets("1")) == 1 && s.Sockets("1")[0].FramesIn == 2 })
	if _, err := s.Robot("1").Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if frames := c.received(); len(frames) != 1 || !strings.Contains(frames[0], `"ping"`) {
		t.Errorf("received %q", frames)
	}
}

func TestRelayCallPath(t *testing.T) {
	s := start(t, &Options{Family: Relay})
	robot, _, err := s.dialer().DialContext(t.Context(), s.CallURL(s.base, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer robot.Close()
	say := func(frame string) {
		if err := robot.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
			t.Fatal(err)
		}
	}
	hear := func() string {
		_, frame, err := robot.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		return string(frame)
	}
	say(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
	if got := hear(); !strings.HasPrefix(got, `{"jsonrpc":"2.0","id":1,"error":{"code":-32001,`) {
		t.Errorf("without a tool side: %s", got)
	}
	c := s.join(t, "1", "a")
	s.await(t, "both sides", func() bool { return len(s.Sockets("1")) == 2 })
	if sockets := s.Sockets("1"); sockets[0].Role != "call" || sockets[1].Role != "serve" {
		t.Errorf("sockets are %+v", sockets)
	}
	say(`{"jsonrpc":"2.0","id":0,"method":"ping"}`) // its answer is lost
	say(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	say(`{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"a","arguments":{"k":[1.0]}}}`)
	if got := hear(); got != `{"jsonrpc":"2.0","id":"x","result":`+echoed(`client {"k":[1.0]}`)+`}` {
		t.Errorf("call: %s", got)
	}
	say(`{"jsonrpc":"2.0","id":2,"method":"no/such"}`)
	if got := hear(); got != `{"jsonrpc":"2.0","id":2,"error":{"code":-32601,"message":"method not found"}}` {
		t.Errorf("unknown method: %s", got)
	}
	frames := c.received()
	if frames[0] != `{"jsonrpc":"2.0","id":0,"method":"ping"}` || frames[1] != `{"jsonrpc":"2.0","method":"notifications/initialized"}` {
		t.Errorf("received %q", frames)
	}
	if !strings.Contains(frames[2], `_s_x"`) || !strings.Contains(frames[3], `_n_2"`) {
		t.Errorf("ids are not rewritten: %q", frames[2:])
	}
}

func TestRelayEndsDeafSockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, &Options{Family: Relay})
		c := &client{}
		conn, _, err := s.dialer().DialContext(t.Context(), s.URL(s.base, "1"), nil)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetPingHandler(func(string) error { return nil })
		c.conn, c.done = conn, make(chan struct{})
		go c.run()
		began := time.Now()
		<-c.done
		if code, reason := c.closed(t); code != 1011 || reason != "keepalive ping timeout" || time.Since(began) != 40*time.Second {
			t.Errorf("closed with %d %q after %v", code, reason, time.Since(began))
		}
		_ = conn.Close()
		_ = s.Close()
	})
}

func TestRoutedID(t *testing.T) {
	for raw, want := range map[string]string{
		`1`: `"u_n_1"`, `-3`: `"u_n_-3"`, `"a\"b"`: `"u_s_a\"b"`, `0`: `0`, `null`: `null`, `""`: `""`, `true`: `"u_s_true"`, `9007199254740993`: `"u_n_9007199254740993"`,
	} {
		if got, returns := routedID("u", []byte(raw)); got != want || returns != (got != raw) {
			t.Errorf("id %s: %s, %v; want %s", raw, got, returns, want)
		}
	}
}
