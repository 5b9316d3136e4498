//go:build unix

package hub

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"xiaozhi-switchboard/core/retry"
	"xiaozhi-switchboard/core/rpc"
)

func TestCall(t *testing.T) {
	h, _ := newHub(t, Options{})
	start(t, h, child(t, "my server"))
	if got, isError := call(t, h, "e", "my_server__echo", `{"a": 9007199254740993,
		"b":"中\n"}`); isError || got != `{"a": 9007199254740993, 		"b":"中\n"}` {
		t.Errorf("got %q", got)
	}
	s := status(h, "my server")
	if s.State != StateReady || s.PID == 0 || s.Title != "child" || s.Version != "1.2" || s.Tools != 14 {
		t.Errorf("status: %+v", s)
	}
	if s.Note != "2 entries without a usable name left out; 1 repeated entries left out" {
		t.Errorf("note: %q", s.Note)
	}
	list := string(h.ListResult("e"))
	if want := `{"tools":[{"name":"my_server__echo","description":"does echo","inputSchema":{"type":"object","properties":{}},"annotations":{"readOnlyHint":true}},`; !strings.HasPrefix(list, want) {
		t.Errorf("list: %s", list)
	}
	for name, want := range map[string]string{
		"my_server__fail":   "no such city",
		"my_server__refuse": "my_server__refuse could not be carried out: city is missing",
	} {
		if got, isError := call(t, h, "e", name, `{}`); !isError || got != want {
			t.Errorf("%s: %q %v", name, got, isError)
		}
	}
	if got, _ := call(t, h, "e", "my_server__ping", `{}`); got != "true" {
		t.Errorf("the server's ping was answered with %q", got)
	}
	_, err := h.CallTool(t.Context(), "e", "nope", []byte(`{}`))
	var e *rpc.Error
	if !errors.As(err, &e) || e.Code != rpc.CodeInvalidParams {
		t.Errorf("unknown tool: %v", err)
	}
	for _, tool := range h.Tools() {
		if tool.Original == "odd schema" && (tool.Name != "my_server__odd_schema" || !slices.Contains(tool.Notes, NoteSchemaNotObject)) {
			t.Errorf("%+v", tool)
		}
	}
}

func TestCommandNotFound(t *testing.T) {
	h, _ := newHub(t, Options{})
	start(t, h,
		Server{Name: "a", Command: "npx-does-not-exist"},
		Server{Name: "b", Command: "uvx", Env: map[string]string{"PATH": "/nowhere/at/all"}},
		Server{Name: "c"})
	a, b, c := status(h, "a"), status(h, "b"), status(h, "c")
	if a.State != StateFailed || a.Problem.Kind != ProblemNotFound || !strings.Contains(a.Problem.Sentence, "npx-does-not-exist") ||
		!strings.Contains(a.Problem.Sentence, "PATH="+os.Getenv("PATH")[:5]) || a.NextRetry.IsZero() {
		t.Errorf("%+v %+v", a, a.Problem)
	}
	if b.Problem == nil || !strings.Contains(b.Problem.Sentence, "PATH=/nowhere/at/all") || !strings.Contains(b.Problem.Advice, "uv") {
		t.Errorf("%+v", b.Problem)
	}
	if c.Problem == nil || c.Problem.Kind != ProblemConfig {
		t.Errorf("%+v", c.Problem)
	}
}

func TestCrashOnStart(t *testing.T) {
	h, book := newHub(t, Options{Retry: retry.Policy{Strategy: retry.FixedInterval, Base: 10 * time.Millisecond}})
	bad := child(t, "bad", "crash")
	bad.Env["MY_API_KEY"] = "plainwords"
	start(t, h, bad, child(t, "good"))
	if got, _ := call(t, h, "", "good__echo", `{}`); got != "{}" {
		t.Errorf("got %q", got)
	}
	eventually(t, h, "the crash is told", func() bool {
		s := status(h, "bad")
		return s.Problem != nil && s.Problem.Kind == ProblemExited && strings.Contains(s.Problem.Sentence, "exit status 3") && len(s.Stderr) > 0
	})
	if s := status(h, "bad"); s.Stderr[0] != "cannot open the database, token=***" {
		t.Errorf("stderr: %q", s.Stderr)
	}
	if log := book.String(); strings.Contains(log, "abcdef123456789") || strings.Contains(log, "plainwords") {
		t.Error("a credential is in the log")
	}
}

