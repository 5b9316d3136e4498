package web

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestRestsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r rests
		var resumed atomic.Int32
		resume := func() { resumed.Add(1) }
		r.start("a", time.Hour, resume)
		r.start("b", time.Hour, resume)
		r.start("a", 2*time.Hour, resume) // the last wish counts
		r.stop("b")
		if until := r.until(); len(until) != 1 || !until["a"].Equal(time.Now().Add(2*time.Hour)) {
			t.Errorf("rests: %v", until)
		}
		time.Sleep(time.Hour + time.Minute)
		synctest.Wait()
		if resumed.Load() != 0 {
			t.Error("it ended early")
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if resumed.Load() != 1 || len(r.until()) != 0 {
			t.Errorf("resumed %d times; rests: %v", resumed.Load(), r.until())
		}
		r.start("c", time.Hour, resume)
		r.close()
		r.start("d", time.Hour, resume)
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if resumed.Load() != 1 || len(r.until()) != 0 {
			t.Error("a rest outlived its server")
		}
	})
}
