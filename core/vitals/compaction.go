package vitals

import "time"

const (
	// wasteWorth is the waste that is worth a collection, and wastePressed the same while
	// memory is short.
	wasteWorth   = 8 << 20
	wastePressed = 1 << 20
	// Our memory has grown when it is growthFactor times its base, and growthLeast more.
	growthFactor = 1.5
	growthLeast  = 32 << 20
	// Memory is short from the first share available on, and up to the second.
	shortBelow = 0.10
	shortUntil = 0.15
)

// need finds out whether memory should be returned to the system. Its zero value is
// ready to use.
type need struct {
	pressed bool    // memory is short
	due     bool    // that has not been answered yet
	base    float64 // the least that was in use since the last compaction
	swept   bool    // the last compaction was for waste
	pace    pace
}

// see takes a reading in, and reports whether pressure began or ended with it.
func (n *need) see(r *Reading) (changed bool) {
	if used := r.used(); n.base == 0 || used < n.base {
		n.base = used
	}
	was := n.pressed
	if a := r.Available(); a.Known {
		n.pressed = a.Value < shortBelow || was && a.Value <= shortUntil
	}
	if n.pressed != was {
		n.due = n.pressed
	}
	return n.pressed != was
}

// reason says why a compaction should run now; false when none should.
func (n *need) reason(r *Reading) (Reason, bool) {
	if !n.pace.allows(r.At) {
		return 0, false
	}
	if n.due || n.pressed && r.waste() > wastePressed {
		return Pressure, true
	}
	// What looks like growth may be a burst that is over: it is swept up first.
	grown := r.used() > growthFactor*n.base && r.used() > n.base+growthLeast
	switch {
	case r.waste() > wasteWorth && !(grown && n.swept):
		return Waste, true
	case grown:
		return Growth, true
	}
	return 0, false
}

// ran notes a compaction after which used bytes are in use.
func (n *need) ran(now time.Time, why Reason, used float64) {
	n.due, n.swept = false, why == Waste
	if !n.swept {
		n.base = used
	}
	if why != ByHand {
		n.pace.ran(now)
	}
}
