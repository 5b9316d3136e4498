package broker

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"xiaozhi-switchboard/core/nudge"
)

// Broker is the far side of the protocol. It is an http.Handler, and can serve
// listeners by itself. All methods may be called concurrently.
type Broker struct {
	opts    Options
	log     *slog.Logger
	minter  *minter
	alarms  *alarms
	waiters sync.Pool // of *pending with a channel and a timer; of this broker, since a test's bubble owns both
	lists   listings

	ctx    context.Context
	cancel context.CancelFunc
	group  sync.WaitGroup // every goroutine, and every request being upgraded

	listed atomic.Int64 // open sockets whose tools are known
	bell   nudge.Bell

	mu        sync.Mutex
	closed    bool
	serials   uint64
	open      int
	agents    map[string]*agent
	departed  []Socket // the last ones
	faults    map[string]Fault
	downUntil time.Time
	comeback  alarm
	servers   map[*http.Server]struct{}
}

// agent is what connects the tool sides and the robots of one token.
type agent struct {
	tools      []*socket // tool sides, oldest first
	robots     []*socket // robots on the call path
	registered *socket   // relay: the one tool side that is sent requests; may be a ghost
}

// Errors of the robots' methods.
var (
	// ErrNoToolSide says that no tool side is connected for the agent, or that the
	// relay does not know of it.
	ErrNoToolSide = errors.New("no tool side is connected")
	// ErrTimeout says that the answer did not come within Options.CallTimeout.
	ErrTimeout = errors.New("the tool side did not answer in time")
	// ErrGone says that the socket closed before the answer came.
	ErrGone = errors.New("the tool side disconnected before it answered")

	errDuplicateID = errors.New("a request with this id is in flight")
	errTooMany     = errors.New("too many requests are in flight")
)

// New returns a broker that is ready to serve. A nil opts means the defaults. It
// starts one goroutine, so Close must be called.
func New(opts *Options) *Broker {
	b := &Broker{
		opts:    opts.filled(),
		alarms:  newAlarms(),
		agents:  make(map[string]*agent),
		faults:  make(map[string]Fault),
		servers: make(map[*http.Server]struct{}),
	}
	b.log = b.opts.Logger
	b.minter = newMinter(b.opts.Secret)
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.comeback.fire = func(time.Time) {
		b.log.Info("practice broker is back")
		b.changed()
	}
	b.group.Go(func() { b.alarms.run(b.ctx) })
	return b
}

// Close closes every socket with 1001, gives the peers a second to answer, and
// returns when every goroutine of the broker has ended. Later calls do nothing.
func (b *Broker) Close() error {
	b.mu.Lock()
	first := !b.closed
	b.closed = true
	b.mu.Unlock()
	if first {
		for _, s := range b.all("") {
			s.shutdown(codeGoingAway, "")
		}
		b.changed() // wakes the hanging upgrades
		for _, s := range b.all("") {
			<-s.gone // tick sees to it that this does not last
		}
		for _, server := range b.serving() {
			_ = server.Close()
		}
		b.cancel()
	}
	b.group.Wait()
	return nil
}

// Family returns the family that the broker plays.
func (b *Broker) Family() Family { return b.opts.Family }

// Sockets returns the open sockets of an agent, oldest first; "" means those of
// every agent.
func (b *Broker) Sockets(agent string) []Socket {
	var out []Socket
	for _, s := range b.all(agent) {
		b.mu.Lock()
		registered := b.registeredLocked(s)
		b.mu.Unlock()
		out = append(out, s.snapshot(registered))
	}
	return out
}

// Open returns how many sockets are open, and how many of them have listed their
// tools. It is the cheap way to wait for very many.
func (b *Broker) Open() (sockets, listed int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open, int(b.listed.Load())
}

// Departed returns the sockets of an agent that have ended, oldest first, "" for
// every agent. The last 256 of the broker are remembered.
func (b *Broker) Departed(agent string) []Socket {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Socket
	for _, s := range b.departed {
		if agent == "" || s.Agent == agent {
			out = append(out, s)
		}
	}
	return out
}

// Subscribe returns a channel that receives a nudge after every change that
// Sockets could show, frames included, and a function that ends the subscription.
// Nudges that are not taken are merged into one.
func (b *Broker) Subscribe() (<-chan struct{}, func()) { return b.bell.Subscribe() }

// changed nudges the subscribers. It never blocks.
func (b *Broker) changed() { b.bell.Ring() }

// Wait returns when ready reports true, which it is asked after every change, or
// with the error of ctx. It returns http.ErrServerClosed once the broker is closed.
func (b *Broker) Wait(ctx context.Context, ready func() bool) error {
	nudged, stop := b.Subscribe()
	defer stop()
	for {
		if ready() {
			return nil
		}
		select {
		case <-nudged:
		case <-ctx.Done():
			return ctx.Err()
		case <-b.ctx.Done():
			return http.ErrServerClosed
		}
	}
}
