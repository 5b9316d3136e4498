package hub

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/session"
)

// holder is a transport whose other side notes the calls that it is given and answers none.
type holder struct {
	echo
	mu  sync.Mutex
	did map[string]int // by arguments
	// When set, a call is not taken before it returns.
	taking    func()
	cancelled int
}

func (h *holder) Send(m session.Outgoing) (int64, error) {
	if m.Tool != "" && h.taking != nil {
		h.taking()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if m.Tool == "" {
		h.cancelled++
		return 0, nil
	}
	h.did[string(m.Args)]++
	return 0, nil
}

// members makes a group of n servers that hold all calls, with one tool.
func members(h *Hub, n int, safe bool) (*entry, []*holder) {
	e := &entry{public: "group__tool", server: "group", offer: &offer{name: "tool"}, enabled: true, results: new(results)}
	var all []*holder
	for i := range n {
		name := fmt.Sprint("server", i)
		r := &runner{hub: h, name: name, log: h.log, member: h.sources.Add(name, "group", nil)}
		e.sources = append(e.sources, source{id: name, server: name, run: r, member: r.member, name: "tool", safe: safe})
		e.members = append(e.members, r.member)
		far := &holder{did: map[string]int{}}
		all = append(all, far)
		far.connect(r, h)
	}
	return e, all
}

func (f *holder) connect(r *runner, h *Hub) {
	p := newPeer(h.log, new(atomic.Int64), func() {})
	p.attach(f)
	r.live.Store(p)
	r.member.SetUp(true)
}

// TestPassDoesNotWaitForItsCaller has the call at the next server before its caller has run, and
// not when the tool may not be called twice.
func TestPassDoesNotWaitForItsCaller(t *testing.T) {
	for _, safe := range []bool{true, false} {
		t.Run(fmt.Sprint(safe), func(t *testing.T) {
			h := New(nil)
			defer h.Close()
			e, all := members(h, 2, safe)
			c := &ongoing{hub: h, ctx: t.Context(), entry: e, view: h.shown.Load().whole, opts: h.options(), began: time.Now(), patience: patience}
			c.begin([]byte(`{}`))
			c.baton.Lay() // and nobody waits
			first := c.peer
			first.Fail(errDied)
			if n := all[0].did[`{}`] + all[1].did[`{}`]; safe && n != 2 || !safe && n != 1 {
				t.Errorf("servers have it %d times", n)
			}
			if moves := h.Balance().Moves; len(moves) != len(c.tried) || safe != (len(moves) == 1) {
				t.Errorf("moves %+v", moves)
			}
			if c.baton.Take() {
				t.Error("its caller decides, too")
			}
		})
	}
}

// TestPassesAndCallersThatLeave loses servers while callers give up: whoever comes first, no call
// of an unsafe tool is given to two of them, and none is left over.
func TestPassesAndCallersThatLeave(t *testing.T) {
	for _, safe := range []bool{true, false} {
		t.Run(fmt.Sprint(safe), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { passesAndLeavers(t, safe) })
		})
	}
}

func passesAndLeavers(t *testing.T, safe bool) {
	const rounds, callers = 60, 24
	h := New(nil)
	defer h.Close()
	e, all := members(h, 3, safe)
	random := rand.New(rand.NewPCG(3, 4))
	said := map[string]int{}
	for round := range rounds {
		ctx, leave := context.WithCancel(t.Context())
		var waiting sync.WaitGroup
		var mu sync.Mutex
		for i := range callers {
			whose := ctx
			if i%3 == 0 {
				whose = t.Context()
			}
			c := &ongoing{hub: h, ctx: whose, entry: e, view: h.shown.Load().whole, opts: h.options(), began: time.Now(), patience: time.Minute}
			c.begin(fmt.Appendf(nil, `{"n":"%d-%d"}`, round, i))
			waiting.Go(func() {
				result, err := c.wait()
				text := "left"
				switch {
				case err == nil && strings.Contains(string(result), "isError"):
					text = "failed"
				case err == nil:
					text = "answered"
				}
				mu.Lock()
				said[text]++
				mu.Unlock()
			})
		}
		if round%2 == 0 {
			synctest.Wait() // otherwise some do not wait yet
		}
		var events sync.WaitGroup
		events.Go(leave)
		for range 2 {
			p := e.sources[random.IntN(3)].run.live.Load()
			events.Go(func() { p.Fail(errDied) })
		}
		events.Wait()
		synctest.Wait()
		for i, far := range all {
			r := e.sources[i].run
			p := r.live.Load()
			for id := range p.Last() {
				p.Deliver(id+1, session.Answer{Result: []byte(`{"content":[]}`)})
			}
			p.Fail(errDied)
			far.connect(r, h)
		}
		waiting.Wait()
		time.Sleep(time.Minute) // breakers let all through
	}
	if n := said["left"] + said["failed"] + said["answered"]; n != rounds*callers || said["left"] == 0 || said["answered"] == 0 || (said["failed"] > 0) == safe {
		t.Errorf("callers were told: %v", said)
	}
	given := map[string]int{}
	for _, far := range all {
		for args, n := range far.did {
			given[args] += n
		}
	}
	moved := 0
	for args, n := range given {
		if n > 1 {
			moved++
			if !safe {
				t.Errorf("%s was given to %d servers", args, n)
			}
		}
	}
	if safe && moved == 0 {
		t.Error("nothing moved")
	}
	for i := range e.sources {
		if n := e.sources[i].run.live.Load().InFlight(); n != 0 {
			t.Errorf("server %d has %d calls in flight", i, n)
		}
	}
}

