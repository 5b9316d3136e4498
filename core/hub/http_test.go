package hub

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
)

// remote is an MCP server of the SDK behind HTTP.
type webServer struct {
	*httptest.Server
	server    *mcp.Server
	began     chan struct{}
	cancelled chan struct{}
	status    atomic.Int32 // answers everything with it, when not 0
	mu        sync.Mutex
	headers   []http.Header
}

func newRemote(t *testing.T, handler func(*mcp.Server) http.Handler) *webServer {
	t.Helper()
	r := &webServer{began: make(chan struct{}, 1), cancelled: make(chan struct{}, 1)}
	r.server = mcp.NewServer(&mcp.Implementation{Name: "remote", Version: "9"}, nil)
	r.server.AddTool(&mcp.Tool{Name: "echo", InputSchema: map[string]any{"type": "object"}}, func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: string(req.Params.Arguments)}}}, nil
	})
	r.server.AddTool(&mcp.Tool{Name: "never", InputSchema: map[string]any{"type": "object"}}, func(ctx context.Context, _ *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		r.began <- struct{}{}
		<-ctx.Done()
		r.cancelled <- struct{}{}
		return nil, ctx.Err()
	})
	inner := handler(r.server)
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		r.headers = append(r.headers, req.Header.Clone())
		r.mu.Unlock()
		if status := int(r.status.Load()); status != 0 {
			http.Error(w, "no", status)
			return
		}
		inner.ServeHTTP(w, req)
	}))
	t.Cleanup(func() {
		r.CloseClientConnections()
		r.Close()
	})
	return r
}

func streamable(s *mcp.Server) http.Handler {
	return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, nil)
}

func sse(s *mcp.Server) http.Handler {
	return mcp.NewSSEHandler(func(*http.Request) *mcp.Server { return s }, nil)
}

func TestHTTP(t *testing.T) {
	for _, tt := range []struct {
		name    string
		kind    Kind
		handler func(*mcp.Server) http.Handler
	}{{"streamable", KindHTTP, streamable}, {"sse", KindSSE, sse}, {"auto to streamable", KindAuto, streamable}, {"auto to sse", KindAuto, sse}} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRemote(t, tt.handler)
			h, book := newHub(t, Options{})
			start(t, h, Server{Name: "r", Kind: tt.kind, URL: secret.URL(r.URL + "/mcp?key=verysecretkey1"), Headers: map[string]string{"X-Api-Key": "hunter2hunter2"}})
			if s := status(h, "r"); s.State != StateReady || s.Title != "remote" || s.Tools != 2 {
				t.Fatalf("%+v %+v", s, s.Problem)
			}
			if got, _ := call(t, h, "", "r__echo", `{"a":9007199254740993}`); got != `{"a":9007199254740993}` {
				t.Errorf("got %q", got)
			}
			r.mu.Lock()
			for _, header := range r.headers {
				if header.Get("X-Api-Key") != "hunter2hunter2" {
					t.Errorf("a request without the header: %v", header)
				}
			}
			r.mu.Unlock()

			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-r.began
				cancel()
			}()
			if _, err := h.CallTool(ctx, "", "r__never", []byte(`{}`)); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			select {
			case <-r.cancelled:
			case <-time.After(patience):
				t.Error("the server was not told of the cancellation")
			}

			r.server.AddTool(&mcp.Tool{Name: "added", InputSchema: map[string]any{"type": "object"}}, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
				return &mcp.CallToolResult{}, nil
			})
			eventually(t, h, "the added tool is listed", func() bool { return strings.Contains(string(h.ListResult("")), "r__added") })

			r.CloseClientConnections()
			r.Listener.Close()
			got, isError := call(t, h, "", "r__echo", `{}`)
			if !isError {
				t.Errorf("got %q from a server that is gone", got)
			}
			eventually(t, h, "the end is noticed", func() bool { return status(h, "r").State != StateReady })
			for _, leak := range []string{"verysecretkey1", "hunter2"} {
				if strings.Contains(book.String(), leak) || strings.Contains(got, leak) {
					t.Errorf("%q is in the log or the answer", leak)
				}
			}
		})
	}
}

