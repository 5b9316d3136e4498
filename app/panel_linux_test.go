package app

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"xiaozhi-switchboard/core/broker"
)

// pictureOf, in the environment, is a folder for pictures of the panel.
const pictureOf = "SWITCHBOARD_TEST_PICTURES"

// screen is a display without a monitor.
type screen struct {
	t    *testing.T
	env  []string
	size image.Point
	end  func() // takes the display away at once
}

// need finds programs that a test cannot do without.
func need(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err == nil {
			continue
		}
		if os.Getenv("CI") == "true" {
			t.Fatalf("no %s here: CI must have it", name)
		}
		t.Skipf("no %s here (apt-get install xvfb xfce4-panel dbus-x11 hicolor-icon-theme adwaita-icon-theme fonts-noto-cjk imagemagick xdotool)", name)
	}
}

// background starts a program that ends with the test.
func background(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = env
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
}

// newScreen starts a display and waits for it.
func newScreen(t *testing.T, env []string, size image.Point) *screen {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", size.X, size.Y))
	cmd.ExtraFiles = []*os.File{write}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end := sync.OnceFunc(func() { cmd.Process.Kill(); cmd.Wait() })
	t.Cleanup(end)
	write.Close()
	var display int
	if _, err := fmt.Fscan(read, &display); err != nil {
		t.Fatalf("no display: %v", err)
	}
	return &screen{t: t, size: size, end: end, env: append(env, fmt.Sprint("DISPLAY=:", display))}
}

// shot takes a picture.
func (s *screen) shot() image.Image {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "shot.png")
	cmd := exec.Command("import", "-window", "root", file)
	cmd.Env = s.env
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	f, err := os.Open(file)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		s.t.Fatal(err)
	}
	return img
}

// mouse does something with it.
func (s *screen) mouse(args ...string) {
	s.t.Helper()
	cmd := exec.Command("xdotool", args...)
	cmd.Env = s.env
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("xdotool %v: %v: %s", args, err, out)
	}
}

// find returns the middle of what has a colour, near enough, and how many pixels do.
func find(img image.Image, in image.Rectangle, r, g, b int) (at image.Point, n int) {
	var sum image.Point
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			cr, cg, cb, _ := img.At(x, y).RGBA()
			near := func(c uint32, want int) bool { return int(c>>8) > want-12 && int(c>>8) < want+12 }
			if near(cr, r) && near(cg, g) && near(cb, b) {
				sum, n = sum.Add(image.Pt(x, y)), n+1
			}
		}
	}
	if n == 0 {
		return image.Point{}, 0
	}
	return sum.Div(n), n
}

const panelSettings = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/><value type="int" value="2"/><value type="int" value="3"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator"><property name="expand" type="bool" value="true"/><property name="style" type="uint" value="0"/></property>
    <property name="plugin-2" type="string" value="systray"><property name="square-icons" type="bool" value="true"/></property>
    <property name="plugin-3" type="string" value="clock"><property name="digital-time-format" type="string" value="%H:%M"/></property>
  </property>
</channel>
`

// TestRealPanel shows the icon in a real XFCE panel and opens the menu with the mouse.
func TestRealPanel(t *testing.T) {
	if testing.Short() {
		t.Skip("a panel takes seconds")
	}
	need(t, "Xvfb", "xfce4-panel", "xdotool", "import")
	for lang, names := range map[string][]string{"en": {"Living room", "Study", "Workshop"}, "zh": {"客厅", "书房", "工作间"}} {
		t.Run(lang, func(t *testing.T) { realPanel(t, lang, names) })
	}
}

func realPanel(t *testing.T, lang string, names []string) {
	b, base := practice(t, broker.Official)
	for i, delay := range []time.Duration{38, 88} {
		b.SetFault(fmt.Sprint(i+1), broker.Fault{Delay: delay * time.Millisecond})
	}
	refused := fmt.Sprintf(`, {"name": %s, "url": %s}]}`, quoted(names[2]), quoted(base+"/mcp/?token=wrong"))
	config := strings.TrimSuffix(strings.TrimSpace(endpointsConfig(b, base, names[:2]...)), "]}") + refused
	s := newSession(t, `{"language": "`+lang+`", "connectionOptions": {"healthCheckInterval": 1000}, `+strings.TrimPrefix(config, "{"))
	settings := filepath.Join(s.home, "xfce4", "xfconf", "xfce-perchannel-xml")
	if err := os.MkdirAll(settings, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(settings, "xfce4-panel.xml"), []byte(panelSettings), 0o644); err != nil {
		t.Fatal(err)
	}
	env := append(append(os.Environ(), s.env...), "HOME="+s.home, "XDG_CACHE_HOME="+s.home, "GTK_THEME=Adwaita", "NO_AT_BRIDGE=1", "LC_ALL=C.UTF-8")
	screen := newScreen(t, env, image.Pt(760, 560))
	s.env = append(s.env, screen.env[len(screen.env)-1])
	background(t, screen.env, "xfce4-panel", "--disable-wm-check")
	s.launch("--autostart")

	bar := image.Rect(0, 0, screen.size.X, 40)
	var at image.Point
	s.eventually("an amber icon with a badge in the panel", func() bool {
		img := screen.shot()
		where, amber := find(img, bar, 0xe8, 0x9a, 0x1c)
		_, badge := find(img, bar, 0xe5, 0x48, 0x4d)
		at = where
		return amber > 30 && badge > 20
	})
	white := func(img image.Image, minX, maxX int) int {
		_, n := find(img, image.Rect(minX, 40, maxX, screen.size.Y), 0xff, 0xff, 0xff)
		return n
	}
	screen.mouse("mousemove", fmt.Sprint(at.X), fmt.Sprint(at.Y), "click", "3")
	s.eventually("the menu", func() bool { return white(screen.shot(), 0, screen.size.X) > 20000 })
	// Down the menu with the mouse, past the alert, until a submenu opens beside it.
	menu, y := 0, 100
	for img := screen.shot(); white(img, 0, menu+1) == 0; menu++ { // its left edge
	}
	s.eventually("a submenu", func() bool {
		screen.mouse("mousemove", fmt.Sprint(at.X-60), fmt.Sprint(y), "sleep", "0.6")
		if y += 12; y > screen.size.Y/2 {
			y = 100
		}
		return white(screen.shot(), 0, menu) > 5000
	})
	if dir := os.Getenv(pictureOf); dir != "" {
		screen.mouse("sleep", "1")
		f, err := os.Create(filepath.Join(dir, "tray."+lang+".png"))
		if err == nil {
			err = png.Encode(f, screen.shot())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	// The display goes away, and with it the panel: the program lives on and says so.
	screen.end()
	s.eventually("the missing panel told", func() bool {
		return strings.Contains(s.output(), map[string]string{"en": "AppIndicator extension", "zh": "AppIndicator 扩展"}[lang])
	})
	if c := s.connections(); !c[0].Connected || !c[1].Connected {
		t.Errorf("the links are %+v", c)
	}
	if code, took := s.stop(syscall.SIGTERM); code != 0 || took > stopsWithin {
		t.Errorf("exit code %d after %v", code, took)
	}
}
