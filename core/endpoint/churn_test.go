package endpoint

import (
	"fmt"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/secret"
)

// TestChurnLeavesNothing adds and removes a thousand endpoints, each at a host of its own, and
// holds that the manager keeps nothing of them but what it counted.
func TestChurnLeavesNothing(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		const rounds = 1000
		address := func(i int) secret.URL { return secret.URL(fmt.Sprintf("ws://h%d.test/mcp/?token=secret", i)) }
		for i := range rounds {
			if i%4 == 3 {
				b.setRefuse(syscall.ECONNREFUSED) // it is removed while it waits
			}
			if i%2 == 0 {
				id, err := b.m.AddEndpoint(Endpoint{URL: address(i)})
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if err := b.m.RemoveEndpoint(id); err != nil {
					t.Fatal(err)
				}
			} else if err := b.m.UpdateEndpoints([]Endpoint{{URL: testURL, Name: "Study"}, {URL: address(i)}}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			b.setRefuse(nil)
		}
		if err := b.m.UpdateEndpoints(nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if _, err := b.m.AddEndpoint(Endpoint{URL: testURL}); err != nil { // lets go of the last that left
			t.Fatal(err)
		}
		synctest.Wait()
		m := b.m
		m.slots.mu.Lock()
		hosts := len(m.slots.hosts)
		m.slots.mu.Unlock()
		if hosts > 0 {
			t.Errorf("%d hosts have dial slots", hosts)
		}
		m.ledger.mu.Lock()
		lasting := len(m.ledger.lasting)
		m.ledger.mu.Unlock()
		if lasting > 0 {
			t.Errorf("anomalies of %d links last", lasting)
		}
		taken := 0
		m.mu.Lock()
		if len(m.links) != 1 || len(m.order) != 1 || len(m.leaving) > 1 {
			t.Errorf("%d links, %d in order, %d leaving", len(m.links), len(m.order), len(m.leaving))
		}
		for _, n := range m.phases.taken {
			taken += n
		}
		m.mu.Unlock()
		if taken != 1 {
			t.Errorf("%d moments for pings are taken", taken)
		}
		if stats := m.LoadBalanceStats(); len(stats.Members) != 1 {
			t.Errorf("%d links can be chosen", len(stats.Members))
		}
		if got := m.Totals(); got.Dials < rounds/2 {
			t.Errorf("totals %+v", got)
		}
	})
}
