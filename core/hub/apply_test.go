//go:build unix

package hub

import (
	"context"
	"errors"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/rpc"
)

func TestApplyLeavesOthersAlone(t *testing.T) {
	h, _ := newHub(t, Options{})
	a, b, c := child(t, "a"), child(t, "b"), child(t, "c")
	start(t, h, a, b, c)
	pidA, pidB := status(h, "a").PID, status(h, "b").PID

	b2 := child(t, "b")
	b2.Args = []string{"--other"}
	a2 := child(t, "a")
	a2.Tools = map[string]ToolSetting{"never": {Disabled: true}, "echo": {Description: "repeats"}}
	h.Apply([]Server{b2, a2, child(t, "d")}, nil)

	// What was switched off is off when Apply returns.
	_, err := h.CallTool(t.Context(), "", "a__never", []byte(`{}`))
	var e *rpc.Error
	if !errors.As(err, &e) || e.Code != rpc.CodeInvalidParams {
		t.Errorf("a disabled tool: %v", err)
	}
	if list := string(h.ListResult("")); strings.Contains(list, "a__never") || !strings.Contains(list, `"description":"repeats"`) || strings.Contains(list, "c__") {
		t.Errorf("list: %s", list)
	}
	if err := h.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if pid := status(h, "a").PID; pid != pidA {
		t.Errorf("a was restarted: %d, then %d", pidA, pid)
	}
	if pid := status(h, "b").PID; pid == pidB || pid == 0 {
		t.Errorf("b was not restarted: %d, then %d", pidB, pid)
	}
	if n := len(h.Servers()); n != 3 {
		t.Errorf("%d servers", n)
	}
	disabled := child(t, "a")
	disabled.Disabled = true
	h.Apply([]Server{disabled}, nil)
	if s := status(h, "a"); s.State != StateDisabled || strings.Contains(string(h.ListResult("")), "a__") {
		t.Errorf("%+v", s)
	}
	poll(t, "the process of a is gone", func() bool { return !running(pidA) })
}

func TestViews(t *testing.T) {
	h, _ := newHub(t, Options{})
	servers := []Server{child(t, "a"), child(t, "b"), {Name: BuiltinServer, Tools: map[string]ToolSetting{"status": {Disabled: true}}}}
	start(t, h, servers...)
	h.Apply(servers, map[string]View{
		"only a":    {Servers: []string{"a"}},
		"same":      {Servers: []string{"a"}},
		"one":       {Tools: []string{"b__echo", "nothing"}},
		"none":      {Servers: []string{}},
		"both":      {Servers: []string{"a"}, Tools: []string{"a__pid", "b__pid"}},
		"all again": {},
	})
	for endpoint, want := range map[string]int{"only a": 14, "one": 1, "none": 0, "both": 1, "all again": 30, "unknown": 30} {
		list := h.ListResult(endpoint)
		if got := strings.Count(string(list), `"inputSchema"`); got != want {
			t.Errorf("%s sees %d tools, want %d", endpoint, got, want)
		}
	}
	if string(h.ListResult("none")) != `{"tools":[]}` {
		t.Errorf("got %s", h.ListResult("none"))
	}
	same := func(a, b []byte) bool { return &a[0] == &b[0] }
	if !same(h.ListResult("only a"), h.ListResult("same")) || !same(h.ListResult("unknown"), h.ListResult("all again")) {
		t.Error("one view is encoded twice")
	}
	if _, err := h.CallTool(t.Context(), "only a", "b__echo", []byte(`{}`)); err == nil {
		t.Error("a hidden tool is called")
	}
	if got, _ := call(t, h, "one", "b__echo", `{}`); got != "{}" {
		t.Errorf("got %q", got)
	}
	kept, changed := h.ListResult("one"), h.ListResult("only a")
	servers[0].Tools = map[string]ToolSetting{"echo": {Disabled: true}}
	h.Apply(servers, map[string]View{"only a": {Servers: []string{"a"}}, "one": {Tools: []string{"b__echo", "nothing"}}})
	if !same(kept, h.ListResult("one")) || same(changed, h.ListResult("only a")) {
		t.Error("a list changed that should not have, or the other way round")
	}
}

func TestLateCallWithoutPendingTool(t *testing.T) {
	h, _ := newHub(t, Options{ToolTimeout: 1})
	servers := []Server{child(t, "s")}
	start(t, h, servers...)
	h.Apply(servers, map[string]View{"e": {Servers: []string{"s"}}})
	if got, _ := call(t, h, "e", "s__never", `{}`); got != "s__never is taking longer than 1 seconds and keeps running in the background. Tell the user so." {
		t.Errorf("got %q", got)
	}
}

func TestReplacedWhileStarting(t *testing.T) {
	h, _ := newHub(t, Options{})
	for i := range 5 {
		s := child(t, "s", "hang")
		s.Args = make([]string, i)
		h.Apply([]Server{s}, nil)
	}
	start(t, h, child(t, "s"))
	if s := status(h, "s"); s.State != StateReady {
		t.Errorf("%+v", s)
	}
}

func TestBuiltins(t *testing.T) {
	h, _ := newHub(t, Options{Status: func() string { return "two links up" }, Words: Chinese()})
	if got, _ := call(t, h, "", "switchboard__status", `{}`); got != "two links up" {
		t.Errorf("got %q", got)
	}
	if got, isError := call(t, h, "", "switchboard__time", `{"timezone":"Nowhere/Never"}`); !isError || !strings.Contains(got, "Nowhere/Never") {
		t.Errorf("got %q", got)
	}
	if got, isError := call(t, h, "", "switchboard__time", `{"timezone":"UTC"}`); isError || !strings.Contains(got, "UTC+00:00") {
		t.Errorf("got %q", got)
	}
	empty := ""
	h.Apply([]Server{{Name: BuiltinServer, Prefix: &empty}}, nil)
	if got, _ := call(t, h, "", "pending_result", `{}`); got != Chinese().PendingNone {
		t.Errorf("got %q", got)
	}
	h.Apply([]Server{{Name: BuiltinServer, Disabled: true}}, nil)
	if list := string(h.ListResult("")); list != `{"tools":[]}` {
		t.Errorf("got %s", list)
	}
}

func TestWaitGivesUp(t *testing.T) {
	h, _ := newHub(t, Options{})
	h.Apply([]Server{child(t, "s", "hang")}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
