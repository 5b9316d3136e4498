package broker

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// alarms runs the timed duties of every socket on one goroutine, so that an idle
// socket costs no timer and no goroutine of its own.
type alarms struct {
	wake chan struct{}

	mu   sync.Mutex
	heap alarmHeap
}

// alarm is one duty. Fire runs on the goroutine of the alarms and must not block;
// it may set the alarm again.
type alarm struct {
	fire  func(now time.Time)
	at    time.Time
	index int // in the heap, plus one; zero when not set
}

func newAlarms() *alarms { return &alarms{wake: make(chan struct{}, 1)} }

// set moves a to a time; the zero time stops it.
func (s *alarms) set(a *alarm, at time.Time) {
	s.mu.Lock()
	switch {
	case at.IsZero():
		a.at = at
		if a.index > 0 {
			heap.Remove(&s.heap, a.index-1)
		}
	case a.index > 0:
		a.at = at
		heap.Fix(&s.heap, a.index-1)
	default:
		a.at = at
		heap.Push(&s.heap, a)
	}
	first := a.index == 1
	s.mu.Unlock()
	if first {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// run fires what is due until ctx ends.
func (s *alarms) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		now := time.Now()
		due, next := s.take(now)
		if due != nil {
			due.fire(now)
			continue
		}
		if next.IsZero() {
			timer.Stop()
		} else {
			timer.Reset(next.Sub(now))
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-timer.C:
		}
	}
}

// take removes one alarm that is due, or says when the next one will be.
func (s *alarms) take(now time.Time) (due *alarm, next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.heap) == 0 {
		return nil, time.Time{}
	}
	if first := s.heap[0]; first.at.After(now) {
		return nil, first.at
	}
	return heap.Pop(&s.heap).(*alarm), time.Time{}
}

type alarmHeap []*alarm

func (h alarmHeap) Len() int           { return len(h) }
func (h alarmHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h alarmHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i+1, j+1
}

func (h *alarmHeap) Push(x any) {
	a := x.(*alarm)
	*h = append(*h, a)
	a.index = len(*h)
}

func (h *alarmHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	last.index = 0
	return last
}
