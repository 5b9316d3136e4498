package app

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"xiaozhi-switchboard/core/broker"
)

// program is the whole program in a process of its own.
type program struct {
	t      testing.TB
	binary string // empty is this test's, which plays the program
	cmd    *exec.Cmd
	url    string
	key    string // the access key to ask with, if there is one
	config string
	data   string
	// desktop leaves --headless out; env is added to the environment.
	// ownPort leaves --port out.
	desktop bool
	ownPort bool
	env     []string
	attr    *syscall.SysProcAttr
	ended   chan error
	found   chan string // the address of the page

	mu  sync.Mutex
	out bytes.Buffer
}

// longWait is how long a test waits for what must happen. It decides nothing.
const longWait = 2 * time.Minute

// stopsWithin is what a stop may take. The program gives everything that ends with it 3 s
// together; the rest is for a machine that has much else to do.
const stopsWithin = 15 * time.Second

// startProgram starts the program on a configuration and waits for its page.
func startProgram(t *testing.T, config string, args ...string) *program {
	t.Helper()
	dir := t.TempDir()
	p := &program{t: t, config: filepath.Join(dir, "xiaozhi.config.json"), data: filepath.Join(dir, "data")}
	if config != "" {
		p.save(config)
	}
	p.launch(args...)
	return p
}

// buildProgram builds the program as it is released, without what tests add to it.
func buildProgram(tb testing.TB) string {
	tb.Helper()
	binary := filepath.Join(tb.TempDir(), "xiaozhi-switchboard")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

// launch starts the program and waits for its page.
func (p *program) launch(args ...string) {
	p.t.Helper()
	p.begin(args...)
	p.await()
}

// begin starts the program.
func (p *program) begin(args ...string) {
	p.t.Helper()
	binary := os.Args[0]
	if p.binary != "" {
		binary = p.binary
	}
	all := []string{"--config", p.config, "--data", p.data}
	if !p.ownPort {
		all = append(all, "--port", "0")
	}
	if !p.desktop {
		all = append(all, "--headless")
	}
	p.cmd = exec.Command(binary, append(all, args...)...)
	p.cmd.Env = append(append(os.Environ(), playAs+"=program", "LC_ALL=en_US.UTF-8"), p.env...)
	p.cmd.SysProcAttr = p.attr
	pipe, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	p.cmd.Stderr = p
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.ended = make(chan error, 1)
	p.t.Cleanup(func() { p.cmd.Process.Kill() })
	found := make(chan string, 1)
	p.found = found
	go func() {
		lines := bufio.NewScanner(pipe)
		for lines.Scan() {
			fmt.Fprintln(p, lines.Text())
			for _, mark := range []string{"Dashboard: ", "控制台："} {
				if url, ok := strings.CutPrefix(lines.Text(), mark); ok {
					found <- strings.TrimSpace(url)
				}
			}
		}
		p.ended <- p.cmd.Wait()
	}()
}

// await waits for the page.
func (p *program) await() {
	p.t.Helper()
	select {
	case p.url = <-p.found:
	case err := <-p.ended:
		p.t.Fatalf("the program ended: %v\n%s", err, p.output())
	case <-time.After(longWait):
		p.t.Fatalf("no page\n%s", p.output())
	}
}

func (p *program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.Write(b)
}

func (p *program) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

func (p *program) save(config string) {
	p.t.Helper()
	if err := os.WriteFile(p.config, []byte(config), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// get returns the body of a page or API answer.
func (p *program) get(path string) string {
	p.t.Helper()
	r, err := http.NewRequest("GET", strings.TrimSuffix(p.url, "/")+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	if p.key != "" {
		r.Header.Set("Authorization", "Bearer "+p.key)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatalf("get %s: %v\n%s", path, err, p.output())
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("get %s: %s %v\n%s", path, resp.Status, err, body)
	}
	return string(body)
}

// connection is what a test reads of /api/v1/connections.
type connection struct {
	ID, Name, Endpoint, State, LastError string
	Connected                            bool
	Socket                               int
}

func (p *program) connections() []connection {
	p.t.Helper()
	var list []connection
	if err := json.Unmarshal([]byte(p.get("/api/v1/connections")), &list); err != nil {
		p.t.Fatal(err)
	}
	return list
}

// eventually asks until it is so.
func (p *program) eventually(what string, so func() bool) {
	p.t.Helper()
	for end := time.Now().Add(longWait); !so(); {
		if time.Now().After(end) {
			p.t.Fatalf("not within %v: %s\n%s", longWait, what, p.output())
		}
		select {
		case err := <-p.ended:
			p.t.Fatalf("the program ended before: %s: %v\n%s", what, err, p.output())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// stop sends a signal, and returns the exit code and how long it took.
func (p *program) stop(signal os.Signal) (int, time.Duration) {
	p.t.Helper()
	start := time.Now()
	if err := p.cmd.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(longWait):
		p.t.Fatalf("does not stop\n%s", p.output())
	}
	return p.cmd.ProcessState.ExitCode(), time.Since(start)
}

// practice is a broker of this test's.
func practice(t testing.TB, family broker.Family) (*broker.Broker, string) {
	t.Helper()
	b := broker.New(&broker.Options{Family: family, SettleRobots: 20 * time.Second})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go b.Serve(l)
	t.Cleanup(func() { b.Close() })
	return b, "ws://" + l.Addr().String()
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}
