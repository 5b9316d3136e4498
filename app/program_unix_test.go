//go:build unix

package app

import (
	"encoding/json"
	"fmt"
	"os"
	"syscall"
	"testing"
)

func TestChildrenStopWithUs(t *testing.T) {
	p := startProgram(t, fmt.Sprintf(`{"mcpServers": {"echo": {"command": %s, "env": {%q: "stdio"}}}}`, quoted(os.Args[0]), playAs))
	var pid int
	p.eventually("the server ready", func() bool {
		var servers []struct {
			State string
			PID   int
		}
		if err := json.Unmarshal([]byte(p.get("/api/v1/servers")), &servers); err != nil {
			t.Fatal(err)
		}
		for _, s := range servers {
			if s.State == "ready" && s.PID > 0 {
				pid = s.PID
			}
		}
		return pid > 0
	})
	code, took := p.stop(syscall.SIGTERM)
	if code != 0 || took > stopsWithin {
		t.Errorf("exit code %d after %v", code, took)
	}
	if err := syscall.Kill(pid, 0); err == nil {
		t.Error("the server outlived us")
	}
}
