package endpoint

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/secret"
)

func TestTransitions(t *testing.T) {
	want := map[State]string{
		Paused:  "dialing",
		Dialing: "open waiting failed paused",
		Open:    "ready waiting failed paused dialing",
		Ready:   "waiting failed paused dialing",
		Waiting: "dialing failed paused",
		Failed:  "dialing paused",
	}
	for from, next := range want {
		var names []string
		for _, s := range follows[from] {
			names = append(names, s.String())
		}
		if got := strings.Join(names, " "); got != next {
			t.Errorf("%v: %s, want %s", from, got, next)
		}
	}
	for s := range State(len(stateNames)) {
		if s.Connected() != slices.Contains([]State{Open, Ready}, s) {
			t.Errorf("%v.Connected() = %v", s, s.Connected())
		}
	}
}

func TestProbe(t *testing.T) {
	at := func(s float64) time.Time { return time.Unix(1140, 0).Add(time.Duration(s * float64(time.Second))) }
	never := time.Time{}
	var p probe
	p.start(at(0), 30*time.Second, 0.5)
	steps := []struct {
		now       float64
		lastFrame time.Time
		want      verdict
		next      float64
	}{
		{14, never, verdictWait, 15},
		{15, never, verdictPing, 25},
		{20, never, verdictWait, 25},
		{25, at(16), verdictWait, 45}, // a frame since the ping counts
		{45, at(16), verdictPing, 55},
		{55, at(16), verdictMissed, 60},
		{60, at(16), verdictDead, 0},
	}
	for _, s := range steps {
		if got := p.tick(at(s.now), s.lastFrame); got != s.want {
			t.Fatalf("at %v s: %v, want %v", s.now, got, s.want)
		}
		if s.next != 0 && !p.deadline().Equal(at(s.next)) {
			t.Fatalf("at %v s: next at %v, want %v s", s.now, p.deadline(), s.next)
		}
	}
	if !p.deadline().IsZero() {
		t.Error("a dead link still has a deadline")
	}

	p.start(at(0), 30*time.Second, 0)
	p.tick(at(0), never)
	if _, ok := p.pong(at(1), p.seq-1); ok {
		t.Error("the pong to an earlier ping was taken")
	}
	if rtt, ok := p.pong(at(1), p.seq); !ok || rtt != time.Second {
		t.Errorf("pong: %v %v", rtt, ok)
	}
	if got := p.tick(at(1000), never); got != verdictPing || !p.next.Equal(at(1020)) {
		t.Errorf("after a sleep: %v, next %v", got, p.next)
	}
	for interval, want := range map[time.Duration]time.Duration{
		time.Second: time.Second, 9 * time.Second: 3 * time.Second, 30 * time.Second: 10 * time.Second, time.Hour: 10 * time.Second, 0: 10 * time.Second,
	} {
		if got := (&probe{interval: interval}).allowance(); got != want {
			t.Errorf("interval %v: pong allowed %v, want %v", interval, got, want)
		}
	}
}

func TestTakeovers(t *testing.T) {
	now := time.Unix(1000, 0)
	var w takeovers
	for i, tt := range []struct {
		after time.Duration
		want  bool
	}{{0, false}, {50, false}, {61, false}, {100, true}, {300, false}} {
		if got := w.add(now.Add(tt.after * time.Second)); got != tt.want {
			t.Errorf("takeover %d: %v, want %v", i, got, tt.want)
		}
	}
	w.forget()
	first, second := w.add(now), w.add(now)
	if first || second {
		t.Error("forgotten takeovers count")
	}
}

func TestClassify(t *testing.T) {
	wrap := func(err error) error {
		return &DialError{Kind: classify(err), Err: fmt.Errorf("dial: %w", err)}
	}
	for _, tt := range []struct {
		err  error
		want ErrorKind
		typ  string
	}{
		{nil, KindNone, ""},
		{&net.DNSError{IsNotFound: true}, KindDNS, "network_error"},
		{&net.DNSError{IsTimeout: true}, KindTimeout, "timeout_error"},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, KindRefused, "network_error"},
		{&net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}, KindUnreachable, "network_error"},
		{&net.OpError{Op: "dial", Err: syscall.ENETUNREACH}, KindUnreachable, "network_error"},
		{context.DeadlineExceeded, KindTimeout, "timeout_error"},
		{os.ErrDeadlineExceeded, KindTimeout, "timeout_error"},
		{x509.UnknownAuthorityError{}, KindTLS, "network_error"},
		{&tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}}}, KindTLS, "network_error"},
		{tls.RecordHeaderError{}, KindTLS, "network_error"},
		{tls.AlertError(40), KindTLS, "network_error"},
		{io.ErrUnexpectedEOF, KindClosed, "network_error"},
		{syscall.ECONNRESET, KindClosed, "network_error"},
		{websocket.ErrReadLimit, KindProtocol, "server_error"},
		{websocket.ErrBadHandshake, KindProtocol, "server_error"},
		{&websocket.CloseError{Code: 4004}, KindServer, "server_error"},
		{errors.New("connection refused: no such host: timeout"), KindUnknown, "unknown_error"}, // the text says nothing
	} {
		got := classify(tt.err)
		if tt.err != nil {
			got = classify(wrap(tt.err))
		}
		if got != tt.want || got.Type() != tt.typ {
			t.Errorf("%T %v: %v %s, want %v %s", tt.err, tt.err, got, got.Type(), tt.want, tt.typ)
		}
	}
}

