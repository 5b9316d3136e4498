package app

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
)

// said is what a command answered.
type said struct {
	code     int
	out, err string
}

// command runs a command of the program in a language, with what it reads.
func command(t testing.TB, lang, in string, args ...string) said {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longWait)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), playAs+"=program", "LC_ALL="+lang)
	cmd.Stdin = strings.NewReader(in)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	_ = cmd.Run() // the code says it
	return said{cmd.ProcessState.ExitCode(), out.String(), errOut.String()}
}

// into reads the answer as JSON.
func (s said) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s.out), v); err != nil || s.code != ExitOK || s.err != "" {
		t.Fatalf("%v: %+v", err, s)
	}
}

func idOf(t testing.TB, address string) string {
	t.Helper()
	id, err := endpoint.Identify(secret.URL(address))
	if err != nil {
		t.Fatal(err)
	}
	return id.ID
}

// TestCommandsOnARunningProgram drives one program through all commands about it.
func TestCommandsOnARunningProgram(t *testing.T) {
	b, base := practice(t, broker.Official)
	one, two, three := b.URL(base, "1"), b.URL(base, "2"), b.URL(base, "3")
	p := startProgram(t, `{
  // kept
  "mcpEndpoint": [{"url": `+quoted(one)+`, "name": "书房"}, {"url": `+quoted(two)+`, "name": "Kids"}],
  "mcpServers": {"echo": {"command": `+quoted(os.Args[0])+`, "env": {`+quoted(playAs)+`: "stdio"}}}
}`)
	const en = "en_US.UTF-8"
	run := func(args ...string) said { t.Helper(); return command(t, en, "", append(args, "--data", p.data)...) }
	state := func(name string) string {
		for _, c := range p.connections() {
			if c.Name == name {
				return c.State
			}
		}
		return "gone"
	}
	ready := func(name string) { p.eventually(name+" ready", func() bool { return state(name) == "ready" }) }
	ready("书房")
	ready("Kids")
	p.eventually("the server ready", func() bool { return strings.Contains(p.get("/api/v1/servers"), `"ready"`) })

	var status struct {
		PID         int
		URL, Config string
		Connections []connection
		Servers     []struct{ Name, State string }
	}
	run("status", "--json").into(t, &status)
	if status.PID != p.cmd.Process.Pid || status.URL != p.url || status.Config != p.config || len(status.Connections) != 2 ||
		len(status.Servers) != 1 || status.Servers[0].State != "ready" {
		t.Errorf("status: %+v", status)
	}
	var list struct {
		Running   bool
		Endpoints []struct {
			ID, Name, Agent, Endpoint string
			Enabled                   bool
			Connection                *connection
		}
	}
	run("endpoint", "list", "--json").into(t, &list)
	if e := list.Endpoints; !list.Running || len(e) != 2 || e[1].ID != idOf(t, two) || e[1].Agent != "2" || e[1].Connection == nil || !e[1].Connection.Connected {
		t.Errorf("endpoint list: %+v", list)
	}

	if s := run("status"); s.code != ExitOK || !strings.Contains(s.out, "2 of 2 endpoints are connected.") || !strings.Contains(s.out, "Kids      "+idOf(t, two)) {
		t.Errorf("status as text: %+v", s)
	}

	// What is done for the moment.
	for _, verb := range []struct{ name, args, state string }{
		{"pause", "书房", "paused"}, {"resume", idOf(t, one)[:5], "ready"}, {"pause", "1 --for 90s", "paused"}, {"resume", "书房", "ready"},
	} {
		if s := run(append([]string{"endpoint", verb.name}, strings.Fields(verb.args)...)...); s.code != ExitOK || !strings.HasPrefix(s.out, "书房: ") {
			t.Errorf("%s %s: %+v", verb.name, verb.args, s)
		}
		p.eventually(verb.name, func() bool { return state("书房") == verb.state })
	}
	if s := run("endpoint", "pause", "书房", "--for", "2h"); !strings.HasPrefix(s.out, "书房: Paused until "+time.Now().Add(2*time.Hour).Format("Jan ")) {
		t.Errorf("a pause with an end: %+v", s)
	}
	for lang, want := range map[string]string{en: "书房 is paused. End the pause first: endpoint resume " + idOf(t, one), "zh_CN.UTF-8": "请先恢复"} {
		if s := command(t, lang, "", "endpoint", "reconnect", "书房", "--data", p.data); s.code != ExitFailed || s.out != "" || !strings.Contains(s.err, want) {
			t.Errorf("reconnect what is paused: %+v", s)
		}
	}
	run("endpoint", "resume", "书房")
	ready("书房")
	sockets := func() uint64 { return b.Sockets("2")[0].Serial }
	before := sockets()
	var after connection
	run("endpoint", "reconnect", "kids", "--json").into(t, &after)
	if after.ID != idOf(t, two) {
		t.Errorf("reconnect: %+v", after)
	}
	p.eventually("another socket", func() bool { s := b.Sockets("2"); return len(s) == 1 && s[0].Serial != before })
	var all []connection
	run("endpoint", "pause", "--all", "--json").into(t, &all)
	if len(all) != 2 || all[0].State != "paused" || all[1].State != "paused" {
		t.Errorf("pause all: %+v", all)
	}
	run("endpoint", "resume", "--all")
	ready("书房")
	ready("Kids")

	// Tools.
	var tools []struct {
		Name    string
		Enabled bool
	}
	run("tool", "list", "--json").into(t, &tools)
	if len(tools) < 4 {
		t.Errorf("tools: %+v", tools)
	}
	if s := run("tool", "list"); s.code != ExitOK || !strings.Contains(s.out, "switchboard__status") {
		t.Errorf("tool list: %+v", s)
	}
	var called struct {
		Name   string
		TookMs *float64
		Result struct{ Content []struct{ Type, Text string } }
	}
	run("tool", "call", "switchboard__status", `{}`, "--json").into(t, &called)
	if called.Name != "switchboard__status" || called.TookMs == nil || len(called.Result.Content) != 1 || !strings.Contains(called.Result.Content[0].Text, "endpoints") {
		t.Errorf("called: %+v", called)
	}
	if s := command(t, en, " {} \n", "tool", "call", "switchboard__status", "-", "--data", p.data); s.code != ExitOK || s.out != called.Result.Content[0].Text+"\n" && !strings.HasPrefix(s.out, "2 of 2 endpoints") {
		t.Errorf("call as text: %+v", s)
	}

	// The file, which the program follows.
	add := command(t, en, three+"\n", "endpoint", "add", "-", "--name", "Hall", "--data", p.data)
	if add.code != ExitOK || !strings.Contains(add.out, "Added Hall ("+idOf(t, three)+") to "+p.config) || !strings.Contains(add.out, "agent 3 at "+strings.TrimPrefix(base, "ws://")) ||
		!strings.Contains(add.out, "valid until") || !strings.Contains(add.out, "at once") {
		t.Errorf("add: %+v", add)
	}
	ready("Hall")
	twice := run("endpoint", "add", three)
	if twice.code != ExitFailed || !strings.Contains(twice.err, "already, as Hall") {
		t.Errorf("add twice: %+v", twice)
	}
	var view struct{ ID, Name, Role string }
	run("endpoint", "add", three, "--replace", "--name", "Hallway", "--json").into(t, &view)
	if view.ID != idOf(t, three) || view.Name != "Hallway" {
		t.Errorf("replaced: %+v", view)
	}
	ready("Hallway")
	run("endpoint", "remove", "hallway", "--json").into(t, &view)
	p.eventually("it is gone", func() bool { return state("Hallway") == "gone" })
	text, err := os.ReadFile(p.config)
	if err != nil || !strings.Contains(string(text), "// kept") || strings.Contains(string(text), "Hall") {
		t.Errorf("the file is %q, %v", text, err)
	}
	var path struct {
		Path            string
		Exists, Running bool
	}
	run("config", "path", "--json").into(t, &path)
	if path.Path != p.config || !path.Exists || !path.Running {
		t.Errorf("path: %+v", path)
	}
	var file struct{ Path string }
	if run("config", "check", "--json").into(t, &file); file.Path != p.config {
		t.Errorf("without a name it checks %s", file.Path)
	}

	// Answers that are no.
	for _, tt := range []struct {
		args string
		code int
		en   string
		zh   string
	}{
		{"endpoint pause nobody", ExitFailed, "There is no endpoint \"nobody\". There are 书房 (" + idOf(t, one), "没有“nobody”这个接入点"},
		{"endpoint pause", ExitUsage, "Name one endpoint, or use --all", "请指定一个接入点"},
		{"endpoint pause Kids --all", ExitUsage, "Name one endpoint", "请指定一个接入点"},
		{"endpoint pause Kids --for soon", ExitUsage, "such as 10s", "这样的时长"},
		{"endpoint remove nobody", ExitFailed, "There are 书房", "现有：书房"},
		{"endpoint add https://h.example/?token=tokenTokenToken", ExitFailed, "not an endpoint address", "不是接入点地址"},
		{"endpoint add " + one + " --role king", ExitUsage, "serve or call", "应为 serve 或 call"},
		{"endpoint add " + one + " --name " + strings.Repeat("x", 81), ExitUsage, "up to 80 characters", "最多 80 个字符"},
		{"endpoint frob", ExitUsage, `no command "frob"`, "没有“frob”这个命令"},
		{"endpoint remov Kids", ExitUsage, "Did you mean remove?", "是否想用 remove？"},
		{"tool call status", ExitFailed, "Did you mean switchboard__status?", "是否想用 switchboard__status？"},
		{"tool call switchboard__tim", ExitFailed, "Did you mean switchboard__time?", "是否想用 switchboard__time？"},
		{"tool call frob", ExitFailed, "\"tool list\" shows", "tool list 会列出"},
		{"tool call switchboard__time [1]", ExitUsage, "one JSON object", "一个 JSON 对象"},
		{"completion tcsh", ExitUsage, "bash, zsh, fish and powershell", "没有“tcsh”的"},
	} {
		for lang, want := range map[string]string{"en": tt.en, "zh": tt.zh} {
			args := strings.Fields(tt.args)
			if args[0] != "completion" {
				args = append(args, "--data", p.data)
			}
			var out, errOut bytes.Buffer
			code := execute(args, console{ctx: t.Context(), in: strings.NewReader(""), out: &out, err: &errOut, words: assets.Words(lang)})
			s := said{code, out.String(), errOut.String()}
			if s.code != tt.code || !strings.Contains(s.err, want) {
				t.Errorf("%s %.40s: %+v, want %d %s", lang, tt.args, s, tt.code, want)
			}
			if strings.Contains(s.out+s.err, "tokenTokenToken") {
				t.Errorf("%.40s shows the token", tt.args)
			}
		}
	}
	for _, address := range []string{one, two, three} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []said{add, twice, run("status", "--json"), run("endpoint", "list", "--json"), run("endpoint", "list")} {
			if token := u.Query().Get("token"); token == "" || strings.Contains(s.out+s.err, token) {
				t.Errorf("a token is shown: %+v", s)
			}
		}
	}

	p.stop(os.Interrupt)
	if s := run("status"); s.code != ExitNotRunning {
		t.Errorf("after the end: %+v", s)
	}
}

