package endpoint

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/nudge"
)

// ErrUnknown reports an ID that the manager has no link for.
var ErrUnknown = errors.New("unknown endpoint")

// ErrClosed reports a call on a manager after Close that could do nothing.
var ErrClosed = errors.New("endpoint manager is closed")

// DuplicateError reports an address that means an endpoint which is there already.
type DuplicateError struct {
	// ID is the endpoint's; Label and Other are what the two entries are called.
	ID, Label, Other string
}

// Error says which entry is refused and why.
func (e *DuplicateError) Error() string {
	return fmt.Sprintf("endpoint %s is the same endpoint as %s: two links to one endpoint would take it over from each other, so the second is not used", e.Other, e.Label)
}

// Manager keeps a link to every endpoint it is given. All methods are safe for
// concurrent use, and none waits for the network unless it says so.
type Manager struct {
	opts   atomic.Pointer[Options]
	tools  Tools
	slots  slots
	ledger ledger
	bell   nudge.Bell
	log    *slog.Logger
	// choice are the links, to be chosen from.
	choice         *balance.Set
	offersRevision atomic.Uint64
	since          time.Time
	told           func(from State, now Status) // of changes; nil is told nothing

	mu      sync.Mutex
	links   map[string]*link
	order   []string                   // IDs in the order given
	leaving map[string]<-chan struct{} // done channels of removed links
	phases  phases
	running bool
	closed  bool
}

// NewManager returns a manager without endpoints that answers them with tools; nil offers
// them none. Opts is copied; nil means the defaults. Nothing is dialled before Connect. Every
// endpoint that is added brings goroutines with it, so Close must be called.
func NewManager(tools Tools, opts *Options) *Manager {
	m := &Manager{tools: tools, since: time.Now(), links: make(map[string]*link), leaving: make(map[string]<-chan struct{})}
	o := opts.filled()
	if o.TLS == nil {
		o.TLS = &tls.Config{ClientSessionCache: tls.NewLRUClientSessionCache(256)}
	}
	m.opts.Store(o)
	m.log = o.Logger
	m.choice = balance.NewSet(o.Strategy, o.Random)
	m.choice.OnMove(o.Moved)
	m.told = o.Changed
	if m.tools == nil {
		m.tools = noTools{}
	}
	m.slots.limit = o.DialsPerHost
	m.phases.first = o.Random()
	return m
}

// PingPhase returns how long after a whole number of health check intervals since 1970 one of
// the six moments falls at which links ping; the others follow a sixth of the interval apart.
// What is done at the same moments does not wake an idle computer once more. Zero without
// health checks.
func (m *Manager) PingPhase() time.Duration {
	return time.Duration(m.phases.first * float64(max(m.opts.Load().HealthCheckInterval, 0)))
}

// Connect starts to dial every endpoint that is not disabled, and those added from now on.
// Links come up on their own; Status and Subscribe tell how they fare. It may be called
// again. The error is ErrClosed.
func (m *Manager) Connect() error { return m.setRunning(true) }

// Disconnect closes every link and leaves it paused until Connect. It does not wait until
// all have said goodbye. The error is ErrClosed.
func (m *Manager) Disconnect() error { return m.setRunning(false) }

func (m *Manager) setRunning(running bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	m.running = running
	for _, l := range m.links {
		l.post(func(now time.Time) { l.running = running; l.settle(now) })
	}
	return nil
}

// offered notes that some link offers other tools than before.
func (m *Manager) offered() {
	m.offersRevision.Add(1)
	m.bell.Ring()
}

// UpdateOptions replaces the options; nil means the defaults. Sockets stay, and waits under
// way get shorter, never longer. Logger, Changed, Moved and DialsPerHost stay those of
// NewManager, and a nil TLS keeps what was in use.
func (m *Manager) UpdateOptions(opts *Options) {
	o := opts.filled()
	m.mu.Lock()
	before := m.opts.Load()
	if o.TLS == nil {
		o.TLS = before.TLS
	}
	m.opts.Store(o)
	m.mu.Unlock()
	if o.Strategy != before.Strategy {
		m.choice.SetStrategy(o.Strategy)
	}
	m.each(func(l *link) func(time.Time) {
		return func(now time.Time) { l.optionsChanged(now, before) }
	})
}

// ToolsChanged tells the manager that lists of tools may have changed. Endpoints
// whose own list did are redialled once it has rested for PublishDelay.
func (m *Manager) ToolsChanged() {
	m.each(func(l *link) func(time.Time) { return l.toolsChanged })
}

