package hub

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/retry"
)

func toolNamed(h *Hub, name string) ToolStatus {
	for _, tool := range h.Tools() {
		if tool.Name == name {
			return tool
		}
	}
	return ToolStatus{}
}

func TestGroupIsOneToolWithSeveralSources(t *testing.T) {
	h, _ := newHub(t, Options{})
	journal := filepath.Join(t.TempDir(), "journal")
	start(t, h, twin(t, "a", journal), twin(t, "b", journal), child(t, "alone"))
	tool := toolNamed(h, "twins__act")
	if tool.Server != "twins" || !slices.Equal(tool.Sources, []string{"a", "b"}) || !tool.Enabled {
		t.Fatalf("got %+v", tool)
	}
	for _, strategy := range balance.Strategies() {
		h.UpdateOptions(&Options{Strategy: strategy})
		by := map[string]int{}
		for i := range 40 {
			text, isError := call(t, h, "", "twins__act", fmt.Sprintf(`{"id":"%d"}`, i))
			if isError {
				t.Fatal(text)
			}
			by[strings.Fields(text)[0]]++
		}
		if len(by) != 2 {
			t.Errorf("%v: calls went to %v", strategy, by)
		}
		stats := h.Balance()
		if stats.Strategy != strategy || stats.Members[0].Picked+stats.Members[1].Picked != 40 || stats.Members[0].Group != "twins" {
			t.Errorf("%v: %+v", strategy, stats)
		}
		if strategy == balance.RoundRobin && stats.Fairness("twins") != 1 {
			t.Errorf("round-robin is as even as %v", stats.Fairness("twins"))
		}
	}
	if got := toolNamed(h, "twins__act").Calls; got.Took.Count != 120 || got.Failed != 0 || got.BytesIn < 120*8 || got.BytesOut < 120*40 {
		t.Errorf("counted %+v", got)
	}
}

func TestGroupMembersThatDiffer(t *testing.T) {
	h, _ := newHub(t, Options{})
	journal := filepath.Join(t.TempDir(), "journal")
	off := twin(t, "off", journal)
	off.Tools = map[string]ToolSetting{"act": {Disabled: true}}
	start(t, h, twin(t, "a", journal), off, twin(t, "other", journal, "other"), twin(t, "other2", journal, "other"))
	if tool := toolNamed(h, "twins__act"); !slices.Equal(tool.Sources, []string{"a"}) {
		t.Errorf("switched off on one server: %v", tool.Sources)
	} else if !slices.Equal(tool.Listers, []string{"a", "off"}) {
		t.Errorf("listed by %v", tool.Listers)
	}
	if tool := toolNamed(h, "twins__ask"); !slices.Equal(tool.Sources, []string{"a", "off"}) {
		t.Errorf("sources of ask: %v", tool.Sources)
	}
	apart := 0
	for _, tool := range h.Tools() {
		if slices.Contains(tool.Notes, NoteSchemaDiffers) {
			apart++
			if !slices.Equal(tool.Sources, []string{"other", "other2"}) || !strings.HasPrefix(tool.Name, "twins__a") {
				t.Errorf("kept apart: %+v", tool)
			}
			if text, isError := call(t, h, "", tool.Name, `{}`); isError {
				t.Error(text)
			}
		}
	}
	if apart != 2 {
		t.Errorf("%d tools are kept apart, want 2", apart)
	}
}

func TestViewOfAGroup(t *testing.T) {
	h, _ := newHub(t, Options{})
	journal := filepath.Join(t.TempDir(), "journal")
	start(t, h, twin(t, "a", journal), twin(t, "b", journal))
	h.Apply([]Server{twin(t, "a", journal), twin(t, "b", journal)}, map[string]View{
		"one": {Servers: []string{"b"}}, "group": {Servers: []string{"twins"}}, "none": {Servers: []string{"c"}}})
	pids := map[string]map[string]bool{"one": {}, "group": {}}
	for endpoint, seen := range pids {
		for range 6 {
			text, _ := call(t, h, endpoint, "twins__ask", `{}`)
			seen[strings.Fields(text)[0]] = true
		}
	}
	if len(pids["one"]) != 1 || len(pids["group"]) != 2 {
		t.Errorf("who sees one server is answered by %v, who sees the group by %v", pids["one"], pids["group"])
	}
	if _, err := h.CallTool(t.Context(), "none", "twins__ask", nil); err == nil {
		t.Error("a tool that is not seen can be called")
	}
}

