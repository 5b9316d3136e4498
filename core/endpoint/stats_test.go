package endpoint

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/rpc"
)

func TestHealthCheckStats(t *testing.T) {
	inBubble(t, with(exact, func(o *Options) { o.HealthCheckInterval = 30 * time.Second }), func(t *testing.T, b *bubble) {
		stat := func() HealthCheckStat {
			b.status(t)
			all := b.m.HealthCheckStats()
			if len(all) != 1 || all[0].ID != b.id || all[0].Label != "Study" {
				t.Fatalf("stats %+v", all)
			}
			return all[0]
		}
		if got := stat(); got.Checks != 0 || got.Average != 0 || !got.Last.IsZero() || !got.Enabled || got.Interval != 30*time.Second {
			t.Errorf("before the first: %+v", got)
		}
		s := b.last()
		b.mu.Lock()
		s.late = 40 * time.Millisecond
		b.mu.Unlock()
		time.Sleep(5 * time.Minute)
		if got := stat(); got.Checks != 10 || got.Successes != 10 || got.Misses != 0 || got.Average != 40*time.Millisecond ||
			got.RoundTrip == 0 || time.Since(got.Last) > 30*time.Second || got.ConsecutiveFailures != 0 || got.Score.Value != 100 {
			t.Errorf("after five minutes: %+v", got)
		}
		b.setMute(s)
		time.Sleep(17 * time.Second)
		s.ask(t, pingFrame) // neither answered nor missed
		time.Sleep(10 * time.Second)
		if got := stat(); got.Checks != 11 || got.Successes != 10 || got.Misses != 0 {
			t.Errorf("after a ping that traffic answered: %+v", got)
		}
		for b.status(t).Connected() {
			time.Sleep(time.Second)
		}
		if got := stat(); got.Checks != 13 || got.Misses != 2 || got.ConsecutiveFailures != 2 || got.RoundTrip != 0 || got.Average != 40*time.Millisecond {
			t.Errorf("after its death: %+v", got)
		}
		if err := b.m.SetHealthCheckEnabled(b.id, false); err != nil {
			t.Fatal(err)
		}
		if got := stat(); got.Enabled || got.Interval != 0 {
			t.Errorf("switched off: %+v", got)
		}
		if err := b.m.RemoveEndpoint(b.id); err != nil {
			t.Fatal(err)
		}
		if got := b.m.Totals(); len(b.m.HealthCheckStats()) != 0 || got.Pings != 13 || got.Pongs != 10 || got.Misses != 2 || got.Drops != 1 {
			t.Errorf("totals after it was removed: %+v", got)
		}
	})
}

func TestReconnectStats(t *testing.T) {
	o := with(exact, func(o *Options) { o.HealthCheckInterval = -1 })
	inBubble(t, o, func(t *testing.T, b *bubble) {
		stat := func() ReconnectStat {
			b.status(t)
			all := b.m.ReconnectStats()
			if len(all) != 1 || all[0].ID != b.id {
				t.Fatalf("stats %+v", all)
			}
			return all[0]
		}
		if got := stat(); got.Dials != 1 || got.Connects != 1 || got.Attempts != 0 || got.SuccessRate != 0 || got.Average != 0 || got.State != Open {
			t.Errorf("at first: %+v", got)
		}
		b.setRefuse(syscall.ECONNREFUSED)
		b.last().raw.Close()
		time.Sleep(40 * time.Second) // dials after 5, 15 and 35 s fail
		got := stat()
		if got.Dials != 4 || got.Attempts != 3 || got.Successes != 0 || got.SuccessRate != 0 || got.Drops != 1 || got.Current != 4 ||
			got.Delay != 40*time.Second || time.Until(got.Next) != 35*time.Second || len(got.History) != 3 || got.State != Waiting || got.Stopped {
			t.Errorf("while it is gone: %+v", got)
		}
		b.setRefuse(nil)
		time.Sleep(36 * time.Second)
		if got = stat(); got.Dials != 5 || got.Connects != 2 || got.Attempts != 4 || got.Successes != 1 || got.SuccessRate != 0.25 || !got.Next.IsZero() || len(got.History) != 4 {
			t.Errorf("when it is back: %+v", got)
		}
		b.last().ask(t, pingFrame)
		time.Sleep(2 * time.Minute)
		if got = stat(); got.Current != 0 {
			t.Errorf("when it is stable: %+v", got)
		}
		if err := b.m.Reconnect(b.id); err != nil { // our own close is no drop
			t.Fatal(err)
		}
		if got = stat(); got.Drops != 1 || got.Attempts != 5 || got.Successes != 2 {
			t.Errorf("after a redial by hand: %+v", got)
		}
		b.setRefuse(syscall.ECONNREFUSED)
		b.last().raw.Close()
		b.status(t)
		if err := b.m.StopReconnect(b.id); err != nil {
			t.Fatal(err)
		}
		if got = stat(); !got.Stopped || got.State != Failed || !got.Next.IsZero() {
			t.Errorf("when it was stopped: %+v", got)
		}
		want := Totals{Dials: 6, Connects: 3, Retries: 5, Returns: 2, Reconnects: 2, Drops: 2}
		if got := b.m.Totals(); got != want {
			t.Errorf("totals %+v, want %+v", got, want)
		}
	})
}

