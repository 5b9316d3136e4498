package broker

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/rpc"
)

func TestOfficialSpeaksFirstAsCaptured(t *testing.T) {
	s := start(t, nil)
	c := s.join(t, "1251946", "calculator")
	socket := s.settled(t, "1251946", 1)[0]
	if !socket.Initialized || socket.Peer != "client 1" || !slices.Equal(socket.Tools, []string{"calculator"}) || !socket.Registered {
		t.Errorf("socket is %+v", socket)
	}
	result, err := s.Robot("1251946").Call(t.Context(), "calculator", []byte(`{"python_expression":"1+1"}`))
	if err != nil || result.Text != `client {"python_expression":"1+1"}` {
		t.Fatalf("call: %+v, %v", result, err)
	}
	want := []string{
		`{"id":0,"jsonrpc":"2.0","method":"initialize","params":{"protocolVersion":"2024-11-05","capabilities":{"sampling":{},"roots":{"listChanged":false}},"clientInfo":{"name":"xz-mcp-broker","version":"0.0.1"}}}`,
		`{"jsonrpc":"2.0","method":"notifications/initialized"}`,
		`{"id":1,"jsonrpc":"2.0","method":"tools/list","params":{}}`,
		`{"id":2,"jsonrpc":"2.0","method":"tools/call","params":{"name":"calculator","arguments":{"python_expression":"1+1"},"clientId":null,"serialNumber":null,"_meta":{"clientId":null,"serialNumber":null,"agentId":1251946}}}`,
	}
	if got := c.received(); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestOfficialMergesConnections(t *testing.T) {
	s := start(t, nil)
	s.joinAs(t, &client{name: "one", tools: []string{"a", "b"}}, "7")
	s.settled(t, "7", 1)
	s.joinAs(t, &client{name: "two", tools: []string{"c"}}, "7")
	s.settled(t, "7", 2)

	robot := s.Robot("7")
	tools, err := robot.Tools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range tools {
		names = append(names, tool.Name)
	}
	if !slices.Equal(names, []string{"a", "b", "c"}) || tools[2].Description != "about c" || string(tools[2].InputSchema) != `{"type":"object"}` {
		t.Errorf("tools are %+v", tools)
	}
	for tool, who := range map[string]string{"a": "one {}", "c": "two {}", "unknown": "one {}"} {
		if result, err := robot.Call(t.Context(), tool, nil); err != nil || result.Text != who {
			t.Errorf("call of %s: %q, %v; want %q", tool, result.Text, err, who)
		}
	}
	if err := robot.Initialize(t.Context()); err != nil {
		t.Errorf("a second initialize: %v", err)
	}
	if _, err := robot.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
}

func TestOfficialRefusesBadTokens(t *testing.T) {
	s := start(t, nil)
	expired := New(&Options{Secret: s.opts.Secret, TokenLife: -time.Second})
	defer expired.Close()
	foreign := New(nil)
	defer foreign.Close()
	for name, address := range map[string]string{
		"none":    s.base + "/mcp/",
		"garbage": s.base + "/mcp/?token=x",
		"expired": expired.URL(s.base, "1"),
		"foreign": foreign.URL(s.base, "1"),
	} {
		if response, err := s.refusedWith(t, address); response == nil || response.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %v, %v; want 401", name, response, err)
		}
	}
	if response, _ := s.refusedWith(t, s.base+"/elsewhere/"); response == nil || response.StatusCode != http.StatusNotFound {
		t.Errorf("other path: %v; want 404", response)
	}
}

// An idle link for ten minutes of virtual time: one ping a minute, each answered.
func TestOfficialPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, nil)
		c := s.join(t, "1", "a")
		time.Sleep(10*time.Minute + time.Second)
		synctest.Wait()
		pings := 0
		for _, frame := range c.received() {
			if strings.Contains(frame, `"method":"ping"`) {
				pings++
			}
		}
		if pings != 10 {
			t.Errorf("%d pings in ten minutes", pings)
		}
		if sockets := s.Sockets("1"); len(sockets) != 1 || sockets[0].InFlight != 0 || sockets[0].Serial != 1 {
			t.Errorf("sockets are %+v", sockets)
		}
		_ = c.conn.Close()
		_ = s.Close()
	})
}

