package app

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
)

// TestDayOfDrops runs links of both roles for a day of virtual time, with a drop every few
// minutes and calls in between, and holds that memory stays flat and histories bounded.
func TestDayOfDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := broker.NewPipeNetwork()
		r := openRelays(t, network, endpoint.Options{MaxReconnectAttempts: -1})
		defer r.close()
		official := broker.New(&broker.Options{Family: broker.Official})
		defer official.Close()
		l, err := network.Listen("official.test:80")
		if err != nil {
			t.Fatal(err)
		}
		go official.Serve(l)
		serving := endpoint.NewManager(r.hub, &endpoint.Options{MaxReconnectAttempts: -1, DialContext: network.DialContext})
		defer serving.Close()
		agents := []string{"1", "2", "3"}
		for _, agent := range agents {
			if _, err := serving.AddEndpoint(endpoint.Endpoint{URL: secret.URL(official.URL("ws://official.test:80", agent))}); err != nil {
				t.Fatal(err)
			}
		}
		if err := serving.Connect(); err != nil {
			t.Fatal(err)
		}
		// The practice brokers remember their last 256 sockets; what they need for that is not looked at.
		for i := range 270 {
			time.Sleep(65 * time.Second)
			official.Drop(agents[i%3], broker.DropClean)
			r.far[0].Drop("", broker.DropClean)
			r.far[1].Drop("", broker.DropClean)
		}
		random := rand.New(rand.NewPCG(5, 6))
		var heap []float64
		drops, answered := 0, 0
		for began := time.Now(); time.Since(began) < 24*time.Hour; {
			time.Sleep(time.Duration(120+random.IntN(180)) * time.Second)
			for i := range 5 {
				if _, err := official.Robot(agents[i%3]).Call(t.Context(), "remote__ask", []byte(`{}`)); err == nil {
					answered++
				}
			}
			switch drops++; drops % 3 {
			case 0:
				official.Drop(agents[random.IntN(3)], broker.DropReset)
			case 1:
				r.far[random.IntN(2)].Drop("", broker.DropReset)
			default:
				official.Drop(agents[random.IntN(3)], broker.DropClean)
			}
			if drops%20 == 0 {
				synctest.Wait()
				runtime.GC()
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				heap = append(heap, float64(m.HeapAlloc)/1024)
			}
		}
		if drops < 300 || answered < 4*drops {
			t.Errorf("%d drops, %d calls answered", drops, answered)
		}
		for _, m := range []*endpoint.Manager{serving, r.links} {
			for _, s := range m.Status() {
				if len(s.History) > 20 {
					t.Errorf("%s remembers %d attempts", s.Label(), len(s.History))
				}
			}
			if n := len(m.Anomalies()); n > 100 {
				t.Errorf("%d anomalies are remembered", n)
			}
			if n := len(m.LoadBalanceStats().Moves); n > 100 {
				t.Errorf("%d moves are remembered", n)
			}
		}
		steady := heap[len(heap)/4:] // histories fill up first
		slope, noise := trend(steady)
		t.Logf("%d drops, %d calls; heap %.0f to %.0f KiB, slope %.1f KiB a reading, noise %.1f KiB", drops, answered, slices.Min(steady), slices.Max(steady), slope, noise)
		if rise := slope * float64(len(steady)); rise > max(4*noise, 128) {
			t.Errorf("the heap rose by %.0f KiB in a day, which is more than noise: %.0f", rise, heap)
		}
	})
}

// trend is the slope of a least-squares line through readings, and the mean distance from it.
func trend(readings []float64) (slope, noise float64) {
	n := float64(len(readings))
	var sx, sy, sxx, sxy float64
	for i, y := range readings {
		x := float64(i)
		sx, sy, sxx, sxy = sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	slope = (n*sxy - sx*sy) / (n*sxx - sx*sx)
	level := (sy - slope*sx) / n
	for i, y := range readings {
		noise += math.Abs(y-level-slope*float64(i)) / n
	}
	return slope, noise
}
