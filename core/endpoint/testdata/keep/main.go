// Keep keeps the endpoints whose addresses it is given connected, and says how they fare.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/retry"
	"xiaozhi-switchboard/core/secret"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	links := endpoint.NewManager(nil, &endpoint.Options{Retry: retry.Policy{Base: time.Second}})
	defer links.Close()
	for _, address := range os.Args[1:] {
		if _, err := links.AddEndpoint(endpoint.Endpoint{URL: secret.URL(address)}); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	changed, end := links.Subscribe()
	defer end()
	for err := links.Connect(); err == nil && ctx.Err() == nil; {
		for _, link := range links.Status() {
			fmt.Println(link.Label(), link.State, link.Score.Value)
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}
