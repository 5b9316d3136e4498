package vitals

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"xiaozhi-switchboard/core/nudge"
)

// Monitor takes readings and runs the routines. All methods are safe for concurrent use.
// Apart from Optimize they return at once.
type Monitor struct {
	opts    Options
	system  system
	started time.Time
	bell    nudge.Bell
	stretch atomic.Uint64 // the bits of a float64

	// turn holds a token that whoever uses what stands below must have: a routine calls
	// hooks and takes milliseconds, which is too much for a lock.
	turn      chan struct{}
	before    sample    // the sample of the last regular reading
	beforeAt  time.Time // when that was; zero before the first
	need      need
	trend     trend
	stretcher stretcher
	limit     int64 // the soft limit that was set; 0 for none
	limits    bool  // whether limits are ours to set

	mu      sync.Mutex
	latest  Reading
	history ring[point]
	runs    ring[Run]
	alarms  ring[Alarm] // that have ended
	lasting *Alarm      // a copy
	rate    Figure
}

// New returns a Monitor. Readings are taken while Run runs.
func New(opts *Options) *Monitor { return newMonitor(opts, newMachine()) }

func newMonitor(opts *Options, s system) *Monitor {
	m := &Monitor{opts: opts.filled(), system: s, started: time.Now(), turn: make(chan struct{}, 1)}
	m.turn <- struct{}{}
	m.stretch.Store(math.Float64bits(1))
	return m
}

// Run takes a reading at once and then every Interval, the first of these at Options.Phase,
// and acts on each, until ctx ends. It must not be called twice at the same time.
func (m *Monitor) Run(ctx context.Context) {
	timer := time.NewTimer(m.untilNext(time.Now()))
	defer timer.Stop()
	<-m.turn
	m.limits = m.system.limit(-1) == math.MaxInt64
	m.turn <- struct{}{}
	for {
		m.round()
		select {
		case <-ctx.Done():
			<-m.turn
			m.unlimit()
			m.turn <- struct{}{}
			return
		case <-timer.C:
		}
		timer.Reset(m.untilNext(time.Now()))
	}
}

// untilNext is how long it is until the next regular reading. None follows another at once:
// a timer may fire a little early by the wall clock.
func (m *Monitor) untilNext(now time.Time) time.Duration {
	every := m.opts.Interval
	left := (m.opts.Phase%every - time.Duration(now.UnixNano())%every + every) % every
	if left < every/10 {
		left += every
	}
	return left
}

// round takes one reading and acts on it.
func (m *Monitor) round() {
	<-m.turn
	r := m.read(time.Now())
	m.mu.Lock()
	m.latest = r
	m.history.put(packed(&r), historyKept)
	m.mu.Unlock()

	changed := m.need.see(&r)
	m.setLimit(&r, changed)
	if why, ok := m.need.reason(&r); ok {
		m.compact(why)
	}
	m.setStretch(&r)
	m.watch(&r)
	m.turn <- struct{}{}
	m.bell.Ring()
}

// read takes a regular reading. The caller has the turn.
func (m *Monitor) read(now time.Time) Reading {
	s := m.system.sample(now)
	r := m.reading(&s, now)
	if !m.beforeAt.IsZero() {
		if wall := now.Sub(m.beforeAt).Seconds(); wall > 0 {
			r.CPU = share(m.before.ownTime, s.ownTime, wall)
		}
		if m.before.allTime.Known && s.allTime.Known {
			r.SystemCPU = share(m.before.busyTime, s.busyTime, s.allTime.Value-m.before.allTime.Value)
			r.SystemCPU.Value = min(r.SystemCPU.Value, 1)
		}
	}
	m.before, m.beforeAt = s, now
	return r
}

// reading is the part of a Reading that one sample gives.
func (m *Monitor) reading(s *sample, now time.Time) Reading {
	r := Reading{
		At: now, Started: m.started, RSS: s.rss, HeapLive: s.live, HeapHeld: s.held, Goroutines: s.goroutines,
		SystemMemory: s.systemTotal, SystemAvailable: s.systemAvailable,
	}
	if m.opts.Links != nil {
		r.Links = known(uint64(max(m.opts.Links(), 0)))
	}
	return r
}

// share is what part of the time whole went by between two counts. It is not known when
// no time went by, or when a count fell, as those of some systems do after sleep.
func share(before, after Figure, whole float64) Figure {
	part := after.Value - before.Value
	if !before.Known || !after.Known || whole <= 0 || part < 0 {
		return Figure{}
	}
	return known(part / whole)
}

// Latest returns the last reading; the zero Reading before the first.
func (m *Monitor) Latest() Reading {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.latest
}

// History returns the readings of the last hour (at the default interval; 720 at
// others), the newest last. Their figures are rounded to seven digits.
func (m *Monitor) History() []Reading {
	m.mu.Lock()
	points := m.history.list()
	m.mu.Unlock()
	readings := make([]Reading, len(points))
	for i := range points {
		readings[i] = points[i].reading(m.started)
	}
	return readings
}

// Runs returns the last 50 runs of routines, the newest last.
func (m *Monitor) Runs() []Run {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.runs.list()
}

// Alarms returns the last 20 alarms that ended, and after them the one that lasts.
func (m *Monitor) Alarms() []Alarm {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.alarms.list()
	if m.lasting != nil {
		all = append(all, *m.lasting)
	}
	return all
}

// GrowthRate returns by how much our memory grows, in bytes per hour; negative when it
// shrinks. It is known from half an hour after the start or the last change in the number
// of links on.
func (m *Monitor) GrowthRate() Figure {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rate
}

// Stretch returns the factor by which work that can wait should be spaced out at
// present: 1, 2 or 4.
func (m *Monitor) Stretch() float64 { return math.Float64frombits(m.stretch.Load()) }

// Subscribe returns a channel that receives a nudge after every reading and every run,
// and a function that ends the subscription. Nudges merge.
func (m *Monitor) Subscribe() (<-chan struct{}, func()) { return m.bell.Subscribe() }