// TestKilledServer kills one of two servers in the midst of many calls: what may be called
// twice is answered all the same, and what may not is carried out once at most.
func TestKilledServer(t *testing.T) {
	h, _ := newHub(t, Options{ToolTimeout: patience})
	journal := filepath.Join(t.TempDir(), "journal")
	start(t, h, twin(t, "a", journal), twin(t, "b", journal))
	victim := status(h, "a").PID
	var (
		done      atomic.Int64
		uncertain sync.Map
		work      sync.WaitGroup
	)
	const callers, each = 16, 100
	for caller := range callers {
		work.Go(func() {
			for i := range each {
				tool := []string{"ask", "act"}[i%2]
				id := fmt.Sprintf("%d-%d", caller, i)
				text, isError := call(t, h, "", "twins__"+tool, `{"id":"`+id+`"}`)
				switch {
				case !isError && strings.HasSuffix(text, "did "+id):
				case isError && tool == "act" && strings.Contains(text, "carried out is not known"):
					uncertain.Store("act "+id, true)
				default:
					t.Errorf("%s %s: %s", tool, id, text)
				}
				if done.Add(1) == callers*each/2 {
					kill(t, victim)
				}
			}
		})
	}
	work.Wait()
	for what, times := range carriedOut(t, journal) {
		if strings.HasPrefix(what, "act") && times > 1 {
			t.Errorf("%s was carried out %d times", what, times)
		}
	}
	times := carriedOut(t, journal)
	for caller := range callers {
		for i := range each {
			what := fmt.Sprintf("%s %d-%d", []string{"ask", "act"}[i%2], caller, i)
			if _, open := uncertain.Load(what); !open && times[what] == 0 {
				t.Errorf("%s was answered without being carried out", what)
			}
		}
	}
	moves := h.Balance().Moves
	for _, move := range moves {
		if move.From == move.To {
			t.Errorf("moved %+v", move)
		}
	}
	if len(moves) > 0 {
		slowest := slices.MaxFunc(moves, func(a, b balance.Move) int { return cmp.Compare(a.Took, b.Took) })
		t.Logf("%d calls moved, each within %v of the loss of their server", len(moves), slowest.Took)
	}
	eventually(t, h, "the killed server to be back", func() bool { return status(h, "a").State == StateReady && status(h, "a").PID != victim })
}

func kill(t *testing.T, pid int) {
	t.Helper()
	p, err := os.FindProcess(pid)
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		t.Error(err)
	}
}

// TestUnsentCallsMove kills a server that stopped reading: what it was never given goes to
// the other one, although it may not be called twice; what it was given does not.
func TestUnsentCallsMove(t *testing.T) {
	h, _ := newHub(t, Options{ToolTimeout: patience})
	journal := filepath.Join(t.TempDir(), "journal")
	start(t, h, twin(t, "deaf", journal, "deaf"), twin(t, "good", journal))
	deaf := status(h, "deaf").PID
	padding := strings.Repeat("x", 50<<10) // a pipe has room for one
	var work sync.WaitGroup
	var answered, uncertain atomic.Int64
	const calls = 16 // half of them go to each
	for i := range calls {
		wait := h.StartCall(t.Context(), "", "twins__act", fmt.Appendf(nil, `{"id":"%d","padding":"%s"}`, i, padding))
		work.Go(func() {
			result, err := wait()
			switch {
			case err != nil:
				t.Error(err)
			case strings.Contains(string(result), "did"):
				answered.Add(1)
			case strings.Contains(string(result), "not known"):
				uncertain.Add(1)
			default:
				t.Errorf("got %s", result)
			}
		})
	}
	poll(t, "the other server has answered its half", func() bool { return answered.Load() == calls/2 })
	kill(t, deaf)
	work.Wait()
	if answered.Load() <= calls/2 || uncertain.Load() == 0 || answered.Load()+uncertain.Load() != calls {
		t.Errorf("%d answered, %d uncertain", answered.Load(), uncertain.Load())
	}
	for what, times := range carriedOut(t, journal) {
		if times > 1 {
			t.Errorf("%s was carried out %d times", what, times)
		}
	}
	stats := h.Balance()
	if len(stats.Moves) == 0 || stats.Moves[0].From != "deaf" || stats.Moves[0].To != "good" || stats.Moves[0].Why != balance.Unsent {
		t.Errorf("moves: %+v", stats.Moves)
	}
}

