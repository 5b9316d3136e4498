package endpoint

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/balance"
)

// TestDeafEndpointHoldsNobodyUp has an endpoint that stops to read, so that neither calls nor
// pings can be written to it. Whoever asks the manager for something is served all the same,
// and a call over it ends when its context does.
func TestDeafEndpointHoldsNobodyUp(t *testing.T) {
	for _, first := range []string{"ping", "call"} { // what finds that it cannot be written
		t.Run(first, func(t *testing.T) {
			withFars(t, 2, Options{}, func(t *testing.T, b *switchboard) {
				deaf := make(chan struct{})
				defer close(deaf)
				b.fars[0].set(func(f *far) { f.deaf = deaf })
				call := func(patience time.Duration, among string) error {
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					defer cancel()
					_, err := b.m.CallTool(ctx, ToolCall{Name: "act", Among: []string{among}})
					return err
				}
				if err := call(time.Second, b.ids[0]); err != nil { // the last that is read
					t.Fatal(err)
				}
				began := time.Now()
				if first == "call" {
					if err := call(time.Second, b.ids[0]); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
						t.Errorf("after %v: %v", time.Since(began), err)
					}
				}
				began = time.Now()
				for range 5 {
					b.m.Wake()
					b.m.TriggerHealthCheck()
					b.m.Status()
					if err := call(time.Minute, b.ids[1]); err != nil {
						t.Error(err)
					}
					synctest.Wait()
				}
				if took := time.Since(began); took != 0 {
					t.Errorf("others waited %v", took)
				}
			})
		})
	}
}

// TestUnwrittenCallMoves has one call under way, one that is being written and one that waits for
// that when the connection is cut. None is safe: only the last may be made elsewhere.
func TestUnwrittenCallMoves(t *testing.T) {
	withFars(t, 2, Options{}, func(t *testing.T, b *switchboard) {
		deaf, held := make(chan struct{}), make(chan struct{})
		defer close(held)
		defer close(deaf)
		b.fars[0].set(func(f *far) { f.deaf, f.hold = deaf, held })
		var texts [3]string
		var all sync.WaitGroup
		for i := range texts {
			all.Go(func() { texts[i] = b.call(t.Context(), "act", fmt.Sprintf(`{"n":%d}`, i)) })
			synctest.Wait()
			if got := b.call(t.Context(), "act", `{"between":true}`); got != "far1" { // they take turns
				t.Fatal(got)
			}
		}
		b.fars[0].drop()
		all.Wait()
		for i, text := range texts[:2] {
			if !strings.Contains(text, "may have been carried out") {
				t.Errorf("call %d: %s", i, text)
			}
		}
		if texts[2] != "far1" {
			t.Errorf("the call that was never written: %s", texts[2])
		}
		for what, n := range b.fars[1].times() {
			if what != `{"between":true}` && (n != 1 || what != `{"n":2}`) {
				t.Errorf("the other carried %s out %d times", what, n)
			}
		}
		if moves := b.m.LoadBalanceStats().Moves; len(moves) != 1 || moves[0].Why != balance.Unsent {
			t.Errorf("moves %+v", moves)
		}
	})
}

// TestPingHoldsNoCallUp has an endpoint that stops to read while a ping is being written to it:
// neither a call that is moved there nor those that were lost with it have to wait.
func TestPingHoldsNoCallUp(t *testing.T) {
	withFars(t, 2, Options{}, func(t *testing.T, b *switchboard) {
		deaf, hold := make(chan struct{}), make(chan struct{})
		defer close(deaf)
		defer close(hold)
		b.fars[0].set(func(f *far) { f.deaf = deaf })
		b.fars[1].set(func(f *far) { f.hold = hold })
		if _, err := b.m.CallTool(t.Context(), ToolCall{Name: "act", Among: b.ids[:1]}); err != nil { // the last that is read
			t.Fatal(err)
		}
		ctx, leave := context.WithCancel(t.Context())
		defer leave()
		stays, moves := make(chan error, 1), make(chan error, 1)
		go func() {
			_, err := b.m.CallTool(ctx, ToolCall{Name: "ask", Among: b.ids[1:]})
			stays <- err
		}()
		synctest.Wait()
		b.link(b.ids[0]).member.SetUp(false)
		go func() {
			_, err := b.m.CallTool(ctx, ToolCall{Name: "ask"})
			moves <- err
		}()
		synctest.Wait()
		b.link(b.ids[0]).member.SetUp(true)
		b.m.TriggerHealthCheck() // pings
		synctest.Wait()
		began := time.Now()
		b.fars[1].drop()
		if err := <-stays; !errors.Is(err, ErrLost) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		if got := len(b.m.LoadBalanceStats().Moves); got != 1 {
			t.Errorf("%d calls moved", got)
		}
		leave()
		if err := <-moves; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("took %v", took)
		}
	})
}

// TestFarewellOfTheDeaf has an endpoint that says goodbye and reads neither what waits for it nor
// our answer: its calls do not wait for that.
func TestFarewellOfTheDeaf(t *testing.T) {
	withFars(t, 1, Options{}, func(t *testing.T, b *switchboard) {
		deaf := make(chan struct{})
		defer close(deaf)
		b.fars[0].set(func(f *far) { f.deaf = deaf })
		large := []byte(`{"x":"` + strings.Repeat("x", queueLimit) + `"}`)
		var all sync.WaitGroup
		for range 3 { // one is read, one is being written
			all.Go(func() { _, _ = b.m.CallTool(t.Context(), ToolCall{Name: "act", Arguments: large}) })
			synctest.Wait()
		}
		began := time.Now()
		if _, err := b.fars[0].raw[0].Write([]byte{0x88, 2, 0x03, 0xe9}); err != nil { // a close frame, with 1001
			t.Fatal(err)
		}
		all.Wait()
		if took := time.Since(began); took != 0 {
			t.Errorf("took %v", took)
		}
	})
}