// TestCommandsWithoutAProgram holds what works without one, and that the rest says so.
func TestCommandsWithoutAProgram(t *testing.T) {
	const en, zh = "en_US.UTF-8", "zh_CN.UTF-8"
	b, base := practice(t, broker.Official)
	dir := t.TempDir()
	file, data := filepath.Join(dir, "new", "c.json"), filepath.Join(dir, "data")
	for _, args := range []string{"status", "endpoint pause x", "endpoint resume --all", "endpoint reconnect x", "tool list", "tool call x"} {
		for lang, want := range map[string]string{en: "is not running", zh: "没有运行"} {
			s := command(t, lang, "", append(strings.Fields(args), "--data", data)...)
			if s.code != ExitNotRunning || !strings.Contains(s.err, want) || s.out != "" || strings.Count(s.err, "\n") != 1 {
				t.Errorf("%s: %+v", args, s)
			}
		}
	}
	run := func(args ...string) said {
		t.Helper()
		return command(t, en, "", append(args, "--data", data, "--config", file)...)
	}
	if s := run("endpoint", "list"); s.code != ExitFailed || !strings.Contains(s.err, "There is no file "+file) {
		t.Errorf("no file: %+v", s)
	}
	one := b.URL(base, "1")
	if s := run("endpoint", "add", one, "--role", "call"); s.code != ExitOK || !strings.Contains(s.out, "when the program runs") {
		t.Errorf("add: %+v", s)
	}
	if s := run("endpoint", "list"); s.code != ExitOK || !strings.Contains(s.out, "agent 1   "+idOf(t, one)) || !strings.Contains(s.out, "Not running") {
		t.Errorf("list: %+v", s)
	}
	if s := command(t, zh, "", "endpoint", "list", "--data", data, "--config", file); !strings.HasPrefix(s.out, "接入点    ID            主机") {
		t.Errorf("Chinese columns: %s", s.out)
	}
	const servers = `{"mcpServers": {"web": {"url": "https://a.example/mcp?key=secretKey1"}, "files": {"command": "npx", "args": ["some"], "env": {"API_KEY": "secretKey2"}}}}`
	type imported struct {
		Path    string
		Added   bool
		Servers []struct {
			Name, Kind, What    string
			RunsProgram, Exists bool
		}
	}
	from := filepath.Join(dir, "servers.json")
	if err := os.WriteFile(from, []byte(servers), 0o600); err != nil {
		t.Fatal(err)
	}
	var got imported
	run("config", "import", from, "--dry-run", "--json").into(t, &got)
	if got.Added || len(got.Servers) != 2 || !got.Servers[1].RunsProgram || got.Servers[0].Kind != "auto" {
		t.Errorf("dry: %+v", got)
	}
	if s := run("config", "import", from); s.code != ExitFailed || !strings.Contains(s.err, "--yes") || !strings.Contains(s.out, "npx some") || strings.Contains(s.out+s.err, "secretKey") {
		t.Errorf("untrusted: %+v", s)
	}
	if s := command(t, en, servers, "config", "import", "-", "--yes", "--data", data, "--config", file); s.code != ExitOK || !strings.Contains(s.out, "Added 2 servers") {
		t.Errorf("trusted: %+v", s)
	}
	run("config", "import", from, "--json").into(t, &got)
	if got.Added || !got.Servers[0].Exists {
		t.Errorf("again: %+v", got)
	}
	if s := command(t, en, "{", "config", "import", "-", "--data", data, "--config", file); s.code != ExitFailed || !strings.Contains(s.err, "line 1") {
		t.Errorf("no JSON: %+v", s)
	}
	var checked struct {
		Usable             bool
		Endpoints, Servers int
		Problems           []struct {
			Line      int
			Key, Text string
		}
	}
	command(t, en, "", "config", "check", file, "--json").into(t, &checked)
	if !checked.Usable || checked.Endpoints != 1 || checked.Servers != 2 {
		t.Errorf("checked: %+v", checked)
	}
	if err := os.WriteFile(file, []byte("{\n\"port\": 99999}"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := command(t, zh, "", "config", "check", file, "--json")
	if err := json.Unmarshal([]byte(bad.out), &checked); err != nil || bad.code != ExitConfig || checked.Problems[0].Line != 2 || checked.Problems[0].Key != "port" || !chinese(checked.Problems[0].Text) {
		t.Errorf("bad: %v %+v", err, bad)
	}
	for _, args := range [][]string{{"endpoint", "add", b.URL(base, "2")}, {"endpoint", "remove", "1"}, {"endpoint", "list"}, {"config", "import", from, "--yes"}} {
		if s := run(args...); s.code != ExitConfig || !strings.Contains(s.err, "from 1 to 65535") {
			t.Errorf("%s on a bad file: %+v", args[1], s)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "{\n\"port\": 99999}" {
		t.Errorf("a bad file was overwritten: %q %v", text, err)
	}
	var version struct{ Version, Go, System string }
	command(t, en, "", "version", "--json").into(t, &version)
	if version.Version == "" || version.Go == "" || version.System == "" {
		t.Errorf("version: %+v", version)
	}
	var examined struct {
		OK      bool
		Agent   string
		Remarks []struct{ Level, Text string }
	}
	command(t, en, one+"\n", "doctor", "-", "--json").into(t, &examined)
	if !examined.OK || examined.Agent != "1" || len(examined.Remarks) == 0 {
		t.Errorf("examined: %+v", examined)
	}
}

// TestStateOfAnotherComputerIsNotAsked holds that commands talk to this computer only.
func TestStateOfAnotherComputerIsNotAsked(t *testing.T) {
	for address, want := range map[string]bool{
		"http://localhost:3001/": true, "http://127.0.0.1:1/": true, "http://[::1]:3001/": true,
		"http://example.com/": false, "http://10.0.0.1:3001/": false, "http://localhost.example/": false, "": false, "://": false,
	} {
		if got := onThisComputer(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// TestResumeWhatIsOff: a command cannot end what the file says, and says so.
func TestResumeWhatIsOff(t *testing.T) {
	b, base := practice(t, broker.Official)
	p := startProgram(t, `{"mcpEndpoint": [{"url": `+quoted(b.URL(base, "1"))+`, "name": "Hall", "enabled": false}]}`)
	for lang, want := range map[string]string{"en_US.UTF-8": "Hall is switched off in the configuration", "zh_CN.UTF-8": "Hall 在配置中已停用"} {
		for _, verb := range []string{"resume", "reconnect"} {
			if s := command(t, lang, "", "endpoint", verb, "Hall", "--data", p.data); s.code != ExitFailed || s.out != "" || !strings.Contains(s.err, want) || !strings.Contains(s.err, p.config) {
				t.Errorf("%s: %+v", verb, s)
			}
		}
	}
	for args, want := range map[string]string{
		"endpoint resume --all": "Hall: Off\n", "endpoint pause --all --for 2h": "Hall: Off\n", "endpoint list": "  Off\n", "status": "  Off\n",
	} {
		if s := command(t, "en_US.UTF-8", "", append(strings.Fields(args), "--data", p.data)...); s.code != ExitOK || !strings.Contains(s.out, want) || strings.Contains(s.out, "Paused") {
			t.Errorf("%s: %+v", args, s)
		}
	}
}
