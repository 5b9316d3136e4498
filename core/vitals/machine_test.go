package vitals

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestMemoryIsTheSystems compares with what Linux says of this process.
func TestMemoryIsTheSystems(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skipf("memory is compared with /proc, which this system lacks: %v", err)
	}
	m := newMachine()
	ballast := make([]byte, 64<<20) // so that a few per cent are more than what a test allocates
	for i := range ballast {
		ballast[i] = 1
	}
	s := m.sample(time.Now())
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	want := kilobytes(t, string(status), "VmRSS:")
	if got := s.rss.Value; !s.rss.Known || got < 0.95*want || got > 1.05*want {
		t.Errorf("resident memory is %v, the system says %.0f", s.rss, want)
	}
	meminfo, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		t.Fatal(err)
	}
	if want := kilobytes(t, string(meminfo), "MemTotal:"); s.systemTotal != known(want) {
		t.Errorf("the computer has %v, the system says %.0f", s.systemTotal, want)
	}
	if want := kilobytes(t, string(meminfo), "MemAvailable:"); s.systemAvailable.Value < 0.8*want || s.systemAvailable.Value > 1.2*want {
		t.Errorf("%v is available, the system says %.0f", s.systemAvailable, want)
	}
	if s.held < 64<<20 || s.held > uint64(s.rss.Value)+32<<20 {
		t.Errorf("the heap holds %d", s.held)
	}
	runtime.KeepAlive(ballast)
}

// kilobytes reads one line of a file of /proc, in bytes.
func kilobytes(t *testing.T, text, name string) float64 {
	t.Helper()
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, name); ok {
			n, err := strconv.ParseFloat(strings.Fields(value)[0], 64)
			if err != nil {
				t.Fatal(err)
			}
			return n * 1024
		}
	}
	t.Fatalf("no %s", name)
	return 0
}

func TestMachineHasLimits(t *testing.T) {
	m := newMachine()
	before := m.limit(-1)
	defer m.limit(before)
	m.limit(1 << 40)
	if got := m.limit(-1); got != 1<<40 {
		t.Errorf("the limit is %d", got)
	}
}
