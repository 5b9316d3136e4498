package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"xiaozhi-switchboard/core/rpc"
)

// playStdio is an MCP server with one tool that answers with the text it was given. It
// is written the plain way, with encoding/json and one write per answer, and does no
// work: real servers are slower, so what it gives is a high floor.
func playStdio() {
	// What a program does for the first time is none of our business: it serves itself first.
	call := append(rpc.AppendRequest(nil, 1, rpc.MethodToolsCall, rpc.AppendToolCall(nil, "echo", textOf(100))), '\n')
	warm(func() { serveStdio(bytes.NewReader(bytes.Repeat(call, 10)), io.Discard) })
	serveStdio(os.Stdin, os.Stdout)
}

func serveStdio(from io.Reader, to io.Writer) {
	type request struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
		Params struct {
			Name      string            `json:"name"`
			Arguments map[string]string `json:"arguments"`
		} `json:"params"`
	}
	type content struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	type response struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Result  any             `json:"result"`
	}
	in, out := json.NewDecoder(from), json.NewEncoder(to)
	for {
		var r request
		if err := in.Decode(&r); err != nil {
			return
		}
		if r.ID == nil {
			continue
		}
		answer := response{Version: "2.0", ID: r.ID, Result: struct{}{}}
		switch r.Method {
		case rpc.MethodInitialize:
			answer.Result = json.RawMessage(`{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"echo","version":"1"}}`)
		case rpc.MethodToolsList:
			answer.Result = json.RawMessage(`{"tools":[{"name":"echo","description":"echoes","inputSchema":{"type":"object","properties":{"text":{"type":"string"}}}}]}`)
		case rpc.MethodToolsCall:
			answer.Result = map[string]any{"content": []content{{"text", r.Params.Arguments["text"]}}}
		}
		if err := out.Encode(answer); err != nil {
			return
		}
	}
}

// stdioAlone drives the server without anything of ours between.
type stdioAlone struct {
	in io.WriteCloser

	mu      sync.Mutex
	next    int64
	waiting map[int64]chan struct{}
}

func startStdioAlone(tb testing.TB) *stdioAlone {
	tb.Helper()
	cmd := exec.CommandContext(context.Background(), os.Args[0])
	cmd.Env = append(os.Environ(), playAs+"=stdio")
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	s := &stdioAlone{in: in, waiting: make(map[int64]chan struct{})}
	go func() {
		r := bufio.NewReaderSize(out, 64<<10)
		for {
			line, err := r.ReadSlice('\n')
			whole := line
			for err == bufio.ErrBufferFull {
				whole = append([]byte(nil), whole...)
				line, err = r.ReadSlice('\n')
				whole = append(whole, line...)
			}
			if err != nil {
				return
			}
			m, err := rpc.Parse(whole)
			if err != nil {
				return
			}
			id, _ := strconv.ParseInt(string(m.ID), 10, 64)
			s.mu.Lock()
			c := s.waiting[id]
			delete(s.waiting, id)
			s.mu.Unlock()
			c <- struct{}{}
		}
	}()
	tb.Cleanup(func() { in.Close(); cmd.Wait() })
	return s
}

// caller returns a function that makes one call and waits for its answer.
func (s *stdioAlone) caller(arguments []byte) func() error {
	done := make(chan struct{}, 1)
	params := rpc.AppendToolCall(nil, "echo", arguments)
	var line []byte
	return func() error {
		s.mu.Lock()
		s.next++
		s.waiting[s.next] = done
		line = append(rpc.AppendRequest(line[:0], s.next, rpc.MethodToolsCall, params), '\n')
		_, err := s.in.Write(line)
		s.mu.Unlock()
		if err != nil {
			return err
		}
		<-done
		return nil
	}
}

// warm does something often enough for the processor to know it, and for the memory that it
// takes to be there.
func warm(what func()) {
	for range 1000 {
		what()
	}
	runtime.GC()
}
