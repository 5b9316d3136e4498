package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/history"
)

// TestWholeProgramRemembers restarts the program: charts show what was before.
func TestWholeProgramRemembers(t *testing.T) {
	official, base := practice(t, broker.Official)
	config := func(enabled bool) string {
		return fmt.Sprintf(`{"mcpEndpoint": [{"url": %s, "enabled": %t}], "connectionOptions": {"healthCheckInterval": 1000}}`, quoted(official.URL(base, "1")), enabled)
	}
	p := startProgram(t, config(true))
	p.eventually("a link", func() bool { return len(p.connections()) == 1 })
	id := p.connections()[0].ID
	checks := func(span string) (n int) {
		t.Helper()
		var v struct{ Checks []int }
		if err := json.Unmarshal([]byte(p.get("/api/v1/connections/"+id+"/history?span="+span)), &v); err != nil {
			t.Fatal(err)
		}
		for _, c := range v.Checks {
			n += c
		}
		return n
	}
	p.eventually("three checks", func() bool { return checks("7d") >= 3 })
	before, counted := checks("7d"), time.Now()
	if code, _ := p.stop(os.Interrupt); code != 0 {
		t.Fatalf("the program ended with %d\n%s", code, p.output())
	}

	most := before + 2 + int(time.Since(counted).Seconds()) // it was checked up to the end

	// Switched off, the link is not checked: all checks are those of before.
	p.save(config(false))
	p.launch()
	for _, span := range []string{"1h", "24h", "7d"} {
		if n := checks(span); n < before || n > most {
			t.Errorf("%s shows %d checks, and there were %d to %d", span, n, before, most)
		}
	}
	var trace struct{ Checks []struct{ Level string } }
	if err := json.Unmarshal([]byte(p.get("/api/v1/connections/"+id+"/trace")), &trace); err != nil {
		t.Fatal(err)
	}
	well := 0
	for _, c := range trace.Checks {
		if c.Level == "up" || c.Level == "slow" { // as the machine is busy
			well++
		}
	}
	if well < min(before, 20) { // there is room for 40, of which some may tell of the end
		t.Errorf("the bar shows %+v, and there were %d checks", trace.Checks, before)
	}
	file := filepath.Join(p.data, historyName)
	raw, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(raw), "token") || strings.Contains(string(raw), "eyJ") {
		t.Errorf("the file tells a secret: %v", err)
	}
	p.stop(os.Interrupt)

	// Whatever is in the way of the file, the program runs.
	for name, spoil := range map[string]func() error{
		"a damaged file":        func() error { return os.WriteFile(file, raw[:len(raw)/2], 0o600) },
		"a folder in its place": func() error { os.Remove(file); return os.Mkdir(file, 0o700) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		p.launch()
		if n := checks("7d"); n != 0 {
			t.Errorf("%s: %d checks", name, n)
		}
		p.eventually(name+" in the log", func() bool { return strings.Contains(p.output(), "history") })
		if code, _ := p.stop(os.Interrupt); code != 0 {
			t.Errorf("%s: the program ended with %d", name, code)
		}
		os.Remove(file)
	}
	if _, err := os.Stat(file + history.DamagedSuffix); err != nil {
		t.Errorf("what was damaged is gone: %v", err)
	}
}

// TestDemoKeepsNothing holds that a demo leaves no history behind.
func TestDemoKeepsNothing(t *testing.T) {
	p := &program{t: t, config: filepath.Join(t.TempDir(), "none.json"), data: t.TempDir()}
	p.launch("--demo")
	p.eventually("links", func() bool { return len(p.connections()) > 0 })
	p.stop(syscall.SIGINT)
	if _, err := os.Stat(filepath.Join(p.data, historyName)); err == nil {
		t.Error("there is a history")
	}
}
