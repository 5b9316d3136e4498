package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/hub"
	"xiaozhi-switchboard/core/secret"
)

const (
	soakTime     = 10 * time.Minute
	soakInterval = 6 * time.Second
	// soakBelief is how long a link may be wrong about a silent peer.
	soakBelief = soakInterval*3/2 + time.Second
)

// TestSoak runs links of both families through every fault of the practice broker for
// ten minutes of virtual time, and holds what the links say against what is.
func TestSoak(t *testing.T) {
	for _, family := range broker.Families() {
		t.Run(family.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { soak(t, family) }) // fails if it leaves a goroutine behind
		})
	}
}

func soak(t *testing.T, family broker.Family) {
	network := broker.NewPipeNetwork()
	listener, err := network.Listen("broker.test:80")
	if err != nil {
		t.Fatal(err)
	}
	far := broker.New(&broker.Options{Family: family})
	go far.Serve(listener)
	defer far.Close()
	h := hub.New(nil)
	defer h.Close()
	links := endpoint.NewManager(h, &endpoint.Options{
		HealthCheckInterval: soakInterval, MaxReconnectAttempts: -1, DialContext: network.DialContext,
	})
	defer links.Close()
	agents := []string{"1", "2", "3"}
	ids := map[string]string{}
	for _, agent := range agents {
		id, err := links.AddEndpoint(endpoint.Endpoint{URL: secret.URL(far.URL("ws://broker.test:80", agent))})
		if err != nil {
			t.Fatal(err)
		}
		ids[agent] = id
	}
	if err := links.Connect(); err != nil {
		t.Fatal(err)
	}
	w := &witness{t: t, far: far, links: links, ids: ids, wrong: map[string]time.Time{}}
	ctx, stop := context.WithTimeout(t.Context(), soakTime)
	defer stop()
	for _, agent := range agents {
		robot := far.Robot(agent)
		go func() {
			for pause(ctx, 700*time.Millisecond) {
				robot.Call(ctx, "switchboard__time", nil) // may well fail; that is the point
			}
		}()
	}
	random := rand.New(rand.NewPCG(1, uint64(family)))
	faults := broker.Faults()
	for i := 0; ctx.Err() == nil; i++ {
		text := faults[i%len(faults)]
		fault, err := broker.ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		agent := agents[random.IntN(len(agents))]
		far.SetFault(agent, fault)
		if i%3 == 0 {
			far.Drop(agent, broker.DropKinds()[random.IntN(len(broker.DropKinds()))])
		}
		w.watch(ctx, 9*time.Second)
		far.SetFault(agent, broker.Fault{})
		links.Reconnect(ids[agent]) // what gave up needs a person
		if i%7 == 6 {
			far.Restart(2 * time.Second)
		}
		w.watch(ctx, 3*time.Second)
	}
	// With all faults gone every link comes back by itself, or by one click where it gave up.
	for _, agent := range agents {
		far.SetFault(agent, broker.Fault{})
		links.Reconnect(ids[agent])
	}
	time.Sleep(2 * time.Minute)
	synctest.Wait()
	for _, s := range links.Status() {
		if !s.Connected() {
			t.Errorf("%s is %v after all faults ended: %s", s.Label(), s.State, s.LastError)
		}
	}
	for _, agent := range agents {
		heard, err := far.Robot(agent).Call(t.Context(), "switchboard__time", nil)
		if err != nil || !strings.Contains(heard.Text, "time zone") {
			t.Errorf("agent %s heard %q, %v", agent, heard.Text, err)
		}
	}
	if w.looks < 100 {
		t.Errorf("looked only %d times", w.looks)
	}
}

// witness compares what links say with what the far side sees.
type witness struct {
	t     *testing.T
	far   *broker.Broker
	links *endpoint.Manager
	ids   map[string]string
	wrong map[string]time.Time // since when a link claims a connection that is not there
	looks int
}

func (w *witness) watch(ctx context.Context, d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end) && ctx.Err() == nil; {
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		w.looks++
		for agent, id := range w.ids {
			s, err := w.links.StatusOf(id)
			if err != nil {
				w.t.Fatal(err)
			}
			if problem := w.untrue(agent, s); problem != "" {
				w.t.Errorf("agent %s, fault %s: %s", agent, w.far.FaultOf(agent), problem)
			}
		}
	}
}

// untrue says what is not true about a status; empty when all is.
func (w *witness) untrue(agent string, s endpoint.Status) string {
	open := 0
	for _, socket := range w.far.Sockets(agent) {
		if socket.Role == "serve" {
			open++
		}
	}
	switch {
	case s.Connected() && open == 0:
		since, known := w.wrong[agent]
		if !known {
			w.wrong[agent] = time.Now()
		} else if wrong := time.Since(since); wrong > soakBelief {
			return fmt.Sprintf("claims to be %v for %v without a socket", s.State, wrong)
		}
		return ""
	case s.State == endpoint.Waiting && s.NextReconnect.IsZero():
		return "waits for nothing"
	case s.State == endpoint.Waiting && s.LastError == "":
		return "waits without a reason"
	case s.State == endpoint.Failed && s.LastError == "":
		return "failed without a reason"
	case !s.Connected() && s.RoundTrip != 0:
		return "shows a round-trip time without a connection"
	}
	delete(w.wrong, agent)
	return ""
}
