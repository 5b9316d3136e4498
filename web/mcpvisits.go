package web

import (
	"context"
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// sessionHeader names the session of a request.
const sessionHeader = "Mcp-Session-Id"

// visit is one session at /mcp. The SDK could end sessions some time after their last
// message, but an editor that only listens is still there.
type visit struct {
	life context.Context // of its calls
	end  context.CancelFunc
	busy int       // requests and streams that are open
	last time.Time // when one of them was begun or ended
}

// admit begins a visit, at the first message of a session.
func (m *mcpServer) admit(id string, params *mcp.InitializeParams) {
	m.mu.Lock()
	known := m.visits[id] != nil
	if !known {
		v := &visit{last: time.Now()}
		v.life, v.end = context.WithCancel(m.ctx)
		m.visits[id] = v
	}
	m.mu.Unlock()
	if !known {
		m.log.Info("MCP client connected", "client", clientName(params))
	}
}

// life returns what ends with a session; nil when there is no such session.
func (m *mcpServer) life(id string) context.Context {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v := m.visits[id]; v != nil {
		return v.life
	}
	return nil
}

// enter counts a request in, unless the server is closed, or the request wants a session
// and all are in use. Leave counts it out.
func (m *mcpServer) enter(r *http.Request) (leave func(), ok bool) {
	id := r.Header.Get(sessionHeader)
	opens := id == "" && r.Method == http.MethodPost
	m.mu.Lock()
	out, fits := "", true
	if opens && len(m.visits)+m.opening >= m.most {
		out, fits = m.oldestLocked()
	}
	if m.closed || !fits {
		m.mu.Unlock()
		return nil, false
	}
	m.requests.Add(1)
	v := m.visits[id]
	switch {
	case opens:
		m.opening++
	case v != nil && r.Method == http.MethodDelete:
		m.forgetLocked(id) // the SDK waits for calls in flight before it answers
	case v != nil:
		v.busy++
		v.last = time.Now()
	}
	if out != "" {
		m.forgetLocked(out)
	}
	m.mu.Unlock()
	m.end(out)
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if opens {
			m.opening--
		} else if v != nil {
			v.busy--
			v.last = time.Now()
		}
		m.requests.Done()
	}, true
}

// oldestLocked finds the session that was idle for the longest time; false when all are
// in use.
func (m *mcpServer) oldestLocked() (id string, ok bool) {
	for candidate, v := range m.visits {
		if v.busy == 0 && (!ok || v.last.Before(m.visits[id].last)) {
			id, ok = candidate, true
		}
	}
	return id, ok
}

func (m *mcpServer) forgetLocked(id string) {
	m.visits[id].end()
	delete(m.visits, id)
}

// sweep ends the sessions that were idle for too long, and forgets those that are over.
func (m *mcpServer) sweep(now time.Time) {
	open := map[string]bool{}
	for s := range m.server.Sessions() {
		open[s.ID()] = true
	}
	var out []string
	m.mu.Lock()
	for id, v := range m.visits {
		if !open[id] || v.busy == 0 && now.Sub(v.last) >= mcpIdle {
			m.forgetLocked(id)
			out = append(out, id)
		}
	}
	m.mu.Unlock()
	m.end(out...)
}

// end ends sessions, which nobody waits for any more.
func (m *mcpServer) end(ids ...string) {
	for s := range m.server.Sessions() {
		for _, id := range ids {
			if s.ID() == id {
				s.Close()
			}
		}
	}
}

// close ends all calls, streams and sessions, and returns when they are over. It is
// idempotent.
func (m *mcpServer) close() {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	m.stop()
	m.requests.Wait()
	for s := range m.server.Sessions() {
		s.Close()
	}
	m.follow.Wait()
}
