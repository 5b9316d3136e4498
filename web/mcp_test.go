package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"xiaozhi-switchboard/core/nudge"
	"xiaozhi-switchboard/core/rpc"
)

// fakeToolbox has one tool, until it is told otherwise.
type fakeToolbox struct {
	nudge.Bell
	call func(ctx context.Context, name string, arguments []byte) ([]byte, error)

	mu   sync.Mutex
	list []byte
}

const oneTool = `{"tools":[{"name":"a__echo","inputSchema":{"type":"object"},"x-own":9007199254740993}],"_meta":{"xiaozhi-switchboard/origin":"me"}}`

func newToolbox() *fakeToolbox {
	return &fakeToolbox{list: []byte(oneTool), call: func(_ context.Context, name string, arguments []byte) ([]byte, error) {
		if name != "a__echo" {
			return nil, &rpc.Error{Code: rpc.CodeInvalidParams, Message: "unknown tool: " + name, Data: []byte(`{"n":1}`)}
		}
		return fmt.Appendf(nil, `{"content":[{"type":"text","text":%q}]}`, arguments), nil
	}}
}

func (f *fakeToolbox) ListRaw() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.list
}

func (f *fakeToolbox) CallRaw(ctx context.Context, _, name string, arguments []byte) ([]byte, error) {
	return f.call(ctx, name, arguments)
}

func (f *fakeToolbox) change(list string) {
	f.mu.Lock()
	f.list = []byte(list)
	f.mu.Unlock()
	f.Ring()
}

// mcpPlace is a server with MCP at a port of this computer.
type mcpPlace struct {
	t   *testing.T
	box *fakeToolbox
	s   *Server
	url string
}

func newMCPPlace(t *testing.T, opts *Options) *mcpPlace {
	t.Helper()
	p := &mcpPlace{t: t, box: newToolbox()}
	p.s = New(Deps{Toolbox: p.box}, opts)
	t.Cleanup(func() { p.s.Close() })
	p.url = serve(t, p.s) + "/mcp"
	return p
}

// send makes one request of an MCP client; the answer's body is to be closed.
func (p *mcpPlace) send(method, session, body string) *http.Response {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.url, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Accept", "application/json, text/event-stream")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if session != "" {
		r.Header.Set(sessionHeader, session)
		r.Header.Set("Mcp-Protocol-Version", "2025-11-25")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer
}

// status is the status of an answer, whose body is read away.
func (p *mcpPlace) status(method, session, body string) int {
	p.t.Helper()
	answer := p.send(method, session, body)
	defer answer.Body.Close()
	io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

// ask returns the answer to a request in a session.
func (p *mcpPlace) ask(session, method, params string) string {
	p.t.Helper()
	answer := p.send("POST", session, `{"jsonrpc":"2.0","id":7,"method":"`+method+`","params":`+params+`}`)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %s %v %s", method, answer.Status, err, body)
	}
	return string(body)
}

