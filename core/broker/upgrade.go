package broker

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// writeBuffers are shared by all sockets, so that idle ones hold none.
var writeBuffers sync.Pool

// ServeHTTP upgrades a request for one of the family's paths: /mcp/ for Official,
// /mcp_endpoint/mcp/ and /mcp_endpoint/call/ for Relay. Anything else gets 404.
func (b *Broker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !b.enter() {
		http.Error(w, "closed", http.StatusServiceUnavailable)
		return
	}
	defer b.group.Done()
	side, known := b.opts.Family.sideOf(r.URL.Path)
	if !known {
		http.NotFound(w, r)
		return
	}
	agent, refused := b.admit(r.URL.Query().Get("token"))
	if b.misbehave(w, r, agent) {
		return
	}
	if refused != nil && b.opts.Family == Official {
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
		return
	}
	b.upgrade(w, r, side, agent, refused)
}

// enter counts a request in, unless the broker is closed.
func (b *Broker) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.group.Add(1)
	}
	return !b.closed
}

// admit returns the agent of a token.
func (b *Broker) admit(token string) (string, error) {
	if b.opts.Family == Relay {
		return b.minter.readSealed(token)
	}
	return b.minter.readJWT(token, time.Now())
}

// misbehave applies the faults that act before the upgrade, and reports whether
// the request is dealt with.
func (b *Broker) misbehave(w http.ResponseWriter, r *http.Request, agent string) bool {
	if f := b.faultOf(agent); !f.Hang && !f.Refuse && !b.down() {
		return answerBadly(w, f)
	}
	nudged, stop := b.Subscribe()
	defer stop()
	for {
		f := b.faultOf(agent)
		switch {
		case f.Refuse || b.down():
			b.hangUp(w)
			return true
		case !f.Hang:
			return answerBadly(w, f)
		}
		select {
		case <-nudged:
		case <-r.Context().Done():
			return true
		case <-b.ctx.Done():
			b.hangUp(w)
			return true
		}
	}
}

func answerBadly(w http.ResponseWriter, f Fault) bool {
	switch {
	case f.Status > 0:
		if f.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
		}
		http.Error(w, http.StatusText(f.Status), f.Status)
	case f.NotWebSocket:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!doctype html><title>Welcome</title><p>It works!"))
	default:
		return false
	}
	return true
}

// hangUp resets the connection of a request.
func (b *Broker) hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "refused", http.StatusServiceUnavailable)
		return
	}
	reset(conn)
}

func (b *Broker) upgrade(w http.ResponseWriter, r *http.Request, side side, agent string, refused error) {
	if b.full() {
		http.Error(w, "too many connections", http.StatusServiceUnavailable)
		return
	}
	upgrader := websocket.Upgrader{
		HandshakeTimeout: writeTimeout,
		ReadBufferSize:   512,
		WriteBufferSize:  2048,
		WriteBufferPool:  &writeBuffers,
	}
	fault := b.faultOf(agent)
	taken := &hijacker{ResponseWriter: w, fault: fault}
	conn, err := upgrader.Upgrade(taken, r, nil)
	if err != nil {
		return // answered by the upgrader
	}
	if refused != nil {
		// The relay accepts first and looks at the token then.
		deadline := time.Now().Add(closeGrace)
		_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(codeRefused, refusalReason(refused)), deadline)
		_ = conn.SetReadDeadline(deadline)
		conn.SetReadLimit(int64(b.opts.MaxFrameBytes))
		_, _, _ = conn.NextReader() // the peer's answer, so that ours is not lost to a reset
		_ = conn.Close()
		return
	}
	s := &socket{
		broker: b, agent: agent, side: side, remote: r.RemoteAddr,
		since: time.Now(), conn: conn, wire: taken.wire,
	}
	if side == robotSide {
		s.uuid = newUUID()
	}
	if !b.join(s) {
		reset(taken.wire)
		return
	}
	if side == toolSide && b.opts.Family == Official && fault.CloseCode == 0 {
		s.greet()
	}
	s.inject(fault)
}

func (b *Broker) full() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open >= b.opts.MaxSockets
}
