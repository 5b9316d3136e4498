package endpoint

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/retry"
	"xiaozhi-switchboard/core/secret"
)

func TestPauseAndResume(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		s := b.last()
		if err := b.m.Pause(b.id); err != nil {
			t.Fatal(err)
		}
		b.wantState(t, Paused)
		if err := <-s.closed; !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
			t.Errorf("closed with %v, want cleanly", err)
		}
		b.m.Wake()
		if err := b.m.Reconnect(b.id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if b.count() != 1 {
			t.Error("a paused link was dialled")
		}
		if err := b.m.Resume(b.id); err != nil {
			t.Fatal(err)
		}
		b.wantState(t, Open)
		if err := b.m.Disconnect(); err != nil {
			t.Fatal(err)
		}
		b.wantState(t, Paused)
		if err := b.m.Connect(); err != nil {
			t.Fatal(err)
		}
		b.wantState(t, Open)
	})
}

func TestWakeDialsAtOnce(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		b.setRefuse(syscall.ENETUNREACH)
		b.last().raw.Close()
		time.Sleep(3 * time.Minute)
		b.wantState(t, Waiting)
		b.setRefuse(nil)
		b.m.Wake()
		b.wantState(t, Open)
	})
}

func TestUpdateEndpoints(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, b *bubble) {
		other := Endpoint{URL: "ws://peer.test/mcp/?token=other"}
		if err := b.m.UpdateEndpoints([]Endpoint{{URL: testURL, Name: "Renamed"}, other}); err != nil {
			t.Fatal(err)
		}
		all := func() []Status { synctest.Wait(); return b.m.Status() }
		if s := all(); len(s) != 2 || s[0].Serial != 1 || s[0].Name != "Renamed" || !s[1].Connected() {
			t.Fatalf("status %+v", s)
		}
		err := b.m.UpdateEndpoints([]Endpoint{other, {URL: testURL, NoHealthCheck: true}, {URL: testURL, Name: "Twin"}, {URL: "http://x/"}})
		var twin *DuplicateError
		var bad *URLError
		if !errors.As(err, &twin) || !errors.As(err, &bad) || strings.Contains(err.Error(), "secret-token") {
			t.Errorf("error %v", err)
		}
		if s := all(); len(s) != 2 || s[0].URL != other.URL || s[1].Serial != 1 || s[0].Serial != 1 || s[1].HealthCheck {
			t.Errorf("status %+v", s)
		}
		if b.count() != 2 {
			t.Errorf("%d sockets: an update touched links that did not change", b.count())
		}
		if err := b.m.UpdateEndpoints([]Endpoint{{URL: testURL, Disabled: true}}); err != nil {
			t.Fatal(err)
		}
		if s := all(); len(s) != 1 || s[0].State != Paused {
			t.Errorf("status %+v", s)
		}
	})
}

func TestNewTokenOfTheSameAgentKeepsHistory(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		token := func(sig string) Endpoint {
			return Endpoint{URL: secret.URL("ws://peer.test/mcp/?token=eyJhbGciOiJub25lIn0.eyJlbmRwb2ludElkIjoiYWdlbnRfNyJ9." + sig)}
		}
		if err := b.m.UpdateEndpoints([]Endpoint{token("a")}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		before := b.m.Status()[0]
		if err := b.m.UpdateEndpoints([]Endpoint{token("b")}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		after := b.m.Status()[0]
		if before.ID != after.ID || after.Serial != 2 || after.State != Open || after.Agent != "7" {
			t.Errorf("before %+v\nafter %+v", before, after)
		}
	})
}

func TestRemoveAndAddAgainWaitsForTheOldSocket(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, b *bubble) {
		first := b.last()
		if err := errors.Join(b.m.UpdateEndpoints(nil), b.m.UpdateEndpoints([]Endpoint{{URL: testURL}})); err != nil {
			t.Fatal(err)
		}
		second := b.last()
		if first == second {
			t.Fatal("no new socket")
		}
		select {
		case <-first.closed:
		default:
			t.Error("the new socket opened before the old one was closed")
		}
	})
}

// seeded draws the same in every run, where the spread is tested and not the luck.
func seeded() func() float64 {
	var mu sync.Mutex
	source := rand.New(rand.NewPCG(1, 1))
	return func() float64 { mu.Lock(); defer mu.Unlock(); return source.Float64() }
}

