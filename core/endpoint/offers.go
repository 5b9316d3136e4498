package endpoint

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/session"
)

// Bounds of what one endpoint may offer.
const (
	mostOffers     = 512
	mostOfferBytes = 2 << 20
	longestTool    = 256 // bytes of a tool's name
)

// RemoteGroup is the group of all links in the call role: what stands in front of the tools
// behind them when those are published.
const RemoteGroup = "remote"

// offer is one tool behind an endpoint.
type offer struct {
	name   string
	raw    []byte // the entry of its list
	schema string // canonical JSON
	safe   bool   // it may be called twice
}

// offers are the tools behind one endpoint. They are immutable once finished.
type offers struct {
	tools   []offer
	bytes   int
	leftOut int            // entries that cannot be taken
	cut     bool           // there were more than are taken
	loop    bool           // they are our own, and left out
	byName  map[string]int // index in tools
}

func newOffers() *offers { return &offers{byName: map[string]int{}} }

// add takes one raw entry, and reports whether there is room for more.
func (o *offers) add(entry []byte) bool {
	if len(o.tools) == mostOffers || o.bytes+len(entry) > mostOfferBytes {
		o.cut = true
		return false
	}
	t, ok := parseTool(entry)
	if _, twice := o.byName[t.name]; !ok || twice {
		o.leftOut++
		return true
	}
	o.byName[t.name] = len(o.tools)
	o.bytes += len(entry)
	o.tools = append(o.tools, t)
	return true
}

// finish leaves out what came from ourselves. Own is our origin; see Options.Origin.
func (o *offers) finish(origin, own string) {
	switch {
	case origin == "":
		return
	case origin == own:
		o.tools, o.loop = nil, true
	default:
		// Another program of this kind: what it reaches over endpoints itself may be ours.
		before := len(o.tools)
		o.tools = slices.DeleteFunc(o.tools, func(t offer) bool { return strings.HasPrefix(t.name, RemoteGroup+"__") })
		o.leftOut += before - len(o.tools)
	}
	clear(o.byName)
	for i, t := range o.tools {
		o.byName[t.name] = i
	}
}

// same reports whether the same tools are offered as before, which may be nil.
func (o *offers) same(before *offers) bool {
	return before != nil && before.loop == o.loop &&
		slices.EqualFunc(o.tools, before.tools, func(a, b offer) bool { return bytes.Equal(a.raw, b.raw) })
}

// parseTool reads what routing needs of an entry. Ok is false for one that cannot be called.
func parseTool(entry []byte) (t offer, ok bool) {
	t.raw = bytes.Clone(entry)
	err := rpc.Members(t.raw, func(name, value []byte) error {
		switch string(name) {
		case "name":
			t.name, _ = session.Text(value)
		case "inputSchema":
			schema := jsontext.Value(bytes.Clone(value))
			if schema.Canonicalize() == nil {
				t.schema = string(schema)
			}
		case "annotations":
			t.safe = string(session.Member(value, "readOnlyHint")) == "true" || string(session.Member(value, "idempotentHint")) == "true"
		}
		return nil
	})
	return t, err == nil && t.name != "" && len(t.name) <= longestTool
}

// Offers are the tools behind one endpoint.
type Offers struct {
	// ID and Label are the endpoint's.
	ID, Label string
	// Tools are the raw entries of its tools/list, at most 512 and 2 MiB of them, without
	// repetitions. They must not be changed.
	Tools [][]byte
}

// OffersRevision returns the revision that Offers would, at no cost.
func (m *Manager) OffersRevision() uint64 { return m.offersRevision.Load() }

// Offers returns what every link in the call role offers or, while it is away, offered last,
// in the order of the endpoints. The revision changes when any of it does. Subscribers are
// nudged.
func (m *Manager) Offers() (list []Offers, revision uint64) {
	revision = m.offersRevision.Load()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range m.order {
		l := m.links[id]
		found := l.offers.Load()
		if found == nil {
			continue
		}
		s := l.read()
		one := Offers{ID: id, Label: s.Label()}
		for _, t := range found.tools {
			one.Tools = append(one.Tools, t.raw)
		}
		list = append(list, one)
	}
	return list, revision
}
