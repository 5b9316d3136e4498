package endpoint

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/retry"
)

const pingFrame = `{"id":1,"jsonrpc":"2.0","method":"ping"}`

// exact makes waits predictable: no jitter, and "random" is one half.
var exact = Options{Retry: retry.Policy{NoJitter: true}, Random: func() float64 { return 0.5 }}

func with(o Options, change func(*Options)) Options {
	change(&o)
	return o
}

func TestStableLinkRedialsWithinASecond(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		s := b.last()
		s.ask(t, pingFrame)
		time.Sleep(61 * time.Second)
		b.last().raw.Close()
		if got := b.wantState(t, Waiting); got.Kind != KindClosed {
			t.Errorf("kind %v", got.Kind)
		}
		time.Sleep(time.Second)
		got := b.wantState(t, Open)
		if got.Serial != 2 || got.ReconnectAttempts != 0 || len(got.History) != 1 || !got.History[0].OK {
			t.Errorf("status %+v", got)
		}
	})
}

func TestAttemptsGrowAndEnd(t *testing.T) {
	o := with(exact, func(o *Options) { o.MaxReconnectAttempts = 4; o.FailedRetryInterval = 10 * time.Minute })
	inBubble(t, o, func(t *testing.T, b *bubble) {
		b.setRefuse(syscall.ECONNREFUSED)
		b.last().raw.Close()
		start := time.Now()
		time.Sleep(9 * time.Minute)
		got := b.wantState(t, Failed)
		if got.Kind != KindRefused || got.NextReconnect.IsZero() {
			t.Errorf("status %+v", got)
		}
		var waits []time.Duration
		for _, at := range b.dials[1:] {
			waits = append(waits, at.Sub(start).Round(time.Second))
		}
		if fmt.Sprint(waits) != "[5s 15s 35s 1m15s]" {
			t.Errorf("dials at %v, want the exponential 5, 10, 20, 40 s apart", waits)
		}
		b.setRefuse(nil)
		time.Sleep(2*time.Minute + 16*time.Second) // 10 min after the last of the waits above
		b.wantState(t, Open)
		if got := b.status(t); got.ReconnectAttempts == 0 {
			t.Error("attempts were forgotten on open")
		}
		b.last().ask(t, pingFrame)
		time.Sleep(61 * time.Second)
		if got := b.wantState(t, Ready); got.ReconnectAttempts != 0 || got.LastError != "" {
			t.Errorf("attempts %d, error %q after a stable minute", got.ReconnectAttempts, got.LastError)
		}
	})
}

func TestEndlessAttempts(t *testing.T) {
	inBubble(t, with(exact, func(o *Options) { o.MaxReconnectAttempts = -1 }), func(t *testing.T, b *bubble) {
		b.setRefuse(syscall.EHOSTUNREACH)
		b.last().raw.Close()
		time.Sleep(24 * time.Hour)
		if got := b.wantState(t, Waiting); got.ReconnectAttempts < 1400 || len(got.History) != historyKept || got.Kind != KindUnreachable {
			t.Errorf("attempts %d, history %d, kind %v", got.ReconnectAttempts, len(got.History), got.Kind)
		}
	})
}

func TestMuteLinkIsNoticed(t *testing.T) {
	for _, interval := range []time.Duration{3 * time.Second, 30 * time.Second, time.Minute} {
		inBubble(t, Options{HealthCheckInterval: interval}, func(t *testing.T, b *bubble) {
			s := b.last()
			time.Sleep(3*interval + 1)
			if got := b.wantState(t, Open); got.ConsecutiveFailures != 0 || got.LastHealthCheck.IsZero() || got.Score.Value < 99 {
				t.Errorf("healthy link: %+v", got.Score)
			}
			b.setMute(s)
			muted := time.Now()
			for got := b.status(t); got.Connected() && got.Serial == 1; got = b.status(t) {
				time.Sleep(interval / 100)
			}
			if took := time.Since(muted); took > interval*3/2+interval/100 {
				t.Errorf("interval %v: noticed after %v, want within 1.5 intervals", interval, took)
			}
			if got := b.status(t); got.Kind != KindTimeout || got.LastError == "" || got.LastHealthCheck.Before(muted) {
				t.Errorf("status %+v", got)
			}
		})
	}
}

