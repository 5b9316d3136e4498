package endpoint

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/secret"
)

// TestWhoWakes is the table of what a wake-up does to a link in each state.
func TestWhoWakes(t *testing.T) {
	answer := func(status int, header ...string) func(*testing.T, *bubble) {
		return func(t *testing.T, b *bubble) {
			b.handler = func(w http.ResponseWriter, _ *http.Request) {
				if len(header) == 2 {
					w.Header().Set(header[0], header[1])
				}
				w.WriteHeader(status)
			}
			b.last().raw.Close()
			time.Sleep(5 * time.Second)
		}
	}
	goodbye := func(code int) func(*testing.T, *bubble) {
		return func(t *testing.T, b *bubble) { b.last().goodbye(code, "") }
	}
	cut := func(cause error, wait time.Duration) func(*testing.T, *bubble) {
		return func(t *testing.T, b *bubble) {
			b.setRefuse(cause)
			b.last().raw.Close()
			time.Sleep(wait)
		}
	}
	patient := with(exact, func(o *Options) { o.MaxReconnectAttempts = 3; o.FailedRetryInterval = -1 })
	later := with(patient, func(o *Options) { o.FailedRetryInterval = time.Hour })
	tests := map[string]struct {
		opts   Options
		before func(*testing.T, *bubble)
		state  State
		kind   ErrorKind
		dials  bool
	}{
		"open":                              {exact, func(*testing.T, *bubble) {}, Open, KindNone, false},
		"ready":                             {exact, func(t *testing.T, b *bubble) { b.last().ask(t, pingFrame) }, Ready, KindNone, false},
		"paused":                            {exact, func(t *testing.T, b *bubble) { b.m.Pause(b.id) }, Paused, KindNone, false},
		"waiting, the network gone":         {exact, cut(syscall.ENETUNREACH, 3*time.Minute), Waiting, KindUnreachable, true},
		"waiting, the socket dropped":       {exact, cut(nil, 0), Waiting, KindClosed, true},
		"waiting, the server ill":           {exact, answer(503), Waiting, KindServer, true},
		"waiting, asked to":                 {exact, answer(429, "Retry-After", "120"), Waiting, KindRateLimit, false},
		"waiting, given up on":              {exact, goodbye(closeGaveUp), Waiting, KindServer, false},
		"waiting, taken over once":          {exact, goodbye(websocket.CloseNormalClosure), Waiting, KindTakenOver, false},
		"failed, never to be tried again":   {patient, cut(syscall.ENETUNREACH, time.Hour), Failed, KindUnreachable, true},
		"failed, to be tried in an hour":    {later, cut(syscall.EHOSTUNREACH, 10*time.Minute), Failed, KindUnreachable, true},
		"failed, asked to wait all the way": {patient, func(t *testing.T, b *bubble) { answer(429)(t, b); time.Sleep(time.Hour) }, Failed, KindRateLimit, true},
		"failed, refused by a close":        {exact, goodbye(websocket.ClosePolicyViolation), Failed, KindAuth, false},
		"failed, refused by HTTP":           {exact, answer(401), Failed, KindAuth, false},
		"failed, taken over three times": {exact, func(t *testing.T, b *bubble) {
			for range 3 {
				b.last().goodbye(websocket.CloseNormalClosure, "")
				time.Sleep(20 * time.Second)
			}
		}, Failed, KindTakenOver, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, tt.opts, func(t *testing.T, b *bubble) {
				tt.before(t, b)
				if got := b.wantState(t, tt.state); got.Kind != tt.kind {
					t.Fatalf("kind %v (%s), want %v", got.Kind, got.LastError, tt.kind)
				}
				dials, pings := b.dialCount(), b.status(t).LastHealthCheck
				b.setRefuse(nil)
				b.m.Wake()
				got := b.status(t)
				if dialled := b.dialCount() > dials; dialled != tt.dials {
					t.Errorf("dialled %v, want %v", dialled, tt.dials)
				}
				if pinged := got.LastHealthCheck.After(pings); pinged != tt.state.Connected() {
					t.Errorf("pinged %v in state %v", pinged, tt.state)
				}
				if !tt.dials && (got.State != tt.state || got.Kind != tt.kind) {
					t.Errorf("state %v (%v), want it to stay", got.State, got.Kind)
				}
			})
		})
	}
}

