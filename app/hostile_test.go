package app

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/core/broker"
)

// TestHostileFrames sends the program every bad frame there is over a real socket. The
// link, or its successor, must answer a ping within 10 s, and memory must stay small.
func TestHostileFrames(t *testing.T) {
	b, base := practice(t, broker.Official)
	dir := t.TempDir()
	p := &program{t: t, binary: buildProgram(t), config: filepath.Join(dir, "c.json"), data: dir}
	p.save(fmt.Sprintf(`{"mcpEndpoint": %s, "connectionOptions": {"reconnectInterval": 200, "healthCheckInterval": 3000}}`, quoted(b.URL(base, "1"))))
	p.launch()
	p.eventually("the link is up", func() bool { _, listed := b.Open(); return listed == 1 })
	measured := runtime.GOOS == "linux"
	var before int64
	if measured {
		before = residentOf(t, p.cmd.Process.Pid)
	}
	answers := func(what string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		for {
			if _, err := b.Robot("1").Ping(ctx); err == nil {
				return
			}
			if ctx.Err() != nil {
				t.Fatalf("%s: no link answers a ping within 10 s\n%s", what, p.output())
			}
			pause(ctx, 20*time.Millisecond)
		}
	}
	for _, text := range []string{
		"garbage", "binary", "oversized", "deep", "batch", "invalid-utf8", "duplicate-ids", "drip=10ms", "reset-mid-frame",
		"garbage,binary,deep,batch,invalid-utf8,duplicate-ids",
	} {
		fault, err := broker.ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		frames := framesIn(b)
		b.SetFault("1", fault)
		// The bad frame goes out at once or with the next one; a ping makes one.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		b.Robot("1").Ping(ctx)
		cancel()
		if !strings.Contains(text, "reset") && !strings.Contains(text, "oversized") && framesIn(b) == frames {
			t.Errorf("%s: nothing came back", text)
		}
		b.SetFault("1", broker.Fault{})
		answers(text)
	}

	// A frame as large as is allowed, full of garbage.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	large := append(bytes.Repeat([]byte(`{"a":[`), 1<<20), []byte("!")...)
	answer, err := b.Robot("1").Raw(ctx, large)
	if err != nil || !strings.Contains(string(answer), "-32700") {
		t.Errorf("a large frame: %.100s %v", answer, err)
	}
	answers("a large frame")
	if !measured {
		return
	}
	if peak := statusOf(t, p.cmd.Process.Pid, "VmHWM:"); peak > 64<<20 {
		t.Errorf("peak memory %d MiB, want under 64", peak>>20)
	}
	p.eventually("memory back to where it was", func() bool {
		return residentOf(t, p.cmd.Process.Pid) < before+16<<20
	})
}

// framesIn counts the frames that came back from agent 1, on all of its sockets.
func framesIn(b *broker.Broker) int64 {
	var n int64
	for _, s := range append(b.Sockets("1"), b.Departed("1")...) {
		n += s.FramesIn
	}
	return n
}
