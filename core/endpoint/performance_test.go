package endpoint

import (
	"errors"
	"math"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/rpc"
)

func TestPerformanceMetrics(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		if p := b.m.PerformanceMetrics(); p.Connected != 1 || p.Links != 1 || p.ReconnectsPerHour != 0 {
			t.Errorf("got %+v", p)
		}
		b.tools.call = nil
		s := b.last()
		if m := s.ask(t, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}}`); m.Error == nil {
			t.Error("no tool is there")
		}
		time.Sleep(70 * time.Second)
		b.last().raw.Close()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		p := b.m.PerformanceMetrics()
		if !p.Known || p.SuccessRate != 1 || p.Dials != 2 || p.Reconnects != 1 || p.Drops != 1 || p.Took.Count != 1 || p.BytesIn == 0 || p.RoundTrip == 0 {
			t.Errorf("got %+v", p)
		}
		if hours := (72 * time.Second).Hours(); p.ReconnectsPerHour < 0.9/hours || p.ReconnectsPerHour > 1.1/hours {
			t.Errorf("%v reconnects an hour", p.ReconnectsPerHour)
		}
		b.setRefuse(syscall.ECONNREFUSED)
		b.last().raw.Close()
		time.Sleep(20 * time.Second) // dials after 5 and 15 s fail
		b.setRefuse(nil)
		time.Sleep(20 * time.Second) // one more follows, since it stays silent
		p = b.m.PerformanceMetrics()
		if p.Dials != 6 || p.Connects != 4 || p.SuccessRate != 4.0/6 || p.Reconnects != 3 || p.Reconnects != b.status(t).Reconnects {
			t.Errorf("after two dials that failed: %+v", p)
		}
		if per := p.ReconnectsPerHour * p.Uptime.Hours(); math.Abs(per-3) > 0.001 {
			t.Errorf("%v reconnects in all", per)
		}
	})
}

func TestCompact(t *testing.T) {
	inBubble(t, with(exact, func(o *Options) { o.MaxReconnectAttempts = -1 }), func(t *testing.T, b *bubble) {
		for range 30 {
			b.last().raw.Close()
			time.Sleep(2 * time.Minute)
		}
		if n := len(b.status(t).History); n != historyKept {
			t.Fatalf("%d attempts are kept", n)
		}
		b.m.OptimizeMemory()
		if n := len(b.status(t).History); n != historyTidied {
			t.Errorf("%d attempts are left", n)
		}
	})
}

func TestInitializeAndReload(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		if err := b.m.Initialize([]Endpoint{{URL: testURL}}); !errors.Is(err, ErrInitialized) {
			t.Errorf("got %v", err)
		}
		fresh := NewManager(nil, &Options{DialContext: b.dial})
		defer fresh.Close()
		if err := errors.Join(fresh.Initialize([]Endpoint{{URL: testURL}}), fresh.Connect()); err != nil {
			t.Fatal(err)
		}
		if m := b.last().ask(t, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`); string(m.Result) != `{"tools":[]}` {
			t.Errorf("without tools it lists %s", m.Result)
		}
		if m := b.last().ask(t, `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"x"}}`); rpc.ParseError(m.Error).Code != rpc.CodeInvalidParams {
			t.Errorf("a call without tools: %s", m.Error)
		}
		var bad *URLError
		if err := fresh.ReloadConfig([]Endpoint{{URL: "http://x"}}, &Options{DialContext: b.dial}); !errors.As(err, &bad) || len(fresh.Status()) != 0 {
			t.Errorf("got %v, %d links", err, len(fresh.Status()))
		}
	})
}