// TestMuteServerIsTakenOut lets one of two servers answer nothing: after a few calls it is
// left alone, and calls are answered by the other.
func TestMuteServerIsTakenOut(t *testing.T) {
	h, _ := newHub(t, Options{ToolTimeout: time.Second}) // time enough for the good one on a busy machine
	journal, heard := filepath.Join(t.TempDir(), "journal"), filepath.Join(t.TempDir(), "mute")
	start(t, h, twin(t, "mute", heard, "mute"), twin(t, "good", journal))
	for i := range 30 {
		call(t, h, "", "twins__act", fmt.Sprintf(`{"id":"%d"}`, i))
	}
	if late := len(carriedOut(t, heard)); late < 2 || late > 5 {
		t.Errorf("%d calls went to the mute server, want about three", late)
	}
	if m := h.Balance().Members[0]; m.Reading.Score.Value > balance.HealthyAbove {
		t.Errorf("the mute server counts as healthy: %+v", m)
	}
}

// memberOf is the part of a server in how calls were spread.
func memberOf(h *Hub, name string) balance.MemberStats {
	for _, m := range h.Balance().Members {
		if m.ID == name {
			return m
		}
	}
	return balance.MemberStats{}
}

// TestWhatCountsAgainstAServer has one server hold a call that its caller leaves, and one under
// which it is killed.
func TestWhatCountsAgainstAServer(t *testing.T) {
	h, _ := newHub(t, Options{ToolTimeout: patience, Retry: retry.Policy{Strategy: retry.FixedInterval, Base: time.Hour}})
	journal := filepath.Join(t.TempDir(), "journal")
	start(t, h, twin(t, "a", journal), twin(t, "b", journal))
	h.mu.Lock()
	a := h.runners["a"].member
	h.mu.Unlock()
	a.TakeOut(time.Now().Add(-time.Minute)) // it is on trial from now on
	held := func(ctx context.Context) (wait func() ([]byte, error)) {
		before := memberOf(h, "a").Picked
		for range 2 { // they take turns
			own, end := context.WithCancel(ctx)
			wait = h.StartCall(own, "", "twins__act", []byte(`{"id":"x","hold":true}`))
			if memberOf(h, "a").Picked > before {
				t.Cleanup(end)
				return wait
			}
			end()
			_, _ = wait()
		}
		t.Fatalf("the server is not asked: %+v", memberOf(h, "a"))
		return nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	wait := held(ctx)
	cancel()
	if _, err := wait(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	wait = held(t.Context()) // the trial that came to nothing keeps no other from it
	kill(t, status(h, "a").PID)
	if result, err := wait(); err != nil || !strings.Contains(string(result), "not known") {
		t.Errorf("got %s, %v", result, err)
	}
	poll(t, "the server is away", func() bool { return status(h, "a").State == StateWaiting })
	if m := memberOf(h, "a"); m.Failed != 1 || m.Up || m.Breaker != balance.Open {
		t.Errorf("after a loss under a call: %+v", m)
	}
}

func TestWholeGroupAway(t *testing.T) {
	h, _ := newHub(t, Options{Retry: retry.Policy{Strategy: retry.FixedInterval, Base: time.Hour}}) // who is away stays away
	missing := Server{Name: "a", Group: "twins", Command: "no-such-program"}
	start(t, h, missing, twin(t, "b", filepath.Join(t.TempDir(), "journal")))
	if text, isError := call(t, h, "", "twins__ask", `{}`); isError {
		t.Errorf("one of two is up: %s", text)
	}
	kill(t, status(h, "b").PID)
	poll(t, "the server is away", func() bool { return status(h, "b").State != StateReady })
	if text, isError := call(t, h, "", "twins__ask", `{"hold":false}`); !isError || !strings.Contains(text, "twins is not running") {
		t.Errorf("got %q", text)
	}
}
