//go:build linux || darwin

package desktop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// listen calls hint whenever the kernel reports a change, until ctx ends. What it
// reports is not read: the addresses are looked at instead.
func listen(ctx context.Context, hint func()) error {
	fd, err := openReports()
	if err != nil {
		return fmt.Errorf("open a socket for network changes: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return fmt.Errorf("open a socket for network changes: %w", err)
	}
	reports := os.NewFile(uintptr(fd), "network changes") // which lets Close end a Read
	defer reports.Close()
	defer context.AfterFunc(ctx, func() { reports.Close() })()
	hint() // for what changed until now
	for buf := make([]byte, 4<<10); ; {
		// The kernel drops reports when we are slow; that is a report as well.
		if _, err := reports.Read(buf); err != nil && !errors.Is(err, unix.ENOBUFS) {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("listen for network changes: %w", err)
		}
		hint()
	}
}

// asleep returns for how long the system has slept since it started.
func asleep() time.Duration { return clock(clockAlways) - clock(clockAwake) }

func passed() time.Duration { return clock(clockAlways) }

func clock(id int32) time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(id, &t) != nil {
		return 0 // not on the systems that Go runs on
	}
	return time.Duration(t.Nano())
}
