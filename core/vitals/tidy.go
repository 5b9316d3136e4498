package vitals

import (
	"context"
	"log/slog"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// tidyEvery is how often memory is looked at. A look costs microseconds.
	tidyEvery = 10 * time.Second
	// worthTidying is how much memory must be held for nothing before it is returned to
	// the system.
	worthTidying = 8 << 20
)

// Tidy returns memory to the system until ctx ends: when a burst, such as a frame of
// several MiB, has left behind more than 8 MiB that nothing uses any more. Without it
// an idle program keeps them for minutes, since the runtime collects by growth. Log
// receives one line for each time; nil discards.
func Tidy(ctx context.Context, log *slog.Logger) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ticker := time.NewTicker(tidyEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if waste := wasted(); waste > worthTidying {
				debug.FreeOSMemory()
				log.Debug("returned memory to the system", "before", waste, "after", wasted())
			}
		}
	}
}

// wasted is the heap that is held but not in use, in bytes: garbage since the last
// collection, and free space that was not returned to the system.
func wasted() uint64 {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/gc/heap/live:bytes"},
	}
	metrics.Read(samples)
	held := samples[0].Value.Uint64() + samples[1].Value.Uint64() + samples[2].Value.Uint64()
	return held - min(held, samples[3].Value.Uint64())
}