func TestAttemptsCountAnewAfterAWake(t *testing.T) {
	opts := with(exact, func(o *Options) { o.MaxReconnectAttempts = 3; o.FailedRetryInterval = -1 })
	inBubble(t, opts, func(t *testing.T, b *bubble) {
		b.setRefuse(syscall.ENETUNREACH)
		b.last().raw.Close()
		time.Sleep(time.Hour)
		b.wantState(t, Failed)
		b.m.Wake() // the interface is up, the name server is not yet
		if got := b.wantState(t, Waiting); got.ReconnectDelay != 5*time.Second || got.ReconnectAttempts != 1 {
			t.Errorf("attempt %d, delay %v", got.ReconnectAttempts, got.ReconnectDelay)
		}
		b.setRefuse(nil)
		time.Sleep(5 * time.Second)
		b.wantState(t, Open)
	})
}

func TestADeadSocketIsNoticedAfterAWake(t *testing.T) {
	for _, interval := range []time.Duration{time.Second, 30 * time.Second, time.Hour} {
		inBubble(t, with(exact, func(o *Options) { o.HealthCheckInterval = interval }), func(t *testing.T, b *bubble) {
			b.setMute(b.last())
			b.m.Wake()
			time.Sleep(6 * time.Second)
			if got := b.wantState(t, Open); got.Serial < 2 || got.History[0].Delay > time.Second {
				t.Errorf("interval %v: socket %d, %+v", interval, got.Serial, got.History)
			}
		})
	}
}

func TestASocketThatBreaksAfterAWakeRedialsWithinASecond(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		time.Sleep(time.Second)
		b.m.Wake()
		for range 3 { // only the first of them was there before
			b.last().raw.Close()
			time.Sleep(time.Second)
		}
		if got := b.wantState(t, Waiting); got.Serial != 2 || got.ReconnectDelay != 5*time.Second {
			t.Errorf("socket %d, delay %v", got.Serial, got.ReconnectDelay)
		}
	})
}

func TestAnAwaitedPongIsHurriedByAWake(t *testing.T) {
	inBubble(t, with(exact, func(o *Options) { o.HealthCheckInterval = 5 * time.Minute }), func(t *testing.T, b *bubble) {
		b.setMute(b.last())
		if err := b.m.CheckHealth(b.id); err != nil { // allows 10 s
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		b.m.Wake()
		time.Sleep(4400 * time.Millisecond)
		b.wantState(t, Open)
		time.Sleep(200 * time.Millisecond)
		b.wantState(t, Waiting)
	})
}

func TestALiveSocketOutlivesWakes(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, b *bubble) {
		for range 1000 {
			b.m.Wake()
			time.Sleep(700 * time.Millisecond)
		}
		if got := b.wantState(t, Open); got.Serial != 1 || got.Score.Value < 99 {
			t.Errorf("socket %d, score %v", got.Serial, got.Score.Value)
		}
	})
}

func TestAWakeRespectsThatChecksAreOff(t *testing.T) {
	inBubble(t, Options{HealthCheckInterval: -1}, func(t *testing.T, b *bubble) {
		b.setMute(b.last())
		b.m.Wake()
		time.Sleep(time.Minute)
		if got := b.wantState(t, Open); got.Serial != 1 || !got.LastHealthCheck.IsZero() {
			t.Errorf("pinged although checks are off: %+v", got)
		}
	})
}

func TestWakesAndDialsInProgress(t *testing.T) {
	slow := with(exact, func(o *Options) { o.ConnectionTimeout = time.Minute })
	inBubble(t, slow, func(t *testing.T, b *bubble) {
		hold := make(chan struct{})
		defer close(hold)
		b.handler = func(http.ResponseWriter, *http.Request) { <-hold }
		b.last().raw.Close()
		b.wantState(t, Waiting)
		b.m.Wake()
		b.wantState(t, Dialing)
		wake := func(times int, every time.Duration) (dials int) {
			before := b.dialCount()
			for range times {
				b.m.Wake()
				time.Sleep(every)
			}
			b.wantState(t, Dialing)
			return b.dialCount() - before
		}
		if n := wake(20, time.Second); n != 0 {
			t.Errorf("wakes within seconds began %d dials anew", n)
		}
		time.Sleep(11 * time.Second)
		if n := wake(5, time.Second); n != 1 {
			t.Errorf("a dial of a network that is gone was begun %d times anew, want once", n)
		}
		if err := b.m.Reconnect(b.id); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		time.Sleep(time.Second)
		if n := wake(1, 0); n != 0 {
			t.Error("a dial of a second's age was begun anew")
		}
	})
}

