package endpoint

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestMovesAndCallersThatLeave loses links, and tools behind them, while callers come and give up:
// whoever comes first, no call of an unsafe tool is carried out twice, none is left over, and every
// one is counted.
func TestMovesAndCallersThatLeave(t *testing.T) {
	withFars(t, 3, Options{ConnectionTimeout: time.Second}, func(t *testing.T, b *switchboard) {
		const rounds, callers = 40, 24
		random := rand.New(rand.NewPCG(1, 2))
		moved, left := 0, 0
		for round := range rounds {
			hold := make(chan struct{})
			for _, f := range b.fars {
				f.set(func(f *far) { f.hold = hold })
			}
			ctx, leave := context.WithCancel(t.Context())
			var all sync.WaitGroup
			errs := make([]error, callers)
			for i := range callers {
				whose := ctx
				if i%3 == 0 {
					whose = t.Context()
				}
				if i == callers/2 {
					synctest.Wait() // the others begin while links go
				}
				all.Go(func() {
					args := fmt.Sprintf(`{"n":"%d-%d"}`, round, i)
					_, errs[i] = b.m.CallTool(whose, ToolCall{Name: []string{"ask", "act"}[i%2], Arguments: []byte(args)})
				})
			}
			first, second := random.IntN(3), random.IntN(3)
			third := b.link(b.ids[random.IntN(3)]).current.Load().caller.client
			toolsGo := func() { third.Lose(third.Last(), errLinkLost) }
			var events sync.WaitGroup
			for _, event := range []func(){leave, b.fars[first].drop, b.fars[second].drop, toolsGo} {
				events.Go(event)
			}
			events.Wait()
			synctest.Wait()
			close(hold)
			all.Wait()
			for i, err := range errs {
				switch {
				case errors.Is(err, context.Canceled) && i%3 > 0:
					left++
				case err != nil && !errors.Is(err, ErrLost) && !errors.Is(err, ErrNoSource):
					t.Fatalf("call %d of round %d: %v", i, round, err)
				}
			}
			moved += len(b.m.LoadBalanceStats().Moves)
			time.Sleep(time.Minute) // all links are back
			synctest.Wait()
		}
		if moved == 0 || left == 0 {
			t.Errorf("%d calls moved, %d callers left", moved, left)
		}
		carried := map[string]int{}
		for _, f := range b.fars {
			for args, n := range f.times() {
				carried[args] += n
			}
		}
		for args, n := range carried {
			var round, i int
			if _, err := fmt.Sscanf(args, `{"n":"%d-%d"}`, &round, &i); err != nil {
				t.Fatal(err)
			}
			if i%2 == 1 && n > 1 {
				t.Errorf("unsafe call %s was carried out %d times", args, n)
			}
		}
		for _, s := range b.m.Status() {
			l := b.link(s.ID)
			if s.InFlight != 0 || l.current.Load().caller.client.InFlight() != 0 {
				t.Errorf("%s: %d calls in flight, %d wait", s.Name, s.InFlight, l.current.Load().caller.client.InFlight())
			}
			if s.Calls != l.callErrors.Load()+l.successes.Load() {
				t.Errorf("%s: %d calls, of which %d failed and %d did not", s.Name, s.Calls, l.callErrors.Load(), l.successes.Load())
			}
		}
	})
}

// TestMoveDoesNotWaitForItsCaller has the call at the next link before its caller has run.
func TestMoveDoesNotWaitForItsCaller(t *testing.T) {
	withFars(t, 2, Options{}, func(t *testing.T, b *switchboard) {
		hold := make(chan struct{})
		defer close(hold)
		for _, f := range b.fars {
			f.set(func(f *far) { f.hold = hold })
		}
		r := &routed{manager: b.m, call: ToolCall{Name: "ask", Arguments: []byte(`{}`)}}
		r.baton.Take()
		r.find()
		r.place()
		first := r.at
		r.baton.Lay() // and nobody waits
		synctest.Wait()
		for i, id := range b.ids {
			if id == first.member.ID {
				b.fars[i].drop()
			}
		}
		synctest.Wait()
		if r.baton.Take() || r.at.pending == nil || r.at.member == first.member {
			t.Fatalf("the call is at %+v", r.at)
		}
		for i, f := range b.fars {
			if f.times()[`{}`] != 1 {
				t.Errorf("far %d has it %d times", i, f.times()[`{}`])
			}
		}
		if a := <-first.pending.Answer; !errors.Is(a.Err, errLinkLost) || a.Seen.IsZero() {
			t.Errorf("its caller is told %+v", a)
		}
		r.at.caller.client.Drop(r.at.pending)
	})
}

