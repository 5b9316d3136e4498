package app

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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
	case <-time.After(30 * time.Second):
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
	for end := time.Now().Add(30 * time.Second); !so(); {
		if time.Now().After(end) {
			p.t.Fatalf("not within 30 s: %s\n%s", what, p.output())
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
	case <-time.After(20 * time.Second):
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

func TestFirstStartWritesACommentedFile(t *testing.T) {
	p := startProgram(t, "")
	text, err := os.ReadFile(p.config)
	if err != nil || !strings.Contains(string(text), "mcpEndpoint") || !strings.Contains(string(text), "//") {
		t.Errorf("the file is %q, %v", text, err)
	}
	if info, err := os.Stat(p.config); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	if !strings.Contains(p.output(), p.config) {
		t.Errorf("it does not say where: %s", p.output())
	}
	if got := p.get("/healthz"); !strings.Contains(got, "ok") {
		t.Errorf("healthz: %s", got)
	}
	if code, took := p.stop(os.Interrupt); code != 0 || took > 3*time.Second {
		t.Errorf("exit code %d after %v", code, took)
	}
}

func TestLiveChangesLeaveOtherLinksAlone(t *testing.T) {
	b, base := practice(t, broker.Official)
	one, two, three := b.URL(base, "1"), b.URL(base, "2"), b.URL(base, "3")
	file := func(endpoints ...string) string {
		return "{\n  // kept\n  \"mcpEndpoint\": [" + strings.Join(endpoints, ", ") + "]\n}\n"
	}
	p := startProgram(t, file(quoted(one), quoted(two)))
	listed := func(agents ...string) func() bool {
		return func() bool {
			for _, agent := range agents {
				if s := b.Sockets(agent); len(s) != 1 || !s[0].Listed {
					return false
				}
			}
			open, _ := b.Open()
			return open == len(agents)
		}
	}
	p.eventually("two links up", listed("1", "2"))
	first, second := b.Sockets("1")[0].Serial, b.Sockets("2")[0].Serial
	same := func(what string) {
		t.Helper()
		if got := b.Sockets("1")[0].Serial; got != first {
			t.Errorf("%s: the first link's socket changed", what)
		}
	}
	p.save(file(quoted(one), quoted(two), quoted(three)))
	p.eventually("the third link up", listed("1", "2", "3"))
	same("adding")
	if b.Sockets("2")[0].Serial != second {
		t.Error("adding: the second link's socket changed")
	}
	p.save(file(quoted(one), `{"url":`+quoted(two)+`,"name":"Renamed","healthCheck":false}`, quoted(three)))
	p.eventually("a new name", func() bool { return strings.Contains(p.get("/api/v1/connections"), "Renamed") })
	same("renaming")
	if b.Sockets("2")[0].Serial != second {
		t.Error("renaming: the link's own socket changed")
	}
	p.save(file(quoted(one), `{"url":`+quoted(two)+`,"enabled":false}`, quoted(three)))
	p.eventually("the second link paused", listed("1", "3"))
	same("pausing")
	p.save(file(quoted(one)))
	p.eventually("one link left", listed("1"))
	same("removing")

	p.save(`{"mcpEndpoint": [`)
	p.eventually("the broken file shown", func() bool { return strings.Contains(p.output(), "configuration file cannot be used") })
	if got := p.connections(); len(got) != 1 || !got[0].Connected {
		t.Errorf("a broken file changed what runs: %+v", got)
	}
	if text, err := os.ReadFile(p.config); err != nil || string(text) != `{"mcpEndpoint": [` {
		t.Errorf("the broken file was overwritten: %q %v", text, err)
	}
	p.save(file(quoted(one), quoted(three)))
	p.eventually("two links after mending", listed("1", "3"))
	same("breaking and mending")
}

func TestTakenPort(t *testing.T) {
	taken := httptest.NewServer(http.NotFoundHandler())
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Listener.Addr().String())
	dir := t.TempDir()
	for lang, want := range map[string]string{"en_US.UTF-8": "is in use by another program", "zh_CN.UTF-8": "已被其他程序占用"} {
		cmd := exec.Command(os.Args[0], "--config", filepath.Join(dir, "c.json"), "--data", dir, "--port", port)
		cmd.Env = append(os.Environ(), playAs+"=program", "LC_ALL="+lang)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != ExitPort || !strings.Contains(string(out), want) || !strings.Contains(string(out), port) {
			t.Errorf("%s: exit code %d, %v: %s", lang, cmd.ProcessState.ExitCode(), err, out)
		}
	}
}

func TestTokensAppearNowhere(t *testing.T) {
	b, base := practice(t, broker.Official)
	relay, relayBase := practice(t, broker.Relay)
	addresses := []string{b.URL(base, "1"), relay.URL(relayBase, "2"), "ws://127.0.0.1:1/mcp/?token=tokenTokenToken123", "ws://nowhere.invalid/mcp/?token=tokenTokenToken456"}
	var list []string
	for _, a := range addresses {
		list = append(list, quoted(a))
	}
	p := startProgram(t, `{"logLevel":"debug","mcpEndpoint":[`+strings.Join(list, ",")+`],
		"mcpServers":{"x":{"url":"http://127.0.0.1:1/mcp?key=serverSecret1","headers":{"Authorization":"Bearer serverSecret2"}},
		"y":{"command":"no-such-command","env":{"API_KEY":"serverSecret3"},"args":["--token","serverSecret4"]}}}`, "--endpoint", "ws://127.0.0.1:1/mcp/?token=tokenTokenToken789")
	p.eventually("links and failures", func() bool {
		open, _ := b.Open()
		return open == 1 && strings.Count(p.output(), "to=waiting") >= 3
	})
	b.DropWith("1", 4004)
	relay.Drop("2", broker.DropTakeover)
	p.eventually("a drop", func() bool { return strings.Contains(p.output(), "4004") })
	var all strings.Builder
	for _, path := range []string{"/", "/api/v1/connections", "/api/v1/servers", "/api/v1/tools", "/healthz"} {
		all.WriteString(p.get(path))
	}
	p.stop(os.Interrupt)
	all.WriteString(p.output())
	filepath.WalkDir(p.data, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, _ := os.ReadFile(path)
			all.Write(text)
		}
		return err
	})
	if !strings.Contains(all.String(), "link changed") {
		t.Error("the log file holds nothing")
	}
	secrets := []string{"tokenTokenToken", "serverSecret"}
	for _, a := range addresses[:2] {
		_, token, _ := strings.Cut(a, "token=")
		secrets = append(secrets, token)
	}
	for _, s := range secrets {
		if at := strings.Index(all.String(), s); at >= 0 {
			t.Errorf("a secret is shown: %.200s", all.String()[max(0, at-150):])
		}
	}
}

func TestDemo(t *testing.T) {
	p := &program{t: t, data: t.TempDir()}
	p.config = filepath.Join(p.data, "unused.json")
	p.launch("--demo")
	p.eventually("five practice links", func() bool {
		up := 0
		for _, c := range p.connections() {
			if c.Connected {
				up++
			}
		}
		return up == 5
	})
	p.eventually("real calls", func() bool {
		return strings.Count(p.output(), "demo robot heard") >= 3 && strings.Contains(p.output(), "time zone") && strings.Contains(p.output(), "The lamp is on.")
	})
	if _, err := os.Stat(p.config); err == nil {
		t.Error("a demo wrote a configuration file")
	}
	if code, took := p.stop(os.Interrupt); code != 0 || took > 3*time.Second {
		t.Errorf("exit code %d after %v", code, took)
	}
}
