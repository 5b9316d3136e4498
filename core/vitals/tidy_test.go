package vitals

import (
	"context"
	"runtime"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

func TestTidyReturnsWhatABurstLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { Tidy(ctx, nil); close(done) }()
		defer debug.SetGCPercent(debug.SetGCPercent(-1)) // nothing but Tidy collects
		burst := make([]byte, 64<<20)
		for i := range burst {
			burst[i] = 1
		}
		runtime.KeepAlive(burst)
		if before := wasted(); before < 32<<20 {
			t.Fatalf("only %d bytes are wasted after a burst", before)
		}
		time.Sleep(tidyEvery + time.Second)
		synctest.Wait()
		if after := wasted(); after > worthTidying {
			t.Errorf("%d bytes are still wasted", after)
		}
		cancel()
		<-done
	})
}