func TestTrafficCountsAsLife(t *testing.T) {
	inBubble(t, Options{HealthCheckInterval: 30 * time.Second}, func(t *testing.T, b *bubble) {
		s := b.last()
		b.setMute(s)
		for range 200 {
			time.Sleep(3 * time.Second)
			s.ask(t, pingFrame)
		}
		if got := b.wantState(t, Ready); got.Serial != 1 {
			t.Error("a link that talks was dialled again")
		}
	})
}

func TestCloseCodes(t *testing.T) {
	tests := []struct {
		code  int
		state State
		kind  ErrorKind
		typ   string
		least time.Duration
	}{
		{1000, Waiting, KindTakenOver, "network_error", 5 * time.Second},
		{1001, Waiting, KindClosed, "network_error", 5 * time.Second},
		{1008, Failed, KindAuth, "authentication_error", 0},
		{1011, Waiting, KindServer, "server_error", 5 * time.Second},
		{1013, Waiting, KindRateLimit, "server_error", 5 * time.Second},
		{4004, Waiting, KindServer, "server_error", 15 * time.Second},
		{4999, Waiting, KindClosed, "network_error", 5 * time.Second},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.code), func(t *testing.T) {
			inBubble(t, exact, func(t *testing.T, b *bubble) {
				b.last().goodbye(tt.code, "token=abcdefgh")
				got := b.wantState(t, tt.state)
				if got.Kind != tt.kind || got.Code != tt.code || got.Kind.Type() != tt.typ || got.ReconnectDelay < tt.least {
					t.Errorf("kind %v, code %d, type %s, delay %v", got.Kind, got.Code, got.Kind.Type(), got.ReconnectDelay)
				}
				if got.LastError == "" || strings.Contains(got.LastError, "abcdefgh") {
					t.Errorf("error %q", got.LastError)
				}
			})
		})
	}
}

func TestGaveUpFloorAlsoWhenStable(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, b *bubble) {
		s := b.last()
		s.ask(t, pingFrame)
		time.Sleep(5 * time.Minute)
		s.goodbye(closeGaveUp, "Internal server error")
		if got := b.wantState(t, Waiting); got.ReconnectDelay < gaveUpFloor {
			t.Errorf("dials again after %v, want 15 s at least", got.ReconnectDelay)
		}
	})
}

func TestUpgradeStatus(t *testing.T) {
	tests := []struct {
		status int
		after  string
		state  State
		kind   ErrorKind
		delay  time.Duration
	}{
		{401, "", Failed, KindAuth, 0},
		{403, "", Failed, KindAuth, 0},
		{404, "", Waiting, KindServer, 5 * time.Second},
		{429, "120", Waiting, KindRateLimit, 2 * time.Minute},
		{429, "", Waiting, KindRateLimit, 5 * time.Second},
		{503, "2", Waiting, KindServer, 5 * time.Second},
		{200, "", Waiting, KindProtocol, 5 * time.Second},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status, tt.after), func(t *testing.T) {
			inBubble(t, exact, func(t *testing.T, b *bubble) {
				b.handler = func(w http.ResponseWriter, _ *http.Request) {
					if tt.after != "" {
						w.Header().Set("Retry-After", tt.after)
					}
					http.Error(w, "token=abcdefgh", tt.status)
				}
				if err := b.m.Reconnect(b.id); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				got := b.wantState(t, tt.state)
				if got.Kind != tt.kind || got.Code != tt.status && tt.status != 200 || tt.state == Waiting && got.ReconnectDelay != tt.delay {
					t.Errorf("kind %v, code %d, delay %v", got.Kind, got.Code, got.ReconnectDelay)
				}
				if tt.state == Failed {
					dials := b.dialCount()
					time.Sleep(time.Hour)
					if b.dialCount() != dials {
						t.Error("a refused endpoint was dialled again")
					}
				}
			})
		})
	}
}

