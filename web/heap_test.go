package web

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/endpoint"
)

// drain is a page that reads everything and keeps nothing.
type drain struct {
	headersOnly
	read atomic.Int64
}

// Write counts and forgets.
func (d *drain) Write(b []byte) (int, error) { d.read.Add(int64(len(b))); return len(b), nil }

// Flush has nothing to do.
func (d *drain) Flush() {}

// heap is what is in use once garbage is gone.
func heap() int64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestHeapStaysFlat keeps pages open for an hour while every link changes each second.
func TestHeapStaysFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("renders pages of an hour")
	}
	synctest.Test(t, func(t *testing.T) {
		links := &fakeLinks{all: invented(time.Now())}
		s := New(Deps{Links: links, Catalogue: inventedCatalogue(time.Now())}, &Options{Port: testPort, Zone: time.UTC})
		defer s.Close()
		ctx, stop := context.WithCancel(t.Context())
		var open sync.WaitGroup
		tabs := make([]*drain, 20)
		for i := range tabs {
			tabs[i] = &drain{}
			open.Go(func() {
				r := request(http.MethodGet, "/events?page=overview&lang="+[]string{"zh", "en"}[i%2]).WithContext(ctx)
				s.Handler().ServeHTTP(tabs[i], r)
			})
		}
		defer open.Wait()
		defer stop()
		minute := func() {
			for second := range 60 {
				for _, l := range links.Status() {
					links.change(l.ID, func(st *endpoint.Status) {
						st.RoundTrip += time.Duration(second%7) * time.Millisecond
						st.RoundTrip %= time.Second
						st.LastHealthCheck = time.Now()
						if second == 30 { // and once a minute it breaks and heals
							st.State, st.Kind = endpoint.Waiting, endpoint.KindRefused
						} else {
							st.State, st.Kind = endpoint.Ready, endpoint.KindNone
						}
					})
				}
				time.Sleep(time.Second)
			}
			synctest.Wait()
		}
		for range 20 { // until the past that is kept is full
			minute()
		}
		before, read := heap(), tabs[0].read.Load()
		for range 60 {
			minute()
		}
		after := heap()
		if read = tabs[0].read.Load() - read; read < 60*60*1000 {
			t.Errorf("a page got only %d bytes in an hour", read)
		}
		// A chart of 24 hours gains a bucket each quarter of an hour.
		if grown := after - before; grown > 128<<10 {
			t.Errorf("an hour of updates kept %d bytes", grown)
		} else {
			t.Logf("an hour kept %d bytes of %d, and sent each page %d", grown, after, read)
		}
	})
}
