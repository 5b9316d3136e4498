package endpoint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/secret"
)

// wantAnomaly waits for rest and returns the only anomaly there is.
func (b *bubble) wantAnomaly(t *testing.T, kind AnomalyKind) Anomaly {
	t.Helper()
	s := b.status(t)
	if len(s.Anomalies) != 1 || s.Anomalies[0].Kind != kind || s.Anomalies[0].ID != b.id || !s.Anomalies[0].Until.IsZero() {
		t.Fatalf("anomalies %+v, want only %v", s.Anomalies, kind)
	}
	return s.Anomalies[0]
}

// wantEnded waits for rest and returns the last anomaly, of which there are n, all ended.
func (b *bubble) wantEnded(t *testing.T, kind AnomalyKind, n int) Anomaly {
	t.Helper()
	if s := b.status(t); len(s.Anomalies) != 0 {
		t.Fatalf("anomalies %+v last, want none", s.Anomalies)
	}
	all := b.m.Anomalies()
	if len(all) != n || all[n-1].Kind != kind || all[n-1].Until.IsZero() {
		t.Fatalf("anomalies %+v, want %d, the last an ended %v", all, n, kind)
	}
	return all[n-1]
}

// tokenOf returns an address whose token was issued and expires at these times.
func tokenOf(issued, expires time.Time) Endpoint {
	payload := fmt.Sprintf(`{"endpointId":"agent_7","iat":%d,"exp":%d}`, issued.Unix(), expires.Unix())
	return Endpoint{URL: secret.URL("ws://peer.test/mcp/?token=eyJhbGciOiJub25lIn0." + rawURL(payload) + ".sig"), Name: "Study"}
}

// use replaces the endpoint of the bubble.
func (b *bubble) use(t *testing.T, ep Endpoint) {
	t.Helper()
	if err := b.m.UpdateEndpoints([]Endpoint{ep}); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	b.id = b.m.Status()[0].ID
}

func TestFlapping(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		start := time.Now()
		for i := range 6 {
			if got := b.status(t); i < 5 && len(got.Anomalies) != 0 {
				t.Fatalf("%d drops: %+v", i, got.Anomalies)
			}
			b.last().raw.Close()
			time.Sleep(61 * time.Second) // every redial comes up, and some are stable
		}
		a := b.wantAnomaly(t, AnomalyFlapping)
		if a.Value != 6 || a.Since.Sub(start) > time.Second || a.Label != "Study" || a.Detail == "" {
			t.Errorf("anomaly %+v", a)
		}
		time.Sleep(7*time.Minute + 30*time.Second)
		a = b.wantEnded(t, AnomalyFlapping, 1)
		if lasted := a.Until.Sub(start); a.Value != 6 || lasted < 13*time.Minute || lasted > 14*time.Minute {
			t.Errorf("anomaly %+v ended after %v", a, lasted)
		}
	})
}

func TestTakeoverLastsWhileTheLinkRests(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		takeOver := func() { b.last().goodbye(websocket.CloseNormalClosure, ""); time.Sleep(20 * time.Second) }
		takeOver()
		if a := b.wantAnomaly(t, AnomalyTakeover); a.Value != 1 {
			t.Errorf("anomaly %+v", a)
		}
		time.Sleep(41 * time.Second)
		b.wantEnded(t, AnomalyTakeover, 1)
		for range 3 {
			takeOver()
		}
		b.wantState(t, Failed)
		time.Sleep(time.Hour)
		if a := b.wantAnomaly(t, AnomalyTakeover); a.Value != 3 {
			t.Errorf("anomaly %+v", a)
		}
		if err := b.m.Reconnect(b.id); err != nil {
			t.Fatal(err)
		}
		b.wantEnded(t, AnomalyTakeover, 2)
	})
}

