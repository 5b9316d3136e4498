package web

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"
)

const testPort = 3001

// newServer returns a server over invented data, closed with the test.
func newServer(t testing.TB, opts *Options) (*Server, *fakeLinks, *fakeCatalogue, *fakeSettings) {
	t.Helper()
	now := time.Now()
	links, settings := &fakeLinks{all: invented(now)}, &fakeSettings{}
	catalogue := inventedCatalogue(now)
	if opts == nil {
		opts = &Options{}
	}
	opts.Port = testPort
	s := New(Deps{Links: links, Catalogue: catalogue, Settings: settings,
		Performance: &fakePerformance{view: inventedPerformance(now)}, Controls: &fakeControls{}, Editor: inventedStore(t), Doctor: &fakeDoctor{}, Toolbox: newToolbox(), Caller: &fakeCaller{},
		Desktop:     fakeDesktop(TrayUnseen),
		Rehearser:   newRehearser(),
		Log:         inventedLog(now),
		Diagnostics: fakeDiagnostics{},
		Journal:     inventedJournal(now),
	}, opts)
	t.Cleanup(func() { s.Close() })
	return s, links, catalogue, settings
}

// serve runs s on a port of this computer until the test ends, and returns its address.
func serve(t testing.TB, s *Server) string {
	t.Helper()
	l, err := Listen("", 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return "http://" + l.Addr().String()
}

func TestServeEndsWithItsContext(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	l, err := Listen("localhost", 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	stream, err := http.Get("http://" + l.Addr().String() + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	cancel()
	select {
	case err := <-served:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("a stream keeps the server from ending")
	}
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("the port is still open")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestNothingToShow(t *testing.T) {
	s := New(Deps{}, &Options{Port: testPort})
	defer s.Close()
	for path, want := range map[string]int{
		"/": 200, "/api/v1/connections": 200, "/api/v1/servers": 200, "/api/v1/tools": 200, "/healthz": 200, "/api/v1/connections/x": 404,
	} {
		if w := do(s, request("GET", path)); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
	if w := do(s, request("POST", "/api/v1/connections/x/pause")); w.Code != 404 {
		t.Errorf("pause of nothing: %d", w.Code)
	}
}
