//go:build unix && !darwin

package tray

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"xiaozhi-switchboard/app/bustest"
)

// watched collects reports until the test ends.
func watched(t *testing.T, first, later time.Duration) (reports chan Presence, stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	reports = make(chan Presence, 10)
	done := make(chan struct{})
	go func() {
		defer close(done)
		watch(ctx, first, later, func(p Presence) { reports <- p })
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return reports, stop
}

func want(t *testing.T, reports <-chan Presence, p Presence) {
	t.Helper()
	select {
	case got := <-reports:
		if got != p {
			t.Errorf("got %v, want %v", got, p)
		}
	case <-time.After(time.Minute):
		t.Fatalf("%v was not reported", p)
	}
}

func TestPresence(t *testing.T) {
	bus := bustest.Start(t)
	t.Setenv(busVariable, bus.Address)
	if err := Available(); err != nil {
		t.Fatal(err)
	}
	reports, _ := watched(t, time.Millisecond, time.Millisecond)
	want(t, reports, NoHost)
	panel := bus.NewPanel()
	want(t, reports, Shown)
	panel.Leave()
	want(t, reports, NoHost)
	bus.NewPanel()
	want(t, reports, Shown)
	bus.Kill()
	want(t, reports, Lost)
	if err := Available(); !errors.Is(err, ErrNoSession) {
		t.Errorf("with a dead bus: %v", err)
	}
}

// TestAPanelThatStartsAnew is not reported as missing either.
func TestAPanelThatStartsAnew(t *testing.T) {
	bus := bustest.Start(t)
	t.Setenv(busVariable, bus.Address)
	reports, _ := watched(t, time.Millisecond, time.Hour)
	want(t, reports, NoHost)
	panel := bus.NewPanel()
	want(t, reports, Shown)
	panel.Leave()
	bus.NewPanel()
	bus.Kill()
	want(t, reports, Lost)
}

// TestAPanelThatIsLate is not reported as missing.
func TestAPanelThatIsLate(t *testing.T) {
	bus := bustest.Start(t)
	t.Setenv(busVariable, bus.Address)
	reports, stop := watched(t, time.Hour, time.Hour)
	bus.NewPanel()
	want(t, reports, Shown)
	stop()
	if len(reports) != 0 {
		t.Errorf("reported %v after the end", <-reports)
	}
}

func TestNoSession(t *testing.T) {
	dir := t.TempDir()
	for name, address := range map[string]string{"none": "", "launched": "autolaunch:", "gone": "unix:path=" + filepath.Join(dir, "nothing"), "nonsense": "x"} {
		t.Setenv(busVariable, address)
		t.Setenv("XDG_RUNTIME_DIR", dir)
		if err := Available(); !errors.Is(err, ErrNoSession) {
			t.Errorf("%s: %v", name, err)
		}
	}
	reports, _ := watched(t, 0, 0)
	want(t, reports, Lost)
}

func TestTheUsualSocket(t *testing.T) {
	bus := bustest.Start(t)
	dir := t.TempDir()
	bus.Link(filepath.Join(dir, "bus"))
	t.Setenv(busVariable, "")
	t.Setenv("XDG_RUNTIME_DIR", dir)
	if err := Available(); err != nil {
		t.Error(err)
	}
}
