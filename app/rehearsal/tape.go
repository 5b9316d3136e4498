package rehearsal

import (
	"bytes"
	"strings"
	"sync"
	"time"

	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/core/session"
)

const (
	// mostExchanges bounds what a tape holds; a rehearsal has a handful.
	mostExchanges = 64
	// longestExcerpt is how many bytes of a message are shown. Secrets are looked for in
	// searched bytes, so that none is cut in two first.
	longestExcerpt = 1500
	searched       = 16 << 10
)

// exchange is a request of the cloud and its answer, if that came.
type exchange struct {
	method       string
	sent, got    string
	sentBytes    int
	gotBytes     int
	began, ended time.Time // ended is zero without an answer
	result       []byte    // raw; of a list only
	failure      *rpc.Error
}

// tape records what a cloud asked and was answered. It is safe for concurrent use.
type tape struct {
	mu   sync.Mutex
	all  []*exchange
	open map[string]*exchange // by raw id
}

// record takes a frame that goes over a socket of the broker.
func (t *tape) record(f broker.Frame) {
	m, err := rpc.Parse(f.Text)
	if err != nil {
		return // what is no message answers nothing
	}
	shown := excerpt(f.Text)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case f.Sent && m.Kind == rpc.KindRequest && len(t.all) < mostExchanges:
		e := &exchange{method: m.Method, sent: shown, sentBytes: len(f.Text), began: f.At}
		t.all = append(t.all, e)
		if t.open == nil {
			t.open = make(map[string]*exchange)
		}
		t.open[string(m.ID)] = e
	case !f.Sent && m.Kind == rpc.KindResponse:
		e := t.open[string(m.ID)]
		if e == nil {
			return
		}
		delete(t.open, string(m.ID))
		e.got, e.gotBytes, e.ended = shown, len(f.Text), f.At
		if m.Error != nil {
			e.failure = rpc.ParseError(m.Error)
			e.failure.Data = nil
		} else if e.method == rpc.MethodToolsList {
			e.result = bytes.Clone(m.Result)
		}
	}
}

// of returns the exchanges of a method, in their order.
func (t *tape) of(method string) (list []exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.all {
		if e.method == method {
			list = append(list, *e)
		}
	}
	return list
}

// excerpt is the beginning of a message, without secrets.
func excerpt(text []byte) string {
	window := strings.ToValidUTF8(string(text[:min(len(text), searched)]), "")
	shown := session.Cut(secret.Text(window), longestExcerpt)
	if len(text) > searched && !strings.HasSuffix(shown, "…") {
		shown += "…"
	}
	return shown
}
