package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/hub"
	"xiaozhi-switchboard/core/journal"
	"xiaozhi-switchboard/core/vitals"
	"xiaozhi-switchboard/web"
)

// leaked is what must never come into the journal.
const leaked = "token=abcdef0123456789"

// emptyRecorder has written nothing but that the program started.
func emptyRecorder() *recorder {
	return newRecorder(config.Snapshot{Config: config.Default(), Revision: "r0"})
}

// written returns the events since the start, the oldest first, in short.
func (r *recorder) written(t *testing.T) string {
	t.Helper()
	var all []string
	for _, e := range r.journal.Events(1, 0) {
		if strings.Contains(fmt.Sprintf("%+v", e), "abcdef") {
			t.Errorf("a token came into %+v", e)
		}
		all = append([]string{strings.TrimSpace(fmt.Sprintf("%s %s %s%s %s", e.Level, e.What, e.ID, e.Name, e.Cause))}, all...)
	}
	return strings.Join(all, ", ")
}

func TestRecorderWritesOfLinks(t *testing.T) {
	r := emptyRecorder()
	state := endpoint.Paused
	to := func(next endpoint.State, kind endpoint.ErrorKind) {
		s := endpoint.Status{Identity: endpoint.Identity{ID: "a1"}, Name: "-k " + leaked, State: next, Kind: kind, LastError: "dial wss://h/?" + leaked + ": " + strings.Repeat("长", 500), Since: time.Now()}
		r.linked(state, s)
		state = next
	}
	for _, step := range []struct {
		state endpoint.State
		kind  endpoint.ErrorKind
	}{
		{endpoint.Dialing, 0}, {endpoint.Open, 0}, {endpoint.Ready, 0},
		{endpoint.Waiting, endpoint.KindClosed}, {endpoint.Dialing, endpoint.KindClosed}, {endpoint.Waiting, endpoint.KindClosed}, // again
		{endpoint.Dialing, endpoint.KindClosed}, {endpoint.Waiting, endpoint.KindDNS}, {endpoint.Dialing, endpoint.KindDNS}, {endpoint.Waiting, endpoint.KindDNS},
		{endpoint.Dialing, 0}, {endpoint.Open, 0}, {endpoint.Ready, 0}, {endpoint.Waiting, endpoint.KindTakenOver}, {endpoint.Failed, endpoint.KindTakenOver}, {endpoint.Paused, 0},
	} {
		to(step.state, step.kind)
	}
	want := "good connected a1-k token=***, warning lost a1-k token=*** closed, warning retrying a1-k token=*** dns, good connected a1-k token=***, " +
		"warning lost a1-k token=*** takenover, error failed a1-k token=*** takenover.stopped, info paused a1-k token=***"
	if got := r.written(t); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	for _, e := range r.journal.Events(1, 0) {
		if len(e.Detail) > detailKept+len("…") {
			t.Errorf("a detail has %d bytes", len(e.Detail))
		}
	}
	r.forget(nil)
	if len(r.links) != 0 {
		t.Errorf("remembers links that are gone: %v", r.links)
	}
}

