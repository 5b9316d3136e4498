package tally

import (
	"sync"
	"time"
)

const (
	fineStep    = 5 * time.Second
	fineSpan    = 15 * time.Minute
	coarseStep  = 15 * time.Minute
	coarseSpan  = 24 * time.Hour
	fineSlots   = int(fineSpan/fineStep) + 1 // the current one is not full yet
	coarseSlots = int(coarseSpan/coarseStep) + 1
)

// Counts is how often something went well and ill.
type Counts struct {
	OK, Failed uint64
}

// Total returns both together.
func (c Counts) Total() uint64 { return c.OK + c.Failed }

// Share returns the share that went well, in [0, 1]. Known is false when there was
// nothing.
func (c Counts) Share() (share float64, known bool) {
	if c.Total() == 0 {
		return 0, false
	}
	return float64(c.OK) / float64(c.Total()), true
}

// Window counts how often something went well and ill: over the last 15 minutes in
// steps of 5 s, and over the last 24 hours in steps of 15 min. The zero value is
// empty and ready to use. All methods are safe for concurrent use. A Window must not
// be copied.
//
// Time is that of the readings given to it, monotonic where they are; one that lies
// before another counts as that one. It takes 40 bytes, and 2.3 kB more from Open or
// the first Add on.
type Window struct {
	mu    sync.Mutex
	start time.Time // of the first slots
	rings *rings    // nil until Open or the first Add
}

// rings are the slots of both spans.
type rings struct {
	fine       [fineSlots]slot
	coarse     [coarseSlots]slot
	fineTick   int64 // the newest slots, counted from start
	coarseTick int64
}

// slot is the counts of one step.
type slot struct{ ok, failed uint32 }

// Open takes the memory that the first Add needs, which then takes as long as later ones.
func (w *Window) Open(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.openLocked(now)
}

func (w *Window) openLocked(now time.Time) {
	if w.rings != nil {
		return
	}
	w.rings, w.start = new(rings), now
	*w.rings = rings{} // memory that nobody wrote to is none yet
}

// Add counts one event at the time now.
func (w *Window) Add(now time.Time, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.openLocked(now)
	since := now.Sub(w.start)
	w.rings.fineTick = advance(w.rings.fine[:], w.rings.fineTick, int64(since/fineStep))
	w.rings.coarseTick = advance(w.rings.coarse[:], w.rings.coarseTick, int64(since/coarseStep))
	for _, s := range []*slot{
		&w.rings.fine[w.rings.fineTick%int64(fineSlots)],
		&w.rings.coarse[w.rings.coarseTick%int64(coarseSlots)],
	} {
		if ok {
			s.ok++
		} else {
			s.failed++
		}
	}
}

// advance empties the slots that a ring reuses on its way from the tick newest to
// tick, and returns the newer of both.
func advance(ring []slot, newest, tick int64) int64 {
	n := int64(len(ring))
	for t := max(newest+1, tick-n+1); t <= tick; t++ {
		ring[t%n] = slot{}
	}
	return max(newest, tick)
}

// Recent returns the counts of the last span, at most 15 minutes: of every event
// since now - span, and of those up to 5 s before. A negative span has none.
func (w *Window) Recent(now time.Time, span time.Duration) Counts {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.rings == nil || span < 0 {
		return Counts{}
	}
	back := int64((min(span, fineSpan) + fineStep - 1) / fineStep)
	return sum(w.rings.fine[:], w.rings.fineTick, int64(now.Sub(w.start)/fineStep), back)
}

// Day returns the counts of the last 24 hours: of every event in them, and of those
// up to 15 min before.
func (w *Window) Day(now time.Time) Counts {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.rings == nil {
		return Counts{}
	}
	return sum(w.rings.coarse[:], w.rings.coarseTick, int64(now.Sub(w.start)/coarseStep), int64(coarseSlots)-1)
}

// sum adds up the slots from back ticks before tick on. Slots that are older than a
// turn of the ring before newest hold other ticks.
func sum(ring []slot, newest, tick, back int64) Counts {
	n := int64(len(ring))
	var c Counts
	for t := max(max(tick, newest)-back, newest-n+1, 0); t <= newest; t++ {
		c.OK += uint64(ring[t%n].ok)
		c.Failed += uint64(ring[t%n].failed)
	}
	return c
}
