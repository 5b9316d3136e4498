package app

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/endpoint"
)

// startLinks connects to list and returns how long it took until all were told their
// tools. Away is how long it takes to connect beyond loopback.
func startLinks(b *testing.B, far *farSide, list []endpoint.Endpoint, away time.Duration) time.Duration {
	m := endpoint.NewManager(oneTool{}, &endpoint.Options{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		pause(ctx, away)
		return new(net.Dialer).DialContext(ctx, network, address)
	}})
	defer func() { m.Close(); far.waitListed(0) }()
	start := time.Now()
	if err := m.UpdateEndpoints(list); err != nil {
		b.Fatal(err)
	}
	if err := m.Connect(); err != nil {
		b.Fatal(err)
	}
	far.waitListed(len(list))
	return time.Since(start)
}

// bareDials is the floor: as many sockets, eight at a time, with one frame sent on each.
func bareDials(b *testing.B, far *farSide, list []endpoint.Endpoint) time.Duration {
	d := websocket.Dialer{ReadBufferSize: 1 << 10, WriteBufferSize: 1 << 10}
	conns := make([]*websocket.Conn, len(list))
	start := time.Now()
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := worker; i < len(list); i += 8 {
				conn, _, err := d.Dial(list[i].URL.Reveal(), nil)
				if err == nil {
					err = conn.WriteMessage(websocket.TextMessage, []byte(`{"jsonrpc":"2.0","id":0,"result":{}}`))
				}
				if err != nil {
					b.Error(err)
					return
				}
				conns[i] = conn
			}
		})
	}
	all.Wait()
	took := time.Since(start)
	for _, c := range conns {
		c.Close()
	}
	far.waitListed(0)
	return took
}

// BenchmarkStart is how long it takes until all endpoints have their tools. Targets: 10
// endpoints at most 1.2 times as long as one, when connecting takes 20 ms as it does over
// the internet (on bare loopback nothing is waited for, and ten cost ten times the
// processor time of one); 1000 at most twice the bare dials, on loopback.
func BenchmarkStart(b *testing.B) {
	far := startFarSide(b)
	list := far.endpoints(1000, false)
	startLinks(b, far, list[:10], 0) // warm
	for name, away := range map[string]time.Duration{"10": 20 * time.Millisecond, "10-loopback": 0} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				var one, ten time.Duration
				for range 20 {
					one += startLinks(b, far, list[:1], away)
					ten += startLinks(b, far, list[:10], away)
				}
				b.ReportMetric(float64(one.Microseconds())/20, "µs/one")
				b.ReportMetric(float64(ten.Microseconds())/20, "µs/ten")
				b.ReportMetric(float64(ten)/float64(one), "ratio")
			}
		})
	}
	b.Run("1000", func(b *testing.B) {
		for range b.N {
			var ours, bare time.Duration
			for range 3 {
				ours += startLinks(b, far, list, 0)
				bare += bareDials(b, far, list)
			}
			b.ReportMetric(float64(ours.Milliseconds())/3, "ms/links")
			b.ReportMetric(float64(bare.Milliseconds())/3, "ms/bare")
			b.ReportMetric(float64(ours)/float64(bare), "ratio")
		}
	})
}

// BenchmarkRedial is how long a stable link takes to come back after a reset. A minute
// must pass before a link is stable, so the distribution is tested in virtual time
// (core/endpoint, TestManyLinksComeBackSpread); here one real link is dropped.
func BenchmarkRedial(b *testing.B) {
	far := startFarSide(b)
	m := endpoint.NewManager(oneTool{}, nil)
	defer m.Close()
	if err := m.UpdateEndpoints(far.endpoints(1, false)); err != nil {
		b.Fatal(err)
	}
	if err := m.Connect(); err != nil {
		b.Fatal(err)
	}
	for range b.N {
		far.waitListed(1)
		<-time.After(61 * time.Second)
		start := time.Now()
		far.ask("drop " + fmt.Sprint(farAgents, 0))
		for m.Status()[0].Connected() && m.Status()[0].Serial == 1 {
			<-time.After(100 * time.Microsecond)
		}
		far.waitListed(1)
		b.ReportMetric(time.Since(start).Seconds()*1000, "ms/redial")
	}
}
