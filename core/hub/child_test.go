package hub

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// The test binary runs itself as a server of these kinds, chosen by childEnv.
const childEnv = "HUB_TEST_CHILD"

func TestMain(m *testing.M) {
	switch mode := os.Getenv(childEnv); {
	case mode == "":
	case strings.HasPrefix(mode, "twin"):
		runTwin(strings.Fields(mode))
		return
	case mode == "fast":
		runFastChild()
		return
	case mode == "hub":
		runHubChild()
		return
	case mode == "sleep":
		select {}
	default:
		runChild(strings.Fields(mode))
		return
	}
	code := m.Run()
	if code == 0 {
		code = checkLeaks()
	}
	os.Exit(code)
}

// child describes a server that is the test binary itself.
func child(t testing.TB, name string, modes ...string) Server {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	mode := strings.Join(modes, " ")
	if mode == "" {
		mode = "plain"
	}
	return Server{Name: name, Command: exe, Env: map[string]string{childEnv: mode}}
}

type childServer struct {
	mu        sync.Mutex
	out       *os.File
	garbage   bool
	cancelled chan string
	pong      chan bool
	released  chan bool
	extra     bool
}

func (c *childServer) write(v any) {
	line, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.garbage {
		fmt.Fprintf(c.out, "npm WARN something\n\n{\"half\": \n[1,2]\n{\"jsonrpc\":\"2.0\",\"id\":99999,\"result\":{}}\n{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":{}}\n\xff\xfe\n")
	}
	c.out.Write(append(line, '\n'))
	if c.garbage {
		c.out.Write(append(line, '\n')) // twice
	}
}

func (c *childServer) result(id json.RawMessage, result any) {
	c.write(map[string]any{"jsonrpc": "2.0", "id": id, "result": result})
}

func textResult(s string) any {
	return map[string]any{"content": []any{map[string]any{"type": "text", "text": s}}}
}

// runChild is a server whose modes are words such as "garbage" or "tools=10000".
func runChild(modes []string) {
	has := map[string]string{}
	for _, m := range modes {
		k, v, _ := strings.Cut(m, "=")
		has[k] = v
	}
	on := func(k string) bool { _, ok := has[k]; return ok }
	if on("crash") {
		fmt.Fprintln(os.Stderr, "cannot open the database, token=abcdef123456789")
		fmt.Fprintln(os.Stderr, "tried", os.Getenv("MY_API_KEY"))
		os.Exit(3)
	}
	if on("crashonce") { // the file says that it already happened
		if _, err := os.Stat(has["crashonce"]); err != nil {
			_ = os.WriteFile(has["crashonce"], nil, 0o600)
			os.Exit(4)
		}
	}
	if on("hang") || on("stubborn") {
		signal.Ignore(syscall.SIGTERM)
	}
	if on("hang") {
		select {}
	}
	c := &childServer{out: os.Stdout, garbage: on("garbage"), cancelled: make(chan string, 100), pong: make(chan bool, 1), released: make(chan bool)}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			if on("stubborn") {
				select {}
			}
			return
		}
		var m struct {
			ID     json.RawMessage
			Method string
			Result json.RawMessage
			Params struct {
				Name      string
				Cursor    string
				RequestID json.RawMessage
				Arguments json.RawMessage
			}
		}
		if err := json.Unmarshal(line, &m); err != nil {
			fmt.Fprintln(os.Stderr, "bad line", err)
			os.Exit(9)
		}
		switch m.Method {
		case "initialize":
			c.result(m.ID, map[string]any{"protocolVersion": "2025-06-18", "capabilities": map[string]any{"tools": map[string]any{}},
				"serverInfo": map[string]any{"name": "child", "version": "1.2"}})
		case "notifications/initialized":
		case "notifications/cancelled":
			c.cancelled <- string(m.Params.RequestID)
		case "":
			c.pong <- string(m.Result) == "{}"
		case "tools/list":
			c.result(m.ID, c.page(has, m.Params.Cursor))
			if on("deaf") && m.Params.Cursor != "" {
				select {}
			}
		case "tools/call":
			go c.call(m.ID, m.Params.Name, m.Params.Arguments)
		default:
			c.write(map[string]any{"jsonrpc": "2.0", "id": m.ID, "error": map[string]any{"code": -32601, "message": "no"}})
		}
	}
}