func TestManyLinksComeBackSpread(t *testing.T) {
	const links = 500
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(t)
		m := NewManager(newFakeTools(), &Options{DialContext: p.dial, Random: seeded()})
		defer m.Close()
		var list []Endpoint
		for i := range links {
			list = append(list, Endpoint{URL: secret.URL(testURL + fmt.Sprint(i))})
		}
		if err := errors.Join(m.UpdateEndpoints(list), m.Connect()); err != nil {
			t.Fatal(err)
		}
		if p.count() != links {
			t.Fatalf("%d sockets, want %d", p.count(), links)
		}
		// Pings must not fire together either.
		time.Sleep(2 * time.Minute)
		checks := map[int64]int{}
		for _, s := range m.Status() {
			checks[s.LastHealthCheck.UnixNano()/int64(time.Second)]++
		}
		for second, n := range checks {
			if n > links/6+1 { // what six moments have
				t.Errorf("%d of %d pings in second %d", n, links, second)
			}
		}
		dropped := time.Now()
		p.mu.Lock()
		sockets := slices.Clone(p.sockets)
		p.mu.Unlock()
		for _, s := range sockets {
			s.raw.Close()
		}
		time.Sleep(time.Second)
		if p.count() != 2*links {
			t.Errorf("%d links are back after a second, want %d", p.count()-links, links)
		}
		windows := make([]int, 10)
		var delays []time.Duration
		for _, at := range p.dials[links:] {
			d := at.Sub(dropped)
			delays = append(delays, d)
			windows[min(int(d/(100*time.Millisecond)), 9)]++
		}
		for i, n := range windows {
			if n > links/6+1 { // what six moments have
				t.Errorf("%d of %d redials between %d and %d ms", n, links, i*100, i*100+100)
			}
		}
		slices.Sort(delays)
		if median := delays[len(delays)/2]; median > 550*time.Millisecond {
			t.Errorf("median redial after %v, want about 0.5 s", median)
		}
	})
}

func TestDialSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(t)
		flying, most := 0, 0
		dial := func(ctx context.Context, network, address string) (conn net.Conn, err error) {
			p.mu.Lock()
			flying++
			most = max(most, flying)
			p.mu.Unlock()
			defer func() { p.mu.Lock(); flying--; p.mu.Unlock() }()
			time.Sleep(time.Second)
			return p.dial(ctx, network, address)
		}
		m := NewManager(newFakeTools(), &Options{DialContext: dial})
		defer m.Close()
		var list []Endpoint
		for i := range 40 {
			list = append(list, Endpoint{URL: secret.URL(testURL + fmt.Sprint(i))})
		}
		start := time.Now()
		if err := errors.Join(m.UpdateEndpoints(list), m.Connect()); err != nil {
			t.Fatal(err)
		}
		for p.count() < 40 && time.Since(start) < time.Minute {
			time.Sleep(time.Second)
		}
		if most != DefaultDialsPerHost {
			t.Errorf("%d dials in flight at once, want %d", most, DefaultDialsPerHost)
		}
	})
}

func TestOptionsChangeLive(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		b.m.UpdateOptions(&Options{HealthCheckInterval: 10 * time.Second, DialContext: b.dial, Retry: exact.Retry, Random: exact.Random})
		time.Sleep(6 * time.Second)
		if got := b.status(t); got.LastHealthCheck.IsZero() || got.Serial != 1 {
			t.Errorf("the new interval is not in use: %+v", got)
		}
		b.setRefuse(syscall.ECONNREFUSED)
		b.last().raw.Close()
		time.Sleep(40 * time.Second)
		b.setRefuse(nil)
		b.wantState(t, Waiting)
		b.m.UpdateOptions(&Options{DialContext: b.dial, Retry: retry.Policy{Strategy: retry.FixedInterval, Base: time.Second, NoJitter: true}, Random: exact.Random})
		time.Sleep(time.Second)
		b.wantState(t, Open)
	})
}

func TestHealthCheckByHand(t *testing.T) {
	inBubble(t, Options{HealthCheckInterval: -1}, func(t *testing.T, b *bubble) {
		time.Sleep(time.Hour)
		if got := b.status(t); !got.LastHealthCheck.IsZero() || got.HealthCheck {
			t.Error("pinged although health checks are off")
		}
		if err := b.m.CheckHealth(b.id); err != nil {
			t.Fatal(err)
		}
		if got := b.status(t); got.LastHealthCheck.IsZero() || got.LastSuccess.IsZero() {
			t.Error("a check by hand did nothing")
		}
		if err := b.m.CheckHealth("nobody"); !errors.Is(err, ErrUnknown) {
			t.Errorf("got %v", err)
		}
	})
}

func TestClosedManager(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, b *bubble) {
		if err := errors.Join(b.m.Close(), b.m.Close()); err != nil {
			t.Error(err)
		}
		if _, err := b.m.AddEndpoint(Endpoint{URL: "ws://x/"}); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
		if err := b.m.Connect(); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
		if err := b.m.Pause(b.id); !errors.Is(err, ErrUnknown) {
			t.Errorf("got %v", err)
		}
	})
}
