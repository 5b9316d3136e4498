package journal

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func numbers(list []Call) []uint64 {
	var all []uint64
	for _, c := range list {
		all = append(all, c.Seq)
	}
	return all
}

func TestBetween(t *testing.T) {
	j := New(&Options{Calls: 5})
	if got := j.Calls(0, 0); len(got) != 0 {
		t.Errorf("an empty journal holds %v", got)
	}
	for i := range 8 {
		j.NoteCall(Call{Tool: fmt.Sprint(i + 1)})
	}
	const most = ^uint64(0)
	for _, c := range []struct {
		after, before uint64
		want          []uint64
	}{
		{0, 0, []uint64{8, 7, 6, 5, 4}},
		{0, 6, []uint64{5, 4}},
		{0, 4, nil},
		{0, 1, nil},
		{0, 99, []uint64{8, 7, 6, 5, 4}},
		{0, most, []uint64{8, 7, 6, 5, 4}},
		{2, 0, []uint64{8, 7, 6, 5, 4}},
		{6, 0, []uint64{8, 7}},
		{8, 0, nil},
		{most, 0, nil},
		{most, most, nil},
		{5, 8, []uint64{7, 6}},
		{7, 8, nil},
		{8, 5, nil},
	} {
		if got := numbers(j.Calls(c.after, c.before)); !slices.Equal(got, c.want) {
			t.Errorf("after %d before %d: %v, want %v", c.after, c.before, got, c.want)
		}
	}
	for _, c := range j.Calls(0, 0) {
		if c.Tool != fmt.Sprint(c.Seq) {
			t.Errorf("call %d is of tool %s", c.Seq, c.Tool)
		}
	}
}

func TestBounds(t *testing.T) {
	j := New(&Options{Events: 1000, Bytes: 8 << 10})
	for range 3000 {
		j.NoteEvent(Event{Detail: strings.Repeat("x", 500)})
	}
	kept := j.Events(0, 0)
	bytes := 0
	for i := range kept {
		bytes += kept[i].size()
	}
	if bytes > 8<<10 || bytes < 7<<10 || j.events.used != bytes {
		t.Errorf("%d events take %d bytes, and are thought to take %d", len(kept), bytes, j.events.used)
	}
	if kept[0].Seq != 3000 || kept[0].At.IsZero() {
		t.Errorf("the newest is %d of %v", kept[0].Seq, kept[0].At)
	}
	j.NoteEvent(Event{Detail: strings.Repeat("x", 9<<10)})
	if kept := j.Events(0, 0); len(kept) != 1 || kept[0].Seq != 3001 {
		t.Errorf("a large event leaves %d", len(kept))
	}
	j.NoteEvent(Event{})
	if kept := j.Events(0, 0); len(kept) != 1 || j.events.used != kept[0].size() {
		t.Errorf("after a large event: %d, of %d bytes", len(kept), j.events.used)
	}
}

func TestDefaults(t *testing.T) {
	j := New(nil)
	for range 1500 {
		j.NoteEvent(Event{})
		j.NoteCall(Call{})
		j.NoteMove(Move{})
	}
	if events, calls, moves := len(j.Events(0, 0)), len(j.Calls(0, 0)), len(j.Moves(0, 0)); events != DefaultEvents || calls != DefaultCalls || moves != DefaultMoves {
		t.Errorf("%d events, %d calls and %d moves are kept", events, calls, moves)
	}
}

// TestOneNudge: what nobody reads wakes nobody twice.
func TestOneNudge(t *testing.T) {
	j := New(nil)
	nudges, cancel := j.Subscribe()
	defer cancel()
	nudged := func() bool {
		select {
		case <-nudges:
			return true
		default:
			return false
		}
	}
	j.NoteCall(Call{})
	if !nudged() {
		t.Error("the first call wakes nobody")
	}
	j.NoteCall(Call{})
	j.NoteEvent(Event{})
	j.NoteMove(Move{})
	if nudged() {
		t.Error("nobody has read, and is nudged again")
	}
	j.Moves(0, 0)
	j.NoteMove(Move{})
	if !nudged() {
		t.Error("who has read is not nudged")
	}
}

func TestConcurrentUse(t *testing.T) {
	j := New(&Options{Calls: 50})
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range 500 {
				j.NoteCall(Call{At: time.Now(), Tool: "t"})
				if list := j.Calls(0, 0); len(list) == 0 || !slices.IsSortedFunc(list, func(a, b Call) int { return int(b.Seq) - int(a.Seq) }) {
					t.Error("calls are out of order")
				}
			}
		})
	}
	work.Wait()
	if got := j.Calls(0, 0); got[0].Seq != 2000 || len(got) != 50 {
		t.Errorf("%d calls, the last %d", len(got), got[0].Seq)
	}
}

func TestNames(t *testing.T) {
	for got, want := range map[fmt.Stringer]string{Error: "error", Failover: "failover", Strategy: "strategy", ByPage: "api", Cut: "cut", ToolError: "tool_error", Topic(99): "topic(99)"} {
		if got.String() != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for outcome, want := range map[Outcome]Level{OK: Good, ToolError: Warning, Late: Warning, Failed: Error, Cut: Info} {
		if outcome.Level() != want {
			t.Errorf("%v is %v", outcome, outcome.Level())
		}
	}
}

// TestNoteCallAllocatesNothing holds what a call costs.
func TestNoteCallAllocatesNothing(t *testing.T) {
	j := New(&Options{Calls: 100})
	for range 200 {
		j.NoteCall(Call{})
	}
	if n := testing.AllocsPerRun(1000, func() { j.NoteCall(Call{Tool: "a", Source: "b"}) }); n != 0 {
		t.Errorf("a call allocates %v times", n)
	}
}

func BenchmarkNoteCall(b *testing.B) {
	j := New(nil)
	_, cancel := j.Subscribe()
	defer cancel()
	b.ReportAllocs()
	for b.Loop() {
		j.NoteCall(Call{Tool: "a", Source: "b"})
	}
}
