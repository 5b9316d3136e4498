package vitals

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestProcessorTimeIsTheSystems works for a while between two readings, and compares with
// the counts that Linux shows, in ticks of 10 ms.
func TestProcessorTimeIsTheSystems(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skipf("processor time is compared with /proc, which this system lacks: %v", err)
	}
	m := newMonitor(nil, newMachine())
	start, before := time.Now(), ticks(t)
	m.round()
	for ticks(t)-before < 30 {
		for range 1 << 20 {
			runtime.KeepAlive(start)
		}
	}
	m.round()
	spent, wall := float64(ticks(t)-before)/100, time.Since(start).Seconds()
	r := m.Latest()
	// Each count may be a tick off, and the readings lie inside of those of the test.
	if low, high := (spent-0.05)/wall, (spent+0.05)/(r.At.Sub(start).Seconds()); !r.CPU.Known || r.CPU.Value < low*0.95 || r.CPU.Value > high*1.05 {
		t.Errorf("we take %v of a core, the system says %.3f s in %.3f s", r.CPU, spent, wall)
	}
	if !r.SystemCPU.Known || r.SystemCPU.Value <= 0 || r.SystemCPU.Value > 1 {
		t.Errorf("all processors are busy to %v", r.SystemCPU)
	}
}

// ticks is the processor time of this process, in hundredths of a second.
func ticks(t *testing.T) int {
	t.Helper()
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		t.Fatal(err)
	}
	system, err := strconv.Atoi(fields[12])
	if err != nil {
		t.Fatal(err)
	}
	return user + system
}

// TestBurstGoesBackToTheSystem runs a Monitor of the real machine beside a burst.
func TestBurstGoesBackToTheSystem(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // nothing but the Monitor collects
	synctest.Test(t, func(t *testing.T) {
		m := New(nil)
		go m.Run(t.Context())
		synctest.Wait()
		burst := make([]byte, 64<<20)
		for i := range burst {
			burst[i] = 1
		}
		runtime.KeepAlive(burst)
		burst = nil
		time.Sleep(DefaultInterval + time.Second)
		synctest.Wait()
		var swept *Run
		for _, r := range m.Runs() {
			if r.Reason == Waste {
				swept = &r
			}
		}
		if swept == nil {
			t.Fatalf("nothing was returned: %+v", m.Runs())
		}
		if swept.Before.Heap < swept.After.Heap+48<<20 {
			t.Errorf("the heap went from %d to %d", swept.Before.Heap, swept.After.Heap)
		}
		if before, after := swept.Before.RSS, swept.After.RSS; before.Known && after.Value > before.Value-32<<20 {
			t.Errorf("resident memory went from %v to %v", before, after)
		}
		if r := m.Latest(); r.waste() < 32<<20 {
			t.Errorf("only %d bytes were wasted after a burst", r.waste())
		}
	})
}

// BenchmarkSample is one reading of the real machine. Target: well under 0.5 ms, which
// every five seconds is 0.01 % of a core.
func BenchmarkSample(b *testing.B) {
	m := newMonitor(&Options{Links: func() int { return 100 }}, newMachine())
	b.ReportAllocs()
	for b.Loop() {
		<-m.turn
		m.read(time.Now())
		m.turn <- struct{}{}
	}
}

// BenchmarkRound is all that a Monitor does every five seconds, routines that do not run
// included.
func BenchmarkRound(b *testing.B) {
	m := newMonitor(&Options{Links: func() int { return 100 }}, newMachine())
	m.need.pace = pace{time.Now(), time.Hour} // collections are not measured here
	b.ReportAllocs()
	for b.Loop() {
		m.round()
	}
}
