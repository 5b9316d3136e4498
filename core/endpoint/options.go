package endpoint

import (
	"context"
	"crypto/tls"
	"log/slog"
	"math/rand/v2"
	"net"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/retry"
)

// Defaults of Options. The first five are those of the seed's option table.
const (
	DefaultHealthCheckInterval  = 30 * time.Second
	DefaultReconnectInterval    = retry.DefaultBase
	DefaultMaxReconnectAttempts = 10
	DefaultConnectionTimeout    = 10 * time.Second
	DefaultMaxReconnectDelay    = retry.DefaultMax
	DefaultFailedRetryInterval  = 5 * time.Minute
	DefaultMaxCallsPerLink      = 512
	DefaultDialsPerHost         = 16
	DefaultPublishDelay         = 3 * time.Second
	DefaultCallPatience         = 8 * time.Second
)

// Fixed rules of the wire; the package documentation says where they come from.
const (
	maxFrame       = 8 << 20          // larger frames close the link with 1009
	writeTimeout   = 10 * time.Second // a peer that does not read for so long is gone
	closeGrace     = time.Second      // for the peer to answer our close frame
	stableAfter    = 60 * time.Second // connected and proven alive for so long is stable
	stableRedial   = 950 * time.Millisecond
	silenceAllowed = 3 * time.Second // after an unclean drop; see relay trap 1
	gaveUpFloor    = 15 * time.Second
	takeoverWindow = 60 * time.Second
	takeoverLimit  = 3
)

// leastHealthCheckInterval is that of configuration files too: more often tells nothing more
// and burdens the endpoint.
const leastHealthCheckInterval = time.Second

// Options configures a Manager. A zero field means its default, so nil and
// &Options{} are the same.
type Options struct {
	// HealthCheckInterval is the time between pings. Default 30 s; less than 1 s counts as 1 s,
	// and negative turns them off.
	HealthCheckInterval time.Duration
	// Retry spaces reconnect attempts. Default: exponential, base 5 s, cap 60 s, jittered.
	Retry retry.Policy
	// MaxReconnectAttempts is after how many failures in a row a link gives up.
	// Default 10; negative means never.
	MaxReconnectAttempts int
	// ConnectionTimeout bounds one dial, upgrade included. Zero or less means 10 s.
	ConnectionTimeout time.Duration
	// FailedRetryInterval is after how long a link that gave up tries once more.
	// Default 5 min; negative means never. Refused and taken-over links never do. Wake does not
	// wait for it.
	FailedRetryInterval time.Duration
	// MaxCallsPerLink bounds the tool calls in flight on one link; more are answered
	// with an error at once. Zero or less means 512.
	MaxCallsPerLink int
	// DialsPerHost bounds the dials in flight to one host. Zero or less means 16. Read once, by
	// NewManager.
	DialsPerHost int
	// PublishDelay is how long a changed tool list must rest before links redial to
	// publish it; one that does not rest is published after ten times as long. Zero or less
	// means 3 s. A link redials for that six times in five minutes at most.
	PublishDelay time.Duration

	// Strategy chooses among links. The zero value is round-robin.
	Strategy balance.Strategy
	// CallPatience is after how long a call of CallTool that is not answered counts against its
	// link. It is waited for all the same. Zero or less means 8 s.
	CallPatience time.Duration
	// Origin is what our own lists of tools are marked with (session.OriginKey), so that an
	// address in the call role that leads back to this program is found out. Empty: it is not.
	Origin string

	// ServerName and ServerVersion are what initialize answers.
	// Default "xiaozhi-switchboard" and "dev".
	ServerName, ServerVersion string

	// Changed is told of every change of a link's state, with the state that it left and its
	// status after, and Moved of every call that was given to another link. Each is called by
	// the goroutine that does it, should return at once, since other calls wait to be moved,
	// and must not call the Manager. Nil is told nothing. Read once, by NewManager.
	Changed func(from State, now Status)
	Moved   func(balance.Move)
	// Logger receives one line per transition. Nil discards. Read once, by NewManager.
	Logger *slog.Logger
	// TLS configures wss dials. Nil means the system's roots and a session cache; given to
	// UpdateOptions, what was in use before.
	TLS *tls.Config
	// DialContext opens the TCP connection. Nil means net.Dialer with the proxy of the environment.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	// Random returns numbers in [0, 1). Nil means math/rand. It must be safe for concurrent use.
	Random func() float64
}

// filled is a copy of o with its defaults.
func (o *Options) filled() *Options {
	var f Options
	if o != nil {
		f = *o
	}
	orDefault(&f.HealthCheckInterval, DefaultHealthCheckInterval)
	if f.HealthCheckInterval > 0 {
		f.HealthCheckInterval = max(f.HealthCheckInterval, leastHealthCheckInterval)
	}
	orDefault(&f.MaxReconnectAttempts, DefaultMaxReconnectAttempts)
	orDefault(&f.FailedRetryInterval, DefaultFailedRetryInterval)
	positive(&f.ConnectionTimeout, DefaultConnectionTimeout)
	positive(&f.MaxCallsPerLink, DefaultMaxCallsPerLink)
	positive(&f.DialsPerHost, DefaultDialsPerHost)
	positive(&f.PublishDelay, DefaultPublishDelay)
	positive(&f.CallPatience, DefaultCallPatience)
	orDefault(&f.ServerName, "xiaozhi-switchboard")
	orDefault(&f.ServerVersion, "dev")
	if f.Logger == nil {
		f.Logger = slog.New(slog.DiscardHandler)
	}
	if f.Random == nil {
		f.Random = rand.Float64
	}
	return &f
}

func orDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// positive is orDefault for numbers that mean nothing when negative.
func positive[T int | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}
