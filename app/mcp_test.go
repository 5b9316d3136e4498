package app

import (
	"context"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"xiaozhi-switchboard/core/broker"
)

// TestMCPClientUsesTheCatalogue is an editor at /mcp, while the configuration changes and
// until the program stops.
func TestMCPClientUsesTheCatalogue(t *testing.T) {
	b, base := practice(t, broker.Official)
	address := b.URL(base, "1")
	_, token, _ := strings.Cut(address, "token=")
	file := func(time string, more ...string) string {
		servers := `"echo": {"command": ` + quoted(os.Args[0]) + `, "env": {"` + playAs + `": "stdio"}}`
		for _, s := range more {
			servers += ", " + s
		}
		return `{"mcpEndpoint": [` + quoted(address) + `], "language": "en", "connectionOptions": {"maxResultBytes": 512},
			"mcpServers": {` + servers + `}, "mcpServerConfig": {"switchboard": {"tools": {"time": {"enable": ` + time + `}}}}}`
	}
	p := startProgram(t, file("true"))
	var seen strings.Builder
	changed := make(chan struct{}, 100)
	c, err := mcp.NewClient(&mcp.Implementation{Name: "editor", Version: "1"}, &mcp.ClientOptions{
		ToolListChangedHandler: func(context.Context, *mcp.ToolListChangedRequest) { changed <- struct{}{} },
	}).Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: p.url + "mcp"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	// offers waits until the tools are these, asking again whenever it is told to.
	offers := func(want ...string) {
		t.Helper()
		for late := time.After(longWait); ; {
			list, err := c.ListTools(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, tool := range list.Tools {
				got = append(got, tool.Name)
				seen.WriteString(tool.Description)
			}
			if slices.Sort(got); slices.Equal(got, want) {
				return
			}
			select {
			case <-changed:
			case <-late:
				t.Fatalf("the tools are %v, want %v\n%s", got, want, p.output())
			}
		}
	}
	call := func(name string, arguments map[string]any) string {
		t.Helper()
		result, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: name, Arguments: arguments})
		if err != nil || result.IsError || len(result.Content) != 1 {
			t.Fatalf("%s: %+v %v", name, result, err)
		}
		text := result.Content[0].(*mcp.TextContent).Text
		seen.WriteString(text)
		return text
	}
	offers("echo__echo", "switchboard__pending_result", "switchboard__status", "switchboard__time")
	if got := call("switchboard__time", map[string]any{"timezone": "Asia/Shanghai"}); !strings.Contains(got, "Asia/Shanghai") {
		t.Errorf("the time is %q", got)
	}
	long := strings.Repeat("x", 100_000) // longer than the body of a page's request, and than a voice server takes
	if got := call("echo__echo", map[string]any{"text": long}); got != long {
		t.Errorf("%d bytes came back", len(got))
	}
	call("switchboard__status", nil)

	p.save(file("false"))
	offers("echo__echo", "switchboard__pending_result", "switchboard__status")
	if _, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "switchboard__time"}); err == nil {
		t.Error("a tool that is switched off can be called")
	} else {
		seen.WriteString(err.Error())
	}

	// Ourselves as a server: our tools are not offered a second time.
	p.save(file("false", `"loop": {"url": `+quoted(p.url+"mcp")+`}`))
	p.eventually("the loop noticed", func() bool { return strings.Contains(p.get("/api/v1/servers"), "leads back to this program") })
	offers("echo__echo", "switchboard__pending_result", "switchboard__status")

	r, err := http.NewRequest("POST", p.url+"mcp", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", "https://attacker.example")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("a foreign page gets %s", answer.Status)
	}
	if code, took := p.stop(os.Interrupt); code != 0 || took > stopsWithin {
		t.Errorf("exit code %d after %v", code, took)
	}
	if seen.WriteString(p.output()); strings.Contains(seen.String(), token) {
		t.Error("a token is shown")
	}
}
