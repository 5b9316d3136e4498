package hub

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"sync"
	"sync/atomic"

	"xiaozhi-switchboard/core/session"
)

// Errors that Remote.Call returns, or wraps, for what is no answer.
var (
	// ErrAway: none of the sources can be reached now; the call was not made.
	ErrAway = errors.New("no source of the tool can be reached")
	// ErrLost: the source went away, and the call may have been carried out.
	ErrLost = errors.New("the source went away before it answered")
)

// Remote is tools that others reach for the hub, such as those behind links to endpoints.
// Its sources are interchangeable, as the servers of a group are.
type Remote struct {
	// Name stands in front of its tools, as that of a server does, and is what a View names.
	Name    string
	Sources []RemoteSource
	// Call makes one call. It is called concurrently, and may take long; ctx ends when nobody
	// waits any more. It returns the raw result, an *rpc.Error that the tool's side answered,
	// or an error that wraps ErrAway or ErrLost.
	Call func(ctx context.Context, call RemoteCall) ([]byte, error)
}

// RemoteSource is one place that a Remote reaches.
type RemoteSource struct {
	// ID is what RemoteCall.Among holds, Label what people read.
	ID, Label string
	// Tools are the raw entries of its tools/list. The limits of a server's list hold for
	// them; see the package documentation.
	Tools [][]byte
}

// RemoteCall is one call over a Remote.
type RemoteCall struct {
	Tool string // as the sources know it
	Args []byte // a raw JSON object of its own
	// Among are the IDs of the sources that offer the tool with the schema that was listed.
	Among []string
	// Safe: the tool may be called twice, so that the call may be made again elsewhere.
	Safe bool
	// Over may be told the ID of each source that is given the call, so that its end names
	// the one that had it last. It is never nil, and safe for concurrent use.
	Over func(id string)
}

// SetRemotes replaces the remotes; nil removes all. It returns at once; calls under way go
// on. What list refers to must not be changed afterwards.
func (h *Hub) SetRemotes(list []Remote) {
	made := make([]*remote, 0, len(list))
	for _, spec := range list {
		r := &remote{hub: h, spec: spec, calls: map[int64]context.CancelFunc{}}
		r.peer = newPeer(h.log, new(atomic.Int64), func() {})
		r.peer.attach(r)
		for _, s := range spec.Sources {
			var l listing
			for _, entry := range s.Tools {
				if !l.add(entry) {
					break
				}
			}
			r.offers = append(r.offers, l.offers)
		}
		made = append(made, r)
	}
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return
	}
	h.remotes = made
	h.mu.Unlock()
	h.rebuild()
}

// SetRemoteTools replaces what the user decided about tools of remotes, by the tools' own
// names; nil means nothing. It holds for every remote and every source, those that come
// later included, and is so when SetRemoteTools returns. Settings is copied.
func (h *Hub) SetRemoteTools(settings map[string]ToolSetting) {
	h.mu.Lock()
	same := maps.Equal(h.away, settings)
	h.away = maps.Clone(settings)
	h.mu.Unlock()
	if !same {
		h.rebuild()
	}
}

// remote makes a Remote look like the session of a server: a transport whose answers come
// from Remote.Call.
type remote struct {
	hub    *Hub
	spec   Remote
	peer   *peer
	offers [][]offer // of each source

	handing sync.Mutex
	entry   *entry // what the call that start is about to Send is of
	over    func(id string)

	mu    sync.Mutex
	calls map[int64]context.CancelFunc
}

// start begins a call of e. It stands in for peer.Start, since the sources that the caller
// sees are more than a tool's name.
func (r *remote) start(e *entry, arguments []byte, over func(id string)) (*session.Call, error) {
	r.handing.Lock()
	defer r.handing.Unlock()
	r.entry, r.over = e, over
	return r.peer.Start(session.Outgoing{Tool: e.offer.name, Args: arguments})
}

// suppliers are the sources of r, each with the same settings of its tools.
func (r *remote) suppliers(settings map[string]ToolSetting) []supplier {
	all := make([]supplier, 0, len(r.offers))
	for i, offers := range r.offers {
		all = append(all, supplier{spec: Server{Name: r.spec.Sources[i].ID, Group: r.spec.Name, Tools: settings}, remote: r, offers: offers,
			label: r.spec.Sources[i].Label})
	}
	return all
}

// Send makes a call in a goroutine of its own.
func (r *remote) Send(m session.Outgoing) (int64, error) {
	if m.Tool == "" {
		return 0, ErrAway // that a call is cancelled is told by Abandon
	}
	e := r.entry
	call := RemoteCall{Tool: e.offer.name, Args: bytes.Clone(m.Args), Safe: e.safe(), Over: r.over}
	for _, s := range e.sources {
		call.Among = append(call.Among, s.id)
	}
	ctx, cancel := context.WithCancel(r.hub.ctx)
	r.hub.mu.Lock()
	if r.hub.closed {
		r.hub.mu.Unlock()
		cancel()
		return 0, ErrAway
	}
	r.hub.work.Add(1)
	r.hub.mu.Unlock()
	r.mu.Lock()
	r.calls[m.ID] = cancel
	r.mu.Unlock()
	go func() {
		defer r.hub.work.Done()
		result, err := r.spec.Call(ctx, call)
		if r.forget(m.ID) {
			r.peer.Deliver(m.ID, session.Answer{Result: result, Err: err})
		}
	}()
	return 0, nil
}

// forget ends a call, and reports whether somebody still waited for it.
func (r *remote) forget(id int64) bool {
	r.mu.Lock()
	cancel := r.calls[id]
	delete(r.calls, id)
	r.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	return cancel != nil
}

// Unsent is not asked: the conversation with a remote never ends.
func (r *remote) Unsent(int64, int64) bool { return false }

// Abandon ends a call that nobody waits for.
func (r *remote) Abandon(id int64) { r.forget(id) }

func (r *remote) close() error { return nil }
