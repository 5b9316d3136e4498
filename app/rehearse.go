package app

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/hub"
	"xiaozhi-switchboard/core/journal"
	"xiaozhi-switchboard/core/secret"
)

// rehearsals is how many calls a rehearsal makes: enough for every part of the way to be in
// memory, and so few that they use little of what touch has taken for the calls to come.
const rehearsals = 8

// rehearseAfter is how long links and servers have the processor to themselves at the start.
const rehearseAfter = 500 * time.Millisecond

// prepare has servers, and the way of a call through this process, ready for the first call.
func (a *App) prepare(ctx context.Context) {
	if !pause(ctx, rehearseAfter) {
		return
	}
	// A start needs some MiB that nothing needs afterwards. What calls need of them comes
	// back with the rehearsal.
	debug.FreeOSMemory()
	if err := desktop.DropProgram(); err != nil {
		a.log.Debug("pages of the program were not dropped", "error", err)
	}
	a.rehearseAll(ctx)
	touch()
	runtime.GC()       // what all this took is free for the calls to come
	a.rehearseAll(ctx) // after a collection nothing is where it was
}

// touch has the system hand out memory that the first calls will use: a page that is new costs a
// call about 20 µs. It takes many small pieces, since the allocator takes the lowest pages
// first, also when those were given back to the system.
func touch() {
	const piece, page = 8 << 10, 4 << 10
	var pieces [48][]byte
	for i := range pieces {
		pieces[i] = make([]byte, piece)
		for at := 0; at < piece; at += page {
			pieces[i][at] = 1
		}
	}
	runtime.KeepAlive(&pieces)
}

func (a *App) rehearseAll(ctx context.Context) {
	if err := rehearse(ctx); err != nil && ctx.Err() == nil {
		a.log.Debug("rehearsal ended early", "error", err)
	}
	a.hub.Prewarm(ctx)
}

// rehearse makes calls from a practice endpoint over a link in memory. Nobody else sees them,
// and they count nowhere. Without it the first call after the start takes half as long
// again as later ones.
func rehearse(ctx context.Context) error {
	network := broker.NewPipeNetwork()
	l, err := network.Listen("rehearsal:80")
	if err != nil {
		return err
	}
	far := broker.New(nil)
	defer far.Close()
	go far.Serve(l) // ends with Close
	links := endpoint.NewManager(rehearsed{}, &endpoint.Options{DialContext: network.DialContext, HealthCheckInterval: -1})
	defer links.Close()
	if _, err := links.AddEndpoint(endpoint.Endpoint{URL: secret.URL(far.URL("ws://rehearsal:80", "1"))}); err != nil {
		return err
	}
	if err := links.Connect(); err != nil {
		return err
	}
	if err := far.Wait(ctx, func() bool { _, listed := far.Open(); return listed == 1 }); err != nil {
		return err
	}
	robot := far.Robot("1")
	scratch := &recorder{journal: journal.New(nil)} // what is written down of a call
	for i := range rehearsals {
		scratch.called(hub.CallEnd{Endpoint: "rehearsal", Tool: "rehearsal"})
		if _, err := robot.Call(ctx, "rehearsal", fmt.Appendf(nil, `{"n":%d}`, i)); err != nil {
			return err
		}
	}
	return nil
}

// rehearsed answers a rehearsal.
type rehearsed struct{}

func (rehearsed) ListResult(string) []byte {
	return []byte(`{"tools":[{"name":"rehearsal","inputSchema":{"type":"object"}}]}`)
}

func (rehearsed) StartCall(context.Context, string, string, []byte) func() ([]byte, error) {
	answered := make(chan struct{})
	go close(answered) // as from a server: not at once
	return func() ([]byte, error) {
		<-answered
		return []byte(`{"content":[{"type":"text","text":"rehearsed"}]}`), nil
	}
}