func TestHTTPSessionForgotten(t *testing.T) {
	var handler atomic.Pointer[http.Handler]
	r := newRemote(t, func(s *mcp.Server) http.Handler {
		first := streamable(s)
		handler.Store(&first)
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { (*handler.Load()).ServeHTTP(w, req) })
	})
	h, _ := newHub(t, Options{})
	start(t, h, Server{Name: "r", Kind: KindHTTP, URL: secret.URL(r.URL)})
	fresh := streamable(r.server) // knows no session
	handler.Store(&fresh)
	if got, isError := call(t, h, "", "r__echo", `{"again":1}`); isError || got != `{"again":1}` {
		t.Errorf("got %q", got)
	}
}

func TestHTTPProblems(t *testing.T) {
	r := newRemote(t, streamable)
	for _, tt := range []struct {
		status int
		kind   ProblemKind
		state  State
	}{{401, ProblemAuth, StateFailed}, {403, ProblemAuth, StateFailed}, {500, ProblemServer, StateWaiting}, {429, ProblemServer, StateWaiting}, {404, ProblemServer, StateWaiting}} {
		r.status.Store(int32(tt.status))
		h, _ := newHub(t, Options{})
		start(t, h, Server{Name: "r", Kind: KindAuto, URL: secret.URL(r.URL)})
		s := status(h, "r")
		if s.Problem == nil || s.Problem.Kind != tt.kind || s.State != tt.state && s.State != StateStarting {
			t.Errorf("%d: %+v %+v", tt.status, s, s.Problem)
		}
		h.Close()
	}
	h, _ := newHub(t, Options{})
	start(t, h, Server{Name: "bad", Kind: KindHTTP, URL: "ftp://x"}, Server{Name: "refused", Kind: KindSSE, URL: "http://127.0.0.1:1/x?token=secretsecret"})
	if p := status(h, "bad").Problem; p == nil || p.Kind != ProblemConfig {
		t.Errorf("%+v", p)
	}
	if p := status(h, "refused").Problem; p == nil || p.Kind != ProblemNetwork || strings.Contains(p.Sentence, "secretsecret") {
		t.Errorf("%+v", p)
	}
}

// TestHTTPRawResult holds that what the SDK's own client would drop, round or refuse
// comes through, and that an event other than "message" does no harm.
func TestHTTPRawResult(t *testing.T) {
	out := make(chan string, 10)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sse", func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		flush := func(s string) { w.Write([]byte(s)); w.(http.Flusher).Flush() }
		flush("event: endpoint\ndata: /post\n\n")
		for {
			select {
			case s := <-out:
				flush("event: ping\ndata: 12:00\n\nevent: message\ndata: " + s + "\n\n")
			case <-req.Context().Done():
				return
			}
		}
	})
	mux.HandleFunc("POST /post", func(w http.ResponseWriter, req *http.Request) {
		var m struct {
			ID     json.RawMessage
			Method string
		}
		_ = json.NewDecoder(req.Body).Decode(&m)
		w.WriteHeader(http.StatusAccepted)
		results := map[string]string{
			rpc.MethodInitialize: `{"protocolVersion":"2024-11-05","capabilities":{},"serverInfo":{}}`,
			rpc.MethodToolsList:  `{"tools":[{"name":"t","inputSchema":{}}]}`,
			rpc.MethodToolsCall:  `{"content":[{"type":"hologram","x":1}],"structuredContent":{"n":9007199254740993}}`,
		}
		if result := results[m.Method]; result != "" {
			out <- `{"jsonrpc":"2.0","id":` + string(m.ID) + `,"result":` + result + `}`
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	h, _ := newHub(t, Options{})
	start(t, h, Server{Name: "r", Kind: KindSSE, URL: secret.URL(server.URL + "/sse")})
	got, isError := call(t, h, "", "r__t", `{}`)
	if isError || !strings.HasPrefix(got, `{"n":9007199254740993}`+"\n") || !strings.Contains(got, "hologram") {
		t.Errorf("got %q", got)
	}
}

func TestHeadersStayWithTheirHost(t *testing.T) {
	var leaked atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("X-Api-Key") != "" {
			leaked.Store(true)
		}
		http.NotFound(w, req)
	}))
	defer other.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, other.URL, http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	h, _ := newHub(t, Options{})
	start(t, h, Server{Name: "r", Kind: KindHTTP, URL: secret.URL(server.URL), Headers: map[string]string{"X-Api-Key": "k"}})
	if leaked.Load() {
		t.Error("the header went to another host")
	}
}
