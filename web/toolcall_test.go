package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"xiaozhi-switchboard/core/rpc"
)

// fakeCaller knows one tool, and answers with what it was called with.
type fakeCaller struct {
	mu    sync.Mutex
	calls []string
	fail  error
}

func (f *fakeCaller) CallTool(_ context.Context, name string, arguments []byte) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if name != "switchboard__time" {
		return nil, &rpc.Error{Code: rpc.CodeInvalidParams, Message: "unknown tool"}
	}
	f.calls = append(f.calls, name+" "+string(arguments))
	return []byte(`{"content":[{"type":"text","text":"noon"}]}`), f.fail
}

func TestCallTool(t *testing.T) {
	s, _, _, _ := newServer(t, &Options{MaxBody: 100})
	caller := s.deps.Caller.(*fakeCaller)
	const path, done = "/api/v1/tools/switchboard__time/call", `"result":{"content":[{"type":"text","text":"noon"}]}`
	for _, c := range []struct {
		path, body string
		fail       error
		status     int
		want       string // in the answer
		call       string
	}{
		{path, `{"arguments":{"a":[1,"x"]}}`, nil, 200, done, `switchboard__time {"a":[1,"x"]}`},
		{path, `{"arguments": {} }`, nil, 200, done, "switchboard__time {}"},
		{path, `{}`, nil, 200, `{"name":"switchboard__time","tookMs":`, "switchboard__time {}"},
		{path, ``, nil, 200, done, "switchboard__time {}"},
		{path, `{"arguments":null}`, nil, 400, "bad_json", ""},
		{path, `{"arguments":[]}`, nil, 400, "bad_json", ""},
		{path, `{"arguments":{}`, nil, 400, "bad_json", ""},
		{path, `{"a":1}`, nil, 400, `such as {\"arguments\":`, ""},
		{path, `{"arguments":{"a":"` + strings.Repeat("x", 100) + `"}}`, nil, 413, "too_large", ""},
		{"/api/v1/tools/nothing/call", `{}`, nil, 404, "unknown_tool", ""},
		{"/api/v1/tools/a%2Fb/call", `{}`, nil, 404, "unknown_tool", ""},
		{path, `{}`, errors.New("token=" + token), 500, "action_failed", "switchboard__time {}"},
	} {
		caller.calls, caller.fail = nil, c.fail
		var r *httptest.ResponseRecorder
		if c.body == "" {
			r = do(s, request("POST", c.path))
		} else {
			r = send(s, c.path, c.body)
		}
		if r.Code != c.status || !strings.Contains(r.Body.String(), c.want) || strings.Join(caller.calls, ", ") != c.call {
			t.Errorf("%s %q: %d %s, did %v", c.path, c.body, r.Code, r.Body, caller.calls)
		}
		if !json.Valid(r.Body.Bytes()) || strings.Contains(r.Body.String(), token) {
			t.Errorf("%s %q answers %s", c.path, c.body, r.Body)
		}
	}
}
