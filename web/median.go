package web

import (
	"slices"
	"time"
)

// medianKept bounds how many durations a median is told from.
const medianKept = 96

// median keeps durations for the one in the middle. When there are too many it keeps
// every second one of them, in the order of their size, and from then on takes every second
// one that comes; so no more than medianKept are held, however many there were. Its zero
// value is empty.
type median struct {
	sorted []time.Duration
	every  int // which of those that come is taken; 0 is 1
	passed int // those that were not, since the last that was
}

// add takes one more.
func (m *median) add(d time.Duration) {
	if m.passed++; m.passed < m.every {
		return
	}
	m.passed = 0
	if len(m.sorted) >= medianKept {
		for i := range len(m.sorted) / 2 {
			m.sorted[i] = m.sorted[2*i+i%2] // the lower and the upper of two in turn
		}
		m.sorted = m.sorted[:len(m.sorted)/2]
		m.every = max(m.every, 1) * 2
	}
	i, _ := slices.BinarySearch(m.sorted, d)
	m.sorted = slices.Insert(m.sorted, i, d)
}

// begin forgets all, and goes on as if n durations of a kind had been there.
func (m *median) begin(n int, of time.Duration) {
	*m = median{sorted: m.sorted[:0]}
	for range min(n, medianKept/2) {
		m.sorted = append(m.sorted, of)
	}
}

// of is the one in the middle; 0 when there is none.
func (m *median) of() time.Duration {
	n := len(m.sorted)
	if n == 0 {
		return 0
	}
	return (m.sorted[(n-1)/2] + m.sorted[n/2]) / 2
}
