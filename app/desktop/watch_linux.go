package desktop

import "golang.org/x/sys/unix"

// The clock that goes on in sleep and the one that does not; neither can be set
// (clock_gettime(2)).
const (
	clockAlways = unix.CLOCK_BOOTTIME
	clockAwake  = unix.CLOCK_MONOTONIC
)

// openReports opens a socket that receives changes of interfaces and addresses
// (rtnetlink(7)). Routes are left out: routers change them all the time, and those of a
// computer change with its addresses.
func openReports() (int, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return 0, err
	}
	groups := uint32(unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR)
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		unix.Close(fd)
		return 0, err
	}
	return fd, nil
}
