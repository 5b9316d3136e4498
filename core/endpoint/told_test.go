package endpoint

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"xiaozhi-switchboard/core/balance"
)

// TestChangesAndMovesAreTold: who listens learns what the log says, with the cause.
func TestChangesAndMovesAreTold(t *testing.T) {
	var (
		mu    sync.Mutex
		told  []string
		moves []balance.Move
	)
	o := Options{
		Changed: func(from State, now Status) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, fmt.Sprintf("%s→%s %s", from, now.State, now.Kind))
			if now.ID == "" || now.State == Waiting && (now.NextReconnect.IsZero() || now.LastError == "") {
				t.Errorf("told of %+v", now)
			}
		},
		Moved: func(m balance.Move) {
			mu.Lock()
			defer mu.Unlock()
			moves = append(moves, m)
		},
	}
	withFars(t, 2, o, func(t *testing.T, b *switchboard) {
		for _, f := range b.fars {
			f.set(func(f *far) { f.hold = make(chan struct{}) })
		}
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() { b.call(t.Context(), "ask", "{}") })
			synctest.Wait()
		}
		mu.Lock()
		told = nil
		mu.Unlock()
		b.fars[0].drop()
		synctest.Wait()
		close(b.fars[0].hold)
		close(b.fars[1].hold)
		all.Wait()
		mu.Lock()
		defer mu.Unlock()
		if len(told) == 0 || !strings.HasPrefix(told[0], "ready→waiting closed") {
			t.Errorf("told of %v", told)
		}
		if len(moves) != 1 || moves[0].Tool != "ask" || moves[0].From != b.ids[0] || moves[0].To != b.ids[1] || moves[0].Why != balance.Safe {
			t.Errorf("moves %+v", moves)
		}
	})
}
