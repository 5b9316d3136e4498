package endpoint_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/core/broker"
)

// TestOutside builds testdata/keep in a module of its own, as somebody who uses the
// library would, and has it keep three endpoints connected.
func TestOutside(t *testing.T) {
	program := buildOutside(t, filepath.Join("testdata", "keep", "main.go"))

	far := broker.New(&broker.Options{PingInterval: -1})
	t.Cleanup(func() { far.Close() })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go far.Serve(listener)
	agents := []string{"kitchen", "nursery", "study"}
	var addresses []string
	for _, agent := range agents {
		addresses = append(addresses, far.URL("ws://"+listener.Addr().String(), agent))
	}
	said := startOutside(t, program, addresses)

	// listed waits until each agent has a socket that is not one of before, and returns them.
	listed := func(what string, before []uint64) (now []uint64) {
		ctx, stop := context.WithTimeout(t.Context(), 60*time.Second)
		defer stop()
		if err := far.Wait(ctx, func() bool {
			now = now[:0]
			for _, agent := range agents {
				for _, s := range far.Sockets(agent) {
					if s.Listed && !slices.Contains(before, s.Serial) {
						now = append(now, s.Serial)
					}
				}
			}
			return len(now) == len(agents)
		}); err != nil {
			t.Fatalf("%s: %d of %d endpoints: %v\n%s", what, len(now), len(agents), err, said())
		}
		return now
	}
	first := listed("at first", nil)
	far.Drop("", broker.DropReset)
	listed("after a drop", first)
	ctx, stop := context.WithTimeout(t.Context(), 60*time.Second)
	defer stop()
	if err := far.Wait(ctx, func() bool { return len(far.Sockets("")) == len(agents) }); err != nil {
		t.Errorf("%d sockets are open, want %d", len(far.Sockets("")), len(agents))
	}
}

// buildOutside builds a program in a new module that requires this one, without the network,
// and returns the path of what it built.
func buildOutside(t *testing.T, source string) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	read := func(path string) []byte {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	write := func(name string, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The versions and sums are those that a download would find; we must not download.
	module := regexp.MustCompile(`(?m)^module .*$`).ReplaceAllLiteral(read(filepath.Join(root, "go.mod")), []byte("module outside.example/keep"))
	write("go.mod", module)
	write("go.sum", read(filepath.Join(root, "go.sum")))
	write("main.go", read(source))
	program := filepath.Join(dir, "keep")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	for _, args := range [][]string{
		{"mod", "edit", "-require=xiaozhi-switchboard@v0.0.0", "-replace=xiaozhi-switchboard=" + root},
		{"build", "-o", program, "."},
	} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", args[0], err, out)
		}
	}
	return program
}

// startOutside runs the program until the test ends, and then looks that it ended well and
// showed no token. Said returns what it wrote, once it is killed.
func startOutside(t *testing.T, program string, addresses []string) (said func() string) {
	t.Helper()
	cmd := exec.Command(program, addresses...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	t.Cleanup(func() {
		if ended {
			return
		}
		if runtime.GOOS == "windows" { // nobody can be interrupted there
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		} else {
			_ = cmd.Process.Signal(os.Interrupt)
			hung := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
			defer hung.Stop()
			if err := cmd.Wait(); err != nil {
				t.Errorf("interrupted, it ended with %v", err)
			}
		}
		for _, address := range addresses {
			if _, token, _ := strings.Cut(address, "token="); token == "" || strings.Contains(out.String(), token) {
				t.Error("a token was shown, or there was none")
			}
		}
	})
	return func() string {
		ended = true
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return out.String()
	}
}
