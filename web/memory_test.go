package web

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoryIsBoundedAndForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memory[int]
		first := m.keep(1)
		if v, ok := m.find(first); !ok || v != 1 {
			t.Errorf("kept 1, found %d %v", v, ok)
		}
		if _, ok := m.find("guess"); ok {
			t.Error("a guess finds something")
		}
		time.Sleep(memoryLife + time.Second)
		if _, ok := m.find(first); ok {
			t.Error("it is remembered for ever")
		}
		names := make([]string, 3*memorySize)
		for i := range names {
			names[i] = m.keep(i)
		}
		if len(m.items) > memorySize {
			t.Errorf("%d things are kept", len(m.items))
		}
		if _, ok := m.find(names[0]); ok {
			t.Error("the oldest stays")
		}
		last := names[len(names)-1]
		if v, ok := m.take(last); !ok || v != len(names)-1 {
			t.Errorf("took %d %v", v, ok)
		}
		if _, ok := m.take(last); ok {
			t.Error("it can be taken twice")
		}
	})
}

func TestDraftsHideTokens(t *testing.T) {
	var d drafts
	const plain = "ws://box.lan:8004/mcp_endpoint/mcp/"
	if shown, draft := d.show(plain); shown != plain || draft != "" {
		t.Errorf("an address without a secret is shown as %q, kept as %q", shown, draft)
	}
	full := plain + "?token=" + token
	shown, draft := d.show(full)
	if shown != plain+"?token=***" || draft == "" {
		t.Errorf("shown as %q, kept as %q", shown, draft)
	}
	for _, c := range []struct{ typed, draft, want string }{
		{shown, draft, full},
		{shown, "other", shown},
		{"ws://new.lan/?token=***", draft, "ws://new.lan/?token=***"},
		{full, draft, full},
	} {
		if got := d.read(c.typed, c.draft); got != c.want {
			t.Errorf("%q with %q means %q", c.typed, c.draft, got)
		}
	}
}