func TestRecorderWritesOfServers(t *testing.T) {
	r := emptyRecorder()
	server := func(state web.ServerState, problem, needs string) []web.ServerView {
		return []web.ServerView{{Name: "files", State: state, Problem: problem, Needs: needs, LastError: leaked}, {Name: "off", State: web.ServerDisabled}}
	}
	for _, step := range [][]web.ServerView{
		server(web.ServerStarting, "", ""), server(web.ServerReady, "", ""), server(web.ServerReady, "", ""),
		server(web.ServerWaiting, "exited", ""), server(web.ServerStarting, "exited", ""), server(web.ServerWaiting, "exited", ""),
		server(web.ServerFailed, "not_found", "node"), server(web.ServerDisabled, "", ""), nil, server(web.ServerReady, "", ""),
	} {
		r.served(step)
	}
	if got, want := r.written(t), "good ready files, warning waiting files exited, error failed files not_found.node, info disabled files, good ready files"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRecorderWritesOfTheFile(t *testing.T) {
	r := emptyRecorder()
	now := config.Snapshot{Config: config.Default(), Revision: "r0"}
	step := func(revision string, problem error) {
		now.Revision, now.Problem = revision, problem
		r.filed(now)
	}
	bad := &config.ProblemsError{Problems: []config.Problem{{Line: 3, Column: 5, Code: config.CodeDuplicate, Key: leaked, Message: leaked}}}
	step("r0", nil)
	step("r1", nil)
	step("r2", bad)
	step("r2", bad)
	step("r3", bad)
	step("r1", nil)
	now.Config.Connection.LoadBalanceStrategy = balance.Random
	step("r4", nil)
	step("r4", nil)
	if got, want := r.written(t), "info applied, error broken, error broken, good mended, info applied, info changed"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, e := range r.journal.Events(0, 0) {
		if en, zh := e.Why["en"], e.Why["zh"]; e.What == "broken" != (strings.HasPrefix(en, "line 3, column 5: ") && strings.HasPrefix(zh, "第 3 行，第 5 列：")) {
			t.Errorf("%s because of %v", e.What, e.Why)
		}
	}
	if e := r.journal.Events(0, 0)[0]; e.Topic != journal.Strategy || e.From != "round-robin" || e.To != "random" {
		t.Errorf("the strategy: %+v", e)
	}
}

func TestRecorderWritesOfAnomalies(t *testing.T) {
	r := emptyRecorder()
	now := time.Now()
	at := func(seconds int) time.Time { return now.Add(time.Duration(seconds) * time.Second) }
	spike := web.AnomalyView{Kind: "rtt_spike", ID: "a1", Subject: leaked, Since: at(1), Value: 200, Usual: 40}
	over := spike
	over.Until = at(9)
	brief := web.AnomalyView{Kind: "overdue_ping", ID: "a1", Since: at(10), Until: at(11)}
	again := spike
	again.Since = at(20)
	for _, list := range [][]web.AnomalyView{nil, {spike}, {spike}, {over}, {over}, {over, brief}, {over, brief, again}} {
		r.noticed(list)
	}
	want := "warning began a1token=*** rtt_spike, good ended a1token=*** rtt_spike, warning began a1 overdue_ping, good ended a1 overdue_ping, warning began a1token=*** rtt_spike"
	if got := r.written(t); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if e := r.journal.Events(2, 4)[0]; e.Took != 8*time.Second || e.Before != 40 || e.After != 200 {
		t.Errorf("the end: %+v", e)
	}
}

func TestRecorderWritesOfTheRest(t *testing.T) {
	r := emptyRecorder()
	later := time.Now().Add(time.Second)
	runs := []vitals.Run{{At: later.Add(-time.Hour), Routine: vitals.Compaction}, {At: later, Routine: vitals.Compaction, Reason: vitals.Waste},
		{At: later.Add(1), Routine: vitals.Compaction, Reason: vitals.Growth, Before: vitals.Memory{Heap: 9}, After: vitals.Memory{Heap: 4}, Took: time.Millisecond}}
	r.optimised(runs)
	r.optimised(runs)
	r.signalled(desktop.Signal{Kind: desktop.WokeUp, Slept: time.Hour})
	r.signalled(desktop.Signal{Kind: desktop.NetworkBack})
	r.moved(true)(balance.Move{At: later, Tool: "lamp", From: "a1", To: "b2", Why: balance.Safe, Took: time.Millisecond})
	if got, want := r.written(t), "info compaction  growth, info woke, good network_back, warning moved  safe"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if run := r.journal.Events(1, 3)[0]; run.Before != 9 || run.After != 4 || run.Unit != "bytes" || run.Took != time.Millisecond {
		t.Errorf("the run: %+v", run)
	}
	if m := r.journal.Moves(0, 0); len(m) != 1 || !m[0].Links || m[0].From != "a1" || m[0].To != "b2" || m[0].Why != "safe" {
		t.Errorf("moves: %+v", m)
	}
	for _, c := range []hub.CallEnd{{Endpoint: "a1", Outcome: hub.OutcomeLate}, {Raw: true, Outcome: hub.OutcomeToolError}, {Outcome: hub.OutcomeFailed}, {Outcome: hub.OutcomeCut}} {
		r.called(c)
	}
	var got []string
	for _, c := range r.journal.Calls(0, 0) {
		got = append(got, c.Caller.String()+" "+c.Outcome.String())
	}
	if want := "api cut, api failed, mcp tool_error, endpoint late"; strings.Join(got, ", ") != want {
		t.Errorf("calls: %v, want %s", got, want)
	}
	for outcome := range outcomes {
		if hub.Outcome(outcome).String() != outcomes[outcome].String() {
			t.Errorf("%v is written as %v", hub.Outcome(outcome), outcomes[outcome])
		}
	}
}

// TestRecordingACallAllocatesNothing holds what the journal adds to every call.
func TestRecordingACallAllocatesNothing(t *testing.T) {
	r := emptyRecorder()
	c := hub.CallEnd{Began: time.Now(), Endpoint: "a1", Tool: "lamp", Source: "home"}
	for range 2 * journal.DefaultCalls {
		r.called(c)
	}
	if n := testing.AllocsPerRun(1000, func() { r.called(c) }); n != 0 {
		t.Errorf("a call allocates %v times", n)
	}
}

func BenchmarkRecordCall(b *testing.B) {
	r := emptyRecorder()
	b.ReportAllocs()
	for b.Loop() {
		r.called(hub.CallEnd{Began: time.Now(), Endpoint: "a1", Tool: "lamp", Source: "home"})
	}
}
