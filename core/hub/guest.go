package hub

import "context"

// Guest calls tools as an endpoint would, to see what that would be answered, and
// leaves no trace at the endpoint: what it calls counts in no statistics and is told to
// nobody, the result of a call that takes too long is not kept, and results that wait for
// the endpoint stay. The servers notice no difference, so what a tool does is really
// done. Its methods are those that an endpoint's link needs, and are safe for
// concurrent use.
type Guest struct {
	hub      *Hub
	endpoint string
}

// Guest returns a guest in the place of an endpoint; "" sees every tool.
func (h *Hub) Guest(endpoint string) *Guest { return &Guest{h, endpoint} }

// ListResult is Hub.ListResult for the endpoint, whatever the caller is called.
func (g *Guest) ListResult(string) []byte { return g.hub.ListResult(g.endpoint) }

// StartCall is Hub.StartCall for the endpoint, whatever the caller is called.
func (g *Guest) StartCall(ctx context.Context, _, name string, arguments []byte) (wait func() ([]byte, error)) {
	return g.hub.startCall(ctx, caller{endpoint: g.endpoint, guest: true}, name, arguments)
}
