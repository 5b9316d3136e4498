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
	// look is the time and our count, before and after a reading of the Monitor.
	type look struct {
		at    [2]time.Time
		spent [2]float64 // s
	}
	read := func() (l look) {
		l.at[0], l.spent[0] = time.Now(), float64(ticks(t))/100
		m.round()
		l.at[1], l.spent[1] = time.Now(), float64(ticks(t))/100
		return l
	}
	first := read()
	for float64(ticks(t))/100-first.spent[1] < 0.3 {
		for range 1 << 20 {
			runtime.KeepAlive(first)
		}
	}
	last := read()
	// Each count may be a tick off, and others may have had the processor between any two of
	// them: the readings are from somewhere between those of the test.
	least, most := last.spent[0]-first.spent[1]-0.03, last.spent[1]-first.spent[0]+0.03
	low, high := least/last.at[1].Sub(first.at[0]).Seconds(), most/last.at[0].Sub(first.at[1]).Seconds()
	r := m.Latest()
	if !r.CPU.Known || r.CPU.Value < low || r.CPU.Value > high {
		t.Errorf("we take %v of a core, by the counts of the system %.3f to %.3f", r.CPU, low, high)
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
