package endpoint

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
)

// far is the tools behind one endpoint in the call role.
type far struct {
	name string

	mu       sync.Mutex
	tools    string // the list, raw
	origin   string
	away     bool          // no tool side is connected
	mute     bool          // answers no call
	silent   bool          // answers nothing at all, pings neither
	deaf     chan struct{} // when set, nothing is read until it is closed
	wrong    bool          // answers with another id first, then twice
	raw      []net.Conn
	pings    int            // that were answered
	restless bool           // says with each list that it changed
	asked    map[string]int // what came, by method, also while no tool side is connected
	did      map[string]int // calls carried out, by their arguments
	hold     chan struct{}  // when set, calls wait for it after they were carried out
}

func (f *far) set(change func(f *far)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *far) times() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[string]int{}
	for k, v := range f.did {
		out[k] = v
	}
	return out
}

// count is how often a method came.
func (f *far) count(method string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[method]
}

// drop cuts every connection without a word.
func (f *far) drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.raw {
		c.Close()
	}
	f.raw = nil
}

func (f *far) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	f.set(func(f *far) { f.raw = append(f.raw, conn.NetConn()) })
	answerPing := conn.PingHandler()
	conn.SetPingHandler(func(data string) error {
		f.mu.Lock()
		silent := f.silent
		f.mu.Unlock()
		if silent {
			return nil
		}
		return answerPing(data)
	})
	var writing sync.Mutex
	send := func(frame []byte) {
		writing.Lock()
		defer writing.Unlock()
		_ = conn.WriteMessage(websocket.TextMessage, frame)
	}
	for {
		f.mu.Lock()
		deaf := f.deaf
		f.mu.Unlock()
		if deaf != nil {
			<-deaf
		}
		_, data, err := conn.ReadMessage()
		if err != nil {
			return
		}
		m, err := rpc.Parse(data)
		if err != nil {
			continue
		}
		f.set(func(f *far) { f.asked[m.Method]++ })
		if m.Kind != rpc.KindRequest {
			continue
		}
		go f.answer(m, send)
	}
}

func (f *far) answer(m rpc.Message, send func([]byte)) {
	f.mu.Lock()
	tools, origin, away, mute, wrong, hold, silent, restless := f.tools, f.origin, f.away, f.mute, f.wrong, f.hold, f.silent, f.restless
	if m.Method == rpc.MethodToolsCall && !away {
		var p struct{ Arguments json.RawMessage }
		_ = json.Unmarshal(m.Params, &p)
		f.did[string(p.Arguments)]++
	}
	f.mu.Unlock()
	if silent {
		return
	}
	if away {
		send(rpc.AppendErrorResponse(nil, m.ID, &rpc.Error{Code: -32001, Message: "工具端未连接"}))
		return
	}
	switch m.Method {
	case rpc.MethodPing:
		f.set(func(f *far) { f.pings++ })
		send(rpc.AppendResult(nil, m.ID, []byte(`{}`)))
	case rpc.MethodInitialize:
		send(rpc.AppendResult(nil, m.ID, []byte(`{"protocolVersion":"2025-06-18","serverInfo":{"name":"far","version":"1"}}`)))
	case rpc.MethodToolsList:
		if restless {
			send(rpc.AppendNotification(nil, rpc.MethodToolsChange, nil))
		}
		send(rpc.AppendResult(nil, m.ID, fmt.Appendf(nil, `{"tools":[%s],"_meta":{"xiaozhi-switchboard/origin":%q}}`, tools, origin)))
	case rpc.MethodToolsCall:
		if hold != nil {
			<-hold
		}
		if mute {
			return
		}
		result := rpc.AppendResult(nil, m.ID, fmt.Appendf(nil, `{"content":[{"type":"text","text":%q}]}`, f.name))
		if wrong {
			send(rpc.AppendResult(nil, []byte("777"), []byte(`{"content":[]}`)))
			send(result)
		}
		send(result)
	}
}

// tool is an entry of a list.
func tool(name string, safe bool) string {
	return fmt.Sprintf(`{"name":%q,"inputSchema":{"type":"object"},"annotations":{"readOnlyHint":%v}}`, name, safe)
}

// switchboard is a manager with links in the call role to several far ends, in virtual time.
type switchboard struct {
	m    *Manager
	fars []*far
	ids  []string
}

func withFars(t *testing.T, n int, o Options, f func(t *testing.T, b *switchboard)) {
	synctest.Test(t, func(t *testing.T) {
		b := &switchboard{}
		conns := map[string]chan net.Conn{}
		for i := range n {
			host := fmt.Sprintf("far%d.test:80", i)
			end := &far{name: fmt.Sprint("far", i), tools: tool("ask", true) + "," + tool("act", false), did: map[string]int{}, asked: map[string]int{}}
			incoming := &peer{t: t, conns: make(chan net.Conn)}
			server := &http.Server{Handler: end}
			go server.Serve(incoming)
			t.Cleanup(func() { server.Close(); end.drop() })
			conns[host] = incoming.conns
			b.fars = append(b.fars, end)
		}
		o.DialContext = func(ctx context.Context, _, address string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			select {
			case conns[address] <- theirs:
				return ours, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		b.m = NewManager(nil, &o)
		defer b.m.Close()
		var list []Endpoint
		for i := range n {
			list = append(list, Endpoint{URL: secret.URL(fmt.Sprintf("ws://far%d.test/mcp/call/?token=secret-%d", i, i)), Name: fmt.Sprint("far", i)})
		}
		if err := b.m.UpdateEndpoints(list); err != nil {
			t.Fatal(err)
		}
		if err := b.m.Connect(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for _, s := range b.m.Status() {
			if s.Role != RoleCall {
				t.Fatalf("role %v", s.Role)
			}
			b.ids = append(b.ids, s.ID)
		}
		f(t, b)
	})
}

// text is what a call says; an error is its text.
func (b *switchboard) call(ctx context.Context, name, args string) string {
	result, err := b.m.CallTool(ctx, ToolCall{Name: name, Arguments: []byte(args)})
	if err != nil {
		return err.Error()
	}
	_, rest, _ := strings.Cut(string(result), `"text":"`)
	text, _, _ := strings.Cut(rest, `"`)
	return text
}

// link is the link with this ID.
func (b *switchboard) link(id string) *link {
	b.m.mu.Lock()
	defer b.m.mu.Unlock()
	return b.m.links[id]
}
