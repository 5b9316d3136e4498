package app

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/rough"
)

// fakeLinks are links that can be paused.
type fakeLinks struct {
	mu     sync.Mutex
	paused map[string]bool
}

func (f *fakeLinks) Status() (all []endpoint.Status) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, paused := range f.paused {
		s := endpoint.Status{Identity: endpoint.Identity{ID: id}, State: endpoint.Ready}
		if paused {
			s.State = endpoint.Paused
		}
		all = append(all, s)
	}
	return all
}
func (f *fakeLinks) set(id string, paused bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.paused[id] = paused
	return nil
}
func (f *fakeLinks) Pause(id string) error  { return f.set(id, true) }
func (f *fakeLinks) Resume(id string) error { return f.set(id, false) }

func (f *fakeLinks) awake() (ids []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, paused := range f.paused {
		if !paused {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func TestPauser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		links := &fakeLinks{paused: map[string]bool{"a": false, "b": true, "c": false}}
		p := newPauser(links)
		began := time.Now()
		p.passed = func() time.Duration { return time.Since(began) }
		ended := 0
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { p.run(ctx, func() { ended++ }) })
		awake := func(want ...string) {
			t.Helper()
			synctest.Wait()
			if got := links.awake(); !slices.Equal(got, want) {
				t.Errorf("awake are %v, want %v", got, want)
			}
		}
		p.pause(pauseFiveMinutes)
		awake()
		time.Sleep(5*time.Minute - time.Second)
		awake()
		time.Sleep(time.Second + 10*time.Millisecond)
		awake("a", "c") // b was paused by somebody else
		if pausing, until := p.state(); pausing || !until.IsZero() || ended != 1 {
			t.Errorf("%v %v, ended %d", pausing, until, ended)
		}

		p.pause(pauseForGood)
		time.Sleep(48 * time.Hour)
		awake()
		if pausing, until := p.state(); !pausing || !until.IsZero() {
			t.Errorf("%v %v", pausing, until)
		}
		p.pause(pauseHour) // now with an end, for those paused before too
		links.Resume("c")  // somebody else's wish
		awake("c")
		time.Sleep(time.Hour + time.Second)
		awake("a", "c")

		p.pause(pauseHour)
		p.resume()
		awake("a", "c")
		time.Sleep(2 * time.Hour)
		if ended != 2 {
			t.Errorf("ended %d times", ended)
		}
		cancel()
		running.Wait()
	})
}

func TestPauseEnd(t *testing.T) {
	zone := time.FixedZone("test", 8*3600)
	now := time.Date(2026, 12, 31, 23, 59, 0, 0, zone)
	const passed = 1000 * time.Hour
	for target, want := range map[string]time.Time{
		pauseForGood:       {},
		pauseFiveMinutes:   now.Add(5 * time.Minute),
		pauseHour:          now.Add(time.Hour),
		pauseUntilTomorrow: time.Date(2027, 1, 1, 6, 0, 0, 0, zone),
	} {
		if got := endOf(target, now, passed).until(now, passed, time.Time{}); !got.Equal(want) {
			t.Errorf("%s ends %v, want %v", target, got, want)
		}
	}
}

// TestPauseWhileTheClockIsSet holds that a pause neither ends early nor lasts longer
// because somebody set the clock, and that what people are told moves with the clock.
func TestPauseWhileTheClockIsSet(t *testing.T) {
	start := time.Now()
	const day, passed = 24 * time.Hour, 1000 * time.Hour
	tomorrow := endOf(pauseUntilTomorrow, start, passed).passed - passed
	for _, tt := range []struct {
		target string
		set    time.Duration // the clock, right after the start
		after  time.Duration
		left   time.Duration
	}{
		{pauseHour, 0, 20 * time.Minute, 40 * time.Minute},
		{pauseHour, day, 20 * time.Minute, 40 * time.Minute},
		{pauseHour, -day, 20 * time.Minute, 40 * time.Minute},
		{pauseHour, -day, time.Hour, 0},
		{pauseFiveMinutes, day, 4 * time.Minute, time.Minute},
		{pauseUntilTomorrow, 0, time.Minute, tomorrow - time.Minute},
		{pauseUntilTomorrow, -day, time.Minute, tomorrow - time.Minute},          // never longer than meant
		{pauseUntilTomorrow, day, time.Minute, max(tomorrow-time.Minute-day, 0)}, // tomorrow is nearer
	} {
		end := endOf(tt.target, start, passed)
		told := end.until(start, passed, end.wall)
		now := rough.Set(start.Add(tt.after), tt.set)
		left, ends := end.left(now, passed+tt.after)
		if !ends || left.Round(time.Millisecond) != tt.left.Round(time.Millisecond) {
			t.Errorf("%s with the clock set by %v: %v left after %v, want %v", tt.target, tt.set, left, tt.after, tt.left)
		}
		until := end.until(now, passed+tt.after, told)
		if wrong := until.Sub(now.Round(0)) - tt.left; wrong.Abs() > 2*time.Second {
			t.Errorf("%s with the clock set by %v: told %v at %v", tt.target, tt.set, until, now)
		}
		if tt.set == 0 && !until.Equal(told) {
			t.Errorf("%s: told %v, and then %v", tt.target, told, until)
		}
	}
}
