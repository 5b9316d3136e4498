package broker

import (
	"time"

	"github.com/gorilla/websocket"
)

// Close codes of the two families, and the words that go with them.
const (
	codeClean     = websocket.CloseNormalClosure
	codeTakenOver = websocket.CloseNormalClosure
	codeGoingAway = websocket.CloseGoingAway
	codeRefused   = websocket.ClosePolicyViolation
	codeNoPong    = websocket.CloseInternalServerErr
	codeLate      = 4004

	reasonTakenOver = "新连接替换"
)

// closeReason is what the real servers say with a code.
func closeReason(code int) string {
	switch code {
	case codeLate:
		return "Internal server error"
	case codeRefused:
		return "token解密失败"
	case codeNoPong:
		return "keepalive ping timeout"
	}
	return ""
}

// refusalReason is what the relay says with 1008.
func refusalReason(err error) string {
	switch err {
	case errTokenMissing:
		return "缺少token参数"
	case errTokenNoAgent:
		return "无对应agentId"
	}
	return closeReason(codeRefused)
}

// shutdown sends a close frame and gives the peer closeGrace to answer it; then
// tick ends the socket. Only the first call counts.
func (s *socket) shutdown(code int, reason string) {
	s.mu.Lock()
	if s.shut || s.ended {
		s.mu.Unlock()
		return
	}
	s.shut = true
	s.killAt = time.Now().Add(2 * closeGrace)
	s.scheduleLocked()
	s.mu.Unlock()
	s.wire.release()
	s.post(letter{op: opClose, code: code, reason: reason})
}

// echoClose answers a close frame of the peer and waits until that is written. The relay,
// which has one loop, has forgotten the socket before the peer can dial again.
func (s *socket) echoClose(code int) {
	s.mu.Lock()
	ours := s.shut
	s.shut = true
	s.mu.Unlock()
	if ours {
		return // this is the answer to our own
	}
	s.broker.mu.Lock()
	s.broker.resignLocked(s)
	s.broker.mu.Unlock()
	done := make(chan struct{})
	if code == websocket.CloseNoStatusReceived || code < 1000 || code >= 5000 {
		code = codeClean
	}
	s.wire.release()
	s.post(letter{op: opClose, code: code, done: done})
	timer := time.NewTimer(closeGrace)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}
