//go:build unix && !darwin

package desktop

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/app/bustest"
)

// lines is a log that hands its lines on.
type lines chan string

func (l lines) Write(b []byte) (int, error) { l <- string(b); return len(b), nil }

func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !so(); {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func TestNotifier(t *testing.T) {
	bus := bustest.Start(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.Address)
	opened, logged := make(chan string, 1), make(lines, 10)
	n := NewNotifier("App", func(url string) { opened <- url }, slog.New(slog.NewTextHandler(logged, nil)))
	defer n.Close()
	n.Send(Note{Title: "nobody shows it"})
	if line := <-logged; !strings.Contains(line, "could not be shown") {
		t.Errorf("logged %s", line)
	}
	notes := bus.NewNotes()
	n.Send(Note{Title: "One", Body: "a <b> & c", URL: "http://localhost/"})
	n.Send(Note{Title: "Two"})
	eventually(t, "two notes", func() bool { return len(notes.List()) == 2 })
	list := notes.List()
	if one := list[0]; one.Title != "One" || one.Body != "a &lt;b&gt; &amp; c" || len(one.Actions) != 2 {
		t.Errorf("%+v", one)
	}
	if two := list[1]; two.Title != "Two" || len(two.Actions) != 0 {
		t.Errorf("%+v", two)
	}
	if err := notes.Invoke(bustest.Note{ID: 4711}, "default"); err != nil { // another program's
		t.Fatal(err)
	}
	if err := notes.Invoke(list[0], "default"); err != nil {
		t.Fatal(err)
	}
	if got := <-opened; got != "http://localhost/" {
		t.Errorf("opened %s", got)
	}
	bus.Kill()
	n.Send(Note{Title: "no bus"})
	if line := <-logged; !strings.Contains(line, "could not be shown") {
		t.Errorf("logged %s", line)
	}
	n.Close()
	n.Send(Note{Title: "after the end"})
}

func TestHarmless(t *testing.T) {
	got := harmless.Replace("]]><x a=\"1\" b='2'>&$(calc)`\n'@ y")
	if strings.ContainsAny(got, "<>&\"'`$@\n") {
		t.Errorf("%q is not harmless", got)
	}
}