// TestOverloadedEndpoint fills the queue of an endpoint that does not read: further calls go to
// another, or fail at once, and the queue does not grow without bound.
func TestOverloadedEndpoint(t *testing.T) {
	withFars(t, 2, Options{}, func(t *testing.T, b *switchboard) {
		deaf := make(chan struct{})
		defer close(deaf)
		b.fars[0].set(func(f *far) { f.deaf = deaf })
		ctx, leave := context.WithCancel(t.Context())
		defer leave()
		var all sync.WaitGroup
		defer all.Wait()
		defer leave()
		large := []byte(`{"x":"` + strings.Repeat("x", mostQueued) + `"}`)
		for _, args := range [][]byte{nil, nil, large} { // one is read, one is being written
			all.Go(func() { _, _ = b.m.CallTool(ctx, ToolCall{Name: "act", Among: b.ids[:1], Arguments: args}) })
			synctest.Wait()
		}
		began := time.Now()
		_, err := b.m.CallTool(ctx, ToolCall{Name: "act", Among: b.ids[:1]})
		if !errors.Is(err, ErrNoSource) || !errors.Is(err, errOverloaded) {
			t.Errorf("got %v", err)
		}
		for range 4 {
			if got := b.call(ctx, "act", "{}"); got != "far1" {
				t.Errorf("got %s", got)
			}
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("took %v", took)
		}
	})
}

// TestCallerGoesDuringMove has the caller go away, or its call become late, while another link is
// being given it: nobody touches the call meanwhile, and then it ends there.
func TestCallerGoesDuringMove(t *testing.T) {
	for _, late := range []bool{false, true} {
		t.Run(fmt.Sprint(late), func(t *testing.T) {
			withFars(t, 2, Options{CallPatience: 5 * time.Second}, func(t *testing.T, b *switchboard) {
				hold, moving := make(chan struct{}), make(chan struct{})
				defer close(hold)
				for _, f := range b.fars {
					f.set(func(f *far) { f.hold = hold })
				}
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				var over []string
				ended := make(chan error, 1)
				go func() {
					_, err := b.m.CallTool(ctx, ToolCall{Name: "ask", Over: func(id string) {
						over = append(over, id)
						if len(over) == 2 {
							<-moving
						}
					}})
					ended <- err
				}()
				synctest.Wait()
				first, second := 0, 1
				if over[0] == b.ids[1] {
					first, second = 1, 0
				}
				time.Sleep(5*time.Second - time.Millisecond)
				b.fars[first].drop()
				synctest.Wait()
				failures := func(first, second uint64) {
					t.Helper()
					for _, m := range b.m.LoadBalanceStats().Members {
						want := first
						if m.ID == over[1] {
							want = second
						}
						if m.Failed != want {
							t.Errorf("%s failed %d times, not %d", m.ID, m.Failed, want)
						}
					}
				}
				if late {
					time.Sleep(time.Second)
				} else {
					leave()
				}
				synctest.Wait()
				if len(ended) > 0 {
					t.Fatal("the caller did not wait")
				}
				failures(1, 0)
				close(moving)
				synctest.Wait()
				if late {
					if moves := b.m.LoadBalanceStats().Moves; len(moves) != 1 || moves[0].Took != time.Second {
						t.Errorf("moves %+v", moves)
					}
					time.Sleep(time.Minute)
					failures(1, 1) // for that it does not answer either
					leave()
				}
				if err := <-ended; err != context.Canceled {
					t.Errorf("got %v", err)
				}
				synctest.Wait()
				if n := b.fars[second].count("notifications/cancelled"); n != 1 {
					t.Errorf("the second heard %d times that the call is cancelled", n)
				}
				for _, id := range b.ids {
					if l := b.link(id); l.callCount.Load() != l.callErrors.Load() || l.successes.Load() != 0 {
						t.Errorf("%d calls, of which %d failed and %d did not", l.callCount.Load(), l.callErrors.Load(), l.successes.Load())
					}
				}
			})
		})
	}
}

// TestNothingIsWrittenAfterTheLoss has an endpoint read again right after its link has ended: what
// waited to be written then, and is given to another, does not reach it.
func TestNothingIsWrittenAfterTheLoss(t *testing.T) {
	withFars(t, 2, Options{}, func(t *testing.T, b *switchboard) {
		deaf, moving := make(chan struct{}), make(chan struct{})
		b.fars[0].set(func(f *far) { f.deaf = deaf })
		b.link(b.ids[1]).member.SetUp(false)
		var all sync.WaitGroup
		for i := range 3 { // one is read, one is being written
			all.Go(func() {
				over := 0
				_, _ = b.m.CallTool(t.Context(), ToolCall{Name: "act", Arguments: fmt.Appendf(nil, `{"n":%d}`, i), Over: func(string) {
					if over++; over == 2 {
						<-moving
					}
				}})
			})
			synctest.Wait()
		}
		b.link(b.ids[1]).member.SetUp(true)
		if _, err := b.fars[0].raw[0].Write([]byte{0x88, 2, 0x03, 0xe9}); err != nil { // a close frame, with 1001
			t.Fatal(err)
		}
		synctest.Wait()
		b.fars[0].set(func(f *far) { f.deaf = nil })
		close(deaf)
		synctest.Wait()
		close(moving)
		all.Wait()
		if n, m := b.fars[0].times()[`{"n":2}`], b.fars[1].times()[`{"n":2}`]; n != 0 || m != 1 {
			t.Errorf("the first carried it out %d times, the second %d times", n, m)
		}
	})
}
