package tally

import (
	"math"
	"time"
)

// Snapshot is what a Histogram held at one moment. It is immutable; the zero value
// is that of an empty Histogram.
type Snapshot struct {
	// Count is how many durations were observed.
	Count uint64
	// Sum is all of them together. It may be ahead of Count or behind it by those that
	// were being observed when the snapshot was taken.
	Sum     time.Duration
	buckets []bucket // ascending, none of them empty
}

// bucket is how many durations fell into one bucket.
type bucket struct {
	i, j int
	n    uint64
}

// Snapshot returns what was observed so far.
func (h *Histogram) Snapshot() Snapshot {
	s := Snapshot{Sum: time.Duration(h.sum.Load())}
	for i := range h.octaves {
		o := h.octaves[i].Load()
		if o == nil {
			continue
		}
		for j := range o {
			if n := o[j].Load(); n > 0 {
				s.buckets = append(s.buckets, bucket{i, j, n})
				s.Count += n
			}
		}
	}
	return s
}

// Merge returns the snapshot of one Histogram that had observed what all of those
// did.
func Merge(snapshots ...Snapshot) Snapshot {
	var counts [octaves][perOctave]uint64
	var merged Snapshot
	for _, s := range snapshots {
		merged.Count += s.Count
		merged.Sum += s.Sum
		for _, b := range s.buckets {
			counts[b.i][b.j] += b.n
		}
	}
	for i := range counts {
		for j, n := range counts[i] {
			if n > 0 {
				merged.buckets = append(merged.buckets, bucket{i, j, n})
			}
		}
	}
	return merged
}

// Mean returns the average; 0 when nothing was observed.
func (s Snapshot) Mean() time.Duration {
	if s.Count == 0 {
		return 0
	}
	return time.Duration(float64(s.Sum) / float64(s.Count))
}

// Quantile returns the duration that the share q of all durations do not exceed:
// 0.5 is the median. A q outside [0, 1] counts as the nearer end; with nothing
// observed, or a q that is no number, it returns 0.
func (s Snapshot) Quantile(q float64) time.Duration {
	if s.Count == 0 || math.IsNaN(q) {
		return 0
	}
	rank := uint64(math.Ceil(min(max(q, 0), 1) * float64(s.Count)))
	rank = min(max(rank, 1), s.Count)
	var seen uint64
	for _, b := range s.buckets {
		if seen += b.n; seen >= rank {
			return middle(b.i, b.j)
		}
	}
	return 0 // the buckets hold Count durations
}

// Cumulative returns for each bound how many durations did not exceed it, for
// histograms whose bounds are not ours. A bound counts as met by a bucket whose
// middle does not exceed it, so that it may be off by 3.2 % as quantiles are. Bounds may be
// in any order.
func (s Snapshot) Cumulative(bounds []time.Duration) []uint64 {
	counts := make([]uint64, len(bounds))
	for i, bound := range bounds {
		for _, b := range s.buckets {
			if middle(b.i, b.j) > bound {
				break
			}
			counts[i] += b.n
		}
	}
	return counts
}
