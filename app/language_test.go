package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"xiaozhi-switchboard/app/desktop"
)

func TestSpokenLanguage(t *testing.T) {
	for _, c := range []struct {
		wish, env, system, want string
	}{
		{"", "", "", "en"},
		{"", "", "zh-Hans-CN en-CN", "zh"},
		{"", "", "de-DE zh-CN", "zh"},
		{"", "", "de-DE", "en"},
		{"en", "", "zh-Hans-CN", "en"},
		{"zh", "LC_ALL=en_US.UTF-8", "", "zh"},
		{"", "LANG=zh_CN.UTF-8", "en-US", "zh"},
		{"", "LANG=zh_CN.UTF-8 LC_ALL=en_GB", "", "en"},
		{"", "LANG=en_US.UTF-8 LC_MESSAGES=zh_SG@pinyin", "", "zh"},
		{"", "LC_ALL=C", "zh-CN", "en"},
	} {
		getenv := func(name string) string {
			for pair := range strings.FieldsSeq(c.env) {
				if value, ok := strings.CutPrefix(pair, name+"="); ok {
					return value
				}
			}
			return ""
		}
		if got := spoken(c.wish, getenv, func() []string { return strings.Fields(c.system) }); got != c.want {
			t.Errorf("%+v is spoken to in %q", c, got)
		}
	}
}

func TestValueOfAFlag(t *testing.T) {
	for line, want := range map[string]string{
		"":                         "",
		"status":                   "",
		"run --config a.json":      "a.json",
		"--config=a.json status":   "a.json",
		"endpoint list -c a.json":  "a.json",
		"endpoint list -ca.json":   "a.json",
		"endpoint list -c=a.json":  "a.json",
		"--config":                 "",
		"config check --configure": "",
	} {
		if got := valueOf(strings.Fields(line), "--config", "-c"); got != want {
			t.Errorf("%q has %q, want %q", line, got, want)
		}
	}
}

// TestCommandsSpeakTheLanguageOfTheFile: of the one that is named, of the running program,
// and of the one that a run would use.
func TestCommandsSpeakTheLanguageOfTheFile(t *testing.T) {
	dir := t.TempDir()
	zh := filepath.Join(dir, "zh.json")
	if err := os.WriteFile(zh, []byte(`{"language": "zh"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	idle, busy := t.TempDir(), t.TempDir()
	i, err := desktop.Claim(t.Context(), busy)
	if err != nil {
		t.Fatal(err)
	}
	defer i.Release()
	if err := i.Tell("http://127.0.0.1:9/", zh, ""); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "home"))
	for _, c := range []struct{ args, want string }{
		{"endpoint list --data " + idle + " --config " + zh, "没有接入点"},
		{"status --data " + busy, "没有应答"},
		{"status --data " + idle, "is not running"},
	} {
		got := command(t, "en_US.UTF-8", "", strings.Fields(c.args)...)
		if !strings.Contains(got.out+got.err, c.want) {
			t.Errorf("%s: %+v, want %q", c.args, got, c.want)
		}
	}
	usual := filepath.Join(dir, "home", "xiaozhi-switchboard", desktop.ConfigName)
	if err := os.MkdirAll(filepath.Dir(usual), 0o700); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{`{"language": "zh"}`: "没有运行", `{"language": "en"}`: "is not running", `{"language": `: "没有运行"} {
		if err := os.WriteFile(usual, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := command(t, "zh_CN.UTF-8", "", "status", "--data", idle); !strings.Contains(got.err, want) {
			t.Errorf("with %s: %+v, want %q", text, got, want)
		}
	}
}
