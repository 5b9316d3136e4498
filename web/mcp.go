package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/core/session"
)

const (
	// mcpBody is how many bytes one message of an MCP client may have; it is in memory
	// while the call runs.
	mcpBody = 4 << 20
	// mcpCalls is how many calls of tools may be in flight for all MCP clients.
	mcpCalls = 64
	// mcpIdle is how long a session lasts in which nothing is asked and no stream is open.
	mcpIdle = 30 * time.Minute
)

// mcpServer offers the catalogue to MCP clients of this computer, such as editors, at
// /mcp. The SDK does the transport and the handshake. Lists and results pass by it as the
// bytes that they are: it would drop what it does not know.
type mcpServer struct {
	tools   Toolbox
	server  *mcp.Server
	handler http.Handler
	log     *slog.Logger
	most    int           // sessions
	calls   chan struct{} // one for each in flight

	ctx    context.Context // ends with close
	stop   context.CancelFunc
	follow sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	opening  int               // requests that may become sessions
	visits   map[string]*visit // by session
	requests sync.WaitGroup    // added to under mu, and not after closed
}

// newMCPServer returns a server that runs one goroutine until close.
func newMCPServer(tools Toolbox, version string, most int, log *slog.Logger) *mcpServer {
	m := &mcpServer{tools: tools, log: log, most: most, calls: make(chan struct{}, mcpCalls), visits: map[string]*visit{}}
	m.ctx, m.stop = context.WithCancel(context.Background())
	m.server = mcp.NewServer(
		&mcp.Implementation{Name: "xiaozhi-switchboard", Title: "Xiaozhi Switchboard", Version: cmp.Or(version, "dev")},
		&mcp.ServerOptions{Capabilities: &mcp.ServerCapabilities{Tools: &mcp.ToolCapabilities{ListChanged: true}}})
	m.server.AddReceivingMiddleware(m.answer)
	m.handler = mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return m.server }, &mcp.StreamableHTTPOptions{
		JSONResponse:        true, // we send nothing beside the answer
		MaxRequestBodyBytes: mcpBody,
		// The guard is stricter, and knows the names of Options.Hosts.
		DisableLocalhostProtection: true,
	})
	changed, end := tools.Subscribe()
	list := tools.ListRaw()
	m.follow.Go(func() {
		defer end()
		m.tell(changed, list)
	})
	return m
}

// tell has clients told when the list of tools becomes another, and ends idle sessions.
func (m *mcpServer) tell(changed <-chan struct{}, list []byte) {
	sweep := time.NewTicker(time.Minute)
	defer sweep.Stop()
	for {
		select {
		case <-changed:
			now := m.tools.ListRaw()
			if bytes.Equal(now, list) {
				continue
			}
			list = now
			// The SDK only tells of changes to what it was given itself, so it is given a
			// tool. Nobody sees that: lists and calls do not get that far.
			m.server.AddTool(&mcp.Tool{Name: "changed", InputSchema: json.RawMessage(`{"type":"object"}`)},
				func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) { return nil, errUnseen })
		case now := <-sweep.C:
			m.sweep(now)
		case <-m.ctx.Done():
			return
		}
	}
}

// Errors of requests that never reach a tool.
var (
	errUnseen = &jsonrpc.Error{Code: rpc.CodeInternal, Message: "this tool is not for calling"}
	errCursor = &jsonrpc.Error{Code: rpc.CodeInvalidParams, Message: "unknown cursor: the list has one page"}
	errBusy   = &jsonrpc.Error{Code: rpc.CodeBusy, Message: "too many calls are in flight; try again later"}
	errListen = &jsonrpc.Error{Code: rpc.CodeMethodNotFound, Message: "the stream of a session tells of changes"}
	errEnded  = &jsonrpc.Error{Code: rpc.CodeInternal, Message: "the call was cancelled"}
)

// rawResult is a result that is JSON already.
type rawResult struct {
	mcp.ResultBase
	raw []byte
}

// MarshalJSON returns the result.
func (r *rawResult) MarshalJSON() ([]byte, error) { return r.raw, nil }

// answer takes what is about tools out of the SDK's hands.
func (m *mcpServer) answer(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		switch params := req.GetParams().(type) {
		case *mcp.InitializeParams:
			m.admit(req.GetSession().ID(), params)
		case *mcp.ListToolsParams:
			if params != nil && params.Cursor != "" {
				return nil, errCursor
			}
			return &rawResult{raw: m.tools.ListRaw()}, nil
		case *mcp.SubscriptionsListenParams: // of a later revision, and would never be answered
			return nil, errListen
		case *mcp.CallToolParamsRaw:
			return m.call(ctx, req.GetSession().ID(), params)
		}
		return next(ctx, method, req)
	}
}

// call makes one call, which ends with its session too.
func (m *mcpServer) call(ctx context.Context, id string, params *mcp.CallToolParamsRaw) (mcp.Result, error) {
	life := m.life(id)
	if life == nil {
		return nil, errEnded
	}
	select {
	case m.calls <- struct{}{}:
		defer func() { <-m.calls }()
	default:
		return nil, errBusy
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(life, cancel)()
	result, err := m.tools.CallRaw(ctx, "", params.Name, params.Arguments)
	var no *rpc.Error
	switch {
	case errors.As(err, &no):
		return nil, &jsonrpc.Error{Code: int64(no.Code), Message: no.Message, Data: no.Data}
	case err != nil:
		return nil, errEnded
	}
	return &rawResult{raw: result}, nil
}

// clientName is what a client calls itself, fit for a log.
func clientName(params *mcp.InitializeParams) string {
	if params == nil || params.ClientInfo == nil {
		return ""
	}
	return secret.Text(session.Cut(params.ClientInfo.Name, 64))
}

// mcp answers at /mcp.
func (s *Server) mcp(w http.ResponseWriter, r *http.Request) {
	if s.toolbox == nil {
		s.refuse(w, r, kindMCP, "unavailable")
		return
	}
	done, ok := s.toolbox.enter(r)
	if !ok {
		w.Header().Set("Retry-After", "5")
		s.refuse(w, r, kindMCP, "crowded")
		return
	}
	defer done()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.toolbox.ctx, cancel)()
	out := patient{w, http.NewResponseController(w)}
	out.control.SetWriteDeadline(time.Time{}) // a call and a stream may be silent for long
	s.toolbox.handler.ServeHTTP(out, r.WithContext(ctx))
}

// patient gives a client time to read what is written, however late that is.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
}

// Write sets a deadline of its own.
func (p patient) Write(b []byte) (int, error) {
	p.control.SetWriteDeadline(time.Now().Add(answerTime)) // not every writer has deadlines
	return p.ResponseWriter.Write(b)
}

// Unwrap lets a response controller reach what the writer can do.
func (p patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }
