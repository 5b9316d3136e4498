package endpoint

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/balance"
)

// TestRelayThatLosesItsToolSide has calls of both kinds under way over two links when one of
// the relays loses its tool side, which then answers nothing.
func TestRelayThatLosesItsToolSide(t *testing.T) {
	withFars(t, 2, Options{}, func(t *testing.T, b *switchboard) {
		held := make(chan struct{})
		for _, f := range b.fars {
			f.set(func(f *far) { f.hold = held })
		}
		var all sync.WaitGroup
		var took [4]time.Duration
		var texts [4]string
		var errs [4]error
		began := time.Now()
		for i := range 4 { // both tools go to both links
			all.Go(func() {
				var result []byte
				result, errs[i] = b.m.CallTool(t.Context(), ToolCall{Name: []string{"act", "ask"}[i/2], Arguments: fmt.Appendf(nil, `{"n":%d}`, i)})
				texts[i], took[i] = string(result), time.Since(began)
			})
			synctest.Wait()
		}
		b.fars[0].set(func(f *far) { f.away = true })
		time.Sleep(doubtAfter)
		synctest.Wait()
		if !errors.Is(errs[0], ErrLost) || took[0] != doubtAfter {
			t.Errorf("the unsafe call ended after %v with %v", took[0], errs[0])
		}
		moves := b.m.LoadBalanceStats().Moves
		if len(moves) != 1 || moves[0].Tool != "ask" || moves[0].From != b.ids[0] || moves[0].To != b.ids[1] || moves[0].Why != balance.Safe {
			t.Errorf("moves %+v", moves)
		}
		if s, _ := b.m.StatusOf(b.ids[0]); s.Missing != MissingToolSide || !s.Connected() {
			t.Errorf("the link is %v, and misses %v", s.State, s.Missing)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		for i, took := range took[1:] {
			if took != 0 {
				t.Errorf("call %d ended with %v", i+1, errs[i+1])
			}
		}
		close(held)
		all.Wait()
		for i := 1; i < 4; i++ {
			if errs[i] != nil {
				t.Errorf("call %d ended with %v", i, errs[i])
			}
		}
		for what, n := range b.fars[0].times() {
			if n > 1 || what == `{"n":0}` && b.fars[1].times()[what] > 0 {
				t.Errorf("%s was carried out twice", what)
			}
		}
	})
}

// TestListShowsTheLoss is the same when a list is asked for before a call waits long.
func TestListShowsTheLoss(t *testing.T) {
	withFars(t, 1, Options{}, func(t *testing.T, b *switchboard) {
		held := make(chan struct{})
		defer close(held)
		b.fars[0].set(func(f *far) { f.hold = held })
		ended := make(chan error, 1)
		go func() {
			_, err := b.m.CallTool(t.Context(), ToolCall{Name: "act"})
			ended <- err
		}()
		synctest.Wait()
		b.fars[0].set(func(f *far) { f.away = true })
		b.link(b.ids[0]).current.Load().caller.lookAgain()
		time.Sleep(lookApart)
		synctest.Wait()
		select {
		case err := <-ended:
			if !errors.Is(err, ErrLost) {
				t.Errorf("got %v", err)
			}
		default:
			t.Error("the call waits on")
		}
	})
}

// TestSlowCallsAreLeftAlone has many calls wait long for a tool side that is there.
func TestSlowCallsAreLeftAlone(t *testing.T) {
	withFars(t, 1, Options{}, func(t *testing.T, b *switchboard) {
		held := make(chan struct{})
		b.fars[0].set(func(f *far) { f.hold = held })
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if got := b.call(t.Context(), "act", "{}"); got != "far0" {
					t.Error(got)
				}
			})
		}
		pings := func() (n int) {
			synctest.Wait()
			b.fars[0].set(func(f *far) { n = f.pings })
			return n
		}
		time.Sleep(20 * time.Second) // 0.5, 1, 2, 4, 8 and 16 s after the beginning
		if n := pings(); n != 6 {
			t.Errorf("50 calls of 20 s were asked after %d times", n)
		}
		close(held)
		all.Wait()
		before := pings()
		for range 100 {
			b.call(t.Context(), "act", "{}")
		}
		time.Sleep(time.Hour)
		if n := pings(); n != before {
			t.Errorf("%d pings without a call that waits", n-before)
		}
	})
}

// TestDoubtGoesUnanswered has a tool side that answers pings as little as calls.
func TestDoubtGoesUnanswered(t *testing.T) {
	withFars(t, 1, Options{HealthCheckInterval: -1}, func(t *testing.T, b *switchboard) {
		held := make(chan struct{})
		b.fars[0].set(func(f *far) { f.hold = held })
		got := make(chan string, 1)
		go func() { got <- b.call(t.Context(), "act", "{}") }()
		synctest.Wait()
		b.fars[0].set(func(f *far) { f.silent = true })
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if n := b.link(b.ids[0]).current.Load().caller.client.InFlight(); n != 1 {
			t.Errorf("%d requests wait, want the call", n)
		}
		b.fars[0].set(func(f *far) { f.silent = false })
		close(held)
		if text := <-got; text != "far0" {
			t.Error(text)
		}
	})
}
