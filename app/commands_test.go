package app

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/core/broker"
)

func TestCommands(t *testing.T) {
	b, base := practice(t, broker.Official)
	dir, idle := t.TempDir(), t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", idle)
	good, bad := filepath.Join(dir, "good.json"), filepath.Join(dir, "bad.json")
	for path, text := range map[string]string{
		good: `{"mcpEndpoint":"` + b.URL(base, "9") + `"}`,
		bad:  "{\n \"port\": 99999,\n \"connectionOptions\": {\"reconnectStrategy\": \"never\"}\n}",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	expired := broker.New(&broker.Options{TokenLife: -time.Hour})
	defer expired.Close()
	b.SetFault("8", broker.Fault{Status: 403})
	for _, tt := range []struct {
		args string
		code int
		en   string
		zh   string
	}{
		{"version", ExitOK, "xiaozhi-switchboard", "xiaozhi-switchboard"},
		{"config check " + good, ExitOK, "can be used: 1 endpoint, 0 MCP servers.", "可以使用：1 个接入点，0 个 MCP 服务。"},
		{"config check " + bad, ExitConfig, "2 problems", "共 2 处问题"},
		{"config check " + bad, ExitConfig, "from 1 to 65535", "应为 1 到 65535 之间的整数"},
		{"config check " + filepath.Join(dir, "none.json"), ExitFailed, "There is no file", "没有 /"},
		{"doctor " + b.URL(base, "9"), ExitOK, "This address works", "这个地址可以使用"},
		{"doctor " + b.URL(base, "8"), ExitFailed, "refuses this token", "接入点拒绝了这个令牌"},
		{"doctor " + expired.URL(base, "7"), ExitFailed, "expired on", "过期"},
		{"doctor ws://127.0.0.1:1/?token=tokenTokenToken", ExitFailed, "Nothing answers", "没有响应"},
		{"doctor https://example.com/", ExitFailed, "not an endpoint address", "不是接入点地址"},
		{"--no-such-flag", ExitUsage, "There is no option --no-such-flag. See", "没有 --no-such-flag 这个选项。"},
		{"--prot 3", ExitUsage, "Did you mean --port?", "是否想用 --port？"},
		{"--port", ExitUsage, "--port=N", "需要一个值，写成 --port=N"},
		{"--port x", ExitUsage, "from 0 to 65535", "端口应为 0 到 65535 之间的整数"},
		{"--port=70000", ExitUsage, "from 0 to 65535", "端口应为 0 到 65535 之间的整数"},
		{"--demo=maybe", ExitUsage, "takes no value", "不带值"},
		{"run -x", ExitUsage, "no option -x", "没有 -x 这个选项"},
		{"--log-level loud", ExitUsage, "debug, info, warn or error", "日志级别应为"},
		{"doctor", ExitUsage, "<url> is missing", "缺少参数 <url>"},
		{"doctor a b", ExitUsage, `"b" is one too many`, "多了一个参数“b”"},
		{"frob", ExitUsage, `no command "frob"`, "没有“frob”这个命令"},
		{"wss://h.example/?token=tokenTokenToken", ExitUsage, "no command", "这个命令"},
		{"doctor --timeout 5 wss://x", ExitUsage, "such as 10s", "10s、1m 这样的时长"},
		{"docter x", ExitUsage, "Did you mean doctor?", "是否想用 doctor？"},
		{"config", ExitUsage, "goes on with path, check, import", "后面应接 path、check、import"},
		{"doctor --help", ExitOK, "Usage: xiaozhi-switchboard doctor <url> [options]", "用法：xiaozhi-switchboard doctor <url> [选项]"},
		{"run --headless --port 0 --config " + dir + " --data " + filepath.Join(dir, "data"), ExitConfig, "this is a folder", "这是一个文件夹"},
		{"config check " + dir, ExitConfig, "this is a folder", "这是一个文件夹"},
		{"endpoint list --config " + bad + " --data " + idle, ExitConfig, "bad.json: \nline 2", "bad.json：\n第 2 行"},
		{"endpoint remove x --config " + bad + " --data " + idle, ExitConfig, "bad.json: \nline 2", "bad.json：\n第 2 行"},
		{"config check --data " + idle, ExitFailed, "no configuration file yet", "还没有配置文件"},
		{"endpoint list --data " + idle, ExitFailed, "no configuration file yet", "还没有配置文件"},
		{"endpoint list --data " + idle + " --config " + filepath.Join(dir, "none.json"), ExitFailed, "There is no file", "没有 /"},
		{"endpoint add wss://x.example/ --config " + dir, ExitConfig, "this is a folder", "这是一个文件夹"},
		{"run --headless --port 0 --config " + filepath.Join(good, "x.json") + " --data " + filepath.Join(dir, "data"), ExitConfig, "x.json", "x.json"},
		{"--data " + idle + " status", ExitUsage, `begin with "status"`, "请先写“status”"},
		{"--version", ExitOK, "xiaozhi-switchboard dev", "xiaozhi-switchboard dev"},
		{"help doctor", ExitOK, "Usage: xiaozhi-switchboard doctor <url>", "用法：xiaozhi-switchboard doctor <url>"},
		{"help frob", ExitUsage, `no command "frob"`, "没有“frob”这个命令"},
		{"--endpoint https://h.example/?token=tokenTokenToken", ExitUsage, "--endpoint: This is not an endpoint address", "--endpoint：这不是接入点地址"},
		{"--endpoint=", ExitUsage, "--endpoint: ", "--endpoint："},
		{"endpoint pause --all --for 169h", ExitUsage, "at most a week", "最长一周"},
		{"--help", ExitOK, "Keeps your Xiaozhi endpoints", "始终在线"},
	} {
		for lang, want := range map[string]string{"en_US.UTF-8": tt.en, "zh_CN.UTF-8": tt.zh} {
			ctx, cancel := context.WithTimeout(t.Context(), longWait)
			cmd := exec.CommandContext(ctx, os.Args[0], strings.Fields(tt.args)...)
			cmd.Env = append(os.Environ(), playAs+"=program", "LC_ALL="+lang)
			out, _ := cmd.CombinedOutput()
			cancel()
			if code := cmd.ProcessState.ExitCode(); code != tt.code || !strings.Contains(string(out), want) {
				t.Errorf("%s %.40s: exit code %d, want %d with %q\n%s", lang, tt.args, code, tt.code, want, out)
			}
			if strings.Contains(string(out), "tokenTokenToken") {
				t.Errorf("%.40s shows the token", tt.args)
			}
		}
	}
}
