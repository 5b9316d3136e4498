package hub

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// slowRemote has one tool, which answers when hold is closed.
func slowRemote(hold <-chan struct{}) Remote {
	return Remote{Name: "far", Sources: []RemoteSource{{ID: "1", Label: "one", Tools: [][]byte{[]byte(`{"name":"act","inputSchema":{"type":"object"}}`)}}},
		Call: func(ctx context.Context, _ RemoteCall) ([]byte, error) {
			select {
			case <-hold:
				return []byte(`{"content":[{"type":"text","text":"done"}]}`), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}}
}

// TestLateCallsBeyondTheBound has more calls outlive the deadline than may go on. Those that may
// not are ended, count as failed, and take no room of results to come.
func TestLateCallsBeyondTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(&Options{ToolTimeout: time.Second})
		defer h.Close()
		hold := make(chan struct{})
		h.SetRemotes([]Remote{slowRemote(hold)})
		h.running.Store(mostRunning)
		for range 2 * mostLate {
			if text, isError := call(t, h, "", "far__act", "{}"); isError || strings.Contains(text, "pending_result") {
				t.Fatalf("a call that is ended: %q", text)
			}
		}
		calls := h.Calls()
		if calls.Took.Count != 2*mostLate || calls.Failed != 2*mostLate {
			t.Errorf("%d calls counted, %d of them failed", calls.Took.Count, calls.Failed)
		}
		if text, _ := call(t, h, "", "switchboard__pending_result", "{}"); text != h.options().words.PendingNone {
			t.Errorf("what is pending: %q", text)
		}
		h.running.Store(0)
		if text, _ := call(t, h, "", "far__act", "{}"); !strings.Contains(text, "pending_result") {
			t.Errorf("a call that goes on: %q", text)
		}
		close(hold)
		synctest.Wait()
		if text, _ := call(t, h, "", "switchboard__pending_result", "{}"); !strings.Contains(text, "done") {
			t.Errorf("its result: %q", text)
		}
		if calls := h.Calls(); calls.Took.Count-calls.Failed != 3 { // with two of pending_result
			t.Errorf("%d calls counted, %d of them failed", calls.Took.Count, calls.Failed)
		}
	})
}
