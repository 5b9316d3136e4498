package app

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
)

// demo is the far side of a demo: three practice endpoints of both families, one of
// them flaky, with robots that call tools, and two homes whose lamp they can call.
type demo struct {
	log       *slog.Logger
	words     *assets.Translator
	official  *broker.Broker
	relay     *broker.Broker
	listeners []net.Listener
	endpoints []config.Endpoint
	homes     []*demoHome
	dir       string // of the configuration file; empty before open
}

// Agents of the demo.
const (
	demoStudy = "1324149"
	demoKids  = "1324807"
	demoFlaky = "2345101"

	demoCallEvery  = 2 * time.Second
	demoFaultEvery = 12 * time.Second
)

func newDemo(log *slog.Logger, words *assets.Translator) (*demo, error) {
	d := &demo{log: log, words: words,
		official: broker.New(&broker.Options{Family: broker.Official, SettleRobots: time.Second}),
		relay:    broker.New(&broker.Options{Family: broker.Relay, SettleRobots: time.Second}),
	}
	for _, place := range []struct {
		b     *broker.Broker
		agent string
		name  string
	}{{d.official, demoStudy, "demo.study"}, {d.relay, demoKids, "demo.kids"}, {d.official, demoFlaky, "demo.flaky"}} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			d.close()
			return nil, err
		}
		d.listeners = append(d.listeners, l)
		d.endpoints = append(d.endpoints, config.Endpoint{
			URL: secret.URL(place.b.URL("ws://"+l.Addr().String(), place.agent)), Name: words.Say(place.name), Enabled: true, HealthCheck: true,
		})
		go place.b.Serve(l) // ends with the broker's Close
	}
	for _, name := range []string{"demo.home.a", "demo.home.b"} {
		home, err := newDemoHome(words)
		if err != nil {
			d.close()
			return nil, err
		}
		d.homes = append(d.homes, home)
		d.endpoints = append(d.endpoints, config.Endpoint{URL: home.call, Name: words.Say(name), Enabled: true, HealthCheck: true})
	}
	return d, nil
}

func (d *demo) close() {
	d.official.Close()
	d.relay.Close()
	for _, home := range d.homes {
		home.close()
	}
}

// open makes the configuration file of a demo, in a folder of its own that forget
// removes, and opens it: what pages change lasts as long as the demo. It holds the
// practice endpoints, and waits short enough to watch.
func (d *demo) open() (*config.Store, error) {
	var err error
	if d.dir, err = os.MkdirTemp("", "xiaozhi-demo-"); err != nil {
		return nil, fmt.Errorf("make the folder of the demo: %w", err)
	}
	store, err := d.fill()
	if err != nil {
		d.close()
		d.forget()
		return nil, err
	}
	return store, nil
}

func (d *demo) fill() (*config.Store, error) {
	path := filepath.Join(d.dir, "xiaozhi.config.json")
	if err := config.WriteDefault(path, ""); err != nil {
		return nil, err
	}
	store, err := config.Open(path, &config.StoreOptions{Logger: d.log, BackupDir: filepath.Join(d.dir, "backups")})
	if err != nil {
		return nil, err
	}
	_, err = store.Modify(context.Background(), "", func(e *config.Edit) error {
		for _, ep := range d.endpoints {
			if err := e.AddEndpoint(ep); err != nil {
				return err
			}
		}
		if err := e.SetOption("connectionOptions.healthCheckInterval", 5*time.Second); err != nil {
			return err
		}
		return e.SetOption("connectionOptions.reconnectInterval", 2*time.Second)
	})
	if err != nil {
		store.Close()
		return nil, err
	}
	return store, nil
}

// forget removes the configuration file of the demo.
func (d *demo) forget() {
	if d.dir != "" {
		os.RemoveAll(d.dir) // what stays is the system's to clear away
	}
}

// run lets robots call and the flaky endpoint fail until ctx ends.
func (d *demo) run(ctx context.Context) {
	var all sync.WaitGroup
	for _, place := range []struct {
		b     *broker.Broker
		agent string
		name  string
	}{{d.official, demoStudy, "demo.study"}, {d.relay, demoKids, "demo.kids"}, {d.official, demoFlaky, "demo.flaky"}} {
		all.Go(func() { d.play(ctx, place.b.Robot(place.agent), d.words.Say(place.name)) })
	}
	all.Go(func() { d.disturb(ctx) })
	all.Wait()
	d.close()
}

// play is one robot: it asks for the tools once, then calls one after another.
func (d *demo) play(ctx context.Context, robot *broker.Robot, name string) {
	tools := []string{"switchboard__time", "remote__lamp", "switchboard__status", "remote__lamp"}
	for i := 0; pause(ctx, demoCallEvery); i++ {
		if i == 0 {
			err := robot.Initialize(ctx)
			if err == nil {
				_, err = robot.Tools(ctx)
			}
			if err != nil {
				d.log.Info("demo robot waits for its link", "robot", name, "reason", err)
				i = -1
				continue
			}
		}
		tool := tools[i%len(tools)]
		heard, err := robot.Call(ctx, tool, nil)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			d.log.Info("demo robot got no answer", "robot", name, "tool", tool, "reason", err)
		default:
			d.log.Info("demo robot heard", "robot", name, "tool", tool, "text", heard.Text, "took", heard.Took.Round(time.Microsecond))
		}
	}
}

// disturb makes the flaky endpoint fail in one way after another.
func (d *demo) disturb(ctx context.Context) {
	faults := []func(){
		func() { d.official.Drop(demoFlaky, broker.DropReset) },
		func() { d.official.DropWith(demoFlaky, 4004) },
		func() { d.mute(ctx, broker.Fault{Mute: true}) },
		func() {
			d.official.SetFault(demoFlaky, broker.Fault{Status: 503})
			d.official.Drop(demoFlaky, broker.DropReset)
			pause(ctx, 8*time.Second)
			d.official.SetFault(demoFlaky, broker.Fault{})
		},
		func() { d.mute(ctx, broker.Fault{Delay: 300 * time.Millisecond}) },
	}
	for pause(ctx, demoFaultEvery) {
		faults[rand.IntN(len(faults))]()
	}
}

func (d *demo) mute(ctx context.Context, f broker.Fault) {
	d.official.SetFault(demoFlaky, f)
	pause(ctx, 10*time.Second)
	d.official.SetFault(demoFlaky, broker.Fault{})
}

// pause waits and reports whether ctx still runs.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