// TestLateCallsThatAreLost holds that a server which goes away with calls that were late already
// has not answered them: it stays out of the choice.
func TestLateCallsThatAreLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(nil)
		defer h.Close()
		e, all := members(h, 2, true)
		e.sources[1].member.SetUp(false)
		for range 3 {
			c := &ongoing{hub: h, ctx: t.Context(), entry: e, view: h.shown.Load().whole, opts: h.options(), began: time.Now(), patience: time.Second}
			c.begin([]byte(`{}`))
			if _, err := c.wait(); err != nil {
				t.Fatal(err)
			}
		}
		e.sources[1].member.SetUp(true)
		if got := h.Balance().Members[0].Breaker; got != balance.Open {
			t.Fatalf("after three late calls: %v", got)
		}
		e.sources[0].run.live.Load().Fail(errDied)
		synctest.Wait()
		if got := h.Balance().Members[0].Breaker; got != balance.Open {
			t.Errorf("after their loss: %v", got)
		}
		if n := all[1].did[`{}`]; n != 0 {
			t.Errorf("%d late calls were made again", n)
		}
	})
}

// TestCallerGoesDuringPass has the caller go away, or its patience end, while another server is being
// given the call: the caller waits until it has been, and ends the call there.
func TestCallerGoesDuringPass(t *testing.T) {
	for _, late := range []bool{false, true} {
		t.Run(fmt.Sprint(late), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := New(nil)
				defer h.Close()
				e, all := members(h, 2, true)
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				c := &ongoing{hub: h, ctx: ctx, entry: e, view: h.shown.Load().whole, opts: h.options(), began: time.Now(), patience: time.Second}
				c.raw = true
				c.begin([]byte(`{}`))
				first, second := c.peer, all[0]
				if all[0].did[`{}`] > 0 {
					second = all[1]
				}
				passing := make(chan struct{})
				second.taking = func() { <-passing }
				ended := make(chan error, 1)
				go func() {
					_, err := c.wait()
					ended <- err
				}()
				synctest.Wait()
				go first.Fail(errDied)
				synctest.Wait()
				if late {
					time.Sleep(time.Second)
				} else {
					leave()
				}
				synctest.Wait()
				if len(ended) > 0 {
					t.Fatal("the caller did not wait")
				}
				close(passing)
				if err := <-ended; late && err != nil || !late && err != context.Canceled {
					t.Errorf("got %v", err)
				}
				synctest.Wait()
				if second.did[`{}`] != 1 || second.cancelled != 1 {
					t.Errorf("the second server has it %d times, and heard %d times that it is cancelled", second.did[`{}`], second.cancelled)
				}
				for i := range e.sources {
					if n := e.sources[i].run.live.Load().InFlight(); n != 0 {
						t.Errorf("server %d has %d calls in flight", i, n)
					}
				}
			})
		})
	}
}

