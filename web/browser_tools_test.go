package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/hub"
)

// realCatalogue shows a hub to the pages.
type realCatalogue struct{ *hub.Hub }

func (c realCatalogue) Servers() []ServerView {
	states := map[hub.State]ServerState{hub.StateReady: ServerReady, hub.StateStarting: ServerStarting, hub.StateWaiting: ServerWaiting, hub.StateFailed: ServerFailed, hub.StateDisabled: ServerDisabled}
	var list []ServerView
	for _, v := range c.Hub.Servers() {
		list = append(list, ServerView{Name: v.Name, Kind: v.Kind.String(), State: states[v.State], Since: v.Since, Tools: v.Tools})
	}
	return list
}

func (c realCatalogue) Tools() []ToolView {
	var list []ToolView
	for _, t := range c.Hub.Tools() {
		list = append(list, ToolView{Name: t.Name, Server: t.Server, Description: t.Description, Schema: json.RawMessage(t.Schema), Enabled: t.Enabled,
			Sources: t.Sources, Listers: t.Listers, Original: t.Original, Own: t.Own, Overridden: t.Overridden})
	}
	return list
}

// realCaller calls tools of a hub.
type realCaller struct{ hub *hub.Hub }

func (c realCaller) CallTool(ctx context.Context, name string, arguments []byte) ([]byte, error) {
	return c.hub.CallTool(ctx, "", name, arguments)
}

// weatherServer is an MCP server with two tools; it returns its address.
func weatherServer(t *testing.T) string {
	t.Helper()
	server := mcp.NewServer(&mcp.Implementation{Name: "weather", Version: "1"}, nil)
	type place struct {
		Place string `json:"place" jsonschema:"where"`
		Days  int    `json:"days,omitempty"`
	}
	mcp.AddTool(server, &mcp.Tool{Name: "forecast", Description: "The weather to come."}, func(_ context.Context, _ *mcp.CallToolRequest, in place) (*mcp.CallToolResult, any, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: fmt.Sprintf("Sunny in %s for %d days.", in.Place, in.Days)}}}, nil, nil
	})
	mcp.AddTool(server, &mcp.Tool{Name: "now", Description: "The weather."}, func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "Sunny."}}}, nil, nil
	})
	served := httptest.NewServer(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil))
	t.Cleanup(served.Close)
	t.Cleanup(served.CloseClientConnections)
	return served.URL
}

