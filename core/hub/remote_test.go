package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/session"
)

func rawTools(names ...string) (all [][]byte) {
	for _, name := range names {
		all = append(all, fmt.Appendf(nil, `{"name":%q,"inputSchema":{"type":"object"},"annotations":{"readOnlyHint":%v}}`, name, strings.HasPrefix(name, "safe")))
	}
	return all
}

func TestRemoteToolsJoinTheCatalogue(t *testing.T) {
	h, _ := newHub(t, Options{Origin: "me"})
	var got atomic.Pointer[RemoteCall]
	h.SetRemotes([]Remote{{Name: "remote",
		Sources: []RemoteSource{
			{ID: "id1", Label: "kitchen", Tools: rawTools("safe", "light")},
			{ID: "id2", Label: "hall", Tools: append(rawTools("light"), []byte(`{"name":"safe","inputSchema":{"type":"object","properties":{"x":{"type":"string"}}}}`))},
		},
		Call: func(_ context.Context, c RemoteCall) ([]byte, error) {
			got.Store(&c)
			switch string(c.Args) {
			case `{"no":1}`:
				return nil, &rpc.Error{Code: -32602, Message: "no such room"}
			case `{"away":1}`:
				return nil, fmt.Errorf("link: %w", ErrAway)
			case `{"lost":1}`:
				return nil, fmt.Errorf("link: %w", ErrLost)
			case `{"odd":1}`:
				return nil, errors.New("token=abcdef0123456789 is odd")
			}
			return []byte(`{"content":[{"type":"text","text":"on"}]}`), nil
		}}})

	if tool := toolNamed(h, "remote__light"); !slices.Equal(tool.Sources, []string{"kitchen", "hall"}) || tool.Server != "remote" {
		t.Errorf("got %+v", tool)
	}
	if tool := toolNamed(h, "remote__safe"); !slices.Equal(tool.Sources, []string{"kitchen"}) {
		t.Errorf("got %+v", tool)
	}
	for args, want := range map[string]string{
		`{"x":1}`:    "on",
		`{"no":1}`:   "no such room",
		`{"away":1}`: "remote is not running",
		`{"lost":1}`: "carried out is not known",
		`{"odd":1}`:  "token=***",
	} {
		text, _ := call(t, h, "", "remote__light", args)
		if !strings.Contains(text, want) {
			t.Errorf("%s: %q", args, text)
		}
	}
	if c := got.Load(); c.Tool != "light" || !slices.Equal(c.Among, []string{"id1", "id2"}) || c.Safe {
		t.Errorf("called with %+v", c)
	}
	call(t, h, "", "remote__safe", `{}`)
	if c := got.Load(); c.Tool != "safe" || !slices.Equal(c.Among, []string{"id1"}) || !c.Safe {
		t.Errorf("called with %+v", c)
	}
	if list := string(h.ListResult("")); !strings.HasSuffix(list, `],"_meta":{"`+session.OriginKey+`":"me"}}`) || !strings.Contains(list, `"remote__light"`) {
		t.Errorf("the list is %s", list)
	}

	h.Apply(nil, map[string]View{"hall only": {Servers: []string{"hall"}}})
	call(t, h, "hall only", "remote__light", `{}`)
	if c := got.Load(); !slices.Equal(c.Among, []string{"id2"}) {
		t.Errorf("who sees one link calls %+v", c)
	}

	h.SetRemotes(nil)
	if _, err := h.CallTool(t.Context(), "", "remote__light", nil); err == nil {
		t.Error("a tool that is gone can be called")
	}
}

func TestRemoteThatNeverAnswers(t *testing.T) {
	h, _ := newHub(t, Options{ToolTimeout: 20 * time.Millisecond})
	ended := make(chan struct{}, 2)
	h.SetRemotes([]Remote{{Name: "remote", Sources: []RemoteSource{{ID: "1", Tools: rawTools("x")}},
		Call: func(ctx context.Context, _ RemoteCall) ([]byte, error) {
			<-ctx.Done()
			ended <- struct{}{}
			return nil, ctx.Err()
		}}})
	if text, isError := call(t, h, "", "remote__x", `{}`); isError || !strings.Contains(text, "keeps running") {
		t.Errorf("got %q", text)
	}
	h.UpdateOptions(&Options{ToolTimeout: time.Minute}) // or this one may be late, too
	ctx, cancel := context.WithCancel(t.Context())
	cancelled := h.StartCall(ctx, "", "remote__x", nil)
	cancel()
	if _, err := cancelled(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-ended // the cancelled one
	_ = h.Close()
	<-ended // the late one ends with the hub
}

func TestRemoteWithAbsurdlyManyTools(t *testing.T) {
	h, _ := newHub(t, Options{})
	var names []string
	for i := range 5000 {
		names = append(names, fmt.Sprint("t", i))
	}
	h.SetRemotes([]Remote{{Name: "remote", Sources: []RemoteSource{{ID: "1", Tools: rawTools(names...)}}}})
	if n := len(h.Tools()) - 3; n != mostTools {
		t.Errorf("%d tools are offered, want %d", n, mostTools)
	}
}

func TestRemoteToolsHaveSettings(t *testing.T) {
	h, _ := newHub(t, Options{})
	h.SetRemoteTools(map[string]ToolSetting{"light": {Disabled: true}, "safe": {Description: "mine"}})
	remote := Remote{Name: "remote", Sources: []RemoteSource{{ID: "id1", Label: "kitchen", Tools: rawTools("safe", "light")}},
		Call: func(context.Context, RemoteCall) ([]byte, error) { return []byte(`{"content":[]}`), nil }}
	h.SetRemotes([]Remote{remote})
	light := toolNamed(h, "remote__light")
	if light.Enabled || !light.Remote || !slices.Equal(light.Listers, []string{"kitchen"}) || strings.Contains(string(h.ListResult("")), "remote__light") {
		t.Errorf("switched off: %+v, listed as %s", light, h.ListResult(""))
	}
	if _, err := h.CallTool(t.Context(), "", "remote__light", nil); err == nil {
		t.Error("a tool that is off was called")
	}
	if safe := toolNamed(h, "remote__safe"); safe.Description != "mine" || !safe.Overridden || safe.Own != "" {
		t.Errorf("described anew: %+v", safe)
	}
	// A source that comes later offers nothing that is off.
	remote.Sources = append(remote.Sources, RemoteSource{ID: "id2", Label: "hall", Tools: rawTools("light")})
	h.SetRemotes([]Remote{remote})
	if light := toolNamed(h, "remote__light"); light.Enabled || len(light.Listers) != 2 {
		t.Errorf("after another source: %+v", light)
	}
	h.SetRemoteTools(nil)
	if light := toolNamed(h, "remote__light"); !light.Enabled || len(light.Sources) != 2 {
		t.Errorf("switched on again: %+v", light)
	}
}
