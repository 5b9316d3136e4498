package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"
)

const ping = `{"jsonrpc":"2.0","id":1,"method":"ping"}`

// TestMCPSessionsAreBounded: the one that was idle for the longest time makes room, and
// one that listens is not idle.
func TestMCPSessionsAreBounded(t *testing.T) {
	p := newMCPPlace(t, &Options{MaxClients: 2})
	first, second := p.open(), p.open()
	if code := p.status("POST", first, ping); code != 200 {
		t.Fatalf("the first session: %d", code)
	}
	third := p.open()
	for id, want := range map[string]int{first: 200, second: 404, third: 200} {
		if code := p.status("POST", id, ping); code != want {
			t.Errorf("session %s: %d, want %d", id, code, want)
		}
	}
	p.listen(first)
	p.listen(third)
	answer := p.send("POST", "", initialize)
	answer.Body.Close()
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
		t.Errorf("one session too many: %s", answer.Status)
	}
	if code := p.status("DELETE", third, ""); code != http.StatusNoContent {
		t.Errorf("the end of a session: %d", code)
	}
	if code := p.status("POST", third, ping); code != 404 {
		t.Errorf("a session after its end: %d", code)
	}
	p.open()
	for range 5 { // what never becomes a session takes no place
		p.status("POST", "", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
	}
	if code := p.status("POST", first, ping); code != 200 {
		t.Errorf("the session that listens: %d", code)
	}
}

func TestMCPSessionsEndWhenIdle(t *testing.T) {
	p := newMCPPlace(t, nil)
	idle, listening := p.open(), p.open()
	p.listen(listening)
	p.s.toolbox.sweep(time.Now().Add(mcpIdle - time.Minute))
	if code := p.status("POST", idle, ping); code != 200 {
		t.Errorf("a session before its time: %d", code)
	}
	p.s.toolbox.sweep(time.Now().Add(mcpIdle))
	for id, want := range map[string]int{idle: 404, listening: 200} {
		if code := p.status("POST", id, ping); code != want {
			t.Errorf("after the time: %d, want %d", code, want)
		}
	}
}

// hang makes calls last until they are cancelled. It returns a channel that tells of each
// call that began, and one of each that ended.
func (p *mcpPlace) hang() (began, ended chan struct{}) {
	began, ended = make(chan struct{}, 100), make(chan struct{}, 100)
	p.box.call = func(ctx context.Context, _ string, _ []byte) ([]byte, error) {
		began <- struct{}{}
		<-ctx.Done()
		ended <- struct{}{}
		return nil, ctx.Err()
	}
	return began, ended
}

const call = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"x"}}`

func TestMCPCallsEndWithTheirSession(t *testing.T) {
	p := newMCPPlace(t, nil)
	began, ended := p.hang()
	id := p.open()
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.status("POST", id, call)
	}()
	<-began
	if code := p.status("DELETE", id, ""); code != http.StatusNoContent {
		t.Errorf("the end of a session: %d", code)
	}
	<-ended
	<-done
}

func TestMCPCallsAreBounded(t *testing.T) {
	p := newMCPPlace(t, nil)
	began, ended := p.hang()
	id := p.open()
	for range mcpCalls {
		p.s.toolbox.calls <- struct{}{}
	}
	if got := p.ask(id, "tools/call", `{"name":"x"}`); got != `{"jsonrpc":"2.0","id":7,"error":{"code":-32000,"message":"too many calls are in flight; try again later"}}` {
		t.Errorf("one call too many: %s", got)
	}
	<-p.s.toolbox.calls
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.status("POST", id, call)
	}()
	<-began
	if code := p.status("POST", id, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}`); code != http.StatusAccepted {
		t.Errorf("cancelled: %d", code)
	}
	<-ended
	p.status("DELETE", id, "")
	<-done
}

// TestMCPEndsWithTheServer: neither streams nor calls keep it.
func TestMCPEndsWithTheServer(t *testing.T) {
	p := newMCPPlace(t, nil)
	began, ended := p.hang()
	id := p.open()
	stream := p.listen(id)
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.status("POST", id, call)
	}()
	<-began
	if err := p.s.Close(); err != nil {
		t.Error(err)
	}
	<-ended
	<-done
	if _, err := io.Copy(io.Discard, stream.Body); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the stream ends with %v", err)
	}
	if code := p.status("POST", id, ping); code != http.StatusServiceUnavailable {
		t.Errorf("afterwards: %d", code)
	}
	for range p.s.toolbox.server.Sessions() {
		t.Error("a session is left")
	}
}
