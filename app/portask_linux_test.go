package app

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"xiaozhi-switchboard/app/bustest"
)

// TestPortConflict starts the program on a port that another has, and gets out of it in
// each of the ways that the menu offers.
func TestPortConflict(t *testing.T) {
	s := newSession(t, "")
	s.panel, s.notes = s.bus.NewPanel(), s.bus.NewNotes()
	s.ownPort = true
	conflict := func() (other net.Listener, port int) {
		t.Helper()
		other, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", freePort(t)))
		if err != nil {
			t.Fatal(err)
		}
		port = other.Addr().(*net.TCPAddr).Port
		s.save(fmt.Sprintf("{\"port\": %d, \"mcpEndpoint\": []} // kept\n", port))
		had := s.panel.Item()
		s.begin("--autostart")
		s.eventually("another icon", func() bool { return s.panel.Item() != had })
		s.hasRow(fmt.Sprintf("Port %d cannot be used", port))
		return other, port
	}
	end := func() {
		t.Helper()
		s.hasRow("Open dashboard") // the menu is another one now
		if err := s.quit(); err != nil {
			t.Errorf("%v\n%s", err, s.output())
		}
	}

	other, port := conflict()
	s.looks("red")
	s.eventually("a note", func() bool {
		list := s.notes.List()
		return len(list) == 1 && strings.Contains(list[0].Body, fmt.Sprint(port)) && strings.Contains(list[0].Body, fmt.Sprintf("is in use by app.test (process %d)", os.Getpid()))
	})
	s.click("Open configuration file")
	s.eventually("the file opened", func() bool { return read(s.opened) == s.config+"\n" })
	s.click("Try again") // in vain, and over when the next row has done its work
	s.click("Open configuration folder")
	s.eventually("the folder opened", func() bool { return read(s.opened) == s.config+"\n"+filepath.Dir(s.config)+"\n" })
	other.Close()
	s.click("Try again")
	s.await()
	if !strings.HasSuffix(s.url, fmt.Sprintf(":%d/", port)) {
		t.Errorf("the dashboard is at %s", s.url)
	}
	s.get("/healthz")
	end()

	other, port = conflict()
	s.click("Use the next free port")
	s.await()
	if _, ours, _ := net.SplitHostPort(strings.Trim(strings.TrimPrefix(s.url, "http://"), "/")); ours == fmt.Sprint(port) || !strings.Contains(read(s.config), `"port": `+ours) || !strings.Contains(read(s.config), "// kept") {
		t.Errorf("the dashboard is at %s, the file says %s", s.url, read(s.config))
	}
	other.Close()
	end()

	other, port = conflict()
	better := freePort(t)
	s.save(fmt.Sprintf(`{"port": %d}`, better)) // the editor's way
	s.await()
	if !strings.HasSuffix(s.url, fmt.Sprintf(":%d/", better)) {
		t.Errorf("the dashboard is at %s", s.url)
	}
	other.Close()
	end()

	other, _ = conflict()
	defer other.Close()
	if s.quit(); s.cmd.ProcessState.ExitCode() != ExitPort {
		t.Errorf("giving up ends with %v", s.cmd.ProcessState)
	}
	if _, ok := bustest.Find(s.panel.Item().Menu(), "Quit"); ok {
		t.Error("the icon is still there")
	}
}

// TestPortConflictThatNobodySees: on a bus without a panel, as a login over the network
// has, the program says why and ends.
func TestPortConflictThatNobodySees(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	port := other.Addr().(*net.TCPAddr).Port
	s := newSession(t, fmt.Sprintf(`{"port": %d}`, port))
	s.ownPort = true
	s.begin()
	if <-s.ended; s.cmd.ProcessState.ExitCode() != ExitPort {
		t.Errorf("it ends with %v", s.cmd.ProcessState)
	}
	if want := fmt.Sprintf("Error: Port %d on 127.0.0.1 is in use by", port); !strings.Contains(s.output(), want) {
		t.Errorf("it does not say %q:\n%s", want, s.output())
	}
}