const initialize = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"editor","version":"1"}}}`

// open begins a session and returns its name.
func (p *mcpPlace) open() string {
	p.t.Helper()
	answer := p.send("POST", "", initialize)
	defer answer.Body.Close()
	io.Copy(io.Discard, answer.Body)
	id := answer.Header.Get(sessionHeader)
	if answer.StatusCode != http.StatusOK || id == "" {
		p.t.Fatalf("initialize: %s, session %q", answer.Status, id)
	}
	if code := p.status("POST", id, `{"jsonrpc":"2.0","method":"notifications/initialized"}`); code != http.StatusAccepted {
		p.t.Fatalf("initialized: %d", code)
	}
	return id
}

// listen opens the stream of a session.
func (p *mcpPlace) listen(session string) *http.Response {
	p.t.Helper()
	stream := p.send("GET", session, "")
	p.t.Cleanup(func() { stream.Body.Close() })
	if stream.StatusCode != http.StatusOK {
		p.t.Fatalf("stream: %s", stream.Status)
	}
	if _, err := io.ReadFull(stream.Body, make([]byte, 1)); err != nil {
		p.t.Fatal(err)
	}
	return stream
}

func TestMCPClient(t *testing.T) {
	p := newMCPPlace(t, &Options{Version: "9.9"})
	changed := make(chan struct{}, 10)
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, &mcp.ClientOptions{
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { changed <- struct{}{} },
	})
	c, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: p.url}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if info := c.InitializeResult(); info.ServerInfo.Name != "xiaozhi-switchboard" || info.ServerInfo.Version != "9.9" || !info.Capabilities.Tools.ListChanged {
		t.Errorf("it introduces itself as %+v", info)
	}
	names := func() (all []string) {
		list, err := c.ListTools(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, tool := range list.Tools {
			all = append(all, tool.Name)
		}
		return all
	}
	if got := names(); fmt.Sprint(got) != "[a__echo]" {
		t.Errorf("tools: %v", got)
	}
	result, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "a__echo", Arguments: map[string]any{"x": 1}})
	if err != nil || result.Content[0].(*mcp.TextContent).Text != `{"x":1}` {
		t.Errorf("got %+v, %v", result, err)
	}
	if _, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "changed"}); err == nil || !strings.Contains(err.Error(), "unknown tool: changed") {
		t.Errorf("what is not in the list is called: %v", err)
	}
	p.box.Ring() // nothing changed
	p.box.change(`{"tools":[{"name":"b__one","inputSchema":{"type":"object"}},{"name":"b__two","inputSchema":{"type":"object"}}]}`)
	select {
	case <-changed:
	case <-time.After(patience):
		t.Fatal("the client is not told that the list changed")
	}
	if got := names(); fmt.Sprint(got) != "[b__one b__two]" {
		t.Errorf("tools: %v", got)
	}
}

// TestMCPLosesNothing: what the SDK does not know passes all the same.
func TestMCPLosesNothing(t *testing.T) {
	p := newMCPPlace(t, nil)
	const rich = `{"content":[{"type":"hologram","big":12345678901234567890},{"type":"text","text":"长\u0000<b>"}],"structuredContent":[1.50],"own":null}`
	long := `{"content":[{"type":"text","text":"` + strings.Repeat("x", 5<<20) + `"}]}`
	var got string
	p.box.call = func(_ context.Context, name string, arguments []byte) ([]byte, error) {
		got = string(arguments)
		switch name {
		case "rich":
			return []byte(rich), nil
		case "long":
			return []byte(long), nil
		}
		return nil, &rpc.Error{Code: -32099, Message: "no", Data: []byte(`{"n":1}`)}
	}
	id := p.open()
	for _, c := range []struct{ method, params, member, want string }{
		{"tools/list", `{}`, "result", oneTool},
		{"tools/call", `{"name":"rich","arguments":{"n":9007199254740993}}`, "result", rich},
		{"tools/call", `{"name":"long"}`, "result", long},
		{"tools/call", `{"name":"other"}`, "error", `{"code":-32099,"message":"no","data":{"n":1}}`},
		{"tools/list", `{"cursor":"abc"}`, "error", `{"code":-32602,"message":"unknown cursor: the list has one page"}`},
		{"ping", `{}`, "result", `{}`},
	} {
		var answer map[string]json.RawMessage
		if err := json.Unmarshal([]byte(p.ask(id, c.method, c.params)), &answer); err != nil {
			t.Fatal(err)
		}
		if have := string(answer[c.member]); have != c.want {
			t.Errorf("%s %s: %.300s", c.method, c.params, have)
		}
		if strings.Contains(c.params, "arguments") && got != `{"n":9007199254740993}` {
			t.Errorf("the arguments came as %s", got)
		}
	}
}

func TestMCPRefusals(t *testing.T) {
	var log lockedBuffer
	p := newMCPPlace(t, &Options{Log: slog.New(slog.NewTextHandler(&log, nil)), MaxBody: 100})
	id := p.open()
	for _, c := range []struct {
		name, method, session, body string
		want                        int
	}{
		{"too large", "POST", id, strings.Repeat(" ", mcpBody+1), 413},
		{"no JSON", "POST", id, "{", 400},
		{"nothing", "POST", id, "", 415},
		{"unknown session", "POST", "x", initialize, 404},
		{"unknown session's stream", "GET", "x", "", 404},
		{"no session's stream", "GET", "", "", 400},
		{"unknown session's end", "DELETE", "x", "", 404},
		{"another method", "PUT", id, "", 405},
		{"head", "HEAD", id, "", 405},
		{"call before initialize", "POST", "", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, 200}, // whose answer is an error
	} {
		if got := p.status(c.method, c.session, c.body); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	r, err := http.NewRequest("POST", p.url, io.LimitReader(endless{}, mcpBody+1))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != 413 {
		t.Errorf("too large without a length: %s", answer.Status)
	}
	for _, method := range []string{"GET", "POST", "DELETE", "PUT", "OPTIONS", "HEAD"} {
		for name, attack := range map[string]func(*http.Request){
			"host":   func(r *http.Request) { r.Host = "attacker.com:3001" },
			"origin": func(r *http.Request) { r.Header.Set("Origin", "https://attacker.com") },
			"local":  func(r *http.Request) { r.Header.Set("Origin", "http://localhost:8080") },
		} {
			r, err := http.NewRequest(method, p.url, strings.NewReader(initialize))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Accept", "application/json, text/event-stream")
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set(sessionHeader, id)
			attack(r)
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != 403 {
				t.Errorf("%s by a foreign %s: %s", method, name, answer.Status)
			}
		}
	}
	if code := p.status("POST", "", strings.ReplaceAll(initialize, "editor", "Bearer "+token)); code != 200 {
		t.Errorf("a client with an odd name: %d", code)
	}
	if text := log.String(); !strings.Contains(text, "MCP client connected") || strings.Contains(text, token) {
		t.Errorf("the log is %s", text)
	}
	s := New(Deps{}, &Options{Port: testPort})
	defer s.Close()
	if w := do(s, request("POST", "/mcp")); w.Code != 404 {
		t.Errorf("MCP without tools: %d", w.Code)
	}
}

// endless is spaces.
type endless struct{}

// Read fills b.
func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// lockedBuffer is a log that is read while it grows.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write appends.
func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// String returns what there is.
func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
