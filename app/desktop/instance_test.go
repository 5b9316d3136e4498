package desktop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// holdFolder makes the test binary a program that claims a folder and waits.
const holdFolder = "SWITCHBOARD_TEST_HOLD"

func init() {
	dir := os.Getenv(holdFolder)
	if dir == "" {
		return
	}
	i, err := Claim(context.Background(), dir)
	if err == nil && os.Getenv("SWITCHBOARD_TEST_URL") != "" {
		err = i.Tell(os.Getenv("SWITCHBOARD_TEST_URL"), "", "")
	}
	fmt.Println("claimed", err)
	bufio.NewReader(os.Stdin).ReadString('\n')
	os.Exit(0)
}

// holder starts a program that holds a folder.
func holder(t *testing.T, dir, url string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holdFolder+"="+dir, "SWITCHBOARD_TEST_URL="+url)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Process.Kill(); cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "claimed <nil>\n" {
		t.Fatalf("%q %v", line, err)
	}
	return cmd
}

func TestClaim(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "when needed")
	const url = "http://localhost:3001/"
	other := holder(t, dir, url)
	_, err := Claim(t.Context(), dir)
	var running *RunningError
	if !errors.As(err, &running) || running.PID != other.Process.Pid || running.URL != url {
		t.Fatalf("while another runs: %v", err)
	}
	if _, err := Claim(t.Context(), t.TempDir()); err != nil {
		t.Errorf("another folder: %v", err)
	}
	if found, ok := Find(dir); !ok || found.PID != other.Process.Pid || found.URL != url {
		t.Errorf("found %+v %v", found, ok)
	}
	other.Process.Kill() // leaves its state behind
	other.Wait()
	if found, ok := Find(dir); ok {
		t.Errorf("a crashed program is found: %+v", found)
	}
	if _, err := os.Stat(filepath.Join(dir, stateName)); err != nil {
		t.Fatal(err)
	}
	i, err := Claim(t.Context(), dir)
	if err != nil {
		t.Fatalf("after a crash: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, stateName)); err == nil {
		t.Error("what a crashed program said is still there")
	}
	if err := i.Tell("http://localhost:4000/", "/etc/x.json", "pass"); err != nil {
		t.Fatal(err)
	}
	if r, err := readRunning(filepath.Join(dir, stateName)); err != nil || r.PID != os.Getpid() || r.URL != "http://localhost:4000/" {
		t.Errorf("%+v %v", r, err)
	}
	if r, ok := Find(dir); !ok || r.Config != "/etc/x.json" {
		t.Errorf("found %+v %v", r, ok)
	}
	for range 2 {
		if err := i.Release(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, stateName)); err == nil {
		t.Error("the state outlives the program")
	}
	if r, ok := Find(dir); ok {
		t.Errorf("after its end it is found: %+v", r)
	}
	again, err := Claim(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	again.Release()
}

// TestClaimOfASilentProgram waits for it, and no longer than it is asked to.
func TestClaimOfASilentProgram(t *testing.T) {
	dir := t.TempDir()
	holder(t, dir, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Claim(ctx, dir)
	var running *RunningError
	if !errors.As(err, &running) || running.URL != "" {
		t.Errorf("%v", err)
	}
}

func TestClaimOfAFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Claim(t.Context(), filepath.Join(file, "below"))
	var running *RunningError
	if err == nil || errors.As(err, &running) {
		t.Errorf("got %v", err)
	}
}

// TestStateIsNotBelieved when it holds what we would not open.
func TestStateIsNotBelieved(t *testing.T) {
	path := filepath.Join(t.TempDir(), stateName)
	for _, text := range []string{"", "{", "null", `{"pid":1}`, `{"pid":1,"url":"file:///etc/passwd"}`, `{"pid":1,"url":"javascript:alert(1)"}`,
		`{"pid":1,"url":"http://user@host/"}`, `{"pid":1,"url":"-x"}`, `{"url":"` + strings.Repeat("x", stateMax) + `"}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if r, err := readRunning(path); err == nil {
			t.Errorf("%.60q is believed: %+v", text, r)
		}
	}
}

func FuzzState(f *testing.F) {
	f.Add([]byte(`{"pid":1,"url":"http://localhost:3001/"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), stateName)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if r, err := readRunning(path); err == nil && !strings.HasPrefix(strings.ToLower(r.URL), "http") {
			t.Errorf("%q is believed", r.URL)
		}
	})
}
