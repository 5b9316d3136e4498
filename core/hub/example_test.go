package hub_test

import (
	"context"
	"fmt"

	"xiaozhi-switchboard/core/hub"
)

func Example() {
	h := hub.New(&hub.Options{Status: func() string { return "all is well" }})
	defer h.Close()
	h.Apply([]hub.Server{{Name: "files", Command: "npx", Args: []string{"-y", "@modelcontextprotocol/server-filesystem", "."}, Disabled: true}},
		map[string]hub.View{"wss://example.com/mcp": {Servers: []string{hub.BuiltinServer}}})

	result, err := h.CallTool(context.Background(), "wss://example.com/mcp", "switchboard__status", []byte(`{}`))
	fmt.Println(string(result), err)
	// Output: {"content":[{"type":"text","text":"all is well"}]} <nil>
}

// A Remote is tools that the program reaches by itself: here one tool in two rooms.
func ExampleHub_SetRemotes() {
	h := hub.New(nil)
	defer h.Close()
	light := [][]byte{[]byte(`{"name":"light","inputSchema":{"type":"object"}}`)}
	h.SetRemotes([]hub.Remote{{
		Name:    "house",
		Sources: []hub.RemoteSource{{ID: "1", Label: "kitchen", Tools: light}, {ID: "2", Label: "hall", Tools: light}},
		Call: func(_ context.Context, call hub.RemoteCall) ([]byte, error) {
			return fmt.Appendf(nil, `{"content":[{"type":"text","text":"%s is on, by one of %v"}]}`, call.Tool, call.Among), nil
		},
	}})

	tool := h.Tools()[0]
	fmt.Println(tool.Name, tool.Sources)
	result, err := h.CallTool(context.Background(), "any endpoint", tool.Name, nil)
	fmt.Println(string(result), err)
	// Output:
	// house__light [kitchen hall]
	// {"content":[{"type":"text","text":"light is on, by one of [1 2]"}]} <nil>
}