func (c *childServer) page(has map[string]string, cursor string) any {
	tool := func(name string) map[string]any {
		return map[string]any{"name": name, "description": "does " + name, "inputSchema": map[string]any{"type": "object"}}
	}
	var tools []any
	if n, err := strconv.Atoi(has["tools"]); err == nil {
		for i := range n {
			tools = append(tools, tool("t"+strconv.Itoa(i)))
		}
		return map[string]any{"tools": tools}
	}
	if cursor == "" {
		first := tool("echo")
		first["annotations"] = map[string]any{"readOnlyHint": true, "title": "x", "weird": 1}
		first["icons"] = []any{"big"}
		return map[string]any{"tools": []any{first, tool("pid")}, "nextCursor": "more"}
	}
	for _, name := range []string{"never", "late", "crash", "big", "spawn", "relist", "ping", "cancelled", "fail", "refuse", "release"} {
		tools = append(tools, tool(name))
	}
	bad := tool("odd schema")
	bad["inputSchema"] = []any{1}
	tools = append(tools, bad, 5, map[string]any{"name": ""}, tool("echo"))
	c.mu.Lock()
	if c.extra {
		tools = append(tools, tool("extra"))
	}
	c.mu.Unlock()
	return map[string]any{"tools": tools}
}

func (c *childServer) call(id json.RawMessage, name string, args json.RawMessage) {
	var a struct {
		Bytes int
	}
	_ = json.Unmarshal(args, &a)
	switch name {
	case "echo":
		c.result(id, textResult(string(args)))
	case "pid":
		c.result(id, textResult(strconv.Itoa(os.Getpid())))
	case "never":
	case "late":
		<-c.released // by a call of release
		c.result(id, textResult("finally"))
	case "release":
		c.released <- true
		c.result(id, textResult("ok"))
	case "crash":
		os.Exit(7)
	case "big":
		c.result(id, textResult(strings.Repeat("x", a.Bytes)))
	case "spawn":
		exe, _ := os.Executable()
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), childEnv+"=sleep")
		cmd.Stdout = os.Stdout // holds the pipe open
		if err := cmd.Start(); err != nil {
			panic(err)
		}
		c.result(id, textResult(strconv.Itoa(cmd.Process.Pid)))
	case "relist":
		c.mu.Lock()
		c.extra = true
		c.mu.Unlock()
		for range 3 {
			c.write(map[string]any{"jsonrpc": "2.0", "method": "notifications/tools/list_changed"})
		}
		c.result(id, textResult("ok"))
	case "ping":
		c.write(map[string]any{"jsonrpc": "2.0", "id": "p1", "method": "ping"})
		c.result(id, textResult(fmt.Sprint(<-c.pong)))
	case "cancelled":
		c.result(id, textResult(<-c.cancelled))
	case "fail":
		c.result(id, map[string]any{"isError": true, "content": []any{map[string]any{"type": "text", "text": "no such city"}}})
	case "refuse":
		c.write(map[string]any{"jsonrpc": "2.0", "id": id, "error": map[string]any{"code": -32602, "message": "city is missing"}})
	}
}

// runFastChild answers tools/call with as little work as a server can have: it
// looks for nothing but the id. The size of a result follows from BENCH_BYTES.
func runFastChild() {
	size, _ := strconv.Atoi(os.Getenv("BENCH_BYTES"))
	result := []byte(`,"result":{"content":[{"type":"text","text":"` + strings.Repeat("x", size) + `"}]}}` + "\n")
	in := bufio.NewReaderSize(os.Stdin, 256<<10)
	out := bufio.NewWriterSize(os.Stdout, 256<<10)
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return
		}
		i := bytes.Index(line, []byte(`"id":`))
		if i < 0 {
			continue
		}
		id := line[i+5:]
		id = id[:bytes.IndexByte(id, ',')]
		out.WriteString(`{"jsonrpc":"2.0","id":`)
		out.Write(id)
		switch {
		case bytes.Contains(line, []byte(`"method":"tools/call"`)):
			out.Write(result)
		case bytes.Contains(line, []byte(`"method":"tools/list"`)):
			out.WriteString(`,"result":{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}}` + "\n")
		default:
			out.WriteString(`,"result":{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"f","version":"1"}}}` + "\n")
		}
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
}

// runHubChild is a program with a hub of its own, to be killed.
func runHubChild() {
	exe, _ := os.Executable()
	h := New(nil)
	h.Apply([]Server{{Name: "s", Command: exe, Env: map[string]string{childEnv: "stubborn"}}}, nil)
	if err := h.Wait(context.Background()); err != nil {
		panic(err)
	}
	fmt.Println(h.Servers()[0].PID)
	select {}
}
