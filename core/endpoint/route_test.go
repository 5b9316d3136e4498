package endpoint

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/rpc"
)

func TestCallsAreSpread(t *testing.T) {
	// The same numbers in every run: three sigmas are passed now and then.
	withFars(t, 3, Options{Random: seeded()}, func(t *testing.T, b *switchboard) {
		for _, s := range b.m.Status() {
			if s.State != Ready || s.Offered != 2 || s.NoTools != "" {
				t.Fatalf("got %+v", s)
			}
		}
		const n = 900
		for _, strategy := range balance.Strategies() {
			b.m.SetLoadBalanceStrategy(strategy)
			by := map[string]int{}
			for range n {
				by[b.call(t.Context(), "act", "{}")]++
			}
			even := float64(n) / 3
			tolerance := map[balance.Strategy]float64{balance.RoundRobin: 1, balance.Random: 3 * math.Sqrt(even*2/3), balance.HealthBased: 1}[strategy]
			for i := range 3 {
				if got := float64(by[fmt.Sprint("far", i)]); math.Abs(got-even) > tolerance {
					t.Errorf("%v: %v", strategy, by)
				}
			}
			stats := b.m.LoadBalanceStats()
			if stats.Strategy != strategy || stats.Members[0].Picked != uint64(by["far0"]) || stats.Fairness(RemoteGroup) < 0.98 {
				t.Errorf("%v: %+v", strategy, stats)
			}
		}
	})
}

