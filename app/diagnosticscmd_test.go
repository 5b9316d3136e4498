package app

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/secret"
)

// TestDiagnosticsOfARunningProgram saves the bundle of a real program whose secrets are
// everywhere, and looks for them in it.
func TestDiagnosticsOfARunningProgram(t *testing.T) {
	b, base := practice(t, broker.Official)
	one := b.URL(base, "1")
	p := startProgram(t, `{
  // hu5h-comment
  "logLevel": "debug",
  "accessKey": "hu5h-access-key",
  "mcpEndpoint": [{"url": `+quoted(one)+`, "name": "Hall hu5h-environment"}, {"url": "ws://127.0.0.1:1/mcp/?token=hu5h-token-9", "name": "Study hu5h-access-key"}],
  "mcpServers": {
    "hu5h-environment": {"command": "no-such-hu5h-environment", "args": ["--key", "hu5h-argument"], "env": {"MY_KEY": "hu5h-environment"}},
    "noisy": {"command": "`+strings.ReplaceAll(os.Args[0], `\`, `\\`)+`", "args": ["hu5h-environment"], "env": {"`+playAs+`": "no such part", "X": "hu5h-1234"}},
    "far": {"url": "http://127.0.0.1:1/mcp?key=hu5h-far-key", "headers": {"X-Key": "hu5h-header"}}
  }
}`)
	p.key = "hu5h-access-key"
	p.eventually("the link is ready", func() bool { return strings.Contains(p.get("/api/v1/connections"), `"ready"`) })
	p.eventually("servers fail", func() bool { return strings.Count(p.get("/api/v1/servers"), `"lastError"`) >= 2 })
	p.eventually("the second link failed", func() bool { return strings.Contains(p.output(), "Study "+secret.Hidden) })
	dir := t.TempDir()
	run := func(args ...string) said {
		return command(t, "en_US.UTF-8", "", append(append([]string{"diagnostics"}, args...), "--data", p.data)...)
	}
	var report bundleReport
	run(dir, "--json").into(t, &report)
	if filepath.Dir(report.Path) != dir || !strings.HasPrefix(filepath.Base(report.Path), "xiaozhi-switchboard-diagnostics-2") || !slices.Contains(report.Files, "goroutines.txt") {
		t.Errorf("report: %+v", report)
	}
	packed, err := os.ReadFile(report.Path)
	if err != nil || len(packed) != report.Bytes {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(one, "token=")
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, hush := range []string{"hu5h", token} {
			if at := strings.Index(string(text), hush); at >= 0 {
				t.Errorf("%s tells %.120q", f.Name, text[max(0, at-60):])
			}
		}
		if strings.HasSuffix(f.Name, "/log.txt") && !strings.Contains(string(text), "link changed") {
			t.Errorf("the log is %s", text)
		}
	}

	written, err := os.ReadFile(filepath.Join(p.data, logFolder, logName))
	if err != nil || !strings.Contains(string(written), "Study "+secret.Hidden) {
		t.Errorf("the log file does not name the second endpoint: %v", err)
	}
	for where, text := range map[string]string{"the log file": string(written), "the terminal": p.output(), "the log of the API": p.get("/api/v1/log?limit=5000")} {
		if at := strings.Index(text, p.key); at >= 0 {
			t.Errorf("%s tells the access key: %.120q", where, text[max(0, at-60):])
		}
	}

	file := filepath.Join(dir, "mine.zip")
	if s := run(file); s.code != ExitOK || !strings.Contains(s.out, "Saved "+file+" with ") {
		t.Errorf("%+v", s)
	}
	if s := run(file); s.code != ExitFailed || !strings.Contains(s.err, "is there already") {
		t.Errorf("a file that is there: %+v", s)
	}
	zh := filepath.Join(dir, "zh.zip")
	if s := command(t, "zh_CN.UTF-8", "", "diagnostics", zh, "--data", p.data); s.code != ExitOK || !strings.Contains(s.out, "已保存 "+zh) {
		t.Errorf("in Chinese: %+v", s)
	}
	if s := run("-"); s.code != ExitOK || !strings.HasPrefix(s.out, "PK") {
		t.Errorf("standard output: %d %s", s.code, s.err)
	}
	if s := command(t, "en_US.UTF-8", "", "diagnostics", "--data", t.TempDir()); s.code != ExitNotRunning {
		t.Errorf("without a program: %+v", s)
	}
}

// TestDiagnosticsWithoutAPlace: why it is not saved is a sentence in the user's language.
func TestDiagnosticsWithoutAPlace(t *testing.T) {
	p := startProgram(t, "{}")
	for lang, want := range map[string]string{"en_US.UTF-8": "the folder of the file is not there", "zh_CN.UTF-8": "文件所在的文件夹"} {
		s := command(t, lang, "", "diagnostics", filepath.Join(p.data, "none", "x.zip"), "--data", p.data)
		if s.code != ExitFailed || !strings.Contains(s.err, want) || s.out != "" {
			t.Errorf("%s: %+v", lang, s)
		}
	}
}

func TestDiagnosticsTarget(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ file, disposition, want string }{
		{"", `attachment; filename="a.zip"`, "a.zip"},
		{dir, `attachment; filename="a.zip"`, filepath.Join(dir, "a.zip")},
		{"b.zip", `attachment; filename="a.zip"`, "b.zip"},
		{"", `attachment; filename="../../a.zip"`, "xiaozhi-switchboard-diagnostics.zip"},
		{"", `attachment; filename="/etc/a.zip"`, "xiaozhi-switchboard-diagnostics.zip"},
		{"", "", "xiaozhi-switchboard-diagnostics.zip"},
	} {
		if got := (&diagnosticsCmd{File: c.file}).target(c.disposition); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
