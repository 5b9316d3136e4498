package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"xiaozhi-switchboard/app/bustest"
	"xiaozhi-switchboard/core/broker"
)

// endpointsConfig is a configuration with practice endpoints of these names.
func endpointsConfig(b *broker.Broker, base string, names ...string) string {
	var list []string
	for i, name := range names {
		list = append(list, fmt.Sprintf(`{"url": %s, "name": %s}`, quoted(b.URL(base, fmt.Sprint(i+1))), quoted(name)))
	}
	return `{"mcpEndpoint": [` + strings.Join(list, ",\n") + "]}\n"
}

// TestEveryRow clicks each row of the menu once and looks for what it does.
func TestEveryRow(t *testing.T) {
	b, base := practice(t, broker.Official)
	s := newSession(t, endpointsConfig(b, base, "Living_room & hall", "客厅"))
	s.panel, s.notes = s.bus.NewPanel(), s.bus.NewNotes()
	s.launch()
	s.looks("green")
	item := s.panel.Item()
	s.eventually("the texts", func() bool { return strings.HasPrefix(item.Tooltip(), "2/2 connected") })
	if id := item.Text("Id"); id != "xiaozhi-switchboard" {
		t.Errorf("the id is %q", id)
	}
	if got := item.Text("Title"); !strings.HasPrefix(got, "2/2 connected") {
		t.Errorf("the title is %q", got)
	}
	s.hasRow("2/2 connected")
	home := s.url
	opens := func(what string) {
		t.Helper()
		s.eventually("opened: "+what, func() bool { return strings.HasSuffix(read(s.opened), what+"\n") })
		os.Remove(s.opened)
	}
	opens(home) // the first start
	if err := item.Tap(); err != nil {
		t.Error(err)
	}
	opens(home)
	clicked := map[int32]bool{}
	click := func(path ...string) {
		t.Helper()
		s.click(path...)
		r, _ := s.row(path...)
		clicked[r.ID] = true
	}
	marked := func(mark int32, path ...string) {
		t.Helper()
		s.eventually("the mark of "+strings.Join(path, " → "), func() bool { r, ok := s.row(path...); return ok && r.Toggle == mark })
	}
	states := func(want ...string) {
		t.Helper()
		s.eventually("states "+strings.Join(want, " "), func() bool {
			var got []string
			for _, c := range s.connections() {
				got = append(got, c.State)
			}
			return slices.Equal(got, want)
		})
	}
	sockets := func() []int {
		var all []int
		for _, c := range s.connections() {
			all = append(all, c.Socket)
		}
		return all
	}

	click("Open dashboard")
	opens(home)
	for i, name := range []string{"Living_room & hall", "客厅"} {
		id := s.connections()[i].ID
		marked(1, name, "Enabled")
		click(name, "Enabled")
		want := []string{"ready", "ready"}
		want[i] = "paused"
		states(want...)
		marked(0, name, "Enabled")
		s.click(name, "Enabled")
		states("ready", "ready")
		before := sockets()
		click(name, "Reconnect")
		s.eventually("another socket", func() bool { return sockets()[i] > before[i] && sockets()[1-i] == before[1-i] })
		click(name, "Copy address")
		s.eventually("the address copied", func() bool {
			return read(s.copied) == b.URL(base, fmt.Sprint(i+1)) || strings.Contains(read(s.config), read(s.copied)) && read(s.copied) != ""
		})
		os.Remove(s.copied)
		click(name, "Details")
		opens(home + "endpoints/" + id)
	}
	states("ready", "ready")
	before := sockets()
	click("Reconnect all")
	s.eventually("all sockets anew", func() bool { return sockets()[0] > before[0] && sockets()[1] > before[1] })
	states("ready", "ready")
	checked := func() string {
		var list []struct{ LastHealthCheck string }
		if err := json.Unmarshal([]byte(s.get("/api/v1/connections")), &list); err != nil {
			t.Fatal(err)
		}
		return list[0].LastHealthCheck
	}
	last := checked()
	click("Test all")
	s.eventually("a check", func() bool { return checked() != last })

	for _, how := range []string{"Until resumed", "For 5 minutes", "For 1 hour", "Until tomorrow"} {
		click("Pause all", how)
		states("paused", "paused")
		s.looks("grey")
		if how == "Until resumed" {
			s.hasRow("Paused")
		} else {
			s.hasRow("Paused until")
		}
		click("Pause all", "Resume")
		states("ready", "ready")
	}
	for text, strategy := range map[string]string{"At random": "random", "By health": "health-based", "In turn": "round-robin"} {
		click("Load balancing", text)
		s.eventually("the strategy saved", func() bool { return strings.Contains(read(s.config), `"loadBalanceStrategy": "`+strategy+`"`) })
		marked(1, "Load balancing", text)
	}
	click("Optimise memory")
	s.eventually("a note", func() bool { n := s.notes.List(); return len(n) > 0 && n[len(n)-1].Title == "Memory optimised" })

	click("Files", "Open configuration file")
	opens(s.config)
	click("Files", "Open configuration folder")
	opens(filepath.Dir(s.config))
	click("Files", "Open logs")
	opens(filepath.Join(s.data, "logs"))
	click("Diagnostics bundle…")
	opens(home + "activity/diagnostics")
	click("Copy dashboard address")
	s.eventually("the address copied", func() bool { return read(s.copied) == home })
	click("Copy MCP address")
	s.eventually("the MCP address copied", func() bool { return read(s.copied) == home+"mcp" })

	entry := filepath.Join(s.home, "autostart", "xiaozhi-switchboard.desktop")
	click("Start at login")
	s.eventually("an entry", func() bool { return strings.Contains(read(entry), `"--autostart" "--config" "`+s.config+`"`) })
	marked(1, "Start at login")
	s.click("Start at login")
	s.eventually("no entry", func() bool { return read(entry) == "" })

	click("Language", "中文")
	s.hasRow("2/2 已连接")
	s.eventually("the tooltip", func() bool { return strings.HasPrefix(item.Tooltip(), "2/2 已连接") })
	click("语言", "English")
	s.hasRow("2/2 connected")
	click("Language", "Same as the system")
	marked(1, "Language", "Same as the system")

	var missed []string
	var look func(rows []bustest.Row)
	look = func(rows []bustest.Row) {
		for _, r := range rows {
			if len(r.Rows) > 0 {
				look(r.Rows)
			} else if r.Visible && r.Enabled && !r.Line && !clicked[r.ID] && r.Label != "Quit" {
				missed = append(missed, r.Label)
			}
		}
	}
	look(item.Menu())
	if len(missed) > 0 {
		t.Errorf("nobody clicked %q", missed)
	}

	start := time.Now()
	s.click("Quit")
	select {
	case err := <-s.ended:
		if took := time.Since(start); err != nil || took > stopsWithin {
			t.Errorf("quit after %v with %v", took, err)
		}
	case <-time.After(longWait):
		t.Fatalf("it does not quit\n%s", s.output())
	}
}

