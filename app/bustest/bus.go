//go:build unix

// Package bustest plays a desktop session for tests: a private session bus, a panel
// that shows tray icons, and a service that shows notifications. It runs without a
// display. Only tests import it.
package bustest

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"
)

// Bus is a session bus of its own.
type Bus struct {
	// Address is what DBUS_SESSION_BUS_ADDRESS should hold.
	Address string

	tb  testing.TB
	cmd *exec.Cmd
}

// Start starts a bus that ends with the test. Env is added to its environment, and to
// that of services which it starts. Without dbus-daemon the test is skipped, or fails
// where CI is true.
func Start(tb testing.TB, env ...string) *Bus {
	tb.Helper()
	program, err := exec.LookPath("dbus-daemon")
	if err != nil {
		if os.Getenv("CI") == "true" {
			tb.Fatal("no dbus-daemon here: CI must have one")
		}
		tb.Skip("no dbus-daemon here (apt-get install dbus)")
	}
	dir, err := os.MkdirTemp("", "bus") // paths of sockets must be short
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	b := &Bus{tb: tb, cmd: exec.Command(program, "--session", "--nofork", "--nopidfile", "--print-address=1", "--address=unix:dir="+dir)}
	b.cmd.Env = append(os.Environ(), env...)
	out, err := b.cmd.StdoutPipe()
	if err == nil {
		err = b.cmd.Start()
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(b.Kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		tb.Fatalf("dbus-daemon says no address: %v", err)
	}
	b.Address = strings.TrimSpace(line)
	return b
}

// Kill ends the bus at once. It may be called again.
func (b *Bus) Kill() {
	if b.cmd.ProcessState != nil {
		return
	}
	b.cmd.Process.Kill()
	b.cmd.Wait()
}

// Connect opens a connection that ends with the test.
func (b *Bus) Connect() *dbus.Conn {
	b.tb.Helper()
	conn, err := dbus.Connect(b.Address)
	if err != nil {
		b.tb.Fatal(err)
	}
	b.tb.Cleanup(func() { conn.Close() })
	return conn
}

// own takes a well-known name.
func own(tb testing.TB, conn *dbus.Conn, name string) {
	tb.Helper()
	if reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		tb.Fatalf("own %s: %v, %v", name, reply, err)
	}
}

// Link puts the socket of the bus at another place too.
func (b *Bus) Link(path string) {
	b.tb.Helper()
	_, socket, _ := strings.Cut(b.Address, "path=")
	socket, _, _ = strings.Cut(socket, ",")
	if err := os.Symlink(socket, path); err != nil {
		b.tb.Fatal(err)
	}
}

// Freeze makes the bus hang: it takes connections and answers nothing.
func (b *Bus) Freeze() {
	b.tb.Helper()
	if err := b.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		b.tb.Fatal(err)
	}
}
