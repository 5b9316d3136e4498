package hub

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/rpc"
)

// TestEndsOfCallsAreTold: each call is told of once, however it ends.
func TestEndsOfCallsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			mu   sync.Mutex
			told []CallEnd
		)
		h, _ := newHub(t, Options{ToolTimeout: 5 * time.Second, Called: func(c CallEnd) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, c)
		}})
		h.SetRemotes([]Remote{{Name: "remote", Sources: []RemoteSource{{ID: "id1", Label: "kitchen", Tools: rawTools("light", "shared")}, {ID: "id2", Label: "hall", Tools: rawTools("shared")}},
			Call: func(ctx context.Context, c RemoteCall) ([]byte, error) {
				if string(c.Args) == `{"moves":1}` {
					c.Over("id1")
					c.Over("id2")
					c.Over("another")
				}
				time.Sleep(time.Second)
				switch string(c.Args) {
				case `{"bad":1}`:
					return []byte(`{"content":[{"type":"text","text":"secret"}],"isError":true}`), nil
				case `{"no":1}`:
					return nil, &rpc.Error{Code: -32602, Message: "no such room"}
				case `{"away":1}`:
					return nil, fmt.Errorf("link: %w", ErrAway)
				case `{"lost":1}`:
					return nil, fmt.Errorf("link: %w", ErrLost)
				case `{"odd":1}`:
					return nil, errors.New("odd")
				case `{"late":1}`:
					time.Sleep(time.Minute)
				case `{"cut":1}`:
					<-ctx.Done()
					return nil, ctx.Err()
				}
				return []byte(`{"content":[{"type":"text","text":"on"}]}`), nil
			}}})
		for _, c := range []struct {
			tool, args string
			raw        bool
			want       Outcome
			took       time.Duration
			source     string
		}{
			{"remote__light", `{"x":1}`, false, OutcomeOK, time.Second, "kitchen"},
			{"remote__light", `{"x":1}`, true, OutcomeOK, time.Second, "kitchen"},
			{"remote__light", `{"bad":1}`, false, OutcomeToolError, time.Second, "kitchen"},
			{"remote__light", `{"no":1}`, false, OutcomeToolError, time.Second, "kitchen"},
			{"remote__light", `{"no":1}`, true, OutcomeToolError, time.Second, "kitchen"},
			{"remote__light", `{"away":1}`, false, OutcomeFailed, time.Second, "kitchen"},
			{"remote__light", `{"lost":1}`, false, OutcomeFailed, time.Second, "kitchen"},
			{"remote__light", `{"odd":1}`, false, OutcomeFailed, time.Second, "kitchen"},
			{"remote__light", `{"late":1}`, false, OutcomeLate, 5 * time.Second, "kitchen"},
			{"remote__light", `{"cut":1}`, false, OutcomeCut, 3 * time.Second, "kitchen"},
			{"remote__shared", `{"x":1}`, false, OutcomeOK, time.Second, "remote"},
			{"remote__shared", `{"moves":1}`, false, OutcomeOK, time.Second, "hall"},
			{"switchboard__time", `{}`, false, OutcomeOK, 0, "switchboard"},
			{"no_such_tool", `{}`, false, OutcomeFailed, 0, ""},
			{"token=abcdef0123456789", `{}`, false, OutcomeFailed, 0, ""},
		} {
			told = nil
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			if c.want == OutcomeCut {
				cancel()
				ctx, cancel = context.WithTimeout(t.Context(), c.took)
			}
			do := h.CallTool
			if c.raw {
				do = h.CallRaw
			}
			result, _ := do(ctx, "e", c.tool, []byte(c.args))
			cancel()
			time.Sleep(2 * time.Minute) // until a late one has ended, too
			synctest.Wait()
			mu.Lock()
			if len(told) != 1 {
				t.Errorf("%s %s: told %d times", c.tool, c.args, len(told))
				mu.Unlock()
				continue
			}
			got := told[0]
			mu.Unlock()
			if got.Outcome != c.want || got.Took != c.took || got.Source != c.source || got.Endpoint != "e" || got.Raw != c.raw || got.BytesIn != len(c.args) || got.Began.IsZero() {
				t.Errorf("%s %s: told %+v", c.tool, c.args, got)
			}
			if result != nil && got.BytesOut != len(result) {
				t.Errorf("%s %s: %d bytes, told %d", c.tool, c.args, len(result), got.BytesOut)
			}
			if all := fmt.Sprintf("%+v", got); strings.Contains(all, "abcdef") || strings.Contains(all, "secret") || strings.Contains(all, c.args) {
				t.Errorf("told too much: %s", all)
			}
		}
	})
}
