package hub

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestGuest holds that a guest hears what an endpoint would, and leaves nothing behind.
func TestGuest(t *testing.T) {
	var told atomic.Int32
	h, _ := newHub(t, Options{ToolTimeout: 40 * time.Millisecond, Called: func(CallEnd) { told.Add(1) }})
	servers := []Server{child(t, "s")}
	start(t, h, servers...)
	h.Apply(servers, map[string]View{"e": {Servers: []string{"s", BuiltinServer}, Tools: []string{"s__late", "s__echo", "s__release", "switchboard__pending_result"}}})
	g := h.Guest("e")
	if got, want := g.ListResult("whoever"), h.ListResult("e"); &got[0] != &want[0] {
		t.Error("a guest is listed something else")
	}
	said := func(name, arguments string) string {
		result, err := g.StartCall(t.Context(), "whoever", name, []byte(arguments))()
		if err != nil {
			t.Fatal(err)
		}
		return readResult(result, &h.options().words).text
	}
	if _, err := g.StartCall(t.Context(), "whoever", "switchboard__time", nil)(); err == nil {
		t.Error("a guest calls what the endpoint does not see")
	}
	before := h.Calls()
	if got := said("s__late", `{}`); !strings.Contains(got, "switchboard__pending_result") {
		t.Errorf("too long a call says %q", got)
	}
	if got := said("switchboard__pending_result", `{}`); got != English().PendingNone {
		t.Errorf("a guest takes %q", got)
	}
	if got, _ := call(t, h, "e", "switchboard__pending_result", `{}`); got != English().PendingNone {
		t.Errorf("a guest left %q", got)
	}
	if n := told.Load(); n != 1 {
		t.Errorf("told of %d calls, of which one was the endpoint's", n)
	}
	// What waits for the endpoint stays there.
	call(t, h, "e", "s__late", `{}`)
	h.UpdateOptions(&Options{ToolTimeout: time.Minute})
	said("s__release", `{}`) // one of the two calls
	said("s__release", `{}`) // the other
	said("switchboard__pending_result", `{}`)
	poll(t, "the endpoint's own result is there", func() bool {
		got, _ := call(t, h, "e", "switchboard__pending_result", `{}`)
		return strings.Contains(got, "finally")
	})
	if got := said("s__echo", `{"text":"x"}`); got == "" {
		t.Error("nothing was said")
	}
	for _, tool := range h.Tools() {
		if tool.Name == "s__echo" && tool.Calls.Took.Count > 0 {
			t.Errorf("a guest counts: %+v", tool.Calls)
		}
	}
	if after := h.Calls(); before.Took.Count > 0 || after.Took.Count == 0 {
		t.Errorf("counted %d before and %d after the endpoint's own calls", before.Took.Count, after.Took.Count)
	}
}
