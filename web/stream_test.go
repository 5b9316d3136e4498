package web

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
)

// reader reads one stream of events.
type reader struct {
	t      *testing.T
	lines  *bufio.Reader
	cancel context.CancelFunc
	id     string
}

func listen(t *testing.T, address, last string) *reader {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { got.Body.Close() })
	if got.StatusCode != 200 || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/event-stream") {
		t.Fatalf("stream: %s %s", got.Status, got.Header.Get("Content-Type"))
	}
	return &reader{t: t, lines: bufio.NewReader(got.Body), cancel: cancel}
}

// tab is a page that reads what a server sends it, without a connection.
type tab struct {
	headersOnly
	*io.PipeWriter
}

// Write gives on what is to be read.
func (w *tab) Write(b []byte) (int, error) { return w.PipeWriter.Write(b) }

// Flush has nothing to do.
func (w *tab) Flush() {}

// follow is listen within a bubble.
func follow(t *testing.T, s *Server, path, last string) *reader {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := request(http.MethodGet, path).WithContext(ctx)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	from, to := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Handler().ServeHTTP(&tab{PipeWriter: to}, r)
		to.Close()
	}()
	t.Cleanup(func() { cancel(); from.Close(); <-done })
	return &reader{t: t, lines: bufio.NewReader(from), cancel: cancel}
}

// next returns the data of the next unnamed event.
func (r *reader) next() string {
	r.t.Helper()
	var data []string
	named := false
	for {
		line, err := r.lines.ReadString('\n')
		if err != nil {
			r.t.Fatalf("stream ended: %v", err)
		}
		line = strings.TrimSuffix(line, "\n")
		field, value, _ := strings.Cut(line, ": ")
		switch {
		case line == "" && named:
			data, named = nil, false
		case line == "" && len(data) > 0:
			return strings.Join(data, "\n")
		case field == "event":
			named = true
		case field == "id":
			r.id = value
		case field == "data":
			data = append(data, value)
		}
	}
}

// targets lists what a message replaces.
func targets(message string) string {
	var ids []string
	for _, part := range strings.Split(message, `<hx-partial hx-target="#`)[1:] {
		id, _, _ := strings.Cut(part, `"`)
		ids = append(ids, id)
	}
	return strings.Join(ids, " ")
}

// TestStreamSendsWhatChanged holds that nothing else comes: in a bubble, or a chart would
// be another one now and then because a minute is over.
func TestStreamSendsWhatChanged(t *testing.T) {
	synctest.Test(t, streamSendsWhatChanged)
}

func streamSendsWhatChanged(t *testing.T) {
	now := time.Now()
	links := &fakeLinks{all: invented(now)}
	s := New(Deps{Links: links, Catalogue: inventedCatalogue(now), Settings: &fakeSettings{}, Desktop: fakeDesktop(TrayUnseen),
		Performance: &fakePerformance{view: inventedPerformance(now)}, Journal: inventedJournal(now)}, &Options{Port: testPort})
	t.Cleanup(func() { s.Close() }) // after the pages went

	all := follow(t, s, "/events?lang=en", "")
	first := all.next()
	if got := targets(first); got != "problem summary alerts links recent traffic servers tools tray" {
		t.Errorf("a page that has nothing gets %s", got)
	}

	same := follow(t, s, "/events?lang=en&since="+all.id, "")
	links.change("c3c3c3c3c3c3", func(st *endpoint.Status) { st.RoundTrip = 77 * time.Millisecond })
	for _, stream := range []*reader{all, same} {
		message := stream.next()
		if got := targets(message); got != "link-c3c3c3c3c3c3" || !strings.Contains(message, "77 ms") {
			t.Errorf("one card changed, and %s came: %s", got, message)
		}
		if len(message) > 2048 {
			t.Errorf("one card takes %d bytes", len(message))
		}
	}
	// What did not change is not sent; what comes next is.
	links.Ring()
	links.change("d4d4d4d4d4d4", func(st *endpoint.Status) { st.State, st.Kind = endpoint.Failed, endpoint.KindAuth })
	if got := targets(all.next()); got != "summary alerts link-d4d4d4d4d4d4 recent" {
		t.Errorf("a link failed, and %s came", got)
	}

	// A page that comes back gets what it missed, by the header rather than the address.
	back := follow(t, s, "/events?lang=en&since="+all.id, same.id)
	if got := targets(back.next()); got != "summary alerts link-d4d4d4d4d4d4 recent" {
		t.Errorf("a page that came back gets %s", got)
	}
	// One of another run gets everything.
	for _, last := range []string{"cafe-1", "x", s.boot + "-x", s.boot + "-99999999999999999999999"} {
		if got := targets(follow(t, s, "/events?lang=en", last).next()); got != "problem summary alerts links recent traffic servers tools tray" {
			t.Errorf("last %q gets %s", last, got)
		}
	}

	// A link that goes takes its card along.
	links.mu.Lock()
	links.all = links.all[1:]
	links.mu.Unlock()
	links.Ring()
	message := all.next()
	if got := targets(message); got != "summary links recent" || strings.Contains(message, "link-a1a1a1a1a1a1") {
		t.Errorf("a link is gone, and %s came", got)
	}
}

func TestStreamSpeaksTheLanguageOfItsPage(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	address := serve(t, s)
	if got := listen(t, address+"/events?lang=zh", "").next(); !strings.Contains(got, "已连接") {
		t.Errorf("Chinese stream says %.300s", got)
	}
	if got := listen(t, address+"/events?lang=en", "").next(); !strings.Contains(got, "connected") {
		t.Errorf("English stream says %.300s", got)
	}
}

func TestStreamOfAnotherVersion(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	r := request("GET", "/events?assets=old")
	if w := do(s, r); !strings.Contains(w.Body.String(), "event: stale\n") {
		t.Errorf("a page of another version gets %q", w.Body)
	}
}

func TestStreamsAreCapped(t *testing.T) {
	s, _, _, _ := newServer(t, &Options{MaxStreams: 2})
	address := serve(t, s) + "/events?assets=" + assets.Digest()
	first := listen(t, address, "")
	listen(t, address, "")
	got, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(got.Body)
	got.Body.Close()
	if got.StatusCode != 503 || got.Header.Get("Retry-After") == "" || !strings.Contains(string(body), `"busy"`) {
		t.Fatalf("a stream too many gets %s %s", got.Status, body)
	}
	first.cancel()
	deadline := time.Now().Add(patience)
	for len(s.slots) == 2 { // the slot comes free when the server notices
		if time.Now().After(deadline) {
			t.Fatal("a closed stream keeps its slot")
		}
		got, err := http.Get(strings.Replace(address, "/events", "/healthz", 1))
		if err != nil {
			t.Fatal(err)
		}
		got.Body.Close()
	}
	listen(t, address, "")
}

func TestEventKeepsItsLines(t *testing.T) {
	got := string(eventData("one\r\ntwo\rid: evil\n\nevent: evil"))
	want := "data: one\ndata: two\ndata: id: evil\ndata: \ndata: event: evil\n\n"
	if got != want {
		t.Errorf("got %q", got)
	}
}
