package app

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"xiaozhi-switchboard/assets"
)

func TestCandidates(t *testing.T) {
	data, _ := invent(t)
	ctx, cancel := context.WithTimeout(t.Context(), longWait) // in place of what somebody at a keyboard bears
	defer cancel()
	for line, want := range map[string]string{
		"":                             "run status endpoint tool config doctor diagnostics completion version",
		"s":                            "status",
		"endpoint ":                    "list add remove pause resume reconnect",
		"endpoint re":                  "remove resume reconnect",
		"endpoint pause --f":           "--for",
		"endpoint add wss://x --":      "--help --name --role --replace --data --config --json",
		"endpoint add wss://x --role ": "serve call",
		"endpoint add --role=c":        "call",
		"endpoint add --role = c":      "call",
		"endpoint add --role =":        "serve call",
		"endpoint add ":                "",
		"--log-level ":                 "debug info warn error",
		"--log-level d":                "debug",
		"run --h":                      "--help --host --headless",
		"--config ":                    ":files",
		"-c ":                          ":files",
		"config check ":                ":files",
		"config check x ":              "",
		"status --data ":               ":folders",
		"completion ":                  "bash zsh fish powershell",
		"nonsense ":                    "",
		"endpoint pause --data DATA ":  "Kids ddd444ddd444 书房小智 ccc333ccc333 Relay",
		"endpoint pause --data=DATA b": "",
		"endpoint pause --data=DATA 书": "书房小智",
		"tool call --data DATA ":       "weather__forecast",
		"tool call --data DATA w x ":   "",
	} {
		args := []string{completeWord}
		for _, word := range strings.Split(line, " ") {
			args = append(args, strings.ReplaceAll(word, "DATA", data))
		}
		if strings.HasSuffix(line, " ") { // as shells that cannot pass an empty word ask
			args = append([]string{completeNext}, args[1:len(args)-1]...)
		}
		var out bytes.Buffer
		if code := execute(args, console{ctx: ctx, out: &out, err: io.Discard, words: assets.Words("en")}); code != ExitOK {
			t.Errorf("%q: exit code %d", line, code)
		}
		var got []string
		for row := range strings.Lines(out.String()) {
			word, about, described := strings.Cut(strings.TrimSuffix(row, "\n"), "\t")
			if described && strings.TrimSpace(about) == "" {
				t.Errorf("%q: %q is not described", line, row)
			}
			got = append(got, word)
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%q: %s, want %s", line, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	for word, want := range map[string]bool{"Kids": true, "书房": true, "a-b_c.d": true, "": false, "-x": false, "a b": false, "a$b": false, "a'b": false, "a;b": false, "a:b": false, "a\u202eb": false, "a\x1bb": false} {
		if got := plain(word); got != want {
			t.Errorf("%q: %v", word, got)
		}
	}
}

// shell returns the program of a shell, or skips where it is not installed.
func shell(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return path
}

// TestCompletionInShells lets each shell read its script and complete with it.
func TestCompletionInShells(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink(os.Args[0], filepath.Join(dir, programName)); err != nil {
		t.Skipf("a link cannot be made: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "some file.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const bash = `source "$1"
ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _xiaozhi_switchboard; printf '<%s>' "${COMPREPLY[@]}"; echo; }
ask xiaozhi-switchboard endpoint re
ask xiaozhi-switchboard endpoint add --role ""
ask xiaozhi-switchboard endpoint add --role =
ask xiaozhi-switchboard config check some
complete -p xiaozhi-switchboard`
	const zsh = `autoload -U compinit && compinit -u -D
source "$1"
print -r -- "${_comps[xiaozhi-switchboard]}"
_describe() { print -r -- "${(P)4}" }
_files() { print -r -- "files $*" }
compset() { print -r -- "compset $*" }
words=(xiaozhi-switchboard endpoint re); CURRENT=3; _xiaozhi_switchboard
words=(xiaozhi-switchboard endpoint add --role ''); CURRENT=5; _xiaozhi_switchboard
words=(xiaozhi-switchboard config check ''); CURRENT=4; _xiaozhi_switchboard
_describe() { print -rl -- "${(@P)3}" }
words=(xiaozhi-switchboard endpoint re); CURRENT=3; _xiaozhi_switchboard`
	const fish = `source $argv[1]
complete -C "xiaozhi-switchboard endpoint re"
complete -C "xiaozhi-switchboard endpoint add --role "
complete -C "xiaozhi-switchboard endpoint add --role=c"
complete -C "xiaozhi-switchboard config check some"`
	const pwsh = `$env:PATH = "$PSScriptRoot" + [IO.Path]::PathSeparator + $env:PATH
Get-Content -Raw $args[0] | Invoke-Expression
foreach ($line in 'xiaozhi-switchboard endpoint re', 'xiaozhi-switchboard endpoint add --role ') {
  ([System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)).CompletionMatches.CompletionText
}`
	for name, c := range map[string]struct {
		run   []string
		lines string
		want  []string
	}{
		"bash":       {[]string{"bash", "--norc"}, bash, []string{"<remove><resume><reconnect>", "<serve><call>\n<serve><call>", "<some file.json>", "complete -F _xiaozhi_switchboard xiaozhi-switchboard"}},
		"zsh":        {[]string{"zsh", "-f"}, zsh, []string{"_xiaozhi_switchboard\n", "files", "remove:Remove an endpoint", "reconnect:Connect"}},
		"fish":       {[]string{"fish", "--no-config"}, fish, []string{"remove\tRemove", "serve\tIt calls", "--role=call\tWe call", "some file.json"}},
		"powershell": {[]string{"pwsh", "-NoProfile", "-File"}, pwsh, []string{"remove", "serve"}},
	} {
		t.Run(name, func(t *testing.T) {
			program := shell(t, c.run[0])
			script, lines := filepath.Join(dir, name+".script"), filepath.Join(dir, name+".ps1")
			for path, text := range map[string]string{script: completionScript(name), lines: c.lines} {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if name != "powershell" {
				if out, err := exec.Command(program, "-n", script).CombinedOutput(); err != nil || len(out) > 0 {
					t.Fatalf("%s -n: %v\n%s", name, err, out)
				}
			}
			cmd := exec.Command(program, append(c.run[1:], lines, script)...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), playAs+"=program", "LC_ALL=C.UTF-8", "LC_MESSAGES=en", "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+dir, "XDG_STATE_HOME="+dir)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("%q is not offered:\n%s", want, out)
				}
			}
		})
	}
}

// FuzzComplete holds that no command line makes completion fail or write what steers a
// terminal.
func FuzzComplete(f *testing.F) {
	for _, line := range []string{"", "endpoint add --role=", "-", "--", "= =", "run --port 3 --config", "config check \x1b"} {
		f.Add(line)
	}
	var out bytes.Buffer
	c := &console{ctx: f.Context(), out: &out, err: io.Discard, words: assets.Words("zh")}
	model := newParser(c, &cli{}, func(int) {}).Model
	f.Fuzz(func(t *testing.T, line string) {
		out.Reset()
		complete(c, model, append([]string{completeWord, "--data", os.DevNull, "--config", os.DevNull}, strings.Split(line, " ")...))
		if strings.Contains(out.String(), "\x1b") {
			t.Errorf("%q: %s", line, out.String())
		}
	})
}
