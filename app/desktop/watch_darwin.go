package desktop

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// The clock that goes on in sleep and the one that does not; neither can be set
// (clock_gettime(3)).
const (
	clockAlways = unix.CLOCK_MONOTONIC_RAW
	clockAwake  = unix.CLOCK_UPTIME_RAW
)

// openReports opens a socket that receives changes of interfaces, addresses and routes
// (route(4)).
func openReports() (int, error) {
	syscall.ForkLock.RLock() // macOS cannot open it closed on exec
	defer syscall.ForkLock.RUnlock()
	fd, err := unix.Socket(unix.AF_ROUTE, unix.SOCK_RAW, unix.AF_UNSPEC)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	return fd, err
}
