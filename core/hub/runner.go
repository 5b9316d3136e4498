package hub

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/session"
)

const (
	relistAfter  = 250 * time.Millisecond // gathers notices of a changed list
	probeEvery   = time.Minute            // between pings of servers behind HTTP
	probePatient = 10 * time.Second
)

// runner keeps one server running, from its own goroutine.
type runner struct {
	hub    *Hub
	name   string
	log    *slog.Logger
	cancel context.CancelFunc
	done   chan struct{} // closed after the goroutine has ended its server

	restart chan struct{} // one slot: start anew at once
	relist  chan struct{} // one slot: the list changed
	settled chan struct{} // closed once the first start succeeded or failed

	live   atomic.Pointer[peer] // nil while the server is away
	member *balance.Member
	stray  atomic.Int64
	stderr lineRing

	// Guarded by hub.mu.
	spec       Server
	state      State
	since      time.Time
	pid        int
	sessions   int
	problem    *Problem
	nextRetry  time.Time
	title      string
	version    string
	offers     []offer
	note       string
	wasSettled bool
}

// run is the goroutine of r. Before is that of an earlier server of this name, which
// ends first.
func (r *runner) run(ctx context.Context, before *runner) {
	defer close(r.done)
	defer func() {
		r.hub.mu.Lock()
		if r.hub.stopping[r.name] == r {
			delete(r.hub.stopping, r.name)
		}
		r.hub.mu.Unlock()
	}()
	defer r.hub.nudge()
	defer r.to(StateStopped, nil, time.Time{})
	defer r.settle()
	if before != nil {
		<-before.done
	}
	var tries attempts
	for ctx.Err() == nil {
		steady, err := r.session(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil { // restarted by hand
			tries = attempts{}
			continue
		}
		problem := problemOf(err, time.Now())
		wait := tries.next(steady, errors.Is(err, errGone), problem.Kind, r.hub.options().retry, rand.Float64)
		if wait == 0 {
			r.log.Info("server forgot the session, connecting anew")
			continue
		}
		state := StateWaiting
		if problem.Kind.lasting() {
			state = StateFailed
		}
		r.log.Warn("server failed", "problem", problem.Sentence, "retry", wait.Round(time.Millisecond))
		r.to(state, problem, time.Now().Add(wait))
		r.settle()
		r.hub.rebuild()
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-r.restart:
			tries = attempts{}
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// session starts the server and stays until it ends. Steady is true when it was ready
// for a while. The error says why it ended; nil when asked to restart.
func (r *runner) session(ctx context.Context) (steady bool, err error) {
	r.to(StateStarting, nil, time.Time{})
	r.hub.nudge()
	o := r.hub.options()
	r.hub.mu.Lock()
	spec := r.spec
	r.hub.mu.Unlock()

	starting, cancel := context.WithTimeout(ctx, o.startTimeout)
	defer cancel()
	stop := make(chan struct{})
	go func() { // a restart asked for during a slow start ends that start
		defer close(stop)
		select {
		case <-r.restart:
			cancel()
			r.poke(r.restart)
		case <-starting.Done():
		}
	}()
	p, offers, note, err := r.open(starting, spec, o)
	timedOut := errors.Is(starting.Err(), context.DeadlineExceeded)
	cancel()
	<-stop
	if p != nil {
		defer func() {
			r.member.SetUp(false)
			r.live.Store(nil)
			reason := p.link.close()
			var f *failure
			if err != nil && reason != nil && (errors.Is(err, errDied) || !errors.As(err, &f)) {
				err = reason
			}
		}()
	}
	if err != nil {
		select {
		case <-r.restart:
			return false, nil
		default:
		}
		if timedOut && ctx.Err() == nil {
			return false, &failure{kind: ProblemTimeout, sentence: fmt.Sprintf("the server was not ready within %v", o.startTimeout),
				advice: "Look at its last lines on standard error; a first start may have to download it."}
		}
		return false, err
	}
	began := time.Now()
	r.becomeReady(p, offers, note)
	r.log.Info("server ready", "tools", len(offers))
	r.hub.rebuild()
	r.settle()
	err = r.stay(ctx, p, spec)
	return time.Since(began) >= steadyAfter, err
}

// stay waits for the end of a session, and meanwhile follows changes of its list.
func (r *runner) stay(ctx context.Context, p *peer, spec Server) error {
	var probe <-chan time.Time
	if spec.Kind != KindStdio {
		ticker := time.NewTicker(probeEvery)
		defer ticker.Stop()
		probe = ticker.C
	}
	var settle <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.restart:
			r.log.Info("server restarts as asked")
			return nil
		case <-p.Done():
			return p.Ended()
		case <-r.relist:
			if settle == nil {
				settle = time.After(relistAfter)
			}
		case <-settle:
			settle = nil
			r.readAgain(ctx, p)
		case <-probe:
			asking, cancel := context.WithTimeout(ctx, probePatient)
			_, err := p.Request(asking, rpc.MethodPing, nil)
			cancel()
			if errors.Is(err, context.DeadlineExceeded) {
				return &failure{kind: ProblemTimeout, sentence: "the server stopped answering", advice: "Check that it is running."}
			}
		}
	}
}

func (r *runner) readAgain(ctx context.Context, p *peer) {
	asking, cancel := context.WithTimeout(ctx, r.hub.options().startTimeout)
	defer cancel()
	offers, note, err := p.list(asking, r.hub.options().origin)
	if err != nil {
		r.log.Warn("server's changed list could not be read, the old one stays", "error", problemOf(err, time.Now()).Sentence)
		return
	}
	r.hub.mu.Lock()
	r.offers, r.note = offers, note
	r.hub.mu.Unlock()
	r.log.Info("server changed its tools", "tools", len(offers))
	r.hub.rebuild()
}

// open connects, shakes hands and lists. On an error p may still be set, and is
// then to be closed.
func (r *runner) open(ctx context.Context, spec Server, o *options) (p *peer, offers []offer, note string, err error) {
	switch spec.Kind {
	case KindStdio:
		p = r.newPeer()
		link, err := openStdio(ctx, r.hub.spawn, spec, p, &r.stderr, r.log)
		if err != nil {
			return nil, nil, "", err
		}
		r.hub.mu.Lock()
		r.pid = link.proc.cmd.Process.Pid
		r.hub.mu.Unlock()
		offers, note, err = r.greet(ctx, p, stdioRevision, o.version, func(string) {})
		return p, offers, note, err
	case KindHTTP, KindSSE:
		return r.openHTTP(ctx, spec, o, spec.Kind == KindSSE)
	case KindAuto:
		p, offers, note, err = r.openHTTP(ctx, spec, o, false)
		if err == nil || ctx.Err() != nil {
			return p, offers, note, err
		}
		if p == nil || !fallBack(int(p.link.(*httpLink).refused())) {
			return p, offers, note, err
		}
		_ = p.link.close()
		r.log.Debug("server refuses streamable HTTP, trying SSE")
		return r.openHTTP(ctx, spec, o, true)
	}
	return nil, nil, "", &failure{kind: ProblemConfig, sentence: "the kind of this server is unknown", advice: "Use stdio, sse or http."}
}

// fallBack reports a status by which a server of the older transport refuses
// the first request of the newer one.
func fallBack(status int) bool {
	return status >= 400 && status < 500 && status != http.StatusUnauthorized && status != http.StatusForbidden && status != http.StatusTooManyRequests
}

func (r *runner) openHTTP(ctx context.Context, spec Server, o *options, sse bool) (p *peer, offers []offer, note string, err error) {
	p = r.newPeer()
	link, err := openHTTP(ctx, spec, o.transport, sse, p)
	if err != nil {
		return nil, nil, "", err
	}
	offers, note, err = r.greet(ctx, p, httpRevision, o.version, link.settle)
	return p, offers, note, err
}

func (r *runner) newPeer() *peer {
	return newPeer(r.log, &r.stray, func() { r.poke(r.relist) })
}

func (r *runner) greet(ctx context.Context, p *peer, revision, version string, settle func(revision string)) ([]offer, string, error) {
	greeting, err := p.Initialize(ctx, revision, version)
	if err != nil {
		return nil, "", r.wrap(err)
	}
	settle(greeting.Revision)
	if err := p.Initialized(); err != nil {
		return nil, "", err
	}
	offers, note, err := p.list(ctx, r.hub.options().origin)
	if err != nil {
		return nil, "", r.wrap(err)
	}
	r.hub.mu.Lock()
	r.title, r.version = greeting.Title, greeting.Version
	r.hub.mu.Unlock()
	return offers, note, nil
}

// wrap says of an error answer in the handshake what it is.
func (r *runner) wrap(err error) error {
	var e *rpc.Error
	if errors.As(err, &e) {
		return &failure{kind: ProblemProtocol, sentence: "the server refused to be used: " + session.Cut(e.Message, 200),
			advice: "Check that this is an MCP server and what it needs to be told."}
	}
	if errors.Is(err, session.ErrGreeting) {
		return &failure{kind: ProblemProtocol, sentence: "the server's answer to initialize is no object",
			advice: "Check that this is an MCP server."}
	}
	return err
}

func (r *runner) becomeReady(p *peer, offers []offer, note string) {
	r.hub.mu.Lock()
	r.sessions++
	r.offers, r.note = offers, note
	r.state, r.since, r.problem, r.nextRetry = StateReady, time.Now(), nil, time.Time{}
	r.hub.mu.Unlock()
	r.live.Store(p)
	r.member.SetUp(true)
}

// to enters a state. A nil problem keeps the one before until the server is ready.
func (r *runner) to(state State, problem *Problem, next time.Time) {
	r.hub.mu.Lock()
	defer r.hub.mu.Unlock()
	if r.state != state {
		r.state, r.since = state, time.Now()
	}
	if problem != nil {
		r.problem = problem
	}
	r.nextRetry = next
	r.pid = 0
	if state == StateFailed {
		r.offers = nil // a person must act: the tools are gone until then
	}
}

// settle lets Wait pass.
func (r *runner) settle() {
	r.hub.mu.Lock()
	first := !r.wasSettled
	r.wasSettled = true
	r.hub.mu.Unlock()
	if first {
		close(r.settled)
	}
}

// poke fills a one-slot channel.
func (r *runner) poke(slot chan struct{}) {
	select {
	case slot <- struct{}{}:
	default:
	}
}
