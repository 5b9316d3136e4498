package hub

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestManyCallers holds that every caller gets the answer to its own question, while
// messages of all sizes share the pipe, some calls are given up, and some never end.
func TestManyCallers(t *testing.T) {
	h, _ := newHub(t, Options{MaxResultBytes: -1, ToolTimeout: time.Minute})
	start(t, h, child(t, "s"))
	hung, stop := context.WithCancel(t.Context())
	var work, waiting sync.WaitGroup
	for range 8 {
		waiting.Go(func() {
			if _, err := h.CallTool(hung, "", "s__never", []byte(`{}`)); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		})
	}
	for caller := range 32 {
		work.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(caller)))
			for turn := range 20 {
				size := random.IntN(100)
				if turn%5 == 0 {
					size = random.IntN(300 << 10) // more than a pipe holds
				}
				args := fmt.Sprintf(`{"caller":%d,"turn":%d,"x":"%s"}`, caller, turn, strings.Repeat("y", size))
				buf := []byte(args)
				result, err := h.CallTool(t.Context(), "", "s__echo", buf)
				clear(buf) // the arguments are the caller's again
				if err != nil {
					t.Error(err)
					return
				}
				if got := readResult(result, &h.options().words).text; got != args {
					t.Errorf("asked %.60q (%d bytes), got %.60q (%d bytes)", args, len(args), got, len(got))
				}
			}
		})
	}
	work.Wait()
	stop()
	waiting.Wait()
}

// TestCrashEndsAllCalls holds that calls in flight when a server dies end at once.
func TestCrashEndsAllCalls(t *testing.T) {
	h, _ := newHub(t, Options{ToolTimeout: time.Hour})
	start(t, h, child(t, "s"))
	var work sync.WaitGroup
	for range 16 {
		work.Go(func() {
			result, err := h.CallTool(t.Context(), "", "s__never", []byte(`{}`))
			if err != nil || !strings.Contains(string(result), `"isError":true`) {
				t.Errorf("%s %v", result, err)
			}
		})
	}
	p := h.shown.Load().whole.tools["s__never"].sources[0].run.live.Load()
	poll(t, "all calls are under way", func() bool {
		return p.InFlight() == 16
	})
	call(t, h, "", "s__crash", `{}`)
	work.Wait()
}

// TestCloseEndsCalls holds the same for the end of the hub.
func TestCloseEndsCalls(t *testing.T) {
	h, _ := newHub(t, Options{ToolTimeout: time.Hour})
	start(t, h, child(t, "s"))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = h.CallTool(context.Background(), "", "s__never", []byte(`{}`))
	}()
	p := h.shown.Load().whole.tools["s__never"].sources[0].run.live.Load()
	poll(t, "the call is under way", func() bool {
		return p.InFlight() == 1
	})
	var work sync.WaitGroup
	for range 3 {
		work.Go(func() { _ = h.Close() })
	}
	work.Wait()
	<-done
	if result, err := h.CallTool(t.Context(), "", "s__echo", []byte(`{}`)); err != nil || !strings.Contains(string(result), "not running") {
		t.Errorf("%s %v", result, err)
	}
}

// TestApplyStorm changes everything at once, again and again.
func TestApplyStorm(t *testing.T) {
	h, _ := newHub(t, Options{})
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				_, _ = h.CallTool(t.Context(), "e", "a__echo", []byte(`{}`))
				h.ListResult("e")
				h.Servers()
				h.Tools()
			}
		}
	}()
	random := rand.New(rand.NewPCG(7, 7))
	for range 15 {
		var servers []Server
		for _, name := range []string{"a", "b", "c"} {
			s := child(t, name, []string{"plain", "garbage", "crash", "hang"}[random.IntN(4)])
			s.Disabled = random.IntN(4) == 0
			servers = append(servers, s)
		}
		h.Apply(servers, map[string]View{"e": {Servers: []string{"a"}}})
		_ = h.Restart("b")
	}
	start(t, h, child(t, "a"))
	close(stop)
	<-stopped
	if got, _ := call(t, h, "e", "a__echo", `{}`); got != "{}" {
		t.Errorf("got %q", got)
	}
}