func TestRestartAfterCrash(t *testing.T) {
	h, _ := newHub(t, Options{})
	start(t, h, child(t, "s"))
	before := status(h, "s").PID
	list := h.ListResult("")
	got, isError := call(t, h, "", "s__crash", `{}`)
	if !isError || !strings.Contains(got, "stopped while it was working") {
		t.Errorf("got %q", got)
	}
	eventually(t, h, "running again", func() bool { s := status(h, "s"); return s.State == StateReady && s.PID != before })
	if s := status(h, "s"); s.Restarts != 1 || s.Problem != nil {
		t.Errorf("%+v", s)
	}
	if after := h.ListResult(""); &after[0] != &list[0] {
		t.Error("the list was encoded again although nothing changed")
	}
	if got, _ := call(t, h, "", "s__echo", `{}`); got != "{}" {
		t.Errorf("got %q", got)
	}
}

func TestCrashOnceThenWork(t *testing.T) {
	h, _ := newHub(t, Options{})
	start(t, h, child(t, "s", "crashonce="+filepath.Join(t.TempDir(), "mark")))
	eventually(t, h, "ready", func() bool { return status(h, "s").State == StateReady })
}

func TestAwayServerIsAnsweredAtOnce(t *testing.T) {
	h, _ := newHub(t, Options{Retry: retry.Policy{Strategy: retry.FixedInterval, Base: time.Hour}})
	start(t, h, child(t, "s"))
	call(t, h, "", "s__crash", `{}`)
	eventually(t, h, "waiting", func() bool { return status(h, "s").State == StateWaiting })
	if got, isError := call(t, h, "", "s__echo", `{}`); !isError || !strings.Contains(got, "not running") {
		t.Errorf("got %q", got)
	}
	if err := h.Restart("s"); err != nil {
		t.Fatal(err)
	}
	eventually(t, h, "ready", func() bool { return status(h, "s").State == StateReady })
	if err := h.Restart("nobody"); err == nil {
		t.Error("an unknown server is restarted")
	}
}

func TestRestartByHand(t *testing.T) {
	h, _ := newHub(t, Options{})
	start(t, h, child(t, "s"))
	before := status(h, "s").PID
	if err := h.Restart("s"); err != nil {
		t.Fatal(err)
	}
	eventually(t, h, "another process", func() bool { s := status(h, "s"); return s.State == StateReady && s.PID != before })
}

func TestGarbage(t *testing.T) {
	h, _ := newHub(t, Options{})
	start(t, h, child(t, "s", "garbage"))
	for range 20 {
		if got, _ := call(t, h, "", "s__echo", `{"x":1}`); got != `{"x":1}` {
			t.Fatalf("got %q", got)
		}
	}
	if s := status(h, "s"); s.Stray < 60 {
		t.Errorf("%d strays counted", s.Stray)
	}
}

func TestManyTools(t *testing.T) {
	h, _ := newHub(t, Options{})
	start(t, h, child(t, "s", "tools=10000"))
	s := status(h, "s")
	if s.Tools != mostTools || s.Note != "only the first 512 tools are offered" {
		t.Errorf("%d tools, note %q", s.Tools, s.Note)
	}
	if n := len(h.Tools()); n != mostTools+3 {
		t.Errorf("%d in the catalogue", n)
	}
}

func TestLargeResults(t *testing.T) {
	h, _ := newHub(t, Options{MaxResultBytes: -1, ToolTimeout: time.Minute})
	start(t, h, child(t, "s"))
	got, isError := call(t, h, "", "s__big", `{"bytes":20971520}`)
	if isError || len(got) > mostResultBytes || len(got) < mostResultBytes-200 || !strings.HasSuffix(got, "(shortened)") {
		t.Errorf("%d bytes, error %v", len(got), isError)
	}
	got, isError = call(t, h, "", "s__big", `{"bytes":34000000}`)
	if !isError || !strings.Contains(got, "too large") {
		t.Errorf("%d bytes, error %v", len(got), isError)
	}
	if got, _ := call(t, h, "", "s__echo", `{}`); got != "{}" {
		t.Errorf("the server did not live on: %q", got)
	}
}