// Wake tells the manager that the network came back or changed, or that the computer woke
// up. Links that wait or gave up dial at once; several spread over a second. Their attempts
// count anew. Links that were refused or taken over stay as they are, and so do those that
// wait because their endpoint asked them to. Connected links with health checks are pinged;
// a dead one is noticed within six seconds. Dials in progress go on, unless they began
// well before. It may be called often.
func (m *Manager) Wake() {
	m.each(func(l *link) func(time.Time) {
		var spread time.Duration
		if len(m.links) > 1 {
			spread = wakeSpread
		}
		return func(now time.Time) { l.wake(now, spread) }
	})
}

// TriggerHealthCheck pings every connected link at once, those whose health checks are off
// too. It does not wait for the answers: HealthCheckStats and Status have them.
func (m *Manager) TriggerHealthCheck() {
	m.each(func(l *link) func(time.Time) { return l.checkNow })
}

// each posts a function to every link, without waiting.
func (m *Manager) each(f func(*link) func(time.Time)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.links {
		l.post(f(l))
	}
}

// Reconnect dials the link with this ID now, closing its socket first; failures
// that made it give up are forgotten. A paused link stays paused. The error wraps
// ErrUnknown.
func (m *Manager) Reconnect(id string) error {
	return m.one(id, (*link).reconnect)
}

// CheckHealth pings the link with this ID at once if it is connected, also when its health
// checks are off. It does not wait for the answer. The error wraps ErrUnknown.
func (m *Manager) CheckHealth(id string) error {
	return m.one(id, (*link).checkNow)
}

// Pause closes the link with this ID and keeps it at rest until Resume, or until
// UpdateEndpoints enables an endpoint that was disabled. The error wraps ErrUnknown.
func (m *Manager) Pause(id string) error {
	return m.one(id, func(l *link, now time.Time) { l.held = true; l.settle(now) })
}

// Resume ends a Pause. A link whose Endpoint is Disabled stays at rest. The error wraps
// ErrUnknown.
func (m *Manager) Resume(id string) error {
	return m.one(id, func(l *link, now time.Time) { l.held = false; l.settle(now) })
}

// SetHealthCheckEnabled turns the pings of one link on or off, until the next
// UpdateEndpoints says otherwise. Those of a manager whose HealthCheckInterval is negative
// stay off. The error wraps ErrUnknown.
func (m *Manager) SetHealthCheckEnabled(id string, on bool) error {
	return m.one(id, func(l *link, now time.Time) {
		l.endpoint.NoHealthCheck = !on
		l.startProbe(now)
	})
}

// one runs f on the loop of one link and returns when it has run.
func (m *Manager) one(id string, f func(*link, time.Time)) error {
	m.mu.Lock()
	l := m.links[id]
	m.mu.Unlock()
	if l == nil {
		return fmt.Errorf("%w %q", ErrUnknown, id)
	}
	done := make(chan struct{})
	if !l.post(func(now time.Time) { f(l, now); l.publish(); close(done) }) {
		return fmt.Errorf("%w %q", ErrUnknown, id)
	}
	select {
	case <-done:
		return nil
	case <-l.done:
		return fmt.Errorf("%w %q", ErrUnknown, id)
	}
}

// Status returns a snapshot of every link, in the order of the endpoints.
func (m *Manager) Status() []Status { return collect(m, (*link).read) }

// StatusOf returns a snapshot of the link with this ID. The error wraps ErrUnknown.
func (m *Manager) StatusOf(id string) (Status, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.links[id]
	if l == nil {
		return Status{}, fmt.Errorf("%w %q", ErrUnknown, id)
	}
	return l.read(), nil
}

// Subscribe returns a channel that receives a nudge when some link changed, and a
// function that ends the subscription and may be called again. Nudges merge; read Status
// after each. The channel is never closed.
func (m *Manager) Subscribe() (<-chan struct{}, func()) { return m.bell.Subscribe() }

// Close closes every link cleanly and returns after the last goroutine, within
// about two seconds when Tools heed their contexts. It is idempotent; the error is always
// nil. Afterwards the links are still there to be read, and all else does nothing.
func (m *Manager) Close() error {
	m.mu.Lock()
	m.closed = true
	links := make([]*link, 0, len(m.links))
	for _, l := range m.links {
		links = append(links, l)
	}
	leaving := slices.Collect(maps.Values(m.leaving))
	m.mu.Unlock()
	for _, l := range links {
		l.end()
	}
	for _, l := range links {
		<-l.done
	}
	for _, done := range leaving {
		<-done
	}
	return nil
}
