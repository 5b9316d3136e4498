package desktop

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestEntries(t *testing.T) {
	a := Autostart{Name: "Name", Program: `/opt/a b/"x"\$y`, Args: []string{"--autostart", "--config", "100%.json"}}
	if got, want := string(desktopEntry(a)), "[Desktop Entry]\nType=Application\nName=Name\nIcon=xiaozhi-switchboard\n"+
		`TryExec=/opt/a b/"x"\\$y`+"\n"+
		`Exec="/opt/a b/\\"x\\"\\\\\\$y" "--autostart" "--config" "100%%.json"`+"\nTerminal=false\nX-GNOME-Autostart-enabled=true\n"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := runCommand(Autostart{Program: `C:\a b\x.exe`, Args: []string{`C:\c\`, `say "hi"\`}}), `"C:\a b\x.exe" "C:\c\\" "say \"hi\"\\"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	agent := launchAgent(Autostart{Program: "/a <b>&/x", Args: []string{"--autostart"}})
	var words []string
	d := xml.NewDecoder(strings.NewReader(string(agent)))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v in %s", err, agent)
		}
		if text, ok := token.(xml.CharData); ok && strings.TrimSpace(string(text)) != "" {
			words = append(words, string(text))
		}
	}
	if want := []string{"Label", autostartID, "ProgramArguments", "/a <b>&/x", "--autostart", "RunAtLoad", "ProcessType", "Interactive"}; !slices.Equal(words, want) {
		t.Errorf("got %q, want %q", words, want)
	}
}

func TestHidden(t *testing.T) {
	for text, want := range map[string]bool{"[Desktop Entry]\nExec=x": false, "Hidden=true": true, "Hidden = true\n": true, "X-GNOME-Autostart-enabled=false": true, "Hidden=false": false} {
		if got := hidden([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestAutostart(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("this would change the start of this computer")
	}
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", home)
	path := filepath.Join(home, "autostart", "xiaozhi-switchboard.desktop")
	a, err := NewAutostart("Name", "--autostart")
	if err != nil || !filepath.IsAbs(a.Program) {
		t.Fatalf("%+v %v", a, err)
	}
	on := func(want bool) {
		t.Helper()
		if got, err := a.On(); err != nil || got != want {
			t.Errorf("on is %v, %v", got, err)
		}
	}
	on(false)
	if is, err := a.Refresh(); is || err != nil {
		t.Errorf("refreshed nothing: %v %v", is, err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("an entry nobody asked for")
	}
	for range 2 {
		if err := a.Set(true); err != nil {
			t.Fatal(err)
		}
		on(true)
	}
	a.Program = "/moved/program"
	if is, err := a.Refresh(); !is || err != nil {
		t.Errorf("%v %v", is, err)
	}
	if text, _ := os.ReadFile(path); !strings.Contains(string(text), `"/moved/program"`) {
		t.Errorf("the entry still is\n%s", text)
	}
	for range 2 {
		if err := a.Set(false); err != nil {
			t.Fatal(err)
		}
		on(false)
	}
	for _, bad := range []Autostart{{Name: "a\nHidden=true", Program: "/x"}, {Name: "a", Program: "x"}, {Name: "a", Program: "/x", Args: []string{"a\nb"}}} {
		if err := bad.Set(true); err == nil {
			t.Errorf("%+v was written", bad)
		}
	}
}
