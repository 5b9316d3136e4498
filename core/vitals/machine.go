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
	// What is not read each time, see ownEvery and systemEvery, and when it was.
	last            sample
	ownAt, systemAt time.Time
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

// sample takes some 0.06 ms on Linux, and half as much again when all is read.
func (m *machine) sample(now time.Time) sample {
	m.memory(now)
	s := m.last
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

// memory reads what the system says of memory, as far as that is due.
func (m *machine) memory(now time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if m.ownAt.IsZero() || now.Sub(m.ownAt) >= ownEvery {
		m.ownAt, m.last.rss = now, Figure{}
		if info, err := m.self.MemoryInfoWithContext(ctx); err == nil && info.RSS > 0 {
			m.last.rss = known(info.RSS)
		}
	}
	if m.systemAt.IsZero() || now.Sub(m.systemAt) >= systemEvery {
		m.systemAt, m.last.systemTotal, m.last.systemAvailable = now, Figure{}, Figure{}
		if info, err := mem.VirtualMemoryWithContext(ctx); err == nil && info.Total > 0 {
			m.last.systemTotal, m.last.systemAvailable = known(info.Total), known(info.Available)
		}
	}
}

func (m *machine) release() {
	debug.FreeOSMemory()
	m.ownAt, m.systemAt = time.Time{}, time.Time{} // the next sample is of after
}

func (m *machine) limit(bytes int64) int64 { return debug.SetMemoryLimit(bytes) }
