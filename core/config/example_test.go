package config_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"xiaozhi-switchboard/core/config"
)

func ExampleParse() {
	_, err := config.Parse([]byte("{\n  // milliseconds\n  connectionOptions: { toolTimeout: 1 },\n}"), nil)
	fmt.Println(err)
	// Output:
	// read configuration: line 3, column 37: connectionOptions.toolTimeout = 1: this must be a whole number from 100 to 290000
}

func ExampleStore_Modify() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "xiaozhi.config.json")
	if err := os.WriteFile(path, []byte("{\n  \"mcpEndpoint\": \"wss://one.example\" // the kitchen\n}\n"), 0o600); err != nil {
		panic(err)
	}
	store, err := config.Open(path, nil)
	if err != nil {
		panic(err)
	}
	defer store.Close()
	saved, err := store.Modify(context.Background(), store.Snapshot().Revision, func(e *config.Edit) error {
		return e.AddEndpoint(config.Endpoint{URL: "wss://two.example", Enabled: true, HealthCheck: true})
	})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d endpoints\n%s", len(saved.Config.Endpoints), saved.Text)
	// Output:
	// 2 endpoints
	// {
	//   "mcpEndpoint": ["wss://one.example", "wss://two.example"] // the kitchen
	// }
}
