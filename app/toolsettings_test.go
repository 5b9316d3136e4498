package app

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/broker"
)

// send sends JSON to the program, and returns the status of the answer.
func (p *program) send(method, path, body string) int {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.url+strings.TrimPrefix(path, "/"), strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	w.Body.Close()
	return w.StatusCode
}

// TestToolsAreSetWhileItRuns switches tools by the API of the whole program: those of a
// server, of an endpoint in the call role, and built-in ones. The endpoint that calls us
// sees what the file then says.
func TestToolsAreSetWhileItRuns(t *testing.T) {
	b, base := practice(t, broker.Relay)
	// What another program serves to an agent, this one calls.
	served, called := b.URL(base, "1"), b.CallURL(base, "2")
	other := startProgram(t, `{"mcpEndpoint": [`+quoted(b.URL(base, "2"))+`]}`)
	p := startProgram(t, `{ // mine
		"mcpEndpoint": [`+quoted(served)+`, `+quoted(called)+`],
		"mcpServers": {"echo": {"command": `+quoted(os.Args[0])+`, "env": {"`+playAs+`": "stdio"}}}}`)
	seen := func() []string {
		list, err := b.Robot("1").Tools(t.Context())
		if err != nil {
			return nil
		}
		var names []string
		for _, tool := range list {
			names = append(names, tool.Name)
		}
		return names
	}
	const far = "remote__switchboard__time"
	all := []string{"echo__echo", far, "switchboard__time"}
	p.eventually("all tools are there", func() bool {
		names := seen()
		return !slices.ContainsFunc(all, func(name string) bool { return !slices.Contains(names, name) })
	})
	for _, name := range all {
		if status := p.send("PATCH", "/api/v1/tools/"+name, `{"enabled":false,"description":"mine"}`); status != 200 {
			t.Fatalf("%s: %d", name, status)
		}
	}
	p.eventually("they are gone", func() bool {
		names := seen()
		return len(names) > 0 && !slices.ContainsFunc(all, func(name string) bool { return slices.Contains(names, name) })
	})
	for _, name := range all {
		if status := p.send("POST", "/api/v1/tools/"+name+"/call", "{}"); status != 404 {
			t.Errorf("%s, which is off: %d", name, status)
		}
	}
	text, err := os.ReadFile(p.config)
	if err != nil || !strings.Contains(string(text), "// mine") || !strings.Contains(string(text), `"remoteTools"`) {
		t.Errorf("the file is %s %v", text, err)
	}

	// Standard error and a restart.
	var before, after []struct {
		Name string
		PID  int
	}
	if err := json.Unmarshal([]byte(p.get("/api/v1/servers")), &before); err != nil {
		t.Fatal(err)
	}
	if status := p.send("POST", "/api/v1/servers/echo/restart", "{}"); status != 200 {
		t.Errorf("restart: %d", status)
	}
	p.eventually("it runs anew", func() bool {
		return json.Unmarshal([]byte(p.get("/api/v1/servers")), &after) == nil && len(after) == 1 && after[0].PID > 0 && after[0].PID != before[0].PID
	})
	if got := p.get("/api/v1/servers/echo/stderr"); !strings.HasPrefix(got, `{"lines":`) {
		t.Errorf("standard error is %s", got)
	}
	if code, _ := other.stop(os.Interrupt); code != 0 {
		t.Errorf("the other program ended with %d", code)
	}
}