// TestEveryServerIsLost loses one server after the other: each failed once, and the caller is
// told.
func TestEveryServerIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(nil)
		defer h.Close()
		e, all := members(h, 3, true)
		c := &ongoing{hub: h, ctx: t.Context(), entry: e, view: h.shown.Load().whole, opts: h.options(), began: time.Now(), patience: time.Minute}
		c.begin([]byte(`{}`))
		ended := make(chan string, 1)
		go func() {
			result, err := c.wait()
			ended <- fmt.Sprint(string(result), err)
		}()
		for range all {
			synctest.Wait()
			c.peer.Fail(errDied)
		}
		away := fill(h.options().words.Away, "server", e.server)
		if text := <-ended; !strings.Contains(text, `"isError":true`) || strings.Contains(text, away) {
			t.Errorf("got %s", text)
		}
		for i, m := range h.Balance().Members {
			if m.Picked != 1 || m.Failed != 1 || all[i].did[`{}`] != 1 {
				t.Errorf("%s was picked %d times, has it %d times and failed %d times", m.ID, m.Picked, all[i].did[`{}`], m.Failed)
			}
		}
	})
}

// TestServerThatWentThisVeryMoment has a call passed on past servers that are gone, too, though
// nobody has said so yet: they failed.
func TestServerThatWentThisVeryMoment(t *testing.T) {
	h := New(nil)
	defer h.Close()
	e, all := members(h, 4, true)
	c := &ongoing{hub: h, ctx: t.Context(), entry: e, view: h.shown.Load().whole, opts: h.options(), began: time.Now(), patience: time.Minute}
	c.begin([]byte(`{}`)) // they take turns
	e.sources[1].run.live.Load().Fail(errDied)
	e.sources[2].run.live.Store(nil)
	c.baton.Lay()
	c.peer.Fail(errDied)
	for i, m := range h.Balance().Members {
		failed, given := uint64(1), 0
		if i == 3 {
			failed = 0
		}
		if i%3 == 0 {
			given = 1
		}
		if m.Failed != failed || all[i].did[`{}`] != given {
			t.Errorf("%s failed %d times, and has it %d times", m.ID, m.Failed, all[i].did[`{}`])
		}
	}
}

// TestTrialThatIsCut has the caller of a trial go away: the next call tries the server again.
func TestTrialThatIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := New(nil)
		defer h.Close()
		e, all := members(h, 2, true)
		e.sources[0].member.TakeOut(time.Now())
		time.Sleep(10 * time.Second)
		for range 4 {
			ctx, leave := context.WithCancel(t.Context())
			leave()
			c := &ongoing{hub: h, ctx: ctx, entry: e, view: h.shown.Load().whole, opts: h.options(), began: time.Now(), patience: time.Minute}
			c.begin([]byte(`{}`))
			if _, err := c.wait(); err != context.Canceled {
				t.Errorf("got %v", err)
			}
		}
		for i, far := range all {
			if far.did[`{}`] != 2 || far.cancelled != 2 {
				t.Errorf("server %d has it %d times, and heard %d times that it is cancelled", i, far.did[`{}`], far.cancelled)
			}
		}
	})
}

// TestNothingIsWrittenAfterTheEnd has a program read on after it closed its standard output: what
// waited to be written then, and is given to another, does not reach it.
func TestNothingIsWrittenAfterTheEnd(t *testing.T) {
	theirs, ours, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	h := New(nil)
	defer h.Close()
	l := &stdioLink{peer: newPeer(h.log, new(atomic.Int64), func() {}), out: newPipeWriter(ours)}
	l.peer.attach(l)
	defer l.out.wait()
	defer l.out.stop()
	large := []byte(`{"x":"` + strings.Repeat("x", 4<<20) + `"}`)
	if _, err := l.peer.Start(session.Outgoing{Tool: "tool", Args: large}); err != nil { // more than a pipe holds
		t.Fatal(err)
	}
	waits, err := l.peer.Start(session.Outgoing{Tool: "waits", Args: []byte(`{}`)})
	if err != nil {
		t.Fatal(err)
	}
	l.fail()
	if a := <-waits.Answer; !a.Unsent {
		t.Errorf("got %+v", a)
	}
	read := make(chan string)
	go func() {
		all, _ := io.ReadAll(theirs)
		read <- string(all)
	}()
	for writing := true; writing; runtime.Gosched() {
		l.out.mu.Lock()
		writing = l.out.busy
		l.out.mu.Unlock()
	}
	l.out.stop()
	if all := <-read; strings.Contains(all, "waits") || len(all) < len(large) {
		t.Errorf("%d bytes were read, which end in %.80s", len(all), all[max(0, len(all)-80):])
	}
}
