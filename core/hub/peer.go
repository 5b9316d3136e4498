package hub

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync/atomic"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/session"
)

// Errors that end a call. They are never shown: the caller puts them into words.
var (
	errDied       = errors.New("the server ended")
	errGone       = errors.New("the server forgot the session")
	errOverloaded = errors.New("the server does not read what it is sent")
	errTooLarge   = errors.New("the answer is over 32 MiB")
)

// transport is a session.Transport that can be closed.
type transport interface {
	session.Transport
	// close ends the connection, and the server if it is ours. It returns after the last
	// goroutine of the transport, with the reason why the connection ended if it knows
	// one. Idempotent.
	close() error
}

// peer is our side of the conversation with one server, and what carries it.
type peer struct {
	*session.Client
	link transport
}

func newPeer(log *slog.Logger, stray *atomic.Int64, changed func()) *peer {
	return &peer{Client: session.New(log, stray, changed)}
}

// attach gives the conversation its transport, before the first use.
func (p *peer) attach(t transport) { p.link, p.Transport = t, t }

// list reads the server's tools. A server that knows no tools/list has none. One whose
// list carries own, our origin, is ourselves: its tools would come back to us again and
// again, each time under longer names.
func (p *peer) list(ctx context.Context, own string) ([]offer, string, error) {
	var l listing
	whole, origin, err := p.ListTools(ctx, l.add)
	var e *rpc.Error
	switch {
	case errors.As(err, &e) && e.Code == rpc.CodeMethodNotFound:
		return nil, "the server offers no tools", nil
	case err != nil:
		return nil, "", err
	case origin != "" && origin == own:
		return nil, "", &failure{kind: ProblemConfig, sentence: "this server leads back to this program: what it offers are our own tools",
			advice: "Remove it; the tools are there already."}
	}
	return l.offers, l.note(whole), nil
}

// remoteError turns an error of a transport that decodes for itself into ours.
func remoteError(code int64, message string, data json.RawMessage) *rpc.Error {
	if message == "" {
		message = "the answer is an error without a readable message"
	}
	return &rpc.Error{Code: int(code), Message: message, Data: data}
}