// TestAlertRows are those that come when somebody is needed.
func TestAlertRows(t *testing.T) {
	b, base := practice(t, broker.Official)
	good := endpointsConfig(b, base, "Good")
	s := newSession(t, `{"language": "en", "mcpEndpoint": [`+quoted(b.URL(base, "1"))+`, {"name": "Refused", "url": `+quoted(base+"/mcp/?token=wrong")+`}],
		"mcpServers": {"broken": {"command": "no-such-command"}}}`)
	s.panel, s.notes = s.bus.NewPanel(), s.bus.NewNotes()
	s.launch("--autostart")
	s.hasRow("■ Refused: Reconnect now (")
	s.looks("amber")
	s.eventually("a note", func() bool {
		return slices.ContainsFunc(s.notes.List(), func(n bustest.Note) bool { return n.Title == "Refused is disconnected" && n.Body != "" })
	})
	if got := read(s.opened); got != "" {
		t.Errorf("a start at login opened %s", got)
	}
	s.click("■ broken: Show (")
	s.eventually("the server's page", func() bool { return read(s.opened) == s.url+"tools/servers/broken\n" })
	os.Remove(s.opened)
	tries := strings.Count(s.output(), "from=dialing to=failed")
	s.click("■ Refused: Reconnect now (")
	s.eventually("another try", func() bool { return strings.Count(s.output(), "from=dialing to=failed") > tries })

	s.save(`{"mcpEndpoint": `)
	s.click("■ Configuration: Open the file (")
	s.eventually("the file opened", func() bool { return strings.Contains(read(s.opened), s.config) })
	s.eventually("a note", func() bool {
		return slices.ContainsFunc(s.notes.List(), func(n bustest.Note) bool { return n.Title == "The configuration file has a mistake" })
	})
	s.save(good)
	s.looks("green")
	s.eventually("no alerts", func() bool { _, ok := s.row("■"); return !ok })
	if !strings.HasPrefix(s.panel.Item().Tooltip(), "1/1 connected") {
		s.eventually("the tooltip", func() bool { return strings.HasPrefix(s.panel.Item().Tooltip(), "1/1 connected") })
	}
	if code, took := s.stop(syscall.SIGTERM); code != 0 || took > stopsWithin {
		t.Errorf("exit code %d after %v", code, took)
	}
}