func TestIdentify(t *testing.T) {
	jwt := func(payload string) string {
		return "eyJhbGciOiJub25lIn0." + rawURL(payload) + ".sig"
	}
	same := func(name string, a, b string, want bool) {
		t.Helper()
		x, err1 := Identify(secret.URL(a))
		y, err2 := Identify(secret.URL(b))
		if err := errors.Join(err1, err2); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if (x.ID == y.ID) != want {
			t.Errorf("%s: one endpoint: %v, want %v", name, x.ID == y.ID, want)
		}
	}
	a := "wss://api.xiaozhi.me/mcp/?token="
	same("new token, same agent", a+jwt(`{"endpointId":"agent_1","iat":1}`), a+jwt(`{"endpointId":"agent_1","iat":2}`), true)
	same("other agent", a+jwt(`{"endpointId":"agent_1"}`), a+jwt(`{"endpointId":"agent_2"}`), false)
	same("other host", a+jwt(`{"endpointId":"agent_1"}`), "wss://b.example/mcp/?token="+jwt(`{"endpointId":"agent_1"}`), false)
	same("other token", a+"x", a+"y", false)
	same("plus is not space", a+"x%2By", a+"x%20y", false)
	same("serve and call side", "ws://h:1/mcp_endpoint/mcp/?token=x", "ws://h:1/mcp_endpoint/call/?token=x", false)
	same("host case and space around", " WSS://API.xiaozhi.me/mcp/?token=x ", a+"x", true)

	id, err := Identify(secret.URL(a + jwt(`{"agentId":1324149,"endpointId":"agent_1324149","iat":1700000000,"exp":"1731536000"}`)))
	if err != nil || id.Agent != "1324149" || id.Issued.Unix() != 1700000000 || !id.Expires.IsZero() || id.Host != "api.xiaozhi.me" {
		t.Errorf("%+v %v", id, err)
	}
	for bad, want := range map[string]AddressProblem{
		"": AddressEmpty, "   ": AddressEmpty, "api.xiaozhi.me/mcp": AddressScheme, "https://api.xiaozhi.me/": AddressScheme,
		"wss://": AddressHost, "wss://:80/": AddressHost, "wss://h:99999/": AddressPort, "ws://h:port/?token=secret1": AddressUnreadable,
		"<请填写你的接入点地址>": AddressScheme,
	} {
		_, err := Identify(secret.URL(bad))
		var urlErr *URLError
		if !errors.As(err, &urlErr) || urlErr.Problem != want || strings.Contains(err.Error(), "secret1") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzIdentify(f *testing.F) {
	f.Add("wss://api.xiaozhi.me/mcp/?token=eyJhbGciOiJub25lIn0.eyJhZ2VudElkIjoxfQ.x")
	f.Add("ws://[::1]:8004/call/?token=%zz&token=b")
	f.Fuzz(func(t *testing.T, address string) {
		id, err := Identify(secret.URL(address))
		if err == nil && (len(id.ID) != 12 || id.Host == "") {
			t.Errorf("%q: %+v", address, id)
		}
	})
}

func TestStatusJSON(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.FixedZone("", 8*3600))
	s := Status{
		Identity: Identity{ID: "0123456789ab", Host: "h", Agent: "7"}, URL: "wss://h/mcp/?token=secret1", Name: "Study", Role: RoleServe,
		State: Waiting, Since: at, LastError: "the connection was cut", Kind: KindClosed, ReconnectAttempts: 2, ReconnectDelay: 10 * time.Second,
		NextReconnect: at, RoundTrip: 31500 * time.Microsecond, Sockets: 1, Requests: 9, Successes: 8,
		History: []Reconnect{{At: at, Attempt: 1, Delay: 5 * time.Second, Kind: KindClosed, Took: time.Second, Error: "x"}},
	}
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{
		"endpoint": "wss://h/mcp/?token=***", "connected": false, "initialized": false, "lastError": "the connection was cut",
		"reconnectAttempts": 2.0, "responseTime": 31.5, "totalRequests": 9.0, "successfulRequests": 8.0, "isReconnecting": true,
		"nextReconnectTime": "2026-01-01T19:04:05.678Z", "reconnectDelay": 10000.0, "errorType": "network_error", "kind": "closed", "state": "waiting",
	} {
		if got[key] != want {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
	}
	for _, key := range []string{"healthScore", "consecutiveFailures", "healthCheckEnabled", "reconnectHistory"} {
		if _, there := got[key]; !there {
			t.Errorf("%s is missing in %s", key, raw)
		}
	}
	if strings.Contains(string(raw)+fmt.Sprintf("%+v %#v", s, s), "secret1") {
		t.Error("the token is printed")
	}
}

func rawURL(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// TestPhases: every moment has as many links as any other, also after some have gone.
func TestPhases(t *testing.T) {
	p := phases{first: 0.9}
	spread := func() int { return slices.Max(p.taken[:]) - slices.Min(p.taken[:]) }
	for n := 1; n <= 100; n++ {
		slot := p.take()
		if got := p.of(slot); got < 0 || got >= 1 {
			t.Errorf("slot %d is at %v of the interval", slot, got)
		}
		if spread() > 1 {
			t.Fatalf("with %d links: %v", n, p.taken)
		}
	}
	for range 10 {
		p.giveBack(3)
	}
	for range 10 {
		p.take()
	}
	if spread() > 1 {
		t.Errorf("after ten others came: %v", p.taken)
	}
}
