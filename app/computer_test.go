package app

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/core/broker"
)

// patientConfig makes links wait for two minutes before they dial again.
const patientConfig = `"connectionOptions": {"reconnectInterval": 120000, "maxReconnectDelay": 240000, "jitterEnabled": false, "healthCheckInterval": 1000, "connectionTimeout": 1000}`

// TestLinksRedialAtOnceOnASignal runs the program on a computer that the test plays.
func TestLinksRedialAtOnceOnASignal(t *testing.T) {
	b, base := practice(t, broker.Official)
	signals := make(chan desktop.Signal)
	p := &program{t: t, ended: make(chan error, 1)} // in this process
	dir := t.TempDir()
	file := filepath.Join(dir, "xiaozhi.config.json")
	config := `{"mcpEndpoint": [` + quoted(b.URL(base, "1")) + `, ` + quoted(b.URL(base, "2")) + `], ` + patientConfig + `}`
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() {
		ran <- Run(ctx, Params{
			Config: file, Data: filepath.Join(dir, "data"), Terminal: p, Ready: func(url string) { ready <- url },
			watch: func(ctx context.Context, _ *slog.Logger, f func(desktop.Signal)) {
				for {
					select {
					case s := <-signals:
						f(s)
					case <-ctx.Done():
						return
					}
				}
			},
		})
	}()
	defer func() {
		cancel()
		if err := <-ran; err != nil {
			t.Errorf("the program ended: %v", err)
		}
	}()
	select {
	case p.url = <-ready:
	case <-time.After(longWait):
		t.Fatalf("no page\n%s", p.output())
	}
	both := func(state string) func() bool {
		return func() bool {
			list := p.connections()
			return len(list) == 2 && list[0].State == state && list[1].State == state
		}
	}
	for _, tt := range []struct {
		signal desktop.Signal
		line   string
	}{
		{desktop.Signal{Kind: desktop.NetworkBack}, `"network is back, dialling again"`},
		{desktop.Signal{Kind: desktop.NetworkChanged}, `"network changed, dialling again"`},
		{desktop.Signal{Kind: desktop.WokeUp, Slept: 8*time.Hour + time.Millisecond}, `"woke up, dialling again" slept=8h0m0s`},
	} {
		p.eventually("both links up", both("ready"))
		b.Drop("1", broker.DropReset)
		b.Drop("2", broker.DropReset)
		p.eventually("both links waiting", both("waiting"))
		signals <- tt.signal
		p.eventually("both links up again after "+tt.signal.Kind.String(), both("ready"))
		if !strings.Contains(p.output(), tt.line) {
			t.Errorf("%s is not in the log:\n%s", tt.line, p.output())
		}
	}
}
