package hub

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/nudge"
	"xiaozhi-switchboard/core/tally"
)

// Hub keeps MCP servers running and routes calls to their tools. Its methods are
// safe for concurrent use.
type Hub struct {
	log   *slog.Logger
	spawn *spawner
	late  lateResults
	// sources are the servers, to be chosen from.
	sources *balance.Set
	calls   results
	recent  tally.Window
	// running counts the calls that outlived the deadline and have not ended.
	running atomic.Int32
	opts    atomic.Pointer[options]
	shown   atomic.Pointer[catalogue]
	bell    nudge.Bell

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup // runners and late calls
	ended  chan struct{}  // closed when Close has ended everything

	mu       sync.Mutex
	closed   bool
	servers  []Server // in the order of the configuration
	builtin  Server   // the settings of the built-in server
	views    map[string]View
	remotes  []*remote
	away     map[string]ToolSetting // of the tools of remotes
	runners  map[string]*runner
	stopping map[string]*runner // removed, perhaps not ended yet
}

// New returns a hub without servers. Its built-in tools answer from the start. Opts is
// copied; nil means the defaults. Close must be called.
func New(opts *Options) *Hub {
	h := &Hub{log: slog.New(slog.DiscardHandler), spawn: newSpawner(), ended: make(chan struct{}),
		builtin: Server{Name: BuiltinServer}, runners: map[string]*runner{}, stopping: map[string]*runner{}}
	h.sources = balance.NewSet(balance.RoundRobin, nil)
	if opts != nil && opts.Logger != nil {
		h.log = opts.Logger
	}
	if opts != nil {
		h.sources.OnMove(opts.Moved)
	}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.opts.Store(opts.complete())
	h.sources.SetStrategy(h.options().strategy)
	h.rebuild()
	return h
}

func (h *Hub) options() *options { return h.opts.Load() }

// UpdateOptions replaces the options while everything runs; nil means the defaults. Logger
// stays as it was given to New, and a new HTTPClient or Version is used from a server's
// next start on.
func (h *Hub) UpdateOptions(opts *Options) {
	h.opts.Store(opts.complete())
	h.sources.SetStrategy(h.options().strategy)
	h.rebuild()
}

// Close stops every server, its children included, ends the calls in flight and
// returns when all is over, within 3 s. Idempotent; the error is always nil. Afterwards
// nothing is started any more.
func (h *Hub) Close() error {
	h.mu.Lock()
	first := !h.closed
	h.closed = true
	h.mu.Unlock()
	if first {
		h.cancel()
		h.work.Wait()
		h.spawn.close()
		close(h.ended)
	}
	<-h.ended
	return nil
}

// Subscribe returns a channel that gets a nudge, one at a time, after the catalogue
// or the state of a server has changed: read again what is of interest. The function
// ends the subscription and may be called again. The channel is never closed.
func (h *Hub) Subscribe() (<-chan struct{}, func()) { return h.bell.Subscribe() }

func (h *Hub) nudge() { h.bell.Ring() }

// rebuild makes the catalogue anew and nudges.
func (h *Hub) rebuild() {
	h.mu.Lock()
	suppliers := make([]supplier, 0, len(h.servers)+1)
	for _, s := range h.servers {
		if r := h.runners[s.Name]; r != nil {
			suppliers = append(suppliers, supplier{spec: s, run: r, offers: r.offers})
		}
	}
	for _, r := range h.remotes {
		suppliers = append(suppliers, r.suppliers(h.away)...)
	}
	suppliers = append(suppliers, supplier{spec: h.builtin, offers: builtinOffers(&h.options().words)})
	h.shown.Store(newCatalogue(suppliers, h.views, h.shown.Load(), h.options().origin))
	h.mu.Unlock()
	h.nudge()
}

// ListResult returns the encoded result of tools/list for endpoint. It never waits
// and never allocates; the slice must not be changed, and it is the same one until
// what the endpoint sees changes. An endpoint without a View sees everything.
func (h *Hub) ListResult(endpoint string) []byte {
	return h.shown.Load().of(endpoint).list
}

