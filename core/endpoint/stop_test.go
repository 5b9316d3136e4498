package endpoint

import (
	"errors"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestStopReconnect(t *testing.T) {
	o := with(exact, func(o *Options) { o.MaxReconnectAttempts = 3; o.FailedRetryInterval = 10 * time.Minute })
	for name, tt := range map[string]struct {
		before func(b *bubble)
		state  State
	}{
		"waiting": {func(b *bubble) { b.setRefuse(syscall.ECONNREFUSED); b.last().raw.Close(); time.Sleep(8 * time.Second) }, Waiting},
		"failed":  {func(b *bubble) { b.setRefuse(syscall.ECONNREFUSED); b.last().raw.Close(); time.Sleep(2 * time.Minute) }, Failed},
		"dialing": {func(b *bubble) {
			gone := make(chan struct{})
			b.handler = func(_ http.ResponseWriter, r *http.Request) { <-gone }
			b.t.Cleanup(func() { close(gone) })
			b.last().raw.Close()
			time.Sleep(6 * time.Second)
		}, Dialing},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, o, func(t *testing.T, b *bubble) {
				tt.before(b)
				b.wantState(t, tt.state)
				if err := b.m.StopReconnect(b.id); err != nil {
					t.Fatal(err)
				}
				dials := b.dialCount()
				got := b.wantState(t, Failed)
				if got.Kind != KindStopped || got.Kind.Type() != "" || got.LastError == "" || !got.NextReconnect.IsZero() {
					t.Errorf("status %+v", got)
				}
				b.m.Wake()
				b.m.TriggerHealthCheck()
				changed := with(o, func(o *Options) { o.FailedRetryInterval = time.Minute; o.DialContext = b.dial })
				b.m.UpdateOptions(&changed)
				time.Sleep(24 * time.Hour)
				b.wantState(t, Failed)
				if b.dialCount() != dials {
					t.Errorf("%d dials after it was told to stop", b.dialCount()-dials)
				}
				b.setRefuse(nil)
				b.handler = nil
				if err := b.m.Reconnect(b.id); err != nil {
					t.Fatal(err)
				}
				if got := b.wantState(t, Open); got.Kind != KindNone || got.LastError != "" {
					t.Errorf("status %+v", got)
				}
			})
		})
	}
}

func TestStopReconnectLeavesOthersAlone(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		if err := b.m.StopReconnect("nobody"); !errors.Is(err, ErrUnknown) {
			t.Errorf("got %v", err)
		}
		if err := b.m.StopReconnect(b.id); err != nil {
			t.Fatal(err)
		}
		if got := b.wantState(t, Open); got.Serial != 1 || got.Kind != KindNone {
			t.Errorf("a connected link: %+v", got)
		}
		b.last().raw.Close()
		synctest.Wait()
		if err := errors.Join(b.m.StopReconnect(b.id), b.m.Pause(b.id), b.m.StopReconnect(b.id)); err != nil {
			t.Fatal(err)
		}
		if got := b.wantState(t, Paused); got.Kind != KindNone {
			t.Errorf("a paused link: %+v", got)
		}
		if err := b.m.Resume(b.id); err != nil {
			t.Fatal(err)
		}
		b.wantState(t, Open)
	})
}
