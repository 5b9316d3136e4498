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
// link, or its successor, must answer a ping after each, and memory must stay small.
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
		ctx, cancel := context.WithTimeout(t.Context(), longWait)
		defer cancel()
		for {
			if _, err := b.Robot("1").Ping(ctx); err == nil {
				return
			}
			if ctx.Err() != nil {
				t.Fatalf("%s: no link answers a ping any more\n%s", what, p.output())
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
		frames, newest := traffic(b)
		b.SetFault("1", fault)
		// The bad frame goes out at once or with the next one; a ping makes one.
		ctx, cancel := context.WithCancel(t.Context())
		pinged := make(chan struct{})
		go func() {
			defer close(pinged)
			b.Robot("1").Ping(ctx)
		}()
		p.eventually(text+": something comes back", func() bool {
			now, socket := traffic(b)
			return now > frames || socket > newest // one that was reset, or closed for its size, is dialled again
		})
		cancel()
		<-pinged
		b.SetFault("1", broker.Fault{})
		answers(text)
	}

	// A frame as large as is allowed, full of garbage.
	ctx, cancel := context.WithTimeout(t.Context(), longWait)
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

// traffic counts the frames that came back from agent 1, on all of its sockets, and says
// which of them is the newest.
func traffic(b *broker.Broker) (frames int64, newest uint64) {
	for _, s := range append(b.Sockets("1"), b.Departed("1")...) {
		frames, newest = frames+s.FramesIn, max(newest, s.Serial)
	}
	return frames, newest
}
