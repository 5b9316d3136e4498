package app

import (
	"testing"
	"time"

	"xiaozhi-switchboard/app/tray"
)

func TestSteady(t *testing.T) {
	// Each step is a second after zero, a rank, and what is shown then.
	for name, steps := range map[string][][3]int{
		"worse holds":                   {{0, 0, 0}, {1, 2, 0}, {5, 2, 0}, {6, 2, 2}},
		"better at once":                {{0, 0, 0}, {1, 3, 0}, {6, 3, 3}, {7, 1, 1}, {8, 0, 0}},
		"a blink is not shown":          {{0, 0, 0}, {1, 3, 0}, {5, 0, 0}, {6, 3, 0}, {10, 3, 0}, {11, 3, 3}},
		"worse still holds by itself":   {{0, 0, 0}, {1, 1, 0}, {5, 3, 0}, {6, 3, 1}, {9, 3, 1}, {10, 3, 3}},
		"the least of what lasted":      {{0, 0, 0}, {1, 2, 0}, {3, 3, 0}, {4, 1, 0}, {6, 1, 1}},
		"between worse ones":            {{0, 1, 0}, {5, 1, 1}, {6, 3, 1}, {8, 2, 1}, {11, 2, 2}},
		"better than shown, then worse": {{0, 3, 0}, {5, 3, 3}, {6, 1, 1}, {7, 3, 1}, {11, 3, 1}, {12, 3, 3}},
	} {
		for _, set := range clockSets(len(steps)) {
			var s steady
			now, was := time.Now(), 0
			for i, step := range steps {
				now = set.at(i, now.Add(time.Duration(step[0]-was)*time.Second))
				was = step[0]
				if got, _ := s.next(step[1], now); got != step[2] {
					t.Errorf("%s, %v: after %d s rank %d shows %d, want %d", name, set, step[0], step[1], got, step[2])
				}
			}
		}
	}
}

// TestSteadyTellsWhen it changes, and does change then.
func TestSteadyTellsWhen(t *testing.T) {
	start := time.Now()
	var s steady
	_, again := s.next(1, start)
	if want := start.Add(worseHolds); !again.Equal(want) {
		t.Fatalf("again at %v, want %v", again.Sub(start), worseHolds)
	}
	_, again = s.next(3, start.Add(2*time.Second))
	if got := again.Sub(start); got != worseHolds {
		t.Fatalf("again after %v", got)
	}
	shown, again := s.next(3, again)
	if got := again.Sub(start); shown != 1 || got != worseHolds+2*time.Second {
		t.Fatalf("shows %d, again after %v", shown, got)
	}
	shown, again = s.next(3, again)
	if shown != 3 || !again.IsZero() {
		t.Errorf("shows %d, again %v", shown, again)
	}
}

// TestFaceAtRest: what somebody wishes is shown at once.
func TestFaceAtRest(t *testing.T) {
	var f face
	now := time.Now()
	for i, step := range []struct {
		after time.Duration
		icon  tray.Icon
		badge bool
		want  tray.Icon
		mark  bool
	}{
		{0, tray.Connecting, false, tray.Connecting, false}, // at the start there is nothing better to show
		{time.Second, tray.Healthy, false, tray.Healthy, false},
		{time.Second, tray.Paused, false, tray.Paused, false},
		{time.Second, tray.Connecting, false, tray.Connecting, false},
		{time.Second, tray.Down, true, tray.Connecting, false},
		{5 * time.Second, tray.Down, true, tray.Down, true},
		{time.Second, tray.Degraded, false, tray.Degraded, false},
	} {
		now = now.Add(step.after)
		if icon, mark, _ := f.next(step.icon, step.badge, now); icon != step.want || mark != step.mark {
			t.Errorf("step %d: %v %v, want %v %v", i, icon, mark, step.want, step.mark)
		}
	}
}
