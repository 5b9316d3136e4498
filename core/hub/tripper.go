package hub

import (
	"context"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// tripper makes the requests of one session: it adds the user's headers, on the
// way to the user's host only, remembers the last status, and bounds what is read.
type tripper struct {
	base    http.RoundTripper
	own     bool // base is ours to close
	target  *url.URL
	headers http.Header

	revision atomic.Pointer[string]
	status   atomic.Int32 // of the last answer; 0 when there was none
}

func newTripper(base http.RoundTripper, target *url.URL, headers map[string]string) *tripper {
	t := &tripper{base: base, target: target, headers: http.Header{}}
	if base == nil {
		if usual, ok := http.DefaultTransport.(*http.Transport); ok {
			own := usual.Clone()
			own.MaxIdleConnsPerHost = 32 // all to one host, and calls come in bursts
			t.base, t.own = own, true
		} else {
			t.base = http.DefaultTransport
		}
	}
	for name, value := range headers {
		t.headers.Set(name, value)
	}
	return t
}

// post is one POST under way.
type post struct {
	cancel  context.CancelFunc
	refused atomic.Bool   // it surely was not acted upon
	told    chan struct{} // closed when its first status, or that there is none, is known
	once    sync.Once
}

// postKey is under which the context of a request holds its *post.
type postKey struct{}

// refusals are the statuses that say that a request was not acted upon.
var refusals = []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests}

// note remembers of a POST that it was refused, or that there was nobody to take it.
func (p *post) note(status int, err error) {
	var op *net.OpError
	if slices.Contains(refusals, status) || errors.As(err, &op) && op.Op == "dial" {
		p.refused.Store(true)
	}
	p.once.Do(func() { close(p.told) })
}

// RoundTrip implements http.RoundTripper.
func (t *tripper) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	if req.URL.Host == t.target.Host && req.URL.Scheme == t.target.Scheme {
		for name, values := range t.headers {
			req.Header[name] = values
		}
		if host := t.headers.Get("Host"); host != "" {
			req.Host = host
		}
	}
	if revision := t.revision.Load(); revision != nil && req.Header.Get("Mcp-Protocol-Version") == "" {
		req.Header.Set("Mcp-Protocol-Version", *revision)
	}
	var done context.CancelFunc
	if req.Method == http.MethodDelete {
		// The goodbye of a session: worth a try, not worth waiting for.
		ctx, cancel := context.WithTimeout(req.Context(), time.Second)
		req, done = req.WithContext(ctx), cancel
	}
	resp, err := t.base.RoundTrip(req)
	if done != nil && err != nil {
		done()
	}
	if post, ok := req.Context().Value(postKey{}).(*post); ok {
		status := 0
		if err == nil {
			status = resp.StatusCode
		}
		post.note(status, err)
	}
	// What the stream for notices is told says nothing of the session.
	notices := req.Method == http.MethodGet && t.revision.Load() != nil
	if err != nil {
		if !notices {
			t.status.Store(0)
		}
		return nil, err
	}
	if !notices {
		t.status.Store(int32(resp.StatusCode))
	}
	body := &boundedBody{ReadCloser: resp.Body, left: longestMessage, done: done}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "text/event-stream" && resp.StatusCode < 300 {
		body.left = -1 // a stream has no end; its events are bounded instead
	}
	resp.Body = body
	return resp, nil
}

// close drops idle connections.
func (t *tripper) close() {
	if usual, ok := t.base.(*http.Transport); ok && t.own {
		usual.CloseIdleConnections()
	}
}

var errBodyTooLarge = errors.New("the answer is over 32 MiB")

// boundedBody fails once left bytes were read; a negative left means no bound.
type boundedBody struct {
	io.ReadCloser
	left int64
	done context.CancelFunc
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return b.ReadCloser.Read(p)
	}
	if b.left == 0 {
		return 0, errBodyTooLarge
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

func (b *boundedBody) Close() error {
	if b.done != nil {
		defer b.done()
	}
	return b.ReadCloser.Close()
}
