package app

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/broker"
)

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
	if code, took := p.stop(os.Interrupt); code != 0 || took > stopsWithin {
		t.Errorf("exit code %d after %v", code, took)
	}
}

// TestStartWithABrokenFile: the dashboard comes, and the terminal, the log and the status
// say why nothing else does.
func TestStartWithABrokenFile(t *testing.T) {
	p := startProgram(t, "{\n  \"mcpEndpoint\": [\n")
	for _, want := range []string{"This file cannot be used as it is, so nothing of it runs until it is mended:\nline 3", "level=WARN msg=\"configuration file cannot be used, so nothing of it runs\""} {
		p.eventually("it says "+want, func() bool { return strings.Contains(p.output(), want) })
	}
	const said = "■ line 3"
	if got := command(t, "en_US.UTF-8", "", "status", "--data", p.data); got.code != ExitOK || !strings.Contains(got.out, said) {
		t.Errorf("the status is %+v", got)
	}
	p.save("{}")
	p.eventually("the status is fine", func() bool {
		return !strings.Contains(command(t, "en_US.UTF-8", "", "status", "--data", p.data).out, "■")
	})
	if err := os.Remove(p.config); err != nil {
		t.Fatal(err)
	}
	p.eventually("the status says that the file has gone", func() bool {
		return strings.Contains(command(t, "en_US.UTF-8", "", "status", "--data", p.data).out, "■ "+p.config+": ")
	})
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
	for lang, want := range map[string]string{"en_US.UTF-8": fmt.Sprintf("(process %d)", os.Getpid()), "zh_CN.UTF-8": fmt.Sprintf("（进程号 %d）占用", os.Getpid())} {
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
	if code, took := p.stop(os.Interrupt); code != 0 || took > stopsWithin {
		t.Errorf("exit code %d after %v", code, took)
	}
}