func TestOverduePing(t *testing.T) {
	inBubble(t, with(exact, func(o *Options) { o.HealthCheckInterval = 30 * time.Second }), func(t *testing.T, b *bubble) {
		s := b.last()
		b.setMute(s)
		for len(b.status(t).Anomalies) == 0 {
			time.Sleep(time.Second)
		}
		a := b.wantAnomaly(t, AnomalyOverduePing)
		if a.Value < 10_000 || a.Value > 11_000 || !b.status(t).Connected() {
			t.Errorf("anomaly %+v", a)
		}
		time.Sleep(time.Second)
		s.ask(t, pingFrame)
		time.Sleep(5 * time.Second)
		a = b.wantEnded(t, AnomalyOverduePing, 1)
		if a.Value < 10_000 || a.Value > 16_000 || !b.status(t).Connected() {
			t.Errorf("anomaly %+v", a)
		}
		time.Sleep(45 * time.Second) // now it stays mute, and the link dies
		a = b.wantEnded(t, AnomalyOverduePing, 2)
		if a.Value != 15_000 || b.count() == 1 {
			t.Errorf("anomaly %+v, %d sockets", a, b.count())
		}
	})
}

func TestRoundTripSpike(t *testing.T) {
	inBubble(t, with(exact, func(o *Options) { o.HealthCheckInterval = 30 * time.Second }), func(t *testing.T, b *bubble) {
		s := b.last()
		turn := func(late time.Duration) {
			b.mu.Lock()
			s.late = late
			b.mu.Unlock()
			time.Sleep(3 * time.Minute)
		}
		turn(20 * time.Millisecond)
		if got := b.status(t); len(got.Anomalies) != 0 {
			t.Fatalf("anomalies %+v", got.Anomalies)
		}
		turn(900 * time.Millisecond)
		if a := b.wantAnomaly(t, AnomalyRTTSpike); a.Value != 900 || a.Usual < 20 || a.Usual > 45 {
			t.Errorf("anomaly %+v", a)
		}
		turn(20 * time.Millisecond)
		if a := b.wantEnded(t, AnomalyRTTSpike, 1); a.Value != 900 || a.Until.Sub(a.Since) > 4*time.Minute {
			t.Errorf("anomaly %+v", a)
		}
		turn(900 * time.Millisecond)
		b.wantAnomaly(t, AnomalyRTTSpike)
		if err := b.m.SetHealthCheckEnabled(b.id, false); err != nil {
			t.Fatal(err)
		}
		b.wantEnded(t, AnomalyRTTSpike, 2)
	})
}

func TestClockSkewByDate(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		redial := func(ahead time.Duration) {
			b.header = http.Header{"Date": {time.Now().Add(-ahead).UTC().Format(http.TimeFormat)}}
			if err := b.m.Reconnect(b.id); err != nil {
				t.Fatal(err)
			}
		}
		redial(time.Minute)
		if got := b.wantState(t, Open); len(got.Anomalies) != 0 {
			t.Fatalf("anomalies %+v within the tolerance", got.Anomalies)
		}
		redial(-time.Hour)
		if a := b.wantAnomaly(t, AnomalyClockSkew); a.Value != -3600 || a.Detail == "" {
			t.Errorf("anomaly %+v", a)
		}
		time.Sleep(time.Hour)
		redial(2 * time.Hour)
		if a := b.wantAnomaly(t, AnomalyClockSkew); a.Value != 7200 || time.Since(a.Since) < time.Hour {
			t.Errorf("anomaly %+v", a)
		}
		b.handler = func(w http.ResponseWriter, _ *http.Request) { // a refusal has a date too
			http.Error(w, "", http.StatusUnauthorized)
		}
		redial(0)
		b.wantState(t, Failed)
		b.wantEnded(t, AnomalyClockSkew, 1)
	})
}