// TestManyLinksWakeWithoutAStampede has as many slots as links, too: that few may dial at once is
// not what spreads them.
func TestManyLinksWakeWithoutAStampede(t *testing.T) {
	for _, slots := range []int{8, 100} {
		t.Run(fmt.Sprint(slots, " slots"), func(t *testing.T) { wakeMany(t, 100, slots) })
	}
}

func wakeMany(t *testing.T, links, slots int) {
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(t)
		flying, most := 0, 0
		dial := func(ctx context.Context, network, address string) (net.Conn, error) {
			p.mu.Lock()
			flying++
			most = max(most, flying)
			p.mu.Unlock()
			defer func() { p.mu.Lock(); flying--; p.mu.Unlock() }()
			time.Sleep(50 * time.Millisecond)
			return p.dial(ctx, network, address)
		}
		opts := with(exact, func(o *Options) { o.DialContext = dial; o.DialsPerHost = slots; o.Random = seeded() })
		m := NewManager(newFakeTools(), &opts)
		defer m.Close()
		var list []Endpoint
		for i := range links {
			list = append(list, Endpoint{URL: secret.URL(testURL + fmt.Sprint(i))})
		}
		p.setRefuse(syscall.ENETUNREACH)
		if err := errors.Join(m.UpdateEndpoints(list), m.Connect()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Minute)
		for _, s := range m.Status() {
			if s.State == Open || s.State == Ready {
				t.Fatal("connected without a network")
			}
		}
		for flying > 0 {
			time.Sleep(time.Millisecond)
		}
		p.setRefuse(nil)
		before, woken := p.dialCount(), time.Now()
		most = 0
		for range 3 { // interfaces, addresses and the clock all tell
			m.Wake()
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(time.Second)
		if p.count() != links {
			t.Errorf("%d links are back %v after the wake-up, want %d", p.count(), time.Since(woken), links)
		}
		if most > slots {
			t.Errorf("%d dials in flight at once, want %d at most", most, slots)
		}
		p.mu.Lock()
		dials := slices.Clone(p.dials[before:])
		p.mu.Unlock()
		if len(dials) != links {
			t.Errorf("%d dials for %d links", len(dials), links)
		}
		tenths := make([]int, 12)
		for _, at := range dials {
			tenths[at.Sub(woken)/(100*time.Millisecond)]++
		}
		for i, n := range tenths {
			if n > links/5 {
				t.Errorf("%d of %d dials between %d and %d ms", n, links, i*100, i*100+100)
			}
		}
	})
}

func TestProbeInAHurry(t *testing.T) {
	at := func(s float64) time.Time { return time.Unix(1140, 0).Add(time.Duration(s * float64(time.Second))) }
	start := func() *probe { p := new(probe); p.start(at(0), 60*time.Second, 0.5); return p }
	want := func(p *probe, now float64, verdict verdict, deadline float64) {
		t.Helper()
		if got := p.tick(at(now), time.Time{}); got != verdict || !p.deadline().Equal(at(deadline)) {
			t.Errorf("at %v s: %v, next at %v s; want %v, %v s", now, got, p.deadline().Sub(at(0)).Seconds(), verdict, deadline)
		}
	}
	p := start()
	p.hurry(at(1))
	want(p, 0, verdictWait, 1)
	want(p, 1, verdictPing, 4)
	p.pong(at(2), p.seq)
	want(p, 2, verdictWait, 30) // the schedule stands
	want(p, 30, verdictPing, 40)

	p = start()
	p.hurry(at(1))
	want(p, 1, verdictPing, 4)
	want(p, 4, verdictMissed, 5.5)
	p.hurry(at(5)) // does not put it off
	if got := p.tick(at(5.5), time.Time{}); got != verdictDead || !p.deadline().IsZero() {
		t.Errorf("%v, next at %v", got, p.deadline())
	}

	p = start()
	want(p, 30, verdictPing, 40)
	p.hurry(at(31))
	want(p, 31, verdictWait, 34)
	want(p, 34, verdictMissed, 35.5)

	p = start()
	p.hurry(at(29.5))
	p.soon(at(2))
	want(p, 2, verdictPing, 5)

	p = start()
	p.hurry(at(1000)) // the whole schedule passed in sleep
	want(p, 1000, verdictPing, 1003)
	p.pong(at(1001), p.seq)
	want(p, 1001, verdictWait, 1050)
}
