package app

import (
	"image"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/app/bustest"
)

// session is a desktop session that a test plays, with the program on it. What the
// program opens and copies lands in files.
type session struct {
	*program
	bus    *bustest.Bus
	panel  *bustest.Panel
	notes  *bustest.Notes
	home   string
	opened string // the file with what was opened, a line each
	copied string // the file with what was copied last
}

// newSession plays a desktop and does not start the program yet. The binary is built
// without the race detector: the tray toolkit has a race of its own.
func newSession(t testing.TB, config string) *session {
	t.Helper()
	dir := t.TempDir()
	bus := bustest.Start(t, "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_CACHE_HOME="+dir)
	s := &session{bus: bus, home: dir, opened: filepath.Join(dir, "opened"), copied: filepath.Join(dir, "copied"),
		program: &program{t: t, binary: buildProgram(t), config: filepath.Join(dir, "xiaozhi.config.json"), data: filepath.Join(dir, "data"), desktop: true}}
	for name, script := range map[string]string{
		"xdg-open": `echo "$1" >> '` + s.opened + `'`,
		"xclip":    `cat > '` + s.copied + `'`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s.env = []string{"DBUS_SESSION_BUS_ADDRESS=" + bus.Address, "XDG_CONFIG_HOME=" + dir, "DISPLAY=:4711", "WAYLAND_DISPLAY=", "PATH=" + dir + ":" + os.Getenv("PATH")}
	s.save(config)
	return s
}

// read returns the text of a file that may not be there yet.
func read(path string) string {
	text, _ := os.ReadFile(path)
	return string(text)
}

// row finds a visible row of the menu.
func (s *session) row(path ...string) (bustest.Row, bool) {
	item := s.panel.Item()
	if item == nil {
		return bustest.Row{}, false
	}
	return bustest.Find(item.Menu(), path...)
}

// click waits for a row that can be clicked and clicks it. A menu that is made anew loses
// clicks, so it must have been the same for some looks.
func (s *session) click(path ...string) {
	s.t.Helper()
	still, last := 0, int32(0)
	s.eventually("the row "+strings.Join(path, " → "), func() bool {
		r, ok := s.row(path...)
		if !ok || !r.Enabled || r.ID != last {
			still, last = 0, r.ID
			return false
		}
		still++
		return still >= 5 && s.panel.Item().Click(r.ID) == nil
	})
}

// quit clicks the last row and waits for the end.
func (s *session) quit() error {
	s.t.Helper()
	s.click("Quit")
	select {
	case err := <-s.ended:
		return err
	case <-time.After(longWait):
		s.t.Fatalf("it does not quit\n%s", s.output())
		return nil
	}
}

// hasRow waits for a row.
func (s *session) hasRow(path ...string) {
	s.t.Helper()
	s.eventually("the row "+strings.Join(path, " → "), func() bool { _, ok := s.row(path...); return ok })
}

// colour is what an icon looks like: the name of the colour that most of it has.
func colour(img *image.NRGBA) string {
	if img == nil {
		return ""
	}
	counts := map[string]int{}
	for at := 0; at < len(img.Pix); at += 4 {
		r, g, b := int(img.Pix[at]), int(img.Pix[at+1]), int(img.Pix[at+2])
		if img.Pix[at+3] < 0xf0 {
			continue
		}
		switch {
		case g > r+60 && g > b+20:
			counts["green"]++
		case r > b+100 && g > 120 && g < 200:
			counts["amber"]++
		case r > g+80 && r > b+80:
			counts["red"]++
		case b > r+60:
			counts["blue"]++
		case r > 120 && r < 190 && g > 120 && b > 120:
			counts["grey"]++
		}
	}
	most := ""
	for name, n := range counts {
		if n > counts[most] {
			most = name
		}
	}
	return most
}

// looks waits until the icon has a colour. A link that a busy machine made slow is measured
// again, or it would be so until its next check.
func (s *session) looks(want string) {
	s.t.Helper()
	var got, tooltip string
	next := time.Now().Add(3 * time.Second)
	defer func() {
		if got != want {
			s.t.Logf("the icon is %q and says %q", got, tooltip)
		}
	}()
	s.eventually("a "+want+" icon", func() bool {
		item := s.panel.Item()
		if item != nil {
			got, tooltip = colour(item.Icon()), item.Tooltip()
		}
		if want == "green" && got == "amber" && time.Now().After(next) {
			s.request(http.MethodPost, "endpoints/check", "en", "text/html", "")
			next = time.Now().Add(3 * time.Second)
		}
		return item != nil && got == want
	})
}
