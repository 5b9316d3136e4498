package hub

import (
	"log/slog"
	"net/http"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/retry"
)

// Documented defaults of Options.
const (
	DefaultToolTimeout  = 8 * time.Second
	DefaultStartTimeout = 60 * time.Second
)

// Options says how a Hub works. A nil *Options and every zero field mean the
// defaults.
type Options struct {
	// Logger gets one line per change of a server's state, and the lines that programs
	// write to standard error, under the attribute "server". Nil discards.
	Logger *slog.Logger
	// Retry spaces the attempts to start a server again. The count of attempts
	// starts anew once a server was ready for 60 s.
	Retry retry.Policy
	// ToolTimeout is how long CallTool waits before it answers that the tool takes
	// longer. Zero or less means DefaultToolTimeout.
	ToolTimeout time.Duration
	// StartTimeout bounds a server's start, up to its list of tools; npx and uvx may
	// download first. Zero or less means DefaultStartTimeout.
	StartTimeout time.Duration
	// MaxResultBytes bounds a result as it is sent, in bytes, from 512 to 8 MiB. Zero
	// means DefaultMaxResultBytes; less means the upper bound.
	MaxResultBytes int
	// Strategy chooses among servers of one group. The zero value is round-robin.
	Strategy balance.Strategy
	// Origin names this program in its lists of tools (session.OriginKey); empty leaves it out.
	Origin string
	// Words are the sentences said to the assistant. Empty ones are filled from English.
	Words Words
	// Status is the text of the built-in status tool. It is called for each call, by
	// any goroutine, and should return at once. Nil says only that the hub runs.
	Status func() string
	// Version is how we introduce ourselves to servers. Empty means "dev".
	Version string
	// Called is told of every call as its caller sees it end, by the goroutine that waited
	// for it, which goes on after it returns. Nil is told nothing.
	Called func(CallEnd)
	// Moved is told of every call that was given to another server of its group, by the
	// goroutine that gives it, mostly that which saw the first server go: it should return at
	// once, since other calls wait to be moved, and must not call the Hub. Nil is told
	// nothing. Read once, by New.
	Moved func(balance.Move)
	// HTTPClient lends its Transport to servers behind HTTP. Nil means a transport per
	// server, like http.DefaultTransport.
	HTTPClient *http.Client
}

// options is Options with its defaults filled in. It is immutable.
type options struct {
	retry        retry.Policy
	toolTimeout  time.Duration
	startTimeout time.Duration
	maxResult    int
	strategy     balance.Strategy
	origin       string
	words        Words
	status       func() string
	version      string
	called       func(CallEnd)
	transport    http.RoundTripper
}

func (o *Options) complete() *options {
	var in Options
	if o != nil {
		in = *o
	}
	out := &options{retry: in.Retry, toolTimeout: in.ToolTimeout, startTimeout: in.StartTimeout,
		maxResult: in.MaxResultBytes, strategy: in.Strategy, origin: in.Origin, words: in.Words.complete(), status: in.Status, version: in.Version, called: in.Called}
	if out.toolTimeout <= 0 {
		out.toolTimeout = DefaultToolTimeout
	}
	if out.startTimeout <= 0 {
		out.startTimeout = DefaultStartTimeout
	}
	switch {
	case out.maxResult == 0:
		out.maxResult = DefaultMaxResultBytes
	case out.maxResult < 0:
		out.maxResult = mostResultBytes
	default:
		out.maxResult = min(max(out.maxResult, leastResultBytes), mostResultBytes)
	}
	if out.version == "" {
		out.version = "dev"
	}
	if in.HTTPClient != nil {
		out.transport = in.HTTPClient.Transport
		if out.transport == nil {
			out.transport = http.DefaultTransport
		}
	}
	return out
}
