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
