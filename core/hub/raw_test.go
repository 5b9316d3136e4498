package hub

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/session"
)

// answering returns a hub with the tool remote__x, which answers by what it is given.
func answering(t *testing.T, answers map[string]func(ctx context.Context) ([]byte, error)) *Hub {
	t.Helper()
	h, _ := newHub(t, Options{})
	h.SetRemotes([]Remote{{Name: "remote", Sources: []RemoteSource{{ID: "1", Tools: rawTools("x")}},
		Call: func(ctx context.Context, c RemoteCall) ([]byte, error) {
			answer := answers[string(session.Member(c.Args, "say"))]
			if answer == nil {
				return nil, fmt.Errorf("no answer to %s", c.Args)
			}
			return answer(ctx)
		}}})
	return h
}

func TestCallRaw(t *testing.T) {
	const rich = `{"content":[{"type":"image","data":"AAAA","mimeType":"image/png"},{"type":"new kind","x":12345678901234567890}],` +
		`"structuredContent":{"n":9007199254740993},"isError":false,"_meta":{"a/b":1},"own":[1.50]}`
	long := `{"content":[{"type":"text","text":"` + strings.Repeat("长", 20000) + `"}]}`
	gives := func(result string) func(context.Context) ([]byte, error) {
		return func(context.Context) ([]byte, error) { return []byte(result), nil }
	}
	h := answering(t, map[string]func(context.Context) ([]byte, error){
		"1": gives(rich), "2": gives(long), "3": gives(`"just a text"`),
		"4": gives(`{"isError":true,"content":[{"type":"text","text":"no such city"}]}`),
		"5": func(context.Context) ([]byte, error) {
			return nil, &rpc.Error{Code: -32602, Message: "city is missing, token=abcdef0123456789", Data: []byte(`{"field":"city"}`)}
		},
		"6": func(context.Context) ([]byte, error) { return nil, ErrLost },
	})
	for say, want := range map[string]string{
		"1": rich, "2": long, "3": `{"content":[{"type":"text","text":"just a text"}]}`,
		"4": `{"isError":true,"content":[{"type":"text","text":"no such city"}]}`,
	} {
		got, err := h.CallRaw(t.Context(), "", "remote__x", []byte(`{"say":`+say+`}`))
		if err != nil || string(got) != want {
			t.Errorf("%s: got %.300s, %v", say, got, err)
		}
	}
	var no *rpc.Error
	if _, err := h.CallRaw(t.Context(), "", "remote__x", []byte(`{"say":5}`)); !errors.As(err, &no) ||
		no.Code != -32602 || no.Message != "city is missing, token=***" || string(no.Data) != `{"field":"city"}` {
		t.Errorf("a refusal is %+v", err)
	}
	if got, err := h.CallRaw(t.Context(), "", "remote__x", []byte(`{"say":6}`)); err != nil || !strings.Contains(string(got), "carried out is not known") {
		t.Errorf("a loss is %s, %v", got, err)
	}
	if _, err := h.CallRaw(t.Context(), "", "nothing", nil); !errors.As(err, &no) || no.Code != rpc.CodeInvalidParams {
		t.Errorf("an unknown tool is %v", err)
	}
	if calls := h.Calls(); calls.Took.Count != 6 || calls.Failed != 3 || calls.BytesOut < uint64(len(rich)+len(long)) {
		t.Errorf("counted %d calls, %d failed, %d bytes", calls.Took.Count, calls.Failed, calls.BytesOut)
	}
	if got, _ := h.CallTool(t.Context(), "", "remote__x", []byte(`{"say":2}`)); len(got) > DefaultMaxResultBytes {
		t.Errorf("a voice server gets %d bytes", len(got))
	}
}

