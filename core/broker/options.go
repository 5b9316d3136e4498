package broker

import (
	"crypto/rand"
	"log/slog"
	"time"
)

// Options are the settings of a Broker. A nil *Options and every zero field mean
// the documented defaults. New copies them; later changes have no effect.
type Options struct {
	// Family is the far side to play; the default is Official.
	Family Family
	// Logger receives one line per transition; nil discards them. Tokens are
	// never logged.
	Logger *slog.Logger

	// PingInterval is the time between two pings of ours on a socket: JSON-RPC
	// pings for Official (default 60 s), WebSocket pings for Relay (20 s). A
	// negative value turns them off.
	PingInterval time.Duration
	// AnswerTimeout is how late the answer to initialize, tools/list or ping may
	// be before Official closes the socket with 4004. The default is 10 s;
	// negative means never. Relay does not use it.
	AnswerTimeout time.Duration
	// CallTimeout is how long a robot waits for the answer to a tool call, and
	// with Relay to any request. The default is 10 s for Official and 30 s, the
	// esp32 server's, for Relay.
	CallTimeout time.Duration
	// SettleRobots is how long a robot whose agent has no tool side at the moment
	// waits for one, so that a redial does not fail a rehearsal. Zero means that
	// it is told at once.
	SettleRobots time.Duration

	// MaxResultBytes is the size in bytes of a tool result beyond which the
	// assistant hears only the beginning. The default is 8192 for Official and
	// 1 MiB for Relay; negative means no limit.
	MaxResultBytes int
	// MaxFrameBytes is the largest frame that is read; a longer one closes the
	// socket with 1009. The default is 8 MiB for Official and 1 MiB for Relay.
	MaxFrameBytes int
	// MaxSockets is how many sockets may be open at once; further ones get HTTP
	// 503. The default is 4096.
	MaxSockets int

	// KeepRegistration turns off the relay's takeover bug. By default it is on, as
	// in the real relay: the handler of a socket that was taken over deletes the
	// registration of its successor, which then stays open and hears nothing.
	KeepRegistration bool

	// Observe, if not nil, is called with each text frame, before it is sent and after it
	// was received whole. It is called by several goroutines, at most one for each socket
	// and direction at a time, must not keep Text, and should return soon.
	Observe func(Frame)

	// Secret signs and seals tokens. Brokers with the same secret accept each
	// other's tokens; empty means random bytes of this broker's own.
	Secret []byte
	// TokenLife is how long an Official token is valid; the default is 365.25
	// days. Negative values mint tokens that have expired already.
	TokenLife time.Duration
}

func (o *Options) filled() Options {
	var out Options
	if o != nil {
		out = *o
	}
	m := out.Family.manners()
	if out.Logger == nil {
		out.Logger = slog.New(slog.DiscardHandler)
	}
	setDefault(&out.PingInterval, m.ping)
	setDefault(&out.AnswerTimeout, 10*time.Second)
	setDefault(&out.CallTimeout, m.call)
	setDefault(&out.MaxResultBytes, m.maxResult)
	setDefault(&out.MaxFrameBytes, m.maxFrame)
	setDefault(&out.MaxSockets, 4096)
	setDefault(&out.TokenLife, 8766*time.Hour)
	if len(out.Secret) == 0 {
		out.Secret = make([]byte, 32)
		_, _ = rand.Read(out.Secret) // never fails
	} else {
		out.Secret = append([]byte(nil), out.Secret...)
	}
	return out
}

func setDefault[T ~int | ~int64](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}
