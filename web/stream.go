package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"xiaozhi-switchboard/assets"
)

const (
	// beat is how often a stream speaks when there is nothing to say.
	beat = 15 * time.Second
	// streamWrite is how long a browser may take to read one event.
	streamWrite = 10 * time.Second
)

// events is the stream of a page: what changes, as it changes.
//
// The id of an event is the revision that the page has after it. A page starts at
// the revision it was made with; one that comes back tells the last that it saw.
// One from another run of the program, or that tells nothing, gets everything.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	v, ok := s.viewOf(r)
	if !ok {
		s.refuse(w, r, kindStream, "not_found")
		return
	}
	leave, ok := s.enter()
	if !ok {
		w.Header().Set("Retry-After", "5")
		s.refuse(w, r, kindStream, "busy")
		return
	}
	defer leave()

	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	if r.Method == http.MethodHead {
		return
	}
	out := stream{w: w, control: http.NewResponseController(w)}
	defer func() {
		if errors.Is(context.Cause(r.Context()), errSignedOut) {
			out.send("event: stale\ndata: \n\n") // loaded anew, the page asks for the key
		}
	}()
	if made := r.URL.Query().Get("assets"); made != "" && made != assets.Digest() {
		// The page is of another version of the program: our cards do not fit it.
		out.send("event: stale\ndata: \n\n")
		return
	}
	// The browser gets its headers at once, whatever there is to say.
	if !out.send(": \n\n") {
		return
	}

	bell, unsubscribe := s.pump.bell.Subscribe()
	defer unsubscribe()
	e, unwatch, err := s.pump.watch(r.Context(), v)
	defer unwatch()
	if err != nil {
		return
	}
	has := s.has(r)
	heart := time.NewTicker(beat)
	defer heart.Stop()
	for {
		if e.gone {
			out.send("event: stale\ndata: \n\n") // loaded anew, the page says what is the matter
			return
		}
		if e.rev != has {
			news, err := e.news(r.Context(), has)
			if err != nil || !out.send("id: "+s.revision(e.rev)+"\n", news) {
				return
			}
			has = e.rev
		}
		select {
		case <-bell:
			if e, err = s.pump.latest(r.Context(), v); err != nil {
				return
			}
		case <-heart.C:
			// A comment for proxies, and an event that the page can hear.
			if !out.send(": beat\nevent: beat\ndata: " + strconv.FormatInt(time.Now().UnixMilli(), 10) + "\n\n") {
				return
			}
		case <-r.Context().Done():
			return
		case <-s.ctx.Done():
			return
		}
	}
}

// viewOf reads which page a stream is for; one that tells nothing is the first page.
func (s *Server) viewOf(r *http.Request) (view, bool) {
	query := r.URL.Query()
	name := query.Get("page")
	if name == "" {
		name = overviewPage.name
	}
	p, ok := s.pump.pages[name]
	return view{s.words(r).Lang(), name, p.keep(query).Encode()}, ok
}

// has is the revision that a page has, 0 for none.
func (s *Server) has(r *http.Request) uint64 {
	last := r.Header.Get("Last-Event-ID")
	if last == "" {
		last = r.URL.Query().Get("since")
	}
	boot, number, _ := strings.Cut(last, "-")
	rev, err := strconv.ParseUint(number, 10, 64)
	if boot != s.boot || err != nil {
		return 0
	}
	return rev
}

// eventData writes the data of one server-sent event, and its end. Line ends inside
// start new data lines.
func eventData(data string) []byte {
	if strings.Contains(data, "\r") {
		data = strings.ReplaceAll(strings.ReplaceAll(data, "\r\n", "\n"), "\r", "\n")
	}
	b := make([]byte, 0, len(data)+16)
	for line := range strings.SplitSeq(data, "\n") {
		b = append(append(append(b, "data: "...), line...), '\n')
	}
	return append(b, '\n')
}

// stream writes to one page.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// send writes a text and the rest of it and flushes, and reports whether the page is still
// there.
func (s stream) send(text string, rest ...[]byte) bool {
	s.control.SetWriteDeadline(time.Now().Add(streamWrite)) // not every writer has deadlines
	if _, err := io.WriteString(s.w, text); err != nil {
		return false
	}
	for _, more := range rest {
		if _, err := s.w.Write(more); err != nil {
			return false
		}
	}
	return s.control.Flush() == nil
}