func TestOfficialGivesUpOnLateAnswers(t *testing.T) {
	for _, method := range []string{rpc.MethodInitialize, rpc.MethodToolsList, rpc.MethodPing} {
		t.Run(method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, nil)
				began := time.Now()
				c := s.joinAs(t, &client{name: "late", ignore: method}, "1")
				code, reason := c.closed(t)
				if code != 4004 || reason != "Internal server error" {
					t.Errorf("closed with %d %q", code, reason)
				}
				want := 10 * time.Second
				if method == rpc.MethodPing {
					want += time.Minute
				}
				if took := time.Since(began); took != want {
					t.Errorf("closed after %v, want %v", took, want)
				}
				_ = s.Close()
			})
		})
	}
}

func TestCallsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, nil)
		silent := func(call rpc.Call) string {
			if call.Name == "never" {
				return ""
			}
			return echoed("now")
		}
		c := s.joinAs(t, &client{name: "slow", tools: []string{"never"}, answer: silent}, "1")
		robot := s.Robot("1")
		if _, err := s.Robot("2").Call(t.Context(), "x", nil); !errors.Is(err, ErrNoToolSide) {
			t.Errorf("without a tool side: %v", err)
		}
		synctest.Wait()
		result, err := robot.Call(t.Context(), "never", nil)
		if !errors.Is(err, ErrTimeout) || result.Took != 10*time.Second {
			t.Errorf("never answered: %v after %v", err, result.Took)
		}

		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			time.Sleep(time.Second)
			cancel()
		}()
		if _, err := robot.Call(ctx, "never", nil); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		synctest.Wait()
		frames := c.received()
		if last := frames[len(frames)-1]; last != `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":3,"reason":"cancelled by the robot"}}` {
			t.Errorf("last frame is %s", last)
		}

		go func() {
			time.Sleep(time.Second)
			if ids := robot.InFlight(); len(ids) != 1 || string(ids[0]) != "4" {
				t.Errorf("in flight: %s", ids)
			}
			s.Drop("1", DropReset)
		}()
		if _, err := robot.Call(t.Context(), "never", nil); !errors.Is(err, ErrGone) {
			t.Errorf("socket gone: %v", err)
		}
		if _, err := robot.Call(t.Context(), "x", []byte(`[1]`)); err == nil {
			t.Error("arguments that are no object were sent")
		}
		_ = s.Close()
	})
}

func TestRobotsWaitForARedial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, &Options{SettleRobots: 5 * time.Second})
		go func() {
			time.Sleep(2 * time.Second)
			s.join(t, "1", "a")
		}()
		if result, err := s.Robot("1").Call(t.Context(), "a", nil); err != nil || result.Took != 2*time.Second {
			t.Errorf("call: %+v, %v", result, err)
		}
		_ = s.Close()
	})
}

func TestRawFrames(t *testing.T) {
	s := start(t, nil)
	s.join(t, "1", "a")
	s.settled(t, "1", 1)
	robot := s.Robot("1")
	for frame, want := range map[string]string{
		`{"jsonrpc":"2.0","id":1.50,"method":"ping"}`:    `{"jsonrpc":"2.0","id":1.50,"result":{}}`,
		`{"jsonrpc":"2.0","id":null,"method":"ping"}`:    `{"jsonrpc":"2.0","id":null,"result":{}}`,
		`{"jsonrpc":"2.0","id":"x","method":"nonsense"}`: `{"jsonrpc":"2.0","id":"x","error":{"code":-32601,"message":"method not found"}}`,
		`not json`: `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error"}}`,
		`{"jsonrpc":"2.0","method":"notifications/something"}`: ``,
	} {
		if got, err := robot.Raw(t.Context(), []byte(frame)); err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v; want %s", frame, got, err, want)
		}
	}
}

func TestToolSideMayAsk(t *testing.T) {
	s := start(t, nil)
	c := s.join(t, "1")
	c.send([]byte(`{"jsonrpc":"2.0","id":"q","method":"roots/list"}`))
	c.send([]byte(`{"jsonrpc":"2.0","id":5,"method":"ping"}`))
	c.send([]byte(`{"jsonrpc":"2.0","id":99,"result":{}}`))
	want := []string{
		`{"jsonrpc":"2.0","id":"q","error":{"code":-32601,"message":"Method not found"}}`,
		`{"jsonrpc":"2.0","id":5,"result":{}}`,
	}
	s.await(t, "the stray", func() bool { return len(s.Sockets("1")) == 1 && s.Sockets("1")[0].Strays == 1 })
	if _, err := s.Robot("1").Ping(t.Context()); err != nil { // and everything before it has arrived
		t.Fatal(err)
	}
	for _, frame := range want {
		if !slices.Contains(c.received(), frame) {
			t.Errorf("no %s in %q", frame, c.received())
		}
	}
}
