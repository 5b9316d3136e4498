//go:build unix && !darwin

package tray

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
	busVariable = "DBUS_SESSION_BUS_ADDRESS"
	// connectTime is how long a session bus may take to welcome us: at login everything
	// starts at once, and without it there is no icon until the next start.
	connectTime = 5 * time.Second
	// hostGrace is how long a host may stay away before that is reported: a panel
	// comes a few seconds after programs that start at login.
	hostGrace = 5 * time.Second
)

// Available returns nil if there is a desktop session that can be reached, and
// otherwise why not; the error wraps ErrNoSession or ErrNotBuilt. It starts nothing.
func Available() error {
	conn, err := connect(context.Background())
	if err != nil {
		return err
	}
	return conn.Close()
}

// busAddress finds the session bus without asking anything to launch one, and sees to
// it that the toolkit finds the same.
func busAddress() string {
	if address := os.Getenv(busVariable); address != "" && address != "autolaunch:" {
		return address
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		socket := filepath.Join(dir, "bus")
		if info, err := os.Stat(socket); err == nil && info.Mode().Type() == os.ModeSocket {
			address := "unix:path=" + dbus.EscapeBusAddressValue(socket)
			os.Setenv(busVariable, address)
			return address
		}
	}
	return ""
}

// connect opens a connection of our own, which ends with ctx.
func connect(ctx context.Context) (*dbus.Conn, error) {
	address := busAddress()
	if address == "" {
		return nil, ErrNoSession
	}
	ctx, cancel := context.WithCancel(ctx)
	timer := time.AfterFunc(connectTime, cancel)
	conn, err := dbus.Connect(address, dbus.WithContext(ctx))
	if err == nil && !timer.Stop() {
		err = context.DeadlineExceeded
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("%w: the session bus cannot be reached: %w", ErrNoSession, err)
	}
	context.AfterFunc(conn.Context(), cancel)
	return conn, nil
}

// Watch reports whether the icon can be seen, now and on every change, until ctx ends
// or the bus is gone. A host that is missing is reported once it has been for a few
// seconds.
func Watch(ctx context.Context, report func(Presence)) { watch(ctx, hostGrace, hostGrace, report) }

// watch gives a host some time to come at the start, and to come back later.
func watch(ctx context.Context, first, later time.Duration, report func(Presence)) {
	conn, err := connect(ctx)
	if err != nil {
		if ctx.Err() == nil {
			report(Lost)
		}
		return
	}
	defer conn.Close()
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, watcherName)},
		{dbus.WithMatchInterface(watcherName)},
	} {
		conn.AddMatchSignalContext(ctx, match...) // without it we see the state at the start
	}
	timer := time.NewTimer(first)
	defer timer.Stop()
	told, waiting, over := Presence(255), true, false
	for {
		switch now := hosted(ctx, conn); {
		case now == Shown:
			timer.Stop()
			waiting, over = false, false
			if told != now {
				told = now
				report(now)
			}
		case told == now:
		case over:
			told = now
			report(now)
		case !waiting: // a panel that starts anew comes back soon
			timer.Reset(later)
			waiting = true
		}
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			over = true
		case _, open := <-signals:
			if !open || !conn.Connected() {
				if ctx.Err() == nil {
					report(Lost)
				}
				return
			}
		}
	}
}

// hosted asks the watcher whether any host has come.
func hosted(ctx context.Context, conn *dbus.Conn) Presence {
	var have dbus.Variant
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	err := conn.Object(watcherName, watcherPath).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart,
		watcherName, "IsStatusNotifierHostRegistered").Store(&have)
	if yes, ok := have.Value().(bool); err == nil && ok && yes {
		return Shown
	}
	return NoHost
}