func TestTokenTimesAreNoticedWhileIdle(t *testing.T) {
	inBubble(t, with(exact, func(o *Options) { o.HealthCheckInterval = -1 }), func(t *testing.T, b *bubble) {
		start := time.Now()
		b.use(t, tokenOf(start.Add(2*time.Hour), start.Add(30*day)))
		if a := b.wantAnomaly(t, AnomalyClockSkew); a.Value != -7200 {
			t.Errorf("anomaly %+v", a)
		}
		nudges, end := b.m.Subscribe()
		defer end()
		time.Sleep(2 * time.Hour) // it ends by time alone
		b.wantEnded(t, AnomalyClockSkew, 1)
		<-nudges

		time.Sleep(16*day - 2*time.Hour)
		synctest.Wait()
		<-nudges
		if a := b.wantAnomaly(t, AnomalyTokenExpiring); a.Value != 14 || !a.Since.Equal(start.Add(16*day)) {
			t.Errorf("anomaly %+v", a)
		}
		time.Sleep(5*day + time.Minute)
		if a := b.wantAnomaly(t, AnomalyTokenExpiring); a.Value != 8 {
			t.Errorf("anomaly %+v", a)
		}
		time.Sleep(9 * day)
		if a := b.wantAnomaly(t, AnomalyTokenExpired); a.Value != 0 || !a.Since.Equal(start.Add(30*day)) {
			t.Errorf("anomaly %+v", a)
		}
		time.Sleep(3 * day)
		if a := b.wantAnomaly(t, AnomalyTokenExpired); a.Value != 3 {
			t.Errorf("anomaly %+v", a)
		}
		if b.count() != 2 {
			t.Errorf("%d sockets: the test wants a link that idles", b.count())
		}
		b.use(t, tokenOf(start, time.Now().Add(365*day)))
		b.wantEnded(t, AnomalyTokenExpired, 3)
	})
}

func TestAnomaliesEndWithTheirLink(t *testing.T) {
	inBubble(t, exact, func(t *testing.T, b *bubble) {
		ep := tokenOf(time.Now(), time.Now().Add(-time.Hour))
		b.use(t, ep)
		b.wantAnomaly(t, AnomalyTokenExpired)
		if err := b.m.Pause(b.id); err != nil {
			t.Fatal(err)
		}
		b.wantEnded(t, AnomalyTokenExpired, 1)
		if err := b.m.Resume(b.id); err != nil {
			t.Fatal(err)
		}
		b.wantAnomaly(t, AnomalyTokenExpired)
		if err := b.m.RemoveEndpoint(b.id); err != nil {
			t.Fatal(err)
		}
		if all := b.m.Anomalies(); len(all) != 2 || all[1].Until.IsZero() || all[1].Label != "Study" {
			t.Errorf("anomalies of a removed link: %+v", all)
		}
	})
}

func TestAnomaliesAreLoggedOnceAndSaidInJSON(t *testing.T) {
	var log lockedBuffer
	o := with(exact, func(o *Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	inBubble(t, o, func(t *testing.T, b *bubble) {
		ep := tokenOf(time.Now(), time.Now().Add(5*day))
		b.use(t, ep)
		time.Sleep(3 * day)
		synctest.Wait()
		a := b.wantAnomaly(t, AnomalyTokenExpiring)
		raw, err := json.Marshal(a)
		if err != nil || !strings.Contains(string(raw), `"kind":"token_expiring"`) || strings.Contains(string(raw), "until") {
			t.Errorf("%s %v", raw, err)
		}
		b.use(t, Endpoint{URL: testURL})
		if began, ended := log.count("anomaly began"), log.count("anomaly ended"); began != 1 || ended != 1 {
			t.Errorf("%d lines of the beginning and %d of the end", began, ended)
		}
		if log.count("eyJ") != 0 || bytes.Contains(raw, []byte("eyJ")) {
			t.Error("a token is printed")
		}
	})
	for kind := range AnomalyKind(len(anomalyNames)) {
		if text, _ := kind.MarshalText(); string(text) != anomalyNames[kind] {
			t.Errorf("%d is %s", kind, text)
		}
	}
	if got := AnomalyKind(200).String(); got != "anomaly(200)" {
		t.Errorf("an unknown kind is %q", got)
	}
}

// lockedBuffer is where loops log to.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), text)
}

func TestAWellLinkCostsNothingToWatch(t *testing.T) {
	l := &link{ledger: new(ledger), status: Status{State: Ready, Identity: Identity{Issued: second(0), Expires: second(1e9)}}}
	now := second(1000)
	if n := testing.AllocsPerRun(100, func() { l.notice(now) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if l.watch.drops != nil || l.watch.clock.wrong != nil || l.watch.next.IsZero() || l.took.Load() != nil {
		t.Errorf("it holds %+v", l.watch)
	}
}
