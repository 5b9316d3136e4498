package broker

import (
	"encoding/binary"
	"errors"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/rpc"
)

func TestFaultsHaveNames(t *testing.T) {
	for _, text := range Faults() {
		f, err := ParseFault(text)
		if err != nil || f == (Fault{}) || f.String() != text {
			t.Errorf("%s: %v, %v", text, f, err)
		}
	}
	all := strings.Join(Faults(), ",")
	f, err := ParseFault(all)
	if err != nil || f.String() != all {
		t.Errorf("all together: %v, %v", f, err)
	}
	var back Fault
	if text, _ := f.MarshalText(); back.UnmarshalText(text) != nil || back != f {
		t.Errorf("round trip: %v", back)
	}
	if f, err := ParseFault("none"); err != nil || f.String() != "none" {
		t.Errorf("none: %v, %v", f, err)
	}
	for _, bad := range []string{"nonsense", "mute=1", "status", "status=99", "status=x", "delay=-1s", "delay=1", "mute,,mute"} {
		if f, err := ParseFault(bad); err == nil || f != (Fault{}) {
			t.Errorf("%s: %v, %v; want an error", bad, f, err)
		}
	}
}

func FuzzParseFault(f *testing.F) {
	f.Add("status=429,retry-after=5s")
	f.Add(strings.Join(Faults(), ","))
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := ParseFault(text)
		if err != nil {
			return
		}
		if again, err := ParseFault(parsed.String()); err != nil || again != parsed {
			t.Errorf("%q became %q, then %v, %v", text, parsed, again, err)
		}
	})
}

func TestFaultsBeforeTheUpgrade(t *testing.T) {
	for _, family := range Families() {
		s := startTCP(t, &Options{Family: family})
		s.SetFault("1", Fault{Refuse: true})
		if _, err := s.refusedWith(t, s.URL(s.base, "1")); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("refuse one agent: %v", err)
		}
		s.SetFault("", Fault{Refuse: true})
		if _, err := s.refusedWith(t, s.URL(s.base, "2")); !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
			t.Errorf("refuse everybody: %v", err)
		}
		s.SetFault("", Fault{})
		for _, status := range []int{401, 403, 404, 429, 500, 503} {
			s.SetFault("1", Fault{Status: status, RetryAfter: 1500 * time.Millisecond})
			response, err := s.refusedWith(t, s.URL(s.base, "1"))
			if response == nil || response.StatusCode != status || response.Header.Get("Retry-After") != "2" {
				t.Errorf("status %d: %v, %v", status, response, err)
			}
		}
		s.SetFault("1", Fault{NotWebSocket: true})
		if response, err := s.refusedWith(t, s.URL(s.base, "1")); response == nil || response.StatusCode != http.StatusOK {
			t.Errorf("not a WebSocket: %v, %v", response, err)
		}
		s.SetFault("1", Fault{})
		s.join(t, "1")
	}
}

func TestHangingHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, nil)
		s.SetFault("1", Fault{Hang: true})
		began := time.Now()
		if _, err := s.refusedWith(t, s.URL(s.base, "1")); !errors.Is(err, os.ErrDeadlineExceeded) && time.Since(began) != 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		go func() {
			time.Sleep(time.Second)
			s.SetFault("1", Fault{})
		}()
		c := s.join(t, "1") // goes on as soon as the fault ends
		_ = c.conn.Close()
		_ = s.Close()
	})
}

