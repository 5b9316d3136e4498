package vitals_test

import (
	"context"
	"fmt"
	"sync"

	"xiaozhi-switchboard/core/vitals"
)

// A program runs a Monitor beside its work, waits for the first reading and returns
// memory when somebody asks for it.
func ExampleMonitor() {
	m := vitals.New(&vitals.Options{Links: func() int { return 3 }})
	changed, end := m.Subscribe()
	defer end()
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { m.Run(ctx) })

	<-changed
	if rss := m.Latest().RSS; rss.Known && rss.Value < 1<<20 {
		fmt.Println("a Go program in less than 1 MiB?")
	}
	run := m.Optimize(vitals.ByHand)
	fmt.Println(run.Routine, run.Reason, m.Latest().Links)

	stop()
	running.Wait()
	// Output: compaction by_hand 3
}
