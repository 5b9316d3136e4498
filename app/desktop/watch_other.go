//go:build !linux && !darwin && !windows

package desktop

import (
	"context"
	"errors"
	"time"
)

func listen(context.Context, func()) error {
	return errors.New("not known how on this system")
}

var started = time.Now()

// asleep returns by how much the wall clock ran ahead of the monotonic one since the
// start: that is sleep, or a clock that was set forward.
func asleep() time.Duration {
	now := time.Now()
	return now.Round(0).Sub(started.Round(0)) - now.Sub(started)
}

// passed leaves sleep out, which no clock here tells from a clock that was set.
func passed() time.Duration { return time.Since(started) }