// bare connects without a reader of its own.
func (s *site) bare(t *testing.T, agent string) *websocket.Conn {
	t.Helper()
	conn, _, err := s.dialer().DialContext(t.Context(), s.URL(s.base, agent), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestBadFrames(t *testing.T) {
	s := start(t, &Options{Family: Relay})
	frame := func(f Fault) (int, string, error) {
		s.SetFault("1", f)
		defer s.SetFault("1", Fault{})
		conn := s.bare(t, "1")
		conn.SetReadLimit(8 << 20)
		kind, data, err := conn.ReadMessage()
		return kind, string(data), err
	}
	if kind, data, err := frame(Fault{Garbage: true}); err != nil || kind != websocket.TextMessage || json(data) == nil {
		t.Errorf("garbage: %d %q %v", kind, data, err)
	}
	if kind, _, err := frame(Fault{Binary: true}); err != nil || kind != websocket.BinaryMessage {
		t.Errorf("binary: %d %v", kind, err)
	}
	if _, data, err := frame(Fault{Deep: true}); err != nil || len(data) < 200_000 || json(data) == nil {
		t.Errorf("deep: %d bytes, %v", len(data), err)
	}
	if _, data, err := frame(Fault{Batch: true}); err != nil || !strings.HasPrefix(data, "[{") {
		t.Errorf("batch: %q, %v", data, err)
	}
	if _, data, err := frame(Fault{InvalidUTF8: true}); err != nil || json(data) == nil {
		t.Errorf("invalid UTF-8: %q, %v", data, err)
	}
	if _, _, err := frame(Fault{Oversized: true}); !errors.Is(err, websocket.ErrReadLimit) {
		t.Errorf("oversized: %v", err)
	}
	if _, _, err := frame(Fault{CloseCode: 4999}); !websocket.IsCloseError(err, 4999) {
		t.Errorf("close: %v", err)
	}
}

func json(data string) error {
	_, err := rpc.Parse([]byte(data))
	return err
}

func TestDuplicateIDs(t *testing.T) {
	s := start(t, nil)
	c := s.join(t, "1", "a")
	s.settled(t, "1", 1)
	s.SetFault("1", Fault{DuplicateIDs: true})
	s.await(t, "two answers", func() bool { return s.Sockets("1")[0].Strays == 2 })
	frames := c.received()
	if n := len(frames); frames[n-1] != frames[n-2] {
		t.Errorf("received %q", frames)
	}
}

func TestResetMidFrame(t *testing.T) {
	for _, s := range []*site{start(t, nil), startTCP(t, nil)} {
		s.SetFault("1", Fault{ResetMidFrame: true})
		conn := s.bare(t, "1")
		_, r, err := conn.NextReader()
		if err != nil {
			continue // the reset overtook even the header
		}
		if _, err = readAll(r, nil); err == nil {
			t.Error("the frame arrived whole")
		}
	}
}

func TestBlackHole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, nil)
		c := s.join(t, "1", "a")
		synctest.Wait()
		s.SetFault("1", Fault{BlackHole: true})
		pongs := 0
		c.conn.SetPongHandler(func(string) error { pongs++; return nil })
		for range 100 {
			if err := c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second)); err != nil {
				t.Fatalf("the socket should stay open: %v", err)
			}
		}
		before := len(c.received())
		time.Sleep(time.Hour)
		synctest.Wait()
		if pongs > 0 || len(c.received()) != before || len(s.Sockets("1")) != 1 {
			t.Errorf("%d pongs, %d frames", pongs, len(c.received())-before)
		}
		s.SetFault("1", Fault{})
		synctest.Wait()
		if pongs != 100 {
			t.Errorf("%d pongs after the hole closed", pongs)
		}
		s.SetFault("1", Fault{BlackHole: true})
		s.DropWith("1", 1012)
		if code, _ := c.closed(t); code != 1012 {
			t.Errorf("closed with %d", code)
		}
		_ = s.Close()
	})
}

func TestMute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, nil)
		c := s.join(t, "1", "a")
		synctest.Wait()
		s.SetFault("1", Fault{Mute: true})
		pongs := 0
		c.conn.SetPongHandler(func(string) error { pongs++; return nil })
		_ = c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
		c.send([]byte(`{"jsonrpc":"2.0","id":1,"method":"ping"}`))
		in := s.Sockets("1")[0].FramesIn
		before := len(c.received())
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if pongs > 0 || len(c.received()) != before || s.Sockets("1")[0].FramesIn != in+1 {
			t.Errorf("%d pongs, %d frames, %+v", pongs, len(c.received())-before, s.Sockets("1"))
		}
		_ = s.Close()
	})
}

func TestSlowReaderDripAndDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, &Options{Family: Relay})
		c := s.join(t, "1")
		synctest.Wait() // the broker has seen it join
		robot := s.Robot("1")
		took := func(f Fault) time.Duration {
			s.SetFault("1", f)
			d, err := robot.Ping(t.Context())
			if err != nil {
				t.Errorf("%v: %v", f, err)
			}
			return d
		}
		if d := took(Fault{}); d != 0 {
			t.Errorf("without a fault: %v", d)
		}
		if d := took(Fault{Delay: 300 * time.Millisecond}); d != 300*time.Millisecond {
			t.Errorf("delay: %v", d)
		}
		if d := took(Fault{Drip: 10 * time.Millisecond}); d < 800*time.Millisecond || d > 2*time.Second {
			t.Errorf("drip: %v", d)
		}
		if d := took(Fault{ReadRate: 20}); d < 3*time.Second || d > 8*time.Second {
			t.Errorf("slow reader: %v", d)
		}
		if d := took(Fault{}); d != 0 {
			t.Errorf("without a fault again: %v", d)
		}
		_ = c.conn.Close()
		_ = s.Close()
	})
}

func TestTakeoverLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, family := range Families() {
			s := start(t, &Options{Family: family})
			s.SetFault("1", Fault{TakeoverEvery: 20 * time.Second})
			for range 3 {
				began := time.Now()
				c := s.join(t, "1")
				<-c.done
				if code, reason := c.closed(t); code != 1000 || reason != "新连接替换" || time.Since(began) != 20*time.Second {
					t.Errorf("closed with %d %q after %v", code, reason, time.Since(began))
				}
			}
			_ = s.Close()
		}
	})
}

func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, family := range Families() {
			s := start(t, &Options{Family: family})
			c := s.join(t, "1")
			synctest.Wait()
			s.Restart(10 * time.Second)
			if code, _ := c.closed(t); code != 1006 {
				t.Errorf("closed with %d", code)
			}
			if _, err := s.refusedWith(t, s.URL(s.base, "1")); err == nil {
				t.Error("connected while down")
			}
			time.Sleep(10 * time.Second)
			c = s.join(t, "1")
			synctest.Wait()
			if sockets := s.Sockets("1"); len(sockets) != 1 || !sockets[0].Registered {
				t.Errorf("afterwards: %+v", sockets)
			}
			_ = c.conn.Close()
			_ = s.Close()
		}
	})
}

func TestDropKinds(t *testing.T) {
	for _, kind := range DropKinds() {
		s := startTCP(t, nil)
		c := s.join(t, "1")
		s.settled(t, "1", 1)
		s.Drop("1", kind)
		code, reason := c.closed(t)
		switch kind {
		case DropReset, DropLost:
			if code != 1006 || !errors.Is(c.err, syscall.ECONNRESET) {
				t.Errorf("%v: %d %q %v", kind, code, reason, c.err)
			}
		case DropClean:
			if code != 1000 || reason != "" {
				t.Errorf("%v: %d %q", kind, code, reason)
			}
		case DropTakeover:
			if code != 1000 || reason != "新连接替换" {
				t.Errorf("%v: %d %q", kind, code, reason)
			}
		}
		s.await(t, "the end", func() bool { return len(s.Departed("1")) == 1 })
		if gone := s.Departed("1")[0]; gone.Serial != 1 || gone.Ended.IsZero() || gone.CloseCode != code {
			t.Errorf("%v: departed %+v", kind, gone)
		}
		var back DropKind
		if text, _ := kind.MarshalText(); back.UnmarshalText(text) != nil || back != kind {
			t.Errorf("%v does not survive as text", kind)
		}
	}
}

func TestFrameHeader(t *testing.T) {
	for length, size := range map[int]int{0: 2, 125: 2, 126: 4, 65535: 4, 65536: 10, oversize: 10} {
		head := frameHeader(websocket.TextMessage, length)
		if len(head) != size || head[0] != 0x81 {
			t.Errorf("%d: % x", length, head)
		}
		if size == 10 && binary.BigEndian.Uint64(head[2:]) != uint64(length) {
			t.Errorf("%d: % x", length, head)
		}
	}
}