// TestAHostThatComesLate and a bus that dies.
func TestAHostThatComesLate(t *testing.T) {
	b, base := practice(t, broker.Official)
	s := newSession(t, endpointsConfig(b, base, "One"))
	s.launch()
	s.eventually("the missing host told", func() bool { return strings.Contains(s.output(), "AppIndicator") })
	for lang, want := range map[string]string{"en": "install the AppIndicator extension", "zh": "请安装 AppIndicator 扩展"} {
		for path, accept := range map[string]string{"": "text/html", "api/v1/desktop": "application/json"} {
			if _, body := s.request(http.MethodGet, path, lang, accept, ""); !strings.Contains(body, want) {
				t.Errorf("%q in %s does not say how to get one: %s", path, lang, body)
			}
		}
	}
	s.panel = s.bus.NewPanel()
	s.looks("green")
	s.hasRow("One")
	s.eventually("the page says no more of it", func() bool {
		return strings.Contains(s.get("/api/v1/desktop"), `"tray":"shown"`) && !strings.Contains(s.get("/"), "AppIndicator")
	})
	s.panel.Leave()
	s.panel = s.bus.NewPanel()
	s.looks("green")

	s.bus.Kill()
	s.eventually("the lost session told", func() bool { return strings.Contains(s.output(), "The desktop session has ended") })
	s.eventually("the API says so", func() bool { return strings.Contains(s.get("/api/v1/desktop"), `"tray":"lost"`) })
	open, _ := b.Open()
	if open != 1 {
		t.Errorf("%d links are open", open)
	}
	b.Drop("1", broker.DropReset) // makes the tray want to show something
	s.eventually("a new socket", func() bool { return s.connections()[0].Socket > 1 && s.connections()[0].Connected })
	if code, took := s.stop(syscall.SIGTERM); code != 0 || took > stopsWithin {
		t.Errorf("exit code %d after %v\n%s", code, took, s.output())
	}
	if strings.Contains(s.output(), "panic:") {
		t.Error(s.output())
	}
}

// TestNoSession is a server, or a session whose bus is gone.
func TestNoSession(t *testing.T) {
	b, base := practice(t, broker.Official)
	s := newSession(t, endpointsConfig(b, base, "One"))
	for _, address := range []string{"", "unix:path=" + filepath.Join(s.home, "nothing")} {
		s.env = append(s.env, "DBUS_SESSION_BUS_ADDRESS="+address, "XDG_RUNTIME_DIR="+s.home, "DISPLAY=")
		s.launch()
		if !strings.Contains(s.output(), "no desktop session") {
			t.Errorf("it does not say so: %s", s.output())
		}
		if log := read(filepath.Join(s.data, "logs", "switchboard.log")); !strings.Contains(log, `"msg":"no tray icon"`) {
			t.Errorf("the log does not say so: %s", log)
		}
		if code, took := s.stop(os.Interrupt); code != 0 || took > stopsWithin {
			t.Errorf("exit code %d after %v", code, took)
		}
	}
	if got := read(s.opened); got != "" {
		t.Errorf("without a display it opened %s", got)
	}
}

