package vitals

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/mem"
	"github.com/shirou/gopsutil/v3/process"
)

// system is what a Monitor sees of the machine, and what it does to it. Calls come one
// at a time.
type system interface {
	// sample reads everything at the time now, or what is newest of what is costly.
	sample(now time.Time) sample
	// release collects garbage and returns free memory to the system.
	release()
	// limit sets the soft memory limit unless it is negative, and returns the one before.
	limit(bytes int64) int64
}

// sample is what a machine tells at one moment. Times are in seconds since some moment
// that stays the same.
type sample struct {
	rss                          Figure
	live, held                   uint64
	goroutines                   int
	ownTime                      Figure
	busyTime, allTime            Figure // of all processors together
	systemTotal, systemAvailable Figure
}

// machine is the one that the program runs on.
type machine struct {
	self    process.Process
	runtime []metrics.Sample
	costly  sample    // what was read with programs, see costlyEvery
	read    time.Time // when
}

func newMachine() *machine {
	return &machine{
		self: process.Process{Pid: int32(os.Getpid())},
		runtime: []metrics.Sample{
			{Name: "/memory/classes/heap/objects:bytes"},
			{Name: "/memory/classes/heap/free:bytes"},
			{Name: "/memory/classes/heap/unused:bytes"},
			{Name: "/gc/heap/live:bytes"},
			{Name: "/sched/goroutines:goroutines"},
		},
	}
}

// sample takes some 0.1 ms on Linux.
func (m *machine) sample(now time.Time) sample {
	if m.read.IsZero() || now.Sub(m.read) >= costlyEvery {
		m.costly, m.read = m.memory(), now
	}
	s := m.costly
	metrics.Read(m.runtime)
	s.held = m.runtime[0].Value.Uint64() + m.runtime[1].Value.Uint64() + m.runtime[2].Value.Uint64()
	s.live = m.runtime[3].Value.Uint64()
	s.goroutines = int(m.runtime[4].Value.Uint64())
	s.ownTime = ownTime(&m.self)
	if times, err := cpu.TimesWithContext(context.Background(), false); err == nil && len(times) == 1 {
		t := &times[0]
		// Guests are counted under User already.
		busy := t.User + t.System + t.Nice + t.Irq + t.Softirq + t.Steal
		s.busyTime, s.allTime = known(busy), known(busy+t.Idle+t.Iowait)
	}
	return s
}

// memory reads what the system says of memory.
func (m *machine) memory() sample {
	var s sample
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if info, err := m.self.MemoryInfoWithContext(ctx); err == nil && info.RSS > 0 {
		s.rss = known(info.RSS)
	}
	if info, err := mem.VirtualMemoryWithContext(ctx); err == nil && info.Total > 0 {
		s.systemTotal, s.systemAvailable = known(info.Total), known(info.Available)
	}
	return s
}

func (m *machine) release() {
	debug.FreeOSMemory()
	m.read = time.Time{} // the next sample is of after
}

func (m *machine) limit(bytes int64) int64 { return debug.SetMemoryLimit(bytes) }