// newToolLife is the dashboard over a real file, a real hub, and a link to a practice
// endpoint.
func newToolLife(t *testing.T) (s *Server, b *broker.Broker, agent string) {
	t.Helper()
	agent = "1324149"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b = broker.New(&broker.Options{Family: broker.Official})
	served := make(chan error, 1)
	go func() { served <- b.Serve(l) }()
	t.Cleanup(func() { b.Close(); <-served })

	path := filepath.Join(t.TempDir(), "xiaozhi.config.json")
	text := fmt.Sprintf("{\n  // mine\n  \"mcpEndpoint\": [%q]\n}\n", b.URL("ws://"+l.Addr().String(), agent))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := config.Open(path, &config.StoreOptions{BackupDir: filepath.Join(t.TempDir(), "backups")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	h := hub.New(nil)
	t.Cleanup(func() { h.Close() })
	links := endpoint.NewManager(h, nil)
	t.Cleanup(func() { links.Close() })
	if err := links.Connect(); err != nil {
		t.Fatal(err)
	}
	apply := func() {
		var servers []hub.Server
		var list []endpoint.Endpoint
		c := store.Snapshot().Config
		for _, f := range c.Servers {
			v := hub.Server{Name: f.Name, Kind: hub.KindAuto, URL: f.URL, Headers: f.Headers, Disabled: !f.Enabled, Tools: map[string]hub.ToolSetting{}}
			for name, set := range f.Tools {
				v.Tools[name] = hub.ToolSetting{Disabled: !set.Enabled, Description: set.Description}
			}
			servers = append(servers, v)
		}
		for _, e := range c.Endpoints {
			list = append(list, endpoint.Endpoint{URL: e.URL, Name: e.Name, Disabled: !e.Enabled, NoHealthCheck: !e.HealthCheck})
		}
		h.Apply(servers, nil)
		links.UpdateEndpoints(list)
	}
	saved, endSaved := store.Subscribe()
	tools, endTools := h.Subscribe()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		apply()
		for {
			select {
			case <-saved:
				apply()
			case <-tools:
				links.ToolsChanged()
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() { stop(); <-done; endSaved(); endTools() })
	s = New(Deps{Links: links, Catalogue: realCatalogue{h}, Settings: storeSettings{store}, Editor: store, Caller: realCaller{h}}, nil)
	t.Cleanup(func() { s.Close() })
	return s, b, agent
}

// lists waits until a practice endpoint has been told of a tool, or no longer is.
func lists(t *testing.T, b *broker.Broker, agent, tool string, want bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := b.Wait(ctx, func() bool {
		sockets := b.Sockets(agent)
		return len(sockets) > 0 && sockets[0].Listed && slices.Contains(sockets[0].Tools, tool) == want
	})
	if err != nil {
		t.Fatalf("%s in the list: not %v: %v", tool, want, err)
	}
}

func TestBrowserTools(t *testing.T) {
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			b := openBrowser(t)
			s, endpoints, agent := newToolLife(t)
			address := serve(t, s)
			if !scripts {
				address = withoutScripts(t, s)
			}
			// Paste a server.
			b.open(address + "/tools?lang=en")
			b.click(`a[href="/servers/add"]`)
			b.holds(`document.querySelector("#f-text")`)
			b.must(chromedp.Do(b.ctx, chromedp.SendKeys("#f-text", `{"mcpServers": {"weather": {"url": "`+weatherServer(t)+`"}}}`)))
			b.click(".sheet button.primary")
			b.holds(body + `.includes("This is what would be added")`)
			b.click(".sheet button.primary")
			b.holds(`location.pathname === "/tools" && ` + body + `.includes("Added weather")`)
			lists(t, endpoints, agent, "weather__forecast", true)
			b.open(address + "/tools")
			b.holds(body + `.includes("weather__forecast") && ` + body + `.includes("Ready")`)

			// Switch one of its tools off: the endpoint sees it no more.
			row := "#tool-" + domID("weather__forecast")
			if scripts {
				b.holds(live)
			}
			b.click(row + " button.switch")
			b.holds(`document.querySelector('` + row + ` button.switch[aria-checked="false"]') && document.readyState === "complete"`)
			lists(t, endpoints, agent, "weather__forecast", false)
			lists(t, endpoints, agent, "weather__now", true)
			b.click(row + " button.switch")
			b.holds(`document.querySelector('` + row + ` button.switch[aria-checked="true"]') && document.readyState === "complete"`)
			lists(t, endpoints, agent, "weather__forecast", true)

			// Try it: a mistake, and then well.
			b.click(row + " a")
			b.holds(`document.querySelector("#f-arg0") && document.readyState === "complete"`)
			b.fill("#f-arg0", "Paris")
			b.fill("#f-arg1", "many")
			b.click("#try button.primary")
			b.holds(`document.querySelector("#e-arg1")?.innerText.includes("number") && document.querySelector("#f-arg0").value === "Paris"`)
			b.fill("#f-arg1", "3")
			b.click("#try button.primary")
			b.holds(`document.querySelector("#outcome")?.innerText.includes("Sunny in Paris for 3 days.") && document.querySelector("#outcome").innerText.includes("It answered")`)

			// Say it in other words, and take that back.
			b.fill("#f-description", "Ask me about clouds.")
			b.click("#description button")
			b.holds(body + `.includes("was changed") && document.querySelector('#description button[value="reset"], #done') && document.readyState === "complete"`)
			b.open(address + "/tools?q=clouds")
			b.holds(body + `.includes("weather__forecast")`)

			// Remove the server, and take that back.
			b.open(address + "/tools/servers/weather")
			b.holds(`document.querySelector("button.danger")`)
			b.click("button.danger")
			b.holds(`location.pathname === "/tools" && ` + body + `.includes("weather was removed")`)
			b.click("#done button")
			b.holds(body + `.includes("It is as it was before") && ` + body + `.includes("weather")`)
			if _, there := rawServer(s.deps.Editor.Snapshot(), "weather"); !there {
				t.Error("it did not come back")
			}
			b.quiet("422") // of the mistake
		})
	}
}

// TestBrowserKeepsWhatIsTyped: a page that follows the truth must not take away what
// somebody types into its forms.
func TestBrowserKeepsWhatIsTyped(t *testing.T) {
	b := openBrowser(t)
	s, _, catalogue, _ := newServer(t, nil)
	catalogue.tools[2].Schema = json.RawMessage(everySchema)
	b.open(serve(t, s) + "/tools/weather__forecast?lang=en")
	b.holds(live)
	b.fill("#f-arg0", "typed")
	catalogue.change(2, func(v *ToolView) { v.Notes = []string{"schema_merged"} })
	b.holds(`document.querySelector("#head").innerText.includes("merged") && document.querySelector("#f-arg0").value === "typed"`)
	b.click("#head button.switch")
	b.holds(`document.querySelector("#try").innerText.includes("switched off")`)
	b.quiet()
}
