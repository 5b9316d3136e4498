package web

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"strconv"
	"syscall"
)

// Numbers of Windows that its syscall package does not map to the portable ones.
const (
	windowsInUse        = syscall.Errno(10048)
	windowsNotPermitted = syscall.Errno(10013)
)

// PortProblem says why a port cannot be had.
type PortProblem uint8

const (
	// PortInUse: another program listens there.
	PortInUse PortProblem = iota + 1
	// PortNotPermitted: the system does not let us.
	PortNotPermitted
	// PortUnusable: the address does not belong to this computer, or worse.
	PortUnusable
	// PortNotLoopback: other computers can reach the address; see ErrNotLoopback.
	PortNotLoopback
)

// PortError reports that we cannot listen. Its text is for the user.
type PortError struct {
	Host    string
	Port    int
	Problem PortProblem
	Err     error
}

// Error says which port, what is wrong and what to do.
func (e *PortError) Error() string {
	switch e.Problem {
	case PortInUse:
		return fmt.Sprintf("port %d on %s is already in use by another program; stop that program, or set another \"port\" in the configuration (or --port)", e.Port, e.Host)
	case PortNotPermitted:
		return fmt.Sprintf("the system does not permit listening on port %d of %s; set a \"port\" of 1024 or above in the configuration (or --port)", e.Port, e.Host)
	}
	return fmt.Sprintf("cannot listen on port %d of %q: %v; check \"host\" and \"port\" in the configuration", e.Port, e.Host, e.Err)
}

// Unwrap returns what the system said.
func (e *PortError) Unwrap() error { return e.Err }

// ErrNotLoopback is why Listen refuses an address that other computers can reach: nothing
// asks them for a key.
var ErrNotLoopback = errors.New("other computers can reach it, so there must be an access key first, which the command config key makes")

// Listen opens a port of this computer. Host is a loopback address, or localhost,
// or empty for 127.0.0.1; port 0 takes any that is free. The error is a *PortError.
func Listen(host string, port int) (net.Listener, error) {
	if host == "" || host == "localhost" {
		host = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return nil, &PortError{Host: host, Port: port, Problem: PortNotLoopback, Err: ErrNotLoopback}
	}
	return bind(host, port)
}

// ListenBeyond opens a port that other computers can reach. Whoever serves on it must ask
// them for a key; see Options.Exposed. Host is an address of this computer, or 0.0.0.0 or ::
// for all of them; port 0 takes any that is free. The error is a *PortError.
func ListenBeyond(host string, port int) (net.Listener, error) { return bind(host, port) }

func bind(host string, port int) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, &PortError{Host: host, Port: port, Problem: portProblem(err), Err: err}
	}
	return l, nil
}

func portProblem(err error) PortProblem {
	switch {
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, windowsInUse):
		return PortInUse
	case errors.Is(err, fs.ErrPermission), errors.Is(err, windowsNotPermitted):
		return PortNotPermitted
	}
	return PortUnusable
}
