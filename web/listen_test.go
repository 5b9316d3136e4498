package web

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestListen(t *testing.T) {
	for _, host := range []string{"", "localhost", "127.0.0.1", "127.0.0.2"} {
		l, err := Listen(host, 0)
		if err != nil {
			t.Errorf("%q: %v", host, err)
			continue
		}
		if ip := l.Addr().(*net.TCPAddr).IP; !ip.IsLoopback() {
			t.Errorf("%q listens on %s", host, ip)
		}
		l.Close()
	}
	for _, host := range []string{"0.0.0.0", "::", "192.168.1.20", "example.com", ":"} {
		l, err := Listen(host, 0)
		var port *PortError
		if !errors.As(err, &port) || port.Problem != PortNotLoopback || !errors.Is(err, ErrNotLoopback) {
			t.Errorf("%q: %v", host, err)
		}
		if l != nil {
			l.Close()
		}
	}
	for _, port := range []int{-1, 65536} {
		if _, err := Listen("", port); err == nil {
			t.Errorf("port %d is taken", port)
		}
	}
}

func TestListenBeyond(t *testing.T) {
	for _, host := range []string{"0.0.0.0", "::", "127.0.0.1"} {
		l, err := ListenBeyond(host, 0)
		if errors.Is(err, syscall.EAFNOSUPPORT) {
			continue // there is no IPv6 here
		}
		if err != nil {
			t.Errorf("%q: %v", host, err)
			continue
		}
		l.Close()
	}
	var port *PortError
	if _, err := ListenBeyond("192.0.2.1", 0); !errors.As(err, &port) || port.Problem != PortUnusable {
		t.Errorf("an address of another computer: %v", err)
	}
}

func TestPortInUse(t *testing.T) {
	l, err := Listen("", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	number := l.Addr().(*net.TCPAddr).Port
	_, err = Listen("", number)
	var port *PortError
	if !errors.As(err, &port) || port.Problem != PortInUse || port.Port != number {
		t.Fatalf("got %v", err)
	}
	if text := err.Error(); !strings.Contains(text, fmt.Sprint(number)) || !strings.Contains(text, "in use") || !strings.Contains(text, "--port") {
		t.Errorf("says %q", text)
	}
}

func TestPortProblem(t *testing.T) {
	wrap := func(err error) error {
		return &net.OpError{Op: "listen", Err: os.NewSyscallError("bind", err)}
	}
	for err, want := range map[error]PortProblem{
		syscall.EADDRINUSE: PortInUse, windowsInUse: PortInUse,
		syscall.EACCES: PortNotPermitted, syscall.EPERM: PortNotPermitted, windowsNotPermitted: PortNotPermitted,
		syscall.EADDRNOTAVAIL: PortUnusable,
	} {
		if got := portProblem(wrap(err)); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
		text := (&PortError{Host: "127.0.0.1", Port: 80, Problem: want, Err: err}).Error()
		if !strings.Contains(text, "80") || !strings.Contains(text, "port") {
			t.Errorf("says %q", text)
		}
	}
}