// TestCallRawWaits: what a voice server would be told to ask for again later is waited for,
// and what never comes is given up.
func TestCallRawWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cancelled := false
		h := answering(t, map[string]func(context.Context) ([]byte, error){
			"1": func(context.Context) ([]byte, error) {
				time.Sleep(2 * time.Minute)
				return []byte(`{"content":[]}`), nil
			},
			"2": func(ctx context.Context) ([]byte, error) {
				<-ctx.Done()
				cancelled = true
				return nil, ctx.Err()
			},
		})
		began := time.Now()
		if got, err := h.CallRaw(t.Context(), "", "remote__x", []byte(`{"say":1}`)); err != nil || string(got) != `{"content":[]}` {
			t.Errorf("got %s, %v", got, err)
		}
		if took := time.Since(began); took != 2*time.Minute {
			t.Errorf("it took %v", took)
		}
		began = time.Now()
		got, err := h.CallRaw(t.Context(), "", "remote__x", []byte(`{"say":2}`))
		if err != nil || !strings.Contains(string(got), `"isError":true`) || !strings.Contains(string(got), "within 5 minutes") {
			t.Errorf("got %s, %v", got, err)
		}
		if took := time.Since(began); took != longestLate {
			t.Errorf("it took %v", took)
		}
		synctest.Wait()
		if !cancelled {
			t.Error("the tool was not told that nobody waits")
		}
	})
}

// TestListRaw: schemas are as their servers have them, where one odd one would not spoil
// the list for everybody.
func TestListRaw(t *testing.T) {
	h, _ := newHub(t, Options{Origin: "me"})
	const defined = `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"a":{"$ref":"#/$defs/a"}},"$defs":{"a":{"type":"string"}}}`
	const out = `{"type":"object","properties":{"n":{"type":"integer"}}}`
	const flat = `{"type":"object","properties":{"a":{"type":"string"}}}`
	deep := strings.Repeat(`{"type":"object","properties":{"x":`, 40) + `{}` + strings.Repeat(`}}`, 40)
	tools := func(entries ...string) (all [][]byte) {
		for _, e := range entries {
			all = append(all, []byte(e))
		}
		return all
	}
	h.SetRemotes([]Remote{{Name: "r", Call: func(context.Context, RemoteCall) ([]byte, error) { return nil, ErrAway }, Sources: []RemoteSource{
		{ID: "1", Tools: tools(
			`{"name":"defined","icons":5,"inputSchema":`+defined+`,"outputSchema":`+out+`}`,
			`{"name":"twice","inputSchema":`+flat+`,"outputSchema":`+out+`}`,
			`{"name":"odd","inputSchema":[1],"outputSchema":{"type":"array"}}`,
			`{"name":"deep","inputSchema":`+deep+`}`)},
		{ID: "2", Tools: tools(`{"name":"twice","inputSchema":` + flat + `,"outputSchema":{"type":"object"}}`)},
	}}})
	list := string(h.ListRaw())
	for _, want := range []string{
		`{"name":"r__defined","inputSchema":` + defined + `,"outputSchema":` + out + `}`,
		`{"name":"r__twice","inputSchema":` + flat + `}`,
		`{"name":"r__odd","inputSchema":` + emptySchema + `}`,
		`{"name":"switchboard__time",`, `],"_meta":{"` + session.OriginKey + `":"me"}}`,
	} {
		if !strings.Contains(list, want) {
			t.Errorf("%s is not in %s", want, list)
		}
	}
	if strings.Contains(list, deep) {
		t.Error("a schema beyond reason is listed")
	}
	if again := h.ListRaw(); &again[0] != &h.ListRaw()[0] {
		t.Error("the list is made anew each time")
	}
	if voice := string(h.ListResult("")); strings.Contains(voice, "$defs") || strings.Contains(voice, "outputSchema") {
		t.Errorf("a voice server gets %s", voice)
	}
	h.Apply([]Server{{Name: BuiltinServer, Tools: map[string]ToolSetting{"time": {Disabled: true}}}}, nil)
	if list := string(h.ListRaw()); strings.Contains(list, "switchboard__time") {
		t.Errorf("a tool that is switched off is listed: %s", list)
	}
}