func TestLostLinkMovesWhatMayBeMoved(t *testing.T) {
	withFars(t, 2, Options{}, func(t *testing.T, b *switchboard) {
		for _, f := range b.fars {
			f.set(func(f *far) { f.hold = make(chan struct{}) })
		}
		answers := map[string]string{}
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range 8 {
			name := []string{"ask", "act"}[i/2%2] // both tools go to both links
			all.Go(func() {
				args := fmt.Sprintf(`{"n":%d}`, i)
				text := b.call(t.Context(), name, args)
				mu.Lock()
				defer mu.Unlock()
				answers[name+args] = text
			})
			synctest.Wait()
		}
		started := time.Now()
		b.fars[0].drop()
		synctest.Wait()
		if len(answers) != 2 {
			t.Errorf("%d calls failed at once, want the two unsafe ones of the lost link: %v", len(answers), answers)
		}
		for what, text := range answers {
			if !strings.HasPrefix(what, "act") || !strings.Contains(text, "may have been carried out") {
				t.Errorf("%s: %s", what, text)
			}
		}
		if stats := b.m.LoadBalanceStats(); len(stats.Moves) != 2 || stats.Moves[0].Tool != "ask" || stats.Moves[0].To != b.ids[1] || stats.Moves[0].Why != balance.Safe {
			t.Errorf("moves %+v", stats.Moves)
		}
		if time.Since(started) != 0 {
			t.Errorf("it took %v to see that a connection was cut", time.Since(started))
		}
		close(b.fars[1].hold)
		all.Wait()
		for what, text := range answers {
			if strings.HasPrefix(what, "ask") && text != "far1" {
				t.Errorf("%s: %s", what, text)
			}
		}
		done := b.fars[1].times()
		for what, n := range b.fars[0].times() {
			if n+done[what] > 1 && strings.HasPrefix(answers["act"+what], "far") {
				t.Errorf("%s ran twice", what)
			}
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if got := b.call(t.Context(), "act", `{"later":1}`); got != "far0" && got != "far1" {
			t.Errorf("after coming back: %s", got)
		}
		close(b.fars[0].hold)
	})
}

func TestMuteLinkIsSeenInTime(t *testing.T) {
	const interval = 9 * time.Second
	withFars(t, 2, Options{HealthCheckInterval: interval, CallPatience: time.Hour}, func(t *testing.T, b *switchboard) {
		b.fars[0].set(func(f *far) { f.silent = true })
		begun := time.Now()
		var text string
		for range 2 { // one of them goes to the mute link
			if text = b.call(t.Context(), "ask", `{"x":1}`); text != "far1" {
				t.Fatal(text)
			}
		}
		if took := time.Since(begun); took > interval*3/2 {
			t.Errorf("a call waited %v for a mute link, want at most 1.5 intervals", took)
		}
	})
}

func TestNoSource(t *testing.T) {
	withFars(t, 2, Options{}, func(t *testing.T, b *switchboard) {
		_, err := b.m.CallTool(t.Context(), ToolCall{Name: "nothing"})
		if !errors.Is(err, ErrNoSource) {
			t.Errorf("an unknown tool: %v", err)
		}
		_, err = b.m.CallTool(t.Context(), ToolCall{Name: "act", Among: []string{}})
		if !errors.Is(err, ErrNoSource) {
			t.Errorf("among none: %v", err)
		}
		for range 4 {
			var over []string
			result, err := b.m.CallTool(t.Context(), ToolCall{Name: "act", Among: b.ids[1:], Over: func(id string) { over = append(over, id) }})
			if err != nil || !strings.Contains(string(result), "far1") || !slices.Equal(over, b.ids[1:]) {
				t.Errorf("among one: %s, %v, over %v", result, err, over)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := b.m.CallTool(ctx, ToolCall{Name: "act"}); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		for _, id := range b.ids {
			if err := b.m.Pause(id); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.m.CallTool(t.Context(), ToolCall{Name: "act"}); !errors.Is(err, ErrNoSource) {
			t.Errorf("all paused: %v", err)
		}
		if list, _ := b.m.Offers(); len(list) != 0 {
			t.Errorf("paused links offer %v", list)
		}
	})
}

// TestSourceThatAnswersOddly lets one source answer with a wrong id and twice, and another
// never.
func TestSourceThatAnswersOddly(t *testing.T) {
	withFars(t, 2, Options{CallPatience: time.Second}, func(t *testing.T, b *switchboard) {
		b.fars[0].set(func(f *far) { f.wrong = true })
		for range 6 {
			if got := b.call(t.Context(), "act", "{}"); !strings.HasPrefix(got, "far") {
				t.Error(got)
			}
		}
		synctest.Wait() // for what follows the answers
		if n := b.link(b.ids[0]).current.Load().caller.stray.Load(); n != 6 {
			t.Errorf("%d stray answers, want 6", n)
		}
		b.fars[1].set(func(f *far) { f.mute = true })
		var unanswered int
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			if got := b.call(ctx, "act", "{}"); strings.Contains(got, "deadline") {
				unanswered++
			}
			cancel()
		}
		if unanswered < 1 || unanswered > 5 {
			t.Errorf("%d calls were left to the one that never answers", unanswered)
		}
	})
}

func TestToolSideComesAndGoes(t *testing.T) {
	withFars(t, 2, Options{}, func(t *testing.T, b *switchboard) {
		b.fars[0].set(func(f *far) { f.away = true })
		time.Sleep(31 * time.Second)
		synctest.Wait()
		s, _ := b.m.StatusOf(b.ids[0])
		if !s.Connected() || s.Offered != 2 || s.NoTools != "no tool side is connected to the relay" {
			t.Errorf("got %+v", s)
		}
		for range 4 {
			if got := b.call(t.Context(), "act", "{}"); got != "far1" {
				t.Errorf("got %s", got)
			}
		}
		_, revision := b.m.Offers()
		b.fars[0].set(func(f *far) { f.away = false; f.tools = tool("act", false) + "," + tool("new", false) })
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if _, now := b.m.Offers(); now == revision {
			t.Error("a changed list has the same revision")
		}
		if got := b.call(t.Context(), "new", "{}"); got != "far0" {
			t.Errorf("got %s", got)
		}
	})
}

// TestRelayWithoutToolSide asks before the list was looked at again: the relay had nobody to
// give the call to, so that it may be given to another, whatever the tool.
func TestRelayWithoutToolSide(t *testing.T) {
	withFars(t, 2, Options{}, func(t *testing.T, b *switchboard) {
		b.fars[0].set(func(f *far) { f.away = true })
		for range 4 {
			if got := b.call(t.Context(), "act", "{}"); got != "far1" {
				t.Errorf("got %s", got)
			}
			synctest.Wait()
		}
		if s, _ := b.m.StatusOf(b.ids[0]); s.NoTools != "no tool side is connected to the relay" {
			t.Errorf("got %+v", s)
		}
		if moves := b.m.LoadBalanceStats().Moves; len(moves) != 1 || moves[0].Why != balance.Unsent {
			t.Errorf("moves %+v", moves)
		}
		b.fars[1].set(func(f *far) { f.away = true })
		if _, err := b.m.CallTool(t.Context(), ToolCall{Name: "act"}); !errors.Is(err, ErrNoSource) {
			t.Errorf("none is left: %v", err)
		}
		b.fars[0].set(func(f *far) { f.away = false })
		time.Sleep(listAtMost + time.Second)
		synctest.Wait()
		if got := b.call(t.Context(), "act", "{}"); got != "far0" {
			t.Errorf("after it came back: %s", got)
		}
	})
}

func TestNotForwarded(t *testing.T) {
	for _, c := range []struct {
		err        error
		no, unsent bool
	}{
		{&rpc.Error{Code: -32001, Message: "工具端未连接"}, true, true},
		{&rpc.Error{Code: -32001, Message: "MCP服务器 'lamp' 未连接"}, true, true},
		{&rpc.Error{Code: -32002, Message: "转发消息失败"}, true, false},
		{&rpc.Error{Code: -32002, Message: "转发工具调用请求失败"}, true, false},
		{&rpc.Error{Code: -32001, Message: "Request timed out"}, false, false},
		{&rpc.Error{Code: -32002, Message: "Resource not found"}, false, false},
		{&rpc.Error{Code: -32603, Message: "工具端未连接"}, false, false},
		{errLinkLost, false, false},
		{nil, false, false},
	} {
		if no, unsent := notForwarded(c.err); no != c.no || unsent != c.unsent {
			t.Errorf("%v: got %v and %v", c.err, no, unsent)
		}
	}
}

// TestOffersAreBounded also changes the list while a call is in flight.
func TestOffersAreBounded(t *testing.T) {
	withFars(t, 1, Options{}, func(t *testing.T, b *switchboard) {
		b.fars[0].set(func(f *far) { f.hold = make(chan struct{}) })
		answer := make(chan string, 1)
		go func() { answer <- b.call(t.Context(), "act", "{}") }()
		synctest.Wait()
		var many []string
		for i := range 5000 {
			many = append(many, tool(fmt.Sprint("t", i), false))
		}
		b.fars[0].set(func(f *far) { f.tools = strings.Join(many, ",") })
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if s, _ := b.m.StatusOf(b.ids[0]); s.Offered != mostOffers || !s.OffersCut {
			t.Errorf("%d tools are offered, cut %v", s.Offered, s.OffersCut)
		}
		close(b.fars[0].hold)
		if got := <-answer; got != "far0" {
			t.Errorf("the call in flight ended with %q", got)
		}
		b.fars[0].set(func(f *far) { f.tools = strings.Join(many[:mostOffers], ",") })
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if s, _ := b.m.StatusOf(b.ids[0]); s.Offered != mostOffers || s.OffersCut {
			t.Errorf("%d tools are offered, cut %v", s.Offered, s.OffersCut)
		}
	})
}

func TestLoopsAreFoundOut(t *testing.T) {
	withFars(t, 2, Options{Origin: "me"}, func(t *testing.T, b *switchboard) {
		b.fars[0].set(func(f *far) { f.origin = "me" })
		b.fars[1].set(func(f *far) { f.origin = "you"; f.tools += "," + tool("remote__act", false) })
		time.Sleep(31 * time.Second)
		synctest.Wait()
		s, _ := b.m.StatusOf(b.ids[0])
		if s.Offered != 0 || !strings.Contains(s.NoTools, "leads back") {
			t.Errorf("got %d, %q", s.Offered, s.NoTools)
		}
		if s, _ := b.m.StatusOf(b.ids[1]); s.Offered != 2 {
			t.Errorf("%d tools of another switchboard are offered", s.Offered)
		}
	})
}

func TestSelectBestAndFailover(t *testing.T) {
	withFars(t, 3, Options{}, func(t *testing.T, b *switchboard) {
		seen := map[string]bool{}
		for range 3 {
			s, ok := b.m.SelectBest(b.ids[1])
			if !ok || s.ID == b.ids[1] {
				t.Errorf("chose %v, %v", s.ID, ok)
			}
			seen[s.ID] = true
		}
		if len(seen) != 2 {
			t.Errorf("chose %v", seen)
		}
		backup, err := b.m.Failover(b.ids[0])
		if err != nil || backup.ID == b.ids[0] || !backup.Connected() {
			t.Errorf("failed over to %v, %v", backup.ID, err)
		}
		synctest.Wait()
		for range 6 {
			if got := b.call(t.Context(), "act", "{}"); got == "far0" {
				t.Error("a link that was taken out was chosen")
			}
		}
		if got := b.m.LoadBalanceStats().Members[0].Breaker; got != balance.Open {
			t.Errorf("its breaker is %v", got)
		}
		time.Sleep(6 * time.Second)
		by := map[string]int{}
		for range 9 {
			by[b.call(t.Context(), "act", "{}")]++
		}
		if by["far0"] < 2 {
			t.Errorf("it is not tried again by itself: %v", by)
		}
		if _, err := b.m.Failover("nobody"); !errors.Is(err, ErrUnknown) {
			t.Errorf("got %v", err)
		}
		_ = b.m.Pause(b.ids[1])
		_ = b.m.Pause(b.ids[2])
		if _, err := b.m.Failover(b.ids[0]); !errors.Is(err, ErrNoOther) {
			t.Errorf("got %v", err)
		}
		if _, ok := b.m.SelectBest(b.ids[0]); ok {
			t.Error("chose a paused link")
		}
	})
}