func TestDeafServer(t *testing.T) {
	h, _ := newHub(t, Options{ToolTimeout: 50 * time.Millisecond})
	start(t, h, child(t, "deaf", "deaf"), child(t, "good"))
	// More than the pipe holds, so that it is full.
	large := `{"x":"` + strings.Repeat("x", 3<<20) + `"}`
	for i := range 8 {
		got, err := h.CallTool(t.Context(), "", "deaf__echo", []byte(large))
		if err != nil {
			t.Fatal(err)
		}
		if i == 7 && !strings.Contains(string(got), "not keeping up") {
			t.Errorf("got %s", got)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.CallTool(ctx, "", "deaf__echo", []byte(`{}`)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	h.UpdateOptions(&Options{ToolTimeout: time.Minute})
	if got, _ := call(t, h, "", "good__echo", `{}`); got != "{}" {
		t.Errorf("got %q", got)
	}
}

func TestHangingStartDelaysNobody(t *testing.T) {
	h, _ := newHub(t, Options{StartTimeout: 2 * time.Second}) // which the good one has, too
	h.Apply([]Server{child(t, "hang", "hang"), child(t, "good")}, nil)
	eventually(t, h, "good is ready", func() bool { return status(h, "good").State == StateReady })
	eventually(t, h, "hang is given up", func() bool {
		p := status(h, "hang").Problem
		return p != nil && p.Kind == ProblemTimeout
	})
}

func TestCloseKillsTheGroup(t *testing.T) {
	h, _ := newHub(t, Options{StartTimeout: time.Minute})
	start(t, h, child(t, "s"), child(t, "stubborn", "stubborn"))
	h.Apply([]Server{child(t, "s"), child(t, "stubborn", "stubborn"), child(t, "hang", "hang")}, nil)
	var pids []int
	for _, name := range []string{"s", "stubborn"} {
		got, _ := call(t, h, "", name+"__spawn", `{}`)
		pid, err := strconv.Atoi(got)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid, status(h, name).PID)
	}
	began := time.Now()
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	// Close promises 3 s, of which a busy machine must have some for itself.
	if patient := graceClosed + graceAsked + graceKilled; patient > 2500*time.Millisecond {
		t.Errorf("programs have %v to end", patient)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("close took %v, as if it waited for the start of a program", took)
	}
	for _, pid := range pids {
		poll(t, "process "+strconv.Itoa(pid)+" is gone", func() bool { return !running(pid) })
	}
	if s := status(h, "s"); s.State != StateStopped {
		t.Errorf("%+v", s)
	}
	h.Apply([]Server{child(t, "s")}, nil)
	if err := h.Close(); err != nil {
		t.Error(err)
	}
}

// running reports a process that exists and is no zombie.
func running(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

func TestChangedList(t *testing.T) {
	h, _ := newHub(t, Options{})
	start(t, h, child(t, "s"))
	before := h.ListResult("")
	call(t, h, "", "s__relist", `{}`)
	eventually(t, h, "the new tool is listed", func() bool { return strings.Contains(string(h.ListResult("")), "s__extra") })
	if strings.Contains(string(before), "s__extra") {
		t.Error("a list given out was changed")
	}
}

func TestCancelReachesTheServer(t *testing.T) {
	h, _ := newHub(t, Options{})
	start(t, h, child(t, "s"))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := h.CallTool(ctx, "", "s__never", []byte(`{}`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if got, _ := call(t, h, "", "s__cancelled", `{}`); got == "" {
		t.Errorf("got %q", got)
	}
}

func TestLateCall(t *testing.T) {
	h, _ := newHub(t, Options{ToolTimeout: 40 * time.Millisecond})
	start(t, h, child(t, "s"))
	got, isError := call(t, h, "a", "s__late", `{}`)
	if isError || !strings.Contains(got, "switchboard__pending_result") {
		t.Errorf("got %q", got)
	}
	if got, _ := call(t, h, "a", "switchboard__pending_result", `{}`); !strings.Contains(got, "still running") {
		t.Errorf("got %q", got)
	}
	if got, _ := call(t, h, "b", "switchboard__pending_result", `{}`); got != English().PendingNone {
		t.Errorf("another endpoint got %q", got)
	}
	// The deadline is for the call above; the one that ends its waiting has time.
	h.UpdateOptions(&Options{ToolTimeout: time.Minute})
	call(t, h, "a", "s__release", `{}`)
	poll(t, "the result is there", func() bool {
		got, _ = call(t, h, "a", "switchboard__pending_result", `{}`)
		return !strings.Contains(got, "still running")
	})
	if got != "The result of s__late:\nfinally" {
		t.Errorf("got %q", got)
	}
	if got, _ := call(t, h, "a", "switchboard__pending_result", `{}`); got != English().PendingNone {
		t.Errorf("got %q", got)
	}
}
