package retry

import "math/bits"

// outcomesKept is how many attempts Outcomes remembers.
const outcomesKept = 10

// Outcomes remembers how the last ten attempts went. Its zero value remembers
// none. It is a value: Add returns the next one.
type Outcomes struct {
	bits uint16 // 1 is a success; the newest is the lowest bit
	n    uint8
}

// Add returns o with one more attempt, the oldest beyond ten forgotten.
func (o Outcomes) Add(success bool) Outcomes {
	o.bits <<= 1
	if success {
		o.bits |= 1
	}
	o.bits &= 1<<outcomesKept - 1
	o.n = min(o.n+1, outcomesKept)
	return o
}

// Share returns the share of successes, in [0, 1]. Known is false under three
// attempts, which say too little.
func (o Outcomes) Share() (share float64, known bool) {
	if o.n < 3 {
		return 0, false
	}
	return float64(bits.OnesCount16(o.bits)) / float64(o.n), true
}
