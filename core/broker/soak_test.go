package broker

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A quarter of an hour of virtual time in which tool sides redial, robots call, and faults and
// drops of every kind come and go. Afterwards everything works again, and the
// bubble proves that Close leaves no goroutine behind.
func TestSoak(t *testing.T) {
	for _, family := range Families() {
		t.Run(family.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { soak(t, family) })
		})
	}
}

func soak(t *testing.T, family Family) {
	const agents = 5
	s := start(t, &Options{Family: family, SettleRobots: time.Minute})
	ctx, stop := context.WithTimeout(t.Context(), 15*time.Minute)
	defer stop()
	over, end := context.WithCancel(t.Context())
	defer end()
	var group sync.WaitGroup
	for i := range agents {
		agent := fmt.Sprint(i)
		group.Go(func() { s.keepJoining(over, agent) })
		group.Go(func() {
			robot := s.Robot(agent)
			for ctx.Err() == nil {
				short, cancel := context.WithTimeout(ctx, 20*time.Second)
				_, _ = robot.Tools(short)
				_, _ = robot.Call(short, "a", nil)
				cancel()
				time.Sleep(time.Second)
			}
		})
	}
	random := rand.New(rand.NewPCG(1, 2))
	names := Faults()
	for ctx.Err() == nil {
		agent := fmt.Sprint(random.IntN(agents))
		switch random.IntN(6) {
		case 0, 1, 2:
			f, err := ParseFault(names[random.IntN(len(names))])
			if err != nil {
				t.Fatal(err)
			}
			s.SetFault(agent, f)
		case 3:
			s.SetFault(agent, Fault{})
		case 4:
			s.Drop(agent, DropKinds()[random.IntN(len(DropKinds()))])
		case 5:
			if random.IntN(10) == 0 {
				s.Restart(5 * time.Second)
			}
		}
		time.Sleep(time.Duration(random.IntN(5000)) * time.Millisecond)
	}
	for i := range agents {
		s.SetFault(fmt.Sprint(i), Fault{})
	}
	s.Restart(time.Second)
	time.Sleep(2 * time.Minute)
	for i := range agents {
		agent := fmt.Sprint(i)
		if result, err := s.Robot(agent).Call(t.Context(), "a", nil); err != nil || result.Text != agent+" {}" {
			t.Errorf("agent %s in the end: %+v, %v", agent, result, err)
		}
	}
	end()
	_ = s.Close()
	group.Wait()
}

// keepJoining is a tool side that redials a second after it was disconnected.
func (s *site) keepJoining(ctx context.Context, agent string) {
	for ctx.Err() == nil {
		conn, _, err := s.dialer().DialContext(ctx, s.URL(s.base, agent), nil)
		if err == nil {
			conn.SetReadLimit(8 << 20)
			c := &client{conn: conn, name: agent, tools: []string{"a"}, done: make(chan struct{})}
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			_ = conn.SetReadDeadline(time.Now().Add(5 * time.Minute)) // a black hole is left in the end
			c.run()
			stop()
			_ = conn.Close()
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
}