// ListRaw is ListResult for callers that are no voice servers, and see everything: schemas
// are as the servers have them, references and all. The slice must not be changed.
func (h *Hub) ListRaw() []byte { return h.shown.Load().raw() }

// Restart has the server started anew, at once and whatever its state, and does not wait for
// it. The error says that there is no such server or that it is disabled.
func (h *Hub) Restart(name string) error {
	h.mu.Lock()
	r := h.runners[name]
	h.mu.Unlock()
	if r == nil {
		return fmt.Errorf("restart server %q: it is unknown or disabled", name)
	}
	r.poke(r.restart)
	return nil
}

// Stderr returns the last lines of a stdio server's standard error, at most 100, the newest
// last and scrubbed, as Servers does; nil when there are none or no such server runs.
func (h *Hub) Stderr(name string) []string {
	h.mu.Lock()
	r := h.runners[name]
	h.mu.Unlock()
	if r == nil {
		return nil
	}
	return r.stderr.snapshot()
}

// Wait returns when every enabled server has become ready or failed its first
// start, or with the error of ctx.
func (h *Hub) Wait(ctx context.Context) error {
	h.mu.Lock()
	var all []*runner
	for _, r := range h.runners {
		all = append(all, r)
	}
	h.mu.Unlock()
	for _, r := range all {
		select {
		case <-r.settled:
		case <-ctx.Done():
			return fmt.Errorf("wait for servers: %w", ctx.Err())
		}
	}
	return nil
}

// Servers returns a snapshot of every server, in the order of the configuration.
func (h *Hub) Servers() []ServerStatus {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]ServerStatus, 0, len(h.servers))
	for _, s := range h.servers {
		status := ServerStatus{Name: s.Name, Kind: s.Kind, Group: s.Group}
		if r := h.runners[s.Name]; r != nil {
			status.State, status.Since, status.PID, status.Tools = r.state, r.since, r.pid, len(r.offers)
			status.Restarts, status.Stray = max(r.sessions-1, 0), r.stray.Load()
			status.NextRetry, status.Stderr = r.nextRetry, r.stderr.snapshot()
			status.Title, status.Version, status.Note = r.title, r.version, r.note
			if r.problem != nil {
				p := *r.problem
				status.Problem = &p
			}
		}
		all = append(all, status)
	}
	return all
}

// ToolStatus is one tool of the catalogue, for people to look at.
type ToolStatus struct {
	Name        string // public
	Server      string // or the group, or the remote
	Original    string // the server's own name
	Title       string
	Description string // as listed
	Overridden  bool   // Description is the user's
	Own         string // the server's own description
	Schema      []byte // raw JSON, as listed
	Hints       Hints
	Enabled     bool
	// Sources are the servers or links that a call may go to; one unless Server is a group.
	Sources []string
	// Listers are the servers or links that list the tool, those where it is off included.
	Listers []string
	// Remote: the sources are those of a Remote.
	Remote bool
	Calls  CallStats
	// Notes say why the tool was renamed, altered or left out.
	Notes []Note
}

// Tools returns the catalogue, disabled tools included, in the order in which it is
// listed; those of the built-in server come last.
func (h *Hub) Tools() []ToolStatus {
	c := h.shown.Load()
	all := make([]ToolStatus, 0, len(c.entries))
	for _, e := range c.entries {
		all = append(all, ToolStatus{Name: e.public, Server: e.server, Original: e.offer.name, Title: e.offer.title,
			Description: e.text, Overridden: e.text != e.offer.description, Own: e.offer.description, Schema: e.offer.schema, Hints: e.offer.hints,
			Enabled: e.enabled, Notes: slices.Clone(e.notes), Sources: e.sourceNames(), Listers: slices.Clone(e.listers), Remote: len(e.sources) > 0 && e.sources[0].remote != nil, Calls: e.results.read()})
	}
	return all
}
