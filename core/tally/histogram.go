package tally

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Buckets are log-linear, as in HDR histograms: each power of two from 8.2 µs to
// 9 min 10 s is an octave cut into 16 equal parts, so that no bucket is wider than a
// sixteenth of what it holds. What is shorter shares one octave that starts at 0.
const (
	subBits   = 4
	perOctave = 1 << subBits
	lowest    = 13 // the exponent of the first octave beside the one from 0: 8192 ns
	highest   = 38 // of the last one: up to 2^39 ns
	octaves   = highest - lowest + 2
)

// octave is the counts of its sixteen buckets.
type octave [perOctave]atomic.Uint64

// Histogram counts durations by their size. Quantiles are off by at most 3.2 % from
// 10 µs to 9 min, and by 256 ns below; what is longer counts as 9 min. The zero
// value is empty and ready to use. All methods are safe for concurrent use. A
// Histogram must not be copied.
//
// It takes 224 bytes, and 128 for each octave that was ever met, which the first one
// to meet it allocates: about 1 kB for a tool whose answers take from 1 to 100 ms,
// and 3.7 kB at worst.
type Histogram struct {
	sum     atomic.Int64 // nanoseconds
	octaves [octaves]atomic.Pointer[octave]
}

// Observe counts one duration; negative ones count as 0. It takes no lock.
func (h *Histogram) Observe(d time.Duration) {
	d = max(d, 0)
	i, j := place(d)
	o := h.octaves[i].Load()
	if o == nil {
		o = h.open(i)
	}
	o[j].Add(1)
	h.sum.Add(int64(d))
}

// open returns the octave i, which another goroutine may have opened meanwhile.
func (h *Histogram) open(i int) *octave {
	h.octaves[i].CompareAndSwap(nil, new(octave))
	return h.octaves[i].Load()
}

// place finds the octave of a duration, and the bucket in it.
func place(d time.Duration) (i, j int) {
	ns := uint64(d)
	if ns < 1<<lowest {
		return 0, int(ns >> (lowest - subBits))
	}
	exponent := bits.Len64(ns) - 1
	if exponent > highest {
		return octaves - 1, perOctave - 1
	}
	return exponent - lowest + 1, int(ns>>(exponent-subBits)) % perOctave
}

// middle is the duration that stands for all of a bucket.
func middle(i, j int) time.Duration {
	if i == 0 {
		const width = 1 << (lowest - subBits)
		return time.Duration(j*width + width/2)
	}
	width := uint64(1) << (lowest + i - 1 - subBits)
	return time.Duration(width*uint64(perOctave+j) + width/2)
}
