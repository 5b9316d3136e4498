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