func TestHangInHandshakeEndsInTime(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		hold := make(chan struct{})
		b.handler = func(http.ResponseWriter, *http.Request) { <-hold }
		defer close(hold)
		if err := b.m.Reconnect(b.id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(9 * time.Second)
		b.wantState(t, Dialing)
		time.Sleep(2 * time.Second)
		if got := b.wantState(t, Waiting); got.Kind != KindTimeout {
			t.Errorf("kind %v (%s), want timeout", got.Kind, got.LastError)
		}
		time.Sleep(5 * time.Second)
		b.wantState(t, Dialing)
		start := time.Now()
		if err := b.m.Pause(b.id); err != nil {
			t.Fatal(err)
		}
		b.wantState(t, Paused)
		if err := b.m.RemoveEndpoint(b.id); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("removing a link that hangs in its handshake took %v", took)
		}
	})
}

func TestTakenOverThreeTimes(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		for range 3 {
			b.wantState(t, Open)
			b.last().goodbye(websocket.CloseNormalClosure, "新连接替换")
			time.Sleep(20 * time.Second)
		}
		got := b.wantState(t, Failed)
		if got.Kind != KindTakenOver || !strings.Contains(got.LastError, "another program") {
			t.Errorf("kind %v, %q", got.Kind, got.LastError)
		}
		dials := b.dialCount()
		time.Sleep(time.Hour)
		b.m.Wake()
		synctest.Wait()
		if b.dialCount() != dials {
			t.Error("a taken-over endpoint was dialled again without the user")
		}
		if err := b.m.Reconnect(b.id); err != nil {
			t.Fatal(err)
		}
		b.wantState(t, Open)
	})
}

func TestZombieIsDialledOnceMore(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		b.last().raw.Close() // unclean
		time.Sleep(6 * time.Second)
		if b.count() != 2 {
			t.Fatalf("%d sockets, want 2", b.count())
		}
		zombie := b.last()
		time.Sleep(3 * time.Second)
		if b.count() != 3 {
			t.Fatalf("a silent socket after an unclean drop was not dialled once more")
		}
		if err := <-zombie.closed; !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
			t.Errorf("the zombie ended with %v, want a clean close", err)
		}
		time.Sleep(time.Minute)
		if b.count() != 3 {
			t.Error("a silent relay is healthy and must not be dialled again and again")
		}
		b.last().raw.Close()
		time.Sleep(time.Second)
		b.last().ask(t, pingFrame) // official speaks at once
		time.Sleep(time.Minute)
		if b.count() != 4 {
			t.Errorf("%d sockets: an endpoint that speaks got a second dial", b.count())
		}
	})
}

func TestReconnectOfAMuteSocketIsUnclean(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		s := b.last()
		s.conn.SetCloseHandler(func(int, string) error { return nil }) // never answers our close
		blocked := make(chan struct{})
		s.conn.SetPingHandler(func(string) error { <-blocked; return nil })
		defer close(blocked)
		if err := b.m.CheckHealth(b.id); err != nil { // the far side stops reading here
			t.Fatal(err)
		}
		synctest.Wait()
		if err := b.m.Reconnect(b.id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if b.count() != 2 {
			t.Fatalf("%d sockets, want 2", b.count())
		}
		time.Sleep(4 * time.Second)
		if b.count() != 3 {
			t.Errorf("%d sockets: a silent socket after a close without answer was not dialled once more", b.count())
		}
	})
}

func TestCleanCloseLeavesNoZombieCheck(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		b.last().goodbye(websocket.CloseGoingAway, "restart")
		time.Sleep(time.Minute)
		if b.count() != 2 {
			t.Errorf("%d sockets, want 2", b.count())
		}
	})
}
