package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"xiaozhi-switchboard/core/secret"
)

const (
	defaultStreams = 32
	defaultBody    = 64 << 10
	defaultClients = 64

	headerTimeout = 5 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 32 << 10
	// drainTime is how long requests that are running may take once the server stops.
	drainTime = time.Second
)

// Options are the ways of a Server. The zero value, like nil, means the defaults.
type Options struct {
	// Log receives one line per trouble; nil discards. Addresses are logged without
	// their query.
	Log *slog.Logger
	// Hosts are names, beside those of this computer itself, under which the
	// dashboard may be reached, each with or without a port. Without one it is the
	// port that the request came in on, or the default port of the scheme.
	Hosts []string
	// Port is ours, for requests that do not tell which port they came in on, such
	// as those of a test. Requests of a listener tell.
	Port int
	// Exposed says that other computers can reach the server. Then nobody is answered
	// without the access key of the settings, and the addresses of this computer are names
	// of the dashboard too.
	Exposed bool
	// Pass lets a request in without the access key, for the commands of this computer's
	// user. It must be impossible to guess. Empty lets nobody in so.
	Pass secret.Key
	// MaxStreams is how many pages may be live at once; 0 means 32.
	MaxStreams int
	// MaxBody is how many bytes a request may send; 0 means 64 KiB.
	// Messages of MCP clients may have 4 MiB all the same, and the form with the text of
	// the configuration file 1 MiB.
	MaxBody int64
	// MaxClients is how many MCP clients may have a session at once; 0 means 64. When there
	// are more, the session that was idle for the longest time ends.
	MaxClients int
	// Version is shown in the side bar; empty leaves it out.
	Version string
	// Zone is for the clock times on pages; nil means the zone of this computer.
	Zone *time.Location
	// Stretch is the factor by which updates of open pages are spaced out at present, such
	// as 2 or 4 while the processors are busy. It is asked before each and should return
	// at once. Nil and less than 1 mean 1. What somebody asks for is answered at once all
	// the same.
	Stretch func() float64
}

// Server is the dashboard. All methods are safe for concurrent use.
type Server struct {
	deps     Deps
	options  Options
	log      *slog.Logger
	boot     string // tells the revisions of this run from those of others
	guard    *guard
	gate     *gate
	routes   []route
	mux      *http.ServeMux
	pages    []page
	parts    []string       // of Activity that have a route
	views    *http.ServeMux // finds the view of an address
	pump     *pump
	deeds    memory[deed]
	drafts   drafts
	veils    memory[[]string] // what is hidden in texts that are edited
	pasted   memory[string]   // texts of MCP servers that are to be agreed to
	examined memory[string]   // addresses that were found to work
	bundles  memory[*bundle]  // that were looked at
	traces   traces
	gauges   gauges
	keeper   *keeper
	rests    rests
	registry *prometheus.Registry
	toolbox  *mcpServer    // nil without tools to call
	slots    chan struct{} // one for each stream

	ctx  context.Context // ends with Close
	stop context.CancelFunc

	tracing sync.WaitGroup
	kept    sync.Once

	mu      sync.Mutex
	closed  bool
	streams sync.WaitGroup // added to under mu, and not after closed
}

// New returns a server that shows deps. It runs up to four goroutines until Close. What
// deps.History kept is read before it returns.
func New(deps Deps, opts *Options) *Server {
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxStreams <= 0 {
		o.MaxStreams = defaultStreams
	}
	if o.MaxBody <= 0 {
		o.MaxBody = defaultBody
	}
	if o.MaxClients <= 0 {
		o.MaxClients = defaultClients
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	s := &Server{deps: deps, options: o, log: o.Log, boot: newBoot(), slots: make(chan struct{}, o.MaxStreams)}
	s.bundles.size = bundlesKept
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.guard = newGuard(&o, s.settings)
	s.gate = &gate{settings: s.settings, port: s.guard.portOf, exposed: o.Exposed, own: o.Pass}
	if deps.Settings != nil {
		s.tracing.Go(func() { s.gate.follow(s.ctx, deps.Settings) })
	}
	s.registry = newRegistry(deps.Performance, o.Version)
	if deps.Toolbox != nil {
		s.toolbox = newMCPServer(deps.Toolbox, o.Version, o.MaxClients, o.Log)
	}
	s.pages = livePages()
	s.views = newViews(s.pages)
	s.routes = s.table()
	s.parts = partsOf(s.routes)
	s.mux = newMux(s.routes)
	s.pump = newPump(&s.deps, s.snapshot, s.pages, o.Zone, o.Log)
	s.pump.stretch = o.Stretch
	s.keeper = &keeper{gauges: &s.gauges, pasts: []past{&s.traces, &s.gauges}, performance: deps.Performance, history: deps.History, log: o.Log}
	s.keeper.load(time.Now())
	go s.pump.run(s.ctx)
	s.tracing.Go(func() { s.keeper.run(s.ctx) })
	if deps.Links != nil {
		s.tracing.Go(func() { s.traces.run(s.ctx, deps.Links, o.Log) })
	}
	return s
}

// newBoot returns a fresh mark for a run of the program.
func newBoot() string {
	var b [6]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// settings is the current view of the configuration.
func (s *Server) settings() SettingsView {
	if s.deps.Settings == nil {
		return SettingsView{}
	}
	return s.deps.Settings.View()
}

// Serve answers requests on l until ctx ends, then closes the server, and returns
// when all is done, within about a second. The error is nil after an orderly end.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(scrubber{s.log.Handler()}, slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- h.Serve(l) }()
	var err error
	select {
	case err = <-served:
		s.Close()
	case <-ctx.Done():
		s.Close()
		drain, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()
		if h.Shutdown(drain) != nil {
			h.Close()
		}
		err = <-served
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Close ends all streams and MCP sessions, and returns after the last goroutine. Requests that come
// later are refused. It is idempotent.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.streams.Wait()
	if s.toolbox != nil {
		s.toolbox.close()
	}
	s.gate.close()
	<-s.pump.done
	s.tracing.Wait()
	s.kept.Do(func() { s.keeper.write(true) }) // the last minute
	s.rests.close()
	return nil
}

// enter counts a stream in, unless the server is closed or full; leave ends it.
func (s *Server) enter() (leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, false
	}
	select {
	case s.slots <- struct{}{}:
	default:
		return nil, false
	}
	s.streams.Add(1)
	return func() { <-s.slots; s.streams.Done() }, true
}

// scrubber hides credentials in what net/http writes to its log.
type scrubber struct{ slog.Handler }

// Handle scrubs the message, which is all that there is.
func (h scrubber) Handle(ctx context.Context, r slog.Record) error {
	r.Message = secret.Text(r.Message)
	return h.Handler.Handle(ctx, r)
}
