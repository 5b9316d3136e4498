package endpoint

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/rpc"
)

// TestWhatCountsAsSafe loses a link under a call: it is made again only when every source, or
// the caller, says that it may be.
func TestWhatCountsAsSafe(t *testing.T) {
	for name, tt := range map[string]struct {
		first, second, caller, moves bool
	}{
		"all sources":        {true, true, false, true},
		"only the first":     {true, false, false, false},
		"only the second":    {false, true, false, false},
		"only the caller":    {false, false, true, true},
		"nobody":             {false, false, false, false},
		"all and the caller": {true, true, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			withFars(t, 2, Options{}, func(t *testing.T, b *switchboard) {
				held := make(chan struct{})
				defer close(held)
				for i, safe := range []bool{tt.first, tt.second} {
					b.fars[i].set(func(f *far) { f.tools = tool("do", safe) })
					b.link(b.ids[i]).current.Load().caller.lookAgain()
				}
				time.Sleep(lookApart)
				synctest.Wait()
				b.fars[0].set(func(f *far) { f.hold = held })
				ended := make(chan error, 1)
				go func() {
					_, err := b.m.CallTool(t.Context(), ToolCall{Name: "do", Safe: tt.caller})
					ended <- err
				}()
				synctest.Wait()
				b.fars[0].drop()
				if err := <-ended; (err == nil) != tt.moves || err != nil && !errors.Is(err, ErrLost) {
					t.Errorf("got %v", err)
				}
				if again := b.fars[1].count(rpc.MethodToolsCall) > 0; again != tt.moves {
					t.Errorf("made again: %v", again)
				}
			})
		})
	}
}

// TestLostWithoutAnother loses the only link under a safe call: that the call was not made
// cannot be said.
func TestLostWithoutAnother(t *testing.T) {
	withFars(t, 2, Options{}, func(t *testing.T, b *switchboard) {
		held := make(chan struct{})
		defer close(held)
		b.fars[0].set(func(f *far) { f.hold = held })
		b.fars[1].set(func(f *far) { f.away = true })
		ended := make(chan error, 1)
		go func() {
			_, err := b.m.CallTool(t.Context(), ToolCall{Name: "ask"})
			ended <- err
		}()
		synctest.Wait()
		b.fars[0].drop() // the other relay has nobody to give it to
		if err := <-ended; !errors.Is(err, ErrLost) {
			t.Errorf("got %v", err)
		}
	})
}

// TestEachSourceIsAskedOnce has relays that have lost their tool sides, unnoticed so far.
func TestEachSourceIsAskedOnce(t *testing.T) {
	withFars(t, 3, Options{}, func(t *testing.T, b *switchboard) {
		for _, f := range b.fars {
			f.set(func(f *far) { f.away = true })
		}
		if _, err := b.m.CallTool(t.Context(), ToolCall{Name: "act"}); !errors.Is(err, ErrNoSource) {
			t.Errorf("got %v", err)
		}
		for _, f := range b.fars {
			if n := f.count(rpc.MethodToolsCall); n != 1 {
				t.Errorf("%s was asked %d times", f.name, n)
			}
		}
		for _, m := range b.m.LoadBalanceStats().Members {
			if m.Picked != 1 || m.Failed != 1 {
				t.Errorf("%+v", m)
			}
		}
	})
}

// TestFailuresAreCountedOnce holds what counts against a link, and that no call does twice.
func TestFailuresAreCountedOnce(t *testing.T) {
	withFars(t, 1, Options{CallPatience: 2 * time.Second, HealthCheckInterval: -1}, func(t *testing.T, b *switchboard) {
		held := make(chan struct{})
		defer close(held)
		b.fars[0].set(func(f *far) { f.hold = held })
		failed := func() uint64 {
			synctest.Wait()
			return b.m.LoadBalanceStats().Members[0].Failed
		}
		call := func(ctx context.Context) {
			_, _ = b.m.CallTool(ctx, ToolCall{Name: "act"})
		}
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		call(soon)
		if n := failed(); n != 1 {
			t.Errorf("%d failures after a deadline", n)
		}
		away, leave := context.WithCancel(t.Context())
		go call(away)
		synctest.Wait()
		leave()
		if n := failed(); n != 1 {
			t.Errorf("%d failures after a caller went away", n)
		}
		if n := b.fars[0].count(rpc.MethodCancelled); n != 2 {
			t.Errorf("the far side was told of %d of 2 calls that nobody waits for", n)
		}
		go call(t.Context())
		time.Sleep(3 * time.Second)
		if n := failed(); n != 2 {
			t.Errorf("%d failures after a call was late", n)
		}
		b.fars[0].drop()
		if n := failed(); n != 2 {
			t.Errorf("%d failures after the late call was lost", n)
		}
		if up := b.m.LoadBalanceStats().Members[0].Up; up {
			t.Error("a lost link is in the choice")
		}
	})
}

// TestTrialThatComesToNothing gives a call that nobody waits for to a link on trial: the next call
// is the trial then.
func TestTrialThatComesToNothing(t *testing.T) {
	withFars(t, 2, Options{HealthCheckInterval: -1}, func(t *testing.T, b *switchboard) {
		if _, err := b.m.Failover(b.ids[0]); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Second)
		synctest.Wait()
		trial := func(end func()) {
			t.Helper()
			before := b.m.LoadBalanceStats().Members[0].Picked
			for range 4 {
				end()
			}
			if n := b.m.LoadBalanceStats().Members[0].Picked - before; n != 2 { // they take turns
				t.Errorf("%d trials of 4 calls", n)
			}
		}
		trial(func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			held := make(chan struct{})
			for _, f := range b.fars {
				f.set(func(f *far) { f.hold = held })
			}
			go func() { synctest.Wait(); cancel() }()
			_, _ = b.m.CallTool(ctx, ToolCall{Name: "act"})
			close(held)
		})
		trial(func() { b.m.SelectBest() })
		if got := b.m.LoadBalanceStats().Members[0].Breaker; got != balance.HalfOpen {
			t.Errorf("the breaker is %v", got)
		}
	})
}

