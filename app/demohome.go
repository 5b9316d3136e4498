package app

import (
	"context"
	"net"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
)

// demoHome is a home somewhere else in a demo: a lamp behind a relay of its own. The
// program reaches it over a link in the call role; two of them can stand in for each other.
type demoHome struct {
	relay *broker.Broker
	side  *endpoint.Manager
	call  secret.URL // where the lamp is called
}

const demoAgent = "home"

func newDemoHome(words *assets.Translator) (*demoHome, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	base := "ws://" + l.Addr().String()
	h := &demoHome{relay: broker.New(&broker.Options{Family: broker.Relay, KeepRegistration: true}), side: endpoint.NewManager(lamp{words}, nil)}
	go h.relay.Serve(l) // ends with the broker's Close
	h.call = secret.URL(h.relay.CallURL(base, demoAgent))
	if _, err = h.side.AddEndpoint(endpoint.Endpoint{URL: secret.URL(h.relay.URL(base, demoAgent))}); err == nil {
		err = h.side.Connect()
	}
	if err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

func (h *demoHome) close() {
	h.side.Close()
	h.relay.Close()
}

// lamp is the tool of a demo's home.
type lamp struct{ words *assets.Translator }

// ListResult implements endpoint.Tools.
func (l lamp) ListResult(string) []byte {
	list := []byte(`{"tools":[{"name":"lamp","inputSchema":{"type":"object"},"annotations":{"idempotentHint":true},"description":`)
	return append(rpc.AppendString(list, l.words.Say("demo.lamp")), `}]}`...)
}

// StartCall implements endpoint.Tools.
func (l lamp) StartCall(context.Context, string, string, []byte) func() ([]byte, error) {
	return func() ([]byte, error) {
		said := rpc.AppendString([]byte(`{"content":[{"type":"text","text":`), l.words.Say("demo.lamp.on"))
		return append(said, `}]}`...), nil
	}
}
