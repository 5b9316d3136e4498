package vitals

import (
	"log/slog"
	"time"
)

// DefaultInterval is the time between two readings.
const DefaultInterval = 5 * time.Second

// Options configures a Monitor. Nil and every zero field mean the defaults.
type Options struct {
	// Interval is the time between two readings. Zero or less means DefaultInterval.
	Interval time.Duration
	// Phase is how long after a whole number of Intervals since 1970 the regular readings are
	// taken: those that are taken when the process wakes anyway cost an idle computer least.
	// Any number will do.
	Phase time.Duration
	// Links returns how many links there should be, whether they are up or not: an alarm needs
	// that number to be the same for a while. It is called for each reading and should
	// return at once. Nil means that links do not matter.
	Links func() int
	// Compact are called, one after the other, by a compaction that somebody asked for or
	// that lack of memory asks for: each drops what can be done without, such as idle
	// buffers and the older part of histories. They may be called by any goroutine, but
	// never two at once, and must not call Optimize.
	Compact []func()
	// MemoryLimit is the soft limit of the Go runtime in bytes. Zero means an eighth of the
	// computer's memory, less than 256 MiB means that much, and negative means none. The
	// limit is the process's; it is set while Run runs, and not at all when somebody else,
	// such as the variable GOMEMLIMIT, has set one.
	MemoryLimit int64
	// Logger receives one line for each run of a routine and for each alarm. Nil discards.
	Logger *slog.Logger
}

func (o *Options) filled() Options {
	var f Options
	if o != nil {
		f = *o
	}
	if f.Interval <= 0 {
		f.Interval = DefaultInterval
	}
	f.Compact = append([]func(){}, f.Compact...)
	if f.Logger == nil {
		f.Logger = slog.New(slog.DiscardHandler)
	}
	return f
}
