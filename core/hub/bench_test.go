//go:build unix

package hub

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"xiaozhi-switchboard/core/session"
)

// The floor is the same server driven with as little work as possible: requests
// made beforehand, written in batches as large as there are callers, answers counted
// by their line breaks. What BenchmarkCallTool adds to BenchmarkServerAlone is the
// hub's share.

var benchCases = []struct{ bytes, callers int }{
	{100, 1}, {100, 16}, {100, 256}, {10 << 10, 1}, {10 << 10, 16}, {10 << 10, 256},
}

func BenchmarkServerAlone(b *testing.B) {
	for _, bb := range benchCases {
		b.Run(fmt.Sprintf("%dB/%d", bb.bytes, bb.callers), func(b *testing.B) {
			exe, err := os.Executable()
			if err != nil {
				b.Fatal(err)
			}
			cmd := exec.Command(exe)
			cmd.Env = append(os.Environ(), childEnv+"=fast", "BENCH_BYTES="+strconv.Itoa(bb.bytes))
			in, _ := cmd.StdinPipe()
			out, _ := cmd.StdoutPipe()
			if err := cmd.Start(); err != nil {
				b.Fatal(err)
			}
			defer cmd.Wait()
			defer in.Close()
			answers := bufio.NewReaderSize(out, 64<<10)
			args := benchArgs(bb.bytes)
			line := appendLine(nil, session.Outgoing{ID: 1234, Tool: "echo", Args: args})
			b.ReportAllocs()
			b.ResetTimer()
			// As many requests in flight as there are callers: a writer and a reader that
			// pass permits.
			permits := make(chan struct{}, bb.callers)
			var work sync.WaitGroup
			work.Go(func() {
				batch := make([]byte, 0, len(line)*bb.callers)
				for sent := 0; sent < b.N; {
					batch = batch[:0]
					permits <- struct{}{}
					batch, sent = append(batch, line...), sent+1
					for more := true; more && sent < b.N; {
						select {
						case permits <- struct{}{}:
							batch, sent = append(batch, line...), sent+1
						default:
							more = false
						}
					}
					if _, err := in.Write(batch); err != nil {
						b.Error(err)
						return
					}
				}
			})
			for range b.N {
				for {
					_, err := answers.ReadSlice('\n')
					if err == nil {
						break
					}
					if err != bufio.ErrBufferFull {
						b.Fatal(err)
					}
				}
				<-permits
			}
			work.Wait()
			b.StopTimer()
			reportRate(b)
		})
	}
}

func BenchmarkCallTool(b *testing.B) {
	for _, bb := range benchCases {
		b.Run(fmt.Sprintf("%dB/%d", bb.bytes, bb.callers), func(b *testing.B) {
			h, _ := newHub(b, Options{MaxResultBytes: 64 << 10, ToolTimeout: time.Minute})
			s := child(b, "s", "fast")
			s.Env["BENCH_BYTES"] = strconv.Itoa(bb.bytes)
			h.Apply([]Server{s}, nil)
			if err := h.Wait(context.Background()); err != nil {
				b.Fatal(err)
			}
			args := benchArgs(bb.bytes)
			b.ReportAllocs()
			b.ResetTimer()
			var work sync.WaitGroup
			for i := range bb.callers {
				share := b.N / bb.callers
				if i < b.N%bb.callers {
					share++
				}
				work.Go(func() {
					for range share {
						result, err := h.CallTool(context.Background(), "e", "s__echo", args)
						if err != nil || !bytes.HasPrefix(result, []byte(`{"content":[{"type":"text","text":"x`)) {
							b.Errorf("%.100s %v", result, err)
							return
						}
					}
				})
			}
			work.Wait()
			b.StopTimer()
			reportRate(b)
		})
	}
}

func benchArgs(size int) []byte {
	return []byte(`{"text":"` + string(bytes.Repeat([]byte("a"), size)) + `"}`)
}

func reportRate(b *testing.B) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// TestCallAllocations holds a tools/call to a handful of allocations.
func TestCallAllocations(t *testing.T) {
	told := 0
	h, _ := newHub(t, Options{Called: func(CallEnd) { told++ }})
	s := child(t, "s", "fast")
	s.Env["BENCH_BYTES"] = "100"
	start(t, h, s)
	args := benchArgs(100)
	call := func() {
		if _, err := h.CallTool(context.Background(), "e", "s__echo", args); err != nil {
			t.Error(err)
		}
	}
	call()
	var before, after runtime.MemStats
	const calls = 500
	runtime.ReadMemStats(&before)
	for range calls {
		call()
	}
	runtime.ReadMemStats(&after)
	if n := float64(after.Mallocs-before.Mallocs) / calls; n > 8 {
		t.Errorf("%.1f allocations a call", n)
	}
	if told != calls+1 {
		t.Errorf("told of %d calls", told)
	}
}
