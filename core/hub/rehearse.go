package hub

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/session"
)

// rehearsals is how many calls a rehearsal makes.
const rehearsals = 8

// rehearse makes calls of a tool that is nowhere, in a hub of its own, so that the code of a
// call is in memory before the first one that somebody waits for.
func rehearse(ctx context.Context) {
	h := New(nil)
	defer h.Close()
	r := &runner{hub: h, name: "rehearsal", log: h.log, member: h.sources.Add("rehearsal", "rehearsal", nil)}
	p := newPeer(h.log, new(atomic.Int64), func() {})
	p.attach(&echo{peer: p})
	r.live.Store(p)
	r.member.SetUp(true)
	e := &entry{public: r.name, server: r.name, offer: &offer{name: r.name}, enabled: true, results: new(results),
		sources: []source{{id: r.name, server: r.name, run: r, member: r.member, name: r.name}}, members: []*balance.Member{r.member}}
	for range rehearsals {
		c := &ongoing{hub: h, ctx: ctx, entry: e, view: h.shown.Load().whole, opts: h.options(), began: time.Now()}
		c.begin([]byte(`{"text":"rehearsal"}`))
		if _, err := c.wait(); err != nil {
			return
		}
	}
}

// echo is a transport whose other side answers every request at once.
type echo struct{ peer *peer }

// Send reads the message and its answer as they would come from a program.
func (e *echo) Send(m session.Outgoing) (int64, error) {
	line := appendLine(nil, m)
	answer := []byte(`{"jsonrpc":"2.0","id":` + strconv.FormatInt(m.ID, 10) + `,"result":{"content":[{"type":"text","text":"rehearsal"}]}}`)
	if id, result, ok := plainResponse(answer); ok {
		go e.peer.Deliver(id, session.Answer{Result: append(line[:0], result...), Plain: true})
	}
	return 0, nil
}

// Unsent is not asked.
func (e *echo) Unsent(int64, int64) bool { return false }

// Abandon has nothing to free.
func (e *echo) Abandon(int64) {}

func (e *echo) close() error { return nil }