// TestRelayIsAskedPatiently has a tool side go for long and come back.
func TestRelayIsAskedPatiently(t *testing.T) {
	withFars(t, 1, Options{HealthCheckInterval: time.Hour}, func(t *testing.T, b *switchboard) {
		greeted := b.fars[0].count(rpc.MethodInitialize)
		b.fars[0].set(func(f *far) { f.away = true })
		if _, err := b.m.CallTool(t.Context(), ToolCall{Name: "act"}); !errors.Is(err, ErrNoSource) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		tries := func() int {
			return b.fars[0].count(rpc.MethodInitialize) + b.fars[0].count(rpc.MethodToolsList)
		}
		before := tries()
		time.Sleep(10 * time.Minute)
		if n := tries() - before; n < 20 || n > 25 {
			t.Errorf("it was asked for its list %d times in ten minutes", n)
		}
		b.fars[0].set(func(f *far) { f.away = false })
		time.Sleep(listAtMost)
		synctest.Wait()
		if got := b.call(t.Context(), "act", "{}"); got != "far0" {
			t.Error(got)
		}
		if b.fars[0].count(rpc.MethodInitialize) == greeted {
			t.Error("a tool side that may be another one was not greeted")
		}
		b.fars[0].set(func(f *far) { f.away = true })
		_ = b.call(t.Context(), "act", "{}")
		b.fars[0].set(func(f *far) { f.away = false })
		time.Sleep(lookApart + listAgain)
		synctest.Wait()
		if got := b.call(t.Context(), "act", "{}"); got != "far0" {
			t.Errorf("a tool side that came back at once is not seen at once: %s", got)
		}
	})
}

// TestListThatAlwaysChanges has a far side that says with each list that it changed.
func TestListThatAlwaysChanges(t *testing.T) {
	withFars(t, 1, Options{}, func(t *testing.T, b *switchboard) {
		b.fars[0].set(func(f *far) { f.restless = true })
		time.Sleep(31 * time.Second)
		before, began := b.fars[0].count(rpc.MethodToolsList), time.Now()
		time.Sleep(time.Minute)
		synctest.Wait()
		if n, most := b.fars[0].count(rpc.MethodToolsList)-before, int(time.Since(began)/lookApart); n < most-2 || n > most+2 {
			t.Errorf("%d lists in a minute, want about %d", n, most)
		}
		b.fars[0].set(func(f *far) { f.restless = false; f.tools = tool("last", false) })
		time.Sleep(lookApart)
		synctest.Wait()
		if got := b.call(t.Context(), "last", "{}"); got != "far0" {
			t.Errorf("the last list is not known: %s", got)
		}
	})
}

// TestOldSocketsAreNotHeard brings a list home for a socket that is gone.
func TestOldSocketsAreNotHeard(t *testing.T) {
	withFars(t, 1, Options{}, func(t *testing.T, b *switchboard) {
		l := b.link(b.ids[0])
		old := l.current.Load()
		b.fars[0].drop()
		time.Sleep(30 * time.Second)
		synctest.Wait()
		l.post(func(now time.Time) { l.toolsListed(now, old, newOffers()) })
		l.post(func(now time.Time) { l.toolsAway(now, old, errors.New("late")) })
		if s, _ := b.m.StatusOf(b.ids[0]); s.Offered != 2 || s.Missing != MissingNothing || !b.m.LoadBalanceStats().Members[0].Up {
			t.Errorf("got %+v", s)
		}
	})
}

// TestListsAreTakenInPart has lists that repeat a tool and that are too long in bytes.
func TestListsAreTakenInPart(t *testing.T) {
	withFars(t, 1, Options{Origin: "me"}, func(t *testing.T, b *switchboard) {
		list := func(tools ...string) int {
			b.fars[0].set(func(f *far) { f.tools = strings.Join(tools, ",") })
			b.link(b.ids[0]).current.Load().caller.lookAgain()
			time.Sleep(time.Second)
			synctest.Wait()
			s, _ := b.m.StatusOf(b.ids[0])
			return s.Offered
		}
		if n := list(tool("act", false), tool("act", true), tool("ask", true), `{"inputSchema":{}}`, `7`); n != 2 {
			t.Errorf("%d tools of two that are sound", n)
		}
		held := make(chan struct{})
		defer close(held)
		b.fars[0].set(func(f *far) { f.hold = held })
		lost := make(chan error, 1)
		go func() { // the first entry of a name counts, and is not safe
			_, err := b.m.CallTool(t.Context(), ToolCall{Name: "act"})
			lost <- err
		}()
		synctest.Wait()
		b.fars[0].drop()
		if err := <-lost; !errors.Is(err, ErrLost) {
			t.Errorf("got %v", err)
		}
		time.Sleep(30 * time.Second)
		var long []string
		for i := range 30 {
			long = append(long, fmt.Sprintf(`{"name":"t%d","description":%q}`, i, strings.Repeat("x", 100<<10)))
		}
		if n := list(long...); n != mostOfferBytes/(100<<10) {
			t.Errorf("%d tools of 100 KiB are taken", n)
		}
		b.fars[0].set(func(f *far) { f.origin = "me" })
		if n := list(tool("act", false)); n != 0 {
			t.Errorf("%d tools of our own", n)
		}
		if _, err := b.m.CallTool(t.Context(), ToolCall{Name: "act"}); !errors.Is(err, ErrNoSource) {
			t.Errorf("a call of our own tool: %v", err)
		}
	})
}
