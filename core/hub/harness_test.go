package hub

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"xiaozhi-switchboard/core/retry"
)

// patience is how long a test waits for what must happen. It decides nothing.
const patience = time.Minute

// logBook is a logger's output that can be read while it grows.
type logBook struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBook) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// newHub returns a hub that is closed with the test, and its log.
func newHub(t testing.TB, opts Options) (*Hub, *logBook) {
	t.Helper()
	book := &logBook{}
	opts.Logger = slog.New(slog.NewTextHandler(book, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if opts.Retry == (retry.Policy{}) {
		opts.Retry = retry.Policy{Strategy: retry.FixedInterval, Base: 10 * time.Millisecond}
	}
	h := New(&opts)
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(book.String())
		}
	})
	return h, book
}

// start applies servers and waits until all have started or failed to.
func start(t testing.TB, h *Hub, servers ...Server) {
	t.Helper()
	h.Apply(servers, nil)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := h.Wait(ctx); err != nil {
		t.Fatal(err)
	}
}

// eventually waits, nudge by nudge, until ok.
func eventually(t testing.TB, h *Hub, what string, ok func() bool) {
	t.Helper()
	changed, stop := h.Subscribe()
	defer stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("still not: %s; servers: %+v", what, h.Servers())
		}
	}
}

// poll waits until ok, for what nothing tells of, such as the end of a process.
func poll(t testing.TB, what string, ok func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatal("still not: " + what)
		}
	}
}

// call calls a tool and returns the text of the result.
func call(t testing.TB, h *Hub, endpoint, name, args string) (words string, isError bool) {
	t.Helper()
	result, err := h.CallTool(t.Context(), endpoint, name, []byte(args))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	s := readResult(result, &h.options().words)
	return s.text, s.isError
}

func status(h *Hub, name string) ServerStatus {
	for _, s := range h.Servers() {
		if s.Name == name {
			return s
		}
	}
	return ServerStatus{}
}

// checkLeaks returns 1 when goroutines or child processes of this package outlive all
// tests.
func checkLeaks() int {
	var stacks string
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for range 3000 {
		buf := make([]byte, 1<<20)
		stacks = ""
		for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(g, "core/hub.") && !strings.Contains(g, "TestMain") {
				stacks += g + "\n\n"
			}
		}
		left := childrenLeft()
		if stacks == "" && len(left) == 0 {
			return 0
		}
		if len(left) > 0 {
			stacks += fmt.Sprint("processes: ", left)
		}
		<-ticker.C
	}
	fmt.Fprintln(os.Stderr, "left behind:\n"+stacks)
	return 1
}

// childrenLeft returns the processes of this binary that serve as test servers.
func childrenLeft() (pids []string) {
	exe, _ := os.Executable()
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		if target, _ := os.Readlink(dir + "/exe"); target != exe {
			continue
		}
		if env, _ := os.ReadFile(dir + "/environ"); bytes.Contains(env, []byte(childEnv+"=")) {
			pids = append(pids, filepath.Base(dir))
		}
	}
	return pids
}
