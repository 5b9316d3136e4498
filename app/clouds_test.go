package app

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"xiaozhi-switchboard/core/broker"
)

// playedReport is what a test reads of a rehearsal.
type playedReport struct {
	OK    bool
	Steps []struct {
		Name, Level, Sent, Got string
		Remarks                []struct{ Code, Text string }
	}
	Heard struct {
		Text, Silence string
		IsError       bool
	}
}

// codes are the remarks of the last step that was come to.
func (r playedReport) codes() (step string, codes []string) {
	for _, s := range r.Steps {
		if s.Level != "skip" {
			step, codes = s.Name, nil
			for _, m := range s.Remarks {
				codes = append(codes, m.Code)
			}
		}
	}
	return step, codes
}

// TestRehearsalOfTheProgram rehearses with the whole program, a server in this test and one
// in a process of its own, and looks for traces.
func TestRehearsalOfTheProgram(t *testing.T) {
	ended, began, over := make(chan struct{}, 100), make(chan struct{}, 100), make(chan struct{})
	tools := mcp.NewServer(&mcp.Implementation{Name: "far", Version: "1"}, nil)
	text := func(s string) (*mcp.CallToolResult, any, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: s}}}, nil, nil
	}
	mcp.AddTool(tools, &mcp.Tool{Name: "wait", Description: "waits until nobody does"}, func(ctx context.Context, _ *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
		began <- struct{}{}
		select {
		case <-ctx.Done():
		case <-over: // calls that outlive the limit run on
		}
		ended <- struct{}{}
		return text("nobody waits")
	})
	mcp.AddTool(tools, &mcp.Tool{Name: "long", Description: "says much"}, func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
		return text(strings.Repeat("x", 20_000))
	})
	mcp.AddTool(tools, &mcp.Tool{Name: "fail", Description: "fails"}, func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
		r, _, _ := text("no such lamp")
		r.IsError = true
		return r, nil, nil
	})
	far := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return tools }, nil))
	t.Cleanup(far.Close)
	t.Cleanup(far.CloseClientConnections)
	t.Cleanup(func() { close(over) })

	b, base := practice(t, broker.Official)
	config := func(options string) string {
		return `{"mcpEndpoint": [{"url": ` + quoted(b.URL(base, "1")) + `, "name": "Study", "servers": ["echo", "switchboard"]}], "language": "en",
			"connectionOptions": {` + options + `},
			"mcpServers": {"echo": {"command": ` + quoted(os.Args[0]) + `, "env": {"` + playAs + `": "stdio"}}, "far": {"url": ` + quoted(far.URL) + `}}}`
	}
	p := startProgram(t, config(`"toolTimeout": 300, "maxResultBytes": 20000`))
	rehearse := func(body string) (v playedReport) {
		t.Helper()
		answer, err := http.Post(p.url+"api/v1/rehearsals", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		raw, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != 200 {
			t.Fatalf("%s: %s %s %v", body, answer.Status, raw, err)
		}
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	p.eventually("tools and link are there", func() bool {
		all, s := p.get("/api/v1/tools"), b.Sockets("1")
		// A link that was told its list before the echo was there is dialled again to tell it.
		return strings.Contains(all, `"far__wait"`) && len(s) == 1 && slices.Contains(s[0].Tools, "echo__echo") && p.connections()[0].State == "ready"
	})
	link, socket := p.connections()[0].ID, p.connections()[0].Socket
	before, err := os.ReadFile(p.config)
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range []string{"official", "official-2025", "relay"} {
		for _, c := range []struct{ endpoint, tool, arguments, heard, silence, codes string }{
			{"", "echo__echo", `{"text":"你好"}`, "你好", "", "call answered"},
			{link, "echo__echo", `{"text":"你好"}`, "你好", "", "call answered"},
			{link, "far__long", `{}`, "", "not-offered", "call not-offered"},
			{"", "far__fail", `{}`, "no such lamp", "", "call answered tool-error"},
			{"", "far__wait", `{}`, "is taking longer than 1 seconds and keeps running. Tell the user so, and call switchboard__pending_result", "", "call answered own-limit"},
			{"", "switchboard__pending_result", `{}`, "No result is waiting.", "", "call answered"},
		} {
			v := rehearse(`{"family":"` + family + `","endpoint":"` + c.endpoint + `","tool":"` + c.tool + `","arguments":` + c.arguments + `}`)
			step, codes := v.codes()
			if got := step + " " + strings.Join(codes, " "); got != c.codes || !strings.Contains(v.Heard.Text, c.heard) || v.Heard.Silence != c.silence || v.OK != (c.silence == "") {
				t.Errorf("%s, %s: %s %+v", family, c.tool, got, v.Heard)
			}
		}
	}
	if v := rehearse(`{"family":"official","tool":"far__long"}`); len(v.Heard.Text) != 8192 || !v.OK {
		t.Errorf("of much %d bytes are heard: %v", len(v.Heard.Text), v.OK)
	}
	if v := rehearse(`{"family":"relay","tool":"far__long"}`); len(v.Heard.Text) < 19_000 || !v.OK {
		t.Errorf("of much %d bytes are heard by a relay: %v", len(v.Heard.Text), v.OK)
	}

	// No trace of it anywhere.
	if all := p.connections(); len(all) != 1 || all[0].Socket != socket || !all[0].Connected {
		t.Errorf("links are %+v", all)
	}
	if after, err := os.ReadFile(p.config); err != nil || string(after) != string(before) {
		t.Errorf("the configuration is %s, %v", after, err)
	}
	if metrics := p.get("/metrics"); strings.Contains(metrics, "rehearsal") {
		t.Error("the metrics show a rehearsal")
	}
	var performance struct {
		Calls struct{ Total int }
	}
	if err := json.Unmarshal([]byte(p.get("/api/v1/performance")), &performance); err != nil || performance.Calls.Total != 0 {
		t.Errorf("rehearsals count as %d calls, %v", performance.Calls.Total, err)
	}

	// Who leaves is not rehearsed for any longer, and neither is a program that stops.
	for len(began) > 0 {
		<-began
	}
	p.save(config(`"toolTimeout": 59000`))
	p.eventually("the new limit", func() bool { return strings.Contains(p.get("/api/v1/settings"), "59000") })
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	waiting := func(ctx context.Context) chan error {
		r, err := http.NewRequestWithContext(ctx, "POST", p.url+"api/v1/rehearsals", strings.NewReader(`{"tool":"far__wait"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		answered := make(chan error, 1)
		go func() {
			answer, err := http.DefaultClient.Do(r)
			if err == nil {
				answer.Body.Close()
			}
			answered <- err
		}()
		return answered
	}
	within := func(what string, c chan struct{}) {
		t.Helper()
		select {
		case <-c:
		case <-time.After(longWait):
			t.Fatalf("%s\n%s", what, p.output())
		}
	}
	first := waiting(ctx)
	within("the tool is not called", began)
	status := func() int {
		t.Helper()
		answer, err := http.Post(p.url+"api/v1/rehearsals", "application/json", strings.NewReader(`{"tool":"echo__echo"}`))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if got := status(); got != http.StatusServiceUnavailable {
		t.Errorf("a second rehearsal gets %d", got)
	}
	for len(ended) > 0 {
		<-ended
	}
	leave()
	<-first
	within("the tool goes on for nobody", ended)
	p.eventually("the first has cleared up", func() bool { return status() == http.StatusOK })
	second := waiting(t.Context())
	within("the tool is not called again", began)
	if code, took := p.stop(os.Interrupt); code != 0 || took > stopsWithin {
		t.Errorf("exit code %d after %v\n%s", code, took, p.output())
	}
	<-second
}
