package desktop

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// fakeProgram puts a script in place of a program; what it was given lands in the
// returned file.
func fakeProgram(t *testing.T, name, script string) (heard string) {
	t.Helper()
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("this system has programs of its own for it")
	}
	dir := t.TempDir()
	heard = filepath.Join(dir, "heard")
	script = "#!/bin/sh\nHEARD='" + heard + "'\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	return heard
}

func TestOpen(t *testing.T) {
	heard := fakeProgram(t, "xdg-open", `echo noise; echo "$1" >> "$HEARD"`)
	file := filepath.Join(t.TempDir(), "a file.json")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(OpenURL("http://localhost:3001/"), OpenFile(file), OpenFile(filepath.Dir(file))); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(heard)
	if got, want := string(text), "http://localhost:3001/\n"+file+"\n"+filepath.Dir(file)+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := OpenFile(filepath.Join(file, "missing")); err == nil {
		t.Error("opened what is not there")
	}
}

func TestCopy(t *testing.T) {
	heard := fakeProgram(t, "xclip", `cat > "$HEARD"; echo "$*" >> "$HEARD"`)
	t.Setenv("WAYLAND_DISPLAY", "")
	t.Setenv("DISPLAY", ":7")
	if err := Copy("wss://x/?token=secret"); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(heard); string(text) != "wss://x/?token=secret-selection clipboard\n" {
		t.Errorf("it heard %q", text)
	}
	t.Setenv("DISPLAY", "")
	if err := Copy("x"); !errors.Is(err, ErrNoClipboard) {
		t.Errorf("without a display: %v", err)
	}
	fakeProgram(t, "xclip", "exit 3")
	t.Setenv("DISPLAY", ":7")
	if err := Copy("x"); err == nil || errors.Is(err, ErrNoClipboard) {
		t.Errorf("a program that fails: %v", err)
	}
}

func TestClipboardPrograms(t *testing.T) {
	for _, c := range []struct {
		system       string
		wayland, x11 bool
		want         string
	}{
		{"windows", false, false, "clip.exe"}, {"darwin", false, false, "pbcopy"},
		{"linux", true, true, "wl-copy xclip xsel"}, {"linux", false, true, "xclip xsel"}, {"linux", false, false, ""},
	} {
		var names []string
		for _, p := range clipboardPrograms(c.system, c.wayland, c.x11) {
			names = append(names, p[0])
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	if got := string(clipboardText("windows", "a")); got != "a" {
		t.Errorf("%q", got)
	}
	if got := string(clipboardText("windows", "é")); got != "\xff\xfe\xe9\x00" {
		t.Errorf("%q", got)
	}
}