func TestAFirstDialThatFailedIsRetried(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		b.setRefuse(syscall.ECONNREFUSED)
		id, err := b.m.AddEndpoint(Endpoint{URL: "ws://peer.test/mcp/?token=other"})
		if err != nil {
			t.Fatal(err)
		}
		b.id = id
		b.wantState(t, Waiting)
		b.setRefuse(nil)
		time.Sleep(5 * time.Second)
		b.wantState(t, Open)
		if got := b.m.ReconnectStats()[1]; got.Dials != 2 || got.Attempts != 1 || got.Successes != 1 || got.SuccessRate != 1 {
			t.Errorf("stats %+v", got)
		}
		if got := b.m.Totals(); got.Returns != 1 || got.Reconnects != 0 {
			t.Errorf("a first socket counts as a reconnect: %+v", got)
		}
	})
}

// TestCallsAddUp holds that of the calls of a link each is a success, an error or in flight,
// in both roles, and that nothing else counts as a call.
func TestCallsAddUp(t *testing.T) {
	check := func(t *testing.T, when string, s Status, calls, errors uint64, inFlight int, requests, successes uint64) {
		t.Helper()
		if s.Calls != calls || s.CallErrors != errors || s.InFlight != inFlight || s.Requests != requests || s.Successes != successes {
			t.Errorf("%s: %d calls, %d errors, %d in flight; %d requests, %d successes", when, s.Calls, s.CallErrors, s.InFlight, s.Requests, s.Successes)
		}
	}
	withFars(t, 1, Options{HealthCheckInterval: -1}, func(t *testing.T, b *switchboard) {
		status := func() Status {
			synctest.Wait()
			s, _ := b.m.StatusOf(b.ids[0])
			return s
		}
		check(t, "at first", status(), 0, 0, 0, 0, 0)
		held := make(chan struct{})
		b.fars[0].set(func(f *far) { f.hold = held })
		for range 2 {
			go b.call(t.Context(), "act", "{}")
		}
		ctx, cancel := context.WithCancel(t.Context())
		go b.call(ctx, "act", "{}")
		check(t, "under way", status(), 3, 0, 3, 0, 0)
		cancel()
		check(t, "after one was given up", status(), 3, 1, 2, 1, 0)
		close(held)
		check(t, "after two answers", status(), 3, 1, 0, 3, 2)
		b.fars[0].set(func(f *far) { f.hold = make(chan struct{}) })
		go b.call(t.Context(), "act", "{}")
		synctest.Wait()
		b.fars[0].drop()
		check(t, "after a loss", status(), 4, 2, 0, 4, 2)
		close(b.fars[0].hold)
	})
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		held := make(chan struct{})
		b.tools.call = func(ctx context.Context, name string, _ []byte) ([]byte, error) {
			select {
			case <-held:
			case <-ctx.Done():
			}
			if name == "bad" {
				return nil, &rpc.Error{Code: -7, Message: "no"}
			}
			return []byte(`{"content":[]}`), ctx.Err()
		}
		s := b.last()
		s.ask(t, pingFrame)
		s.ask(t, `{"jsonrpc":"2.0","id":1,"method":"resources/list"}`)
		check(t, "other requests", b.status(t), 0, 0, 0, 2, 1)
		s.ask(t, `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":[]}`)
		check(t, "a call that cannot be read", b.status(t), 1, 1, 0, 3, 1)
		for id, name := range []string{"good", "bad", "good"} {
			s.send(t, fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":%q}}`, 10+id, name))
		}
		check(t, "under way", b.status(t), 4, 1, 3, 3, 1)
		s.send(t, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":12}}`)
		check(t, "after one was cancelled", b.status(t), 4, 2, 2, 4, 1)
		close(held)
		check(t, "after two answers", b.status(t), 4, 3, 0, 6, 2)
	})
}

func TestMean(t *testing.T) {
	for _, tt := range []struct {
		sum  int64
		n    uint64
		want time.Duration
	}{{0, 0, 0}, {0, 3, 0}, {10, 4, 2}} {
		if got := mean(tt.sum, tt.n); got != tt.want {
			t.Errorf("mean(%d, %d) = %v", tt.sum, tt.n, got)
		}
	}
}

func TestFirstCallsMakeRoomForTheirTimes(t *testing.T) {
	var l link
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() { l.observe(time.Millisecond) })
	}
	running.Wait()
	if got := l.took.Load().Snapshot(); got.Count != 8 || got.Sum != 8*time.Millisecond {
		t.Errorf("%+v", got)
	}
}
