package endpoint

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/secret"
)

func TestExamine(t *testing.T) {
	jwt := func(expires time.Duration) string {
		return "ws://peer.test/mcp/?token=eyJhbGciOiJub25lIn0." +
			rawURL(fmt.Sprintf(`{"agentId":7,"endpointId":"agent_7","exp":%d}`, time.Now().Add(expires).Unix())) + ".c2ln"
	}
	tests := []struct {
		name    string
		address func() string
		peer    func(p *peer)
		act     func(t *testing.T, s *peerSocket)
		want    string
		ok      bool
		kind    ErrorKind
	}{
		{name: "no address", address: func() string { return "https://x/" }, want: "bad-address"},
		{name: "speaks", address: func() string { return jwt(48 * time.Hour * 365) }, want: "token-decoded opened spoke", ok: true,
			act: func(t *testing.T, s *peerSocket) { s.send(t, pingFrame) }},
		{name: "silent relay", address: func() string { return testURL }, want: "token-opaque opened silent", ok: true},
		{name: "expires soon", address: func() string { return jwt(time.Hour) }, want: "token-decoded token-expires opened silent", ok: true},
		{name: "expired and refused", address: func() string { return jwt(-time.Hour) }, want: "token-decoded token-expired dial-failed", kind: KindAuth,
			peer: func(p *peer) { p.handler = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) } }},
		{name: "no token, closed", address: func() string { return "wss://peer.test/mcp/" }, want: "no-token dial-failed", kind: KindRefused,
			peer: func(p *peer) { p.setRefuse(syscall.ECONNREFUSED) }},
		{name: "1008", address: func() string { return testURL }, want: "token-opaque opened closed", kind: KindAuth,
			act: func(_ *testing.T, s *peerSocket) { s.goodbye(1008, "") }},
		{name: "open to the world", address: func() string { return "ws://203.0.113.7/?token=x" }, want: "token-opaque unencrypted opened silent", ok: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPeer(t)
				if tt.peer != nil {
					tt.peer(p)
				}
				if tt.act != nil {
					go func() { tt.act(t, p.last()) }()
				}
				r, err := Examine(t.Context(), Endpoint{URL: secret.URL(tt.address())}, &Options{DialContext: p.dial})
				if err != nil {
					t.Fatal(err)
				}
				var found []string
				for _, f := range r.Findings {
					found = append(found, string(f))
				}
				if got := strings.Join(found, " "); got != tt.want || r.OK != tt.ok || r.Kind != tt.kind {
					t.Errorf("got %s, ok %v, kind %v (%s)\nwant %s, ok %v, kind %v", got, r.OK, r.Kind, r.Error, tt.want, tt.ok, tt.kind)
				}
			})
		})
	}
}

func TestExamineStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := Examine(ctx, Endpoint{URL: testURL}, &Options{DialContext: p.dial}); err == nil || time.Since(start) > 2*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}
