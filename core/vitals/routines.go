package vitals

import (
	"context"
	"log/slog"
	"math"
	"time"
)

// Optimize runs a compaction, hooks included, and returns how it went. Callers who come
// while another runs wait for their turn. It needs no Run.
func (m *Monitor) Optimize(why Reason) Run {
	<-m.turn
	run := m.compact(why)
	m.turn <- struct{}{}
	m.bell.Ring()
	return run
}

// compact runs a compaction. The caller has the turn, here and below.
func (m *Monitor) compact(why Reason) Run {
	run := m.begin(Compaction, why)
	if why != Waste {
		for _, drop := range m.opts.Compact {
			drop()
		}
	}
	m.system.release()
	run.Took = time.Since(run.At)
	now := time.Now()
	s := m.system.sample(now)
	after := m.reading(&s, now)
	run.After = after.memory()
	m.need.ran(now, why, after.used())
	m.done(run)
	return run
}

// begin starts a run with a fresh look at memory.
func (m *Monitor) begin(routine Routine, why Reason) Run {
	run := Run{At: time.Now(), Routine: routine, Reason: why}
	s := m.system.sample(run.At)
	run.Before = Memory{RSS: s.rss, Heap: s.held}
	run.After = run.Before
	return run
}

// done makes a run known.
func (m *Monitor) done(run Run) {
	m.mu.Lock()
	m.runs.put(run, runsKept)
	m.mu.Unlock()
	attrs := []any{"routine", run.Routine, "reason", run.Reason, "took", run.Took}
	if run.Routine == Compaction {
		attrs = append(attrs, "rss", run.Before.RSS, "rss_after", run.After.RSS, "heap", run.Before.Heap, "heap_after", run.After.Heap)
	} else {
		attrs = append(attrs, "from", run.From, "to", run.To)
	}
	level := slog.LevelInfo
	if run.Reason == Waste {
		level = slog.LevelDebug // sweeping up is everyday work
	}
	m.opts.Logger.Log(context.Background(), level, "optimised", attrs...)
}

// setLimit sets the soft memory limit with the first reading, and when pressure began or
// ended.
func (m *Monitor) setLimit(r *Reading, pressureChanged bool) {
	if !m.limits || m.limit != 0 && !pressureChanged {
		return
	}
	limit := limitFor(r, m.opts.MemoryLimit, m.need.pressed)
	if limit == 0 || limit == m.limit {
		return
	}
	why := Start
	switch {
	case m.need.pressed:
		why = Pressure
	case m.limit != 0:
		why = Relief
	}
	run := m.begin(MemoryLimit, why)
	m.system.limit(limit)
	if m.limit != 0 {
		run.From = known(uint64(m.limit))
	}
	run.To = known(uint64(limit))
	m.limit = limit
	run.Took = time.Since(run.At)
	m.done(run)
}

// unlimit takes the soft memory limit away again.
func (m *Monitor) unlimit() {
	if m.limit != 0 {
		m.system.limit(math.MaxInt64)
		m.limit = 0
	}
}

// setStretch follows how busy the processors are.
func (m *Monitor) setStretch(r *Reading) {
	before, after := m.stretcher.see(r)
	if before == after {
		return
	}
	why := Busy
	if after < before {
		why = Calm
	}
	run := m.begin(Stretching, why)
	m.stretch.Store(math.Float64bits(after))
	run.From, run.To = known(before), known(after)
	run.Took = time.Since(run.At)
	m.done(run)
}

// watch looks for a leak.
func (m *Monitor) watch(r *Reading) {
	began, ended := m.trend.see(r)
	if began != nil {
		m.opts.Logger.Warn("memory grows", "what", began.String())
	}
	if ended != nil {
		m.opts.Logger.Info("memory grows no more", "what", ended.String())
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rate = m.trend.rate
	if ended != nil {
		m.alarms.put(*ended, alarmsKept)
	}
	m.lasting = nil
	if m.trend.alarm != nil {
		lasting := *m.trend.alarm
		m.lasting = &lasting
	}
}