// TestSecondStart opens the dashboard of the first.
func TestSecondStart(t *testing.T) {
	s := newSession(t, `{"mcpEndpoint": []}`)
	s.panel = s.bus.NewPanel()
	s.launch()
	s.eventually("opened", func() bool { return read(s.opened) == s.url+"\n" })
	second := func(args ...string) (string, int) {
		cmd := exec.Command(s.binary, append([]string{"--config", s.config, "--data", s.data, "--port", "0"}, args...)...)
		cmd.Env = append(append(os.Environ(), "LC_ALL=en_US.UTF-8"), s.env...)
		out, _ := cmd.CombinedOutput()
		return string(out), cmd.ProcessState.ExitCode()
	}
	if out, code := second(); code != 0 || !strings.Contains(out, s.url) || read(s.opened) != s.url+"\n"+s.url+"\n" {
		t.Errorf("exit code %d: %s\nopened %s", code, out, read(s.opened))
	}
	for _, quiet := range []string{"--headless", "--autostart"} {
		if out, code := second(quiet); code != 0 || !strings.Contains(out, s.url) || strings.Count(read(s.opened), "\n") != 2 {
			t.Errorf("%s: exit code %d: %s\nopened %s", quiet, code, out, read(s.opened))
		}
	}
	// With an access key it opens an entrance, and tells nobody but the browser.
	s.save(`{"mcpEndpoint": [], "accessKey": "some-access-key"}`)
	s.eventually("the key to count", func() bool {
		resp, err := http.Get(s.url + "api/v1/tools")
		return err == nil && resp.Body.Close() == nil && resp.StatusCode == http.StatusUnauthorized
	})
	out, code := second()
	lines := strings.Split(strings.TrimSpace(read(s.opened)), "\n")
	entrance := lines[len(lines)-1]
	if code != 0 || len(lines) != 3 || !strings.HasPrefix(entrance, s.url+"login?") || !strings.Contains(out, s.url) || strings.Contains(out, "ticket") {
		t.Errorf("exit code %d: %s\nopened %s", code, out, lines)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if resp, err := browser.Get(entrance); err != nil || resp.Body.Close() != nil || resp.Header.Get("Location") != "/" || len(resp.Cookies()) != 1 {
		t.Errorf("the entrance: %v %v", resp, err)
	}
	if resp, err := http.Get(s.url + "healthz"); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("the first is gone: %v", err)
	}
	s.cmd.Process.Kill() // leaves its state behind
	<-s.ended
	s.launch()
	if strings.Count(read(s.opened), "\n") != 3 {
		t.Errorf("the second start opened the dashboard as well: %s", read(s.opened))
	}
}

// TestAHungBus is one that answers nothing, at the end and at the start.
func TestAHungBus(t *testing.T) {
	b, base := practice(t, broker.Official)
	s := newSession(t, endpointsConfig(b, base, "One"))
	s.panel = s.bus.NewPanel()
	s.launch("--autostart")
	s.looks("green")
	s.bus.Freeze()
	if code, took := s.stop(syscall.SIGTERM); code != 0 || took > stopsWithin {
		t.Errorf("exit code %d after %v", code, took)
	}
	s.launch("--autostart")
	if !strings.Contains(s.output(), "no desktop session") {
		t.Errorf("it does not say so: %s", s.output())
	}
	if code, took := s.stop(syscall.SIGTERM); code != 0 || took > stopsWithin {
		t.Errorf("exit code %d after %v", code, took)
	}
}
