// Package app puts the program together: it reads the configuration, builds links,
// servers and pages from it, keeps them in step with it while it changes, and stops
// them. It is the only place where the packages of core meet.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/app/tray"
	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/hub"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/core/vitals"
	"xiaozhi-switchboard/web"
)

// Params are what the command line asks of a run.
type Params struct {
	// Config is the configuration file; empty looks in the usual places. Its folder and
	// the file itself are made if they are missing.
	Config string
	// Data is the folder for logs and backups; empty is the system's usual one.
	Data string
	// Host overrides the configuration's host; empty does not.
	Host string
	// Port overrides the configuration's port unless it is negative; 0 takes any free one.
	Port int
	// Endpoints are addresses beside those of the file, for this run only.
	Endpoints []string
	// LogLevel overrides the configuration's; empty does not.
	LogLevel string
	// Demo runs built-in practice endpoints in place of a configuration file.
	Demo bool
	// Desktop shows a tray icon and notifications where there is a desktop, and opens the
	// dashboard the first time. Run must then be called on the main goroutine.
	Desktop bool
	// Autostart is a start at login: the dashboard is not opened.
	Autostart bool
	// Terminal receives log lines and Out what the user is told; nil discards.
	Terminal, Out io.Writer
	// Ready, when not nil, is called once the page can be opened, with its address.
	Ready func(url string)

	// watch is desktop.Watch unless a test plays the computer.
	watch func(ctx context.Context, log *slog.Logger, f func(desktop.Signal))
}

// App is one run of the program.
type App struct {
	params Params
	words  *assets.Translator
	log    *logging
	store  *config.Store
	demo   *demo // nil outside a demo
	links  *endpoint.Manager
	hub    *hub.Hub
	server *web.Server
	vitals *vitals.Monitor
	start  time.Time
	pass   secret.Key // of the commands of this computer's user
	desk   *desk      // nil without a tray
	// recorder writes the journal.
	recorder *recorder
	// claim is the right to the data folder; nil in a demo, and where unclaimed says why.
	claim     *desktop.Instance
	unclaimed error

	mu      sync.Mutex
	applied *config.Config // what runs
	offers  uint64         // the revision of what the catalogue has; follow's alone
	stretch float64        // of the intervals of health checks; follow's alone
	origin  string         // what our lists of tools are marked with
}

// Run runs the program until ctx ends, and returns within three seconds after. An
// error of a *web.PortError, a *config.FileError or a *desktop.RunningError, which says
// that the program runs on this data folder already, means that nothing was started.
func Run(ctx context.Context, p Params) error {
	a := &App{params: p, start: time.Now(), pass: secret.Key(rand.Text() + rand.Text())}
	if a.params.Out == nil {
		a.params.Out = io.Discard
	}
	if err := a.claimFolder(ctx); err != nil {
		return err
	}
	defer a.release()
	if err := a.open(); err != nil {
		return err
	}
	c := a.current()
	a.log.set(c.EnableLogging, c.LogLevel) // before anything goes wrong; apply tells what is wrong with it
	defer a.log.close()
	defer a.store.Close()
	if a.demo != nil {
		defer a.demo.forget()
	}
	listener, err := a.listen(c)
	var taken *web.PortError
	if err != nil && !(errors.As(err, &taken) && a.params.Desktop && tray.Available() == nil) {
		return err
	}
	return a.onDesktop(ctx, func(ctx context.Context) (err error) {
		if taken != nil { // somebody can be asked what to do
			if listener, err = a.desk.askForPort(ctx, taken); err != nil {
				return err
			}
		}
		return a.serve(ctx, listener)
	})
}

// open reads the configuration and opens the log.
func (a *App) open() error {
	dir, err := a.params.dataDir()
	if err != nil {
		return err
	}
	a.log = newLogging(a.params.Terminal, dir)
	if a.params.Demo {
		a.words = assets.Words(language(""))
		if a.demo, err = newDemo(a.log.Logger, a.words); err != nil {
			return err
		}
		a.store, err = a.demo.open()
		return err
	}
	path, err := a.params.configFile()
	if err != nil {
		return err
	}
	made, err := writeFirst(path)
	if err != nil {
		return err
	}
	a.store, err = config.Open(path, &config.StoreOptions{Logger: a.log.Logger, BackupDir: filepath.Join(dir, "backups")})
	if err != nil {
		return err
	}
	a.log.know(a.current().Secrets())
	a.words = assets.Words(language(a.current().Language))
	if made {
		a.tell("run.firstfile", "path", path)
	} else {
		a.tell("run.file", "path", path)
	}
	if problem := a.store.Snapshot().Problem; problem != nil {
		a.tell("run.broken", "reason", web.ErrorText(a.words, problem))
	}
	return nil
}

// writeFirst makes a commented file on the first start and reports whether it did.
func writeFirst(path string) (bool, error) {
	switch err := config.WriteDefault(path, ""); {
	case err == nil:
		return true, nil
	case errors.Is(err, os.ErrExist):
		return false, nil
	default:
		return false, err
	}
}

func (a *App) tell(key string, args ...any) {
	fmt.Fprintln(a.params.Out, a.words.Say(key, args...))
}

// current is the configuration that should run, the command line's wishes included.
func (a *App) current() *config.Config {
	c := a.store.Snapshot().Config
	for _, address := range a.params.Endpoints {
		c.Endpoints = append(c.Endpoints, config.Endpoint{URL: secret.URL(address), Enabled: true, HealthCheck: true})
	}
	if a.params.Host != "" {
		c.Host = a.params.Host
	}
	if a.params.Port >= 0 {
		c.Port = a.params.Port
	}
	if a.params.LogLevel != "" {
		c.LogLevel = a.params.LogLevel
	}
	return c
}

func (a *App) listen(c *config.Config) (net.Listener, error) {
	if c.Exposed() && c.AccessKey != "" {
		return web.ListenBeyond(c.Host, c.Port)
	}
	return web.Listen(c.Host, c.Port)
}

// serve builds everything on an open port, and runs it until ctx ends.
func (a *App) serve(ctx context.Context, listener net.Listener) error {
	c := a.current()
	a.origin = rand.Text()
	a.recorder = newRecorder(a.store.Snapshot())
	ho := a.hubOptions(c)
	ho.Logger, ho.Moved = a.log.Logger, a.recorder.moved(false)
	a.hub = hub.New(&ho)
	eo := a.endpointOptions(c)
	eo.Logger, eo.Changed, eo.Moved = a.log.Logger, a.recorder.linked, a.recorder.moved(true)
	a.links = endpoint.NewManager(a.hub, &eo)
	rehearser := a.newRehearser()
	a.vitals = vitals.New(&vitals.Options{Phase: a.links.PingPhase(), Links: a.wanted, Compact: []func(){a.links.Compact}, Logger: a.log.Logger})
	deps := web.Deps{
		Links:       a.links,
		Catalogue:   catalogue{a.hub},
		Settings:    settings{a},
		Editor:      a.store,
		Performance: performance{a},
		Controls:    controls{a},
		Doctor:      doctor{a},
		Toolbox:     a.hub,
		Caller:      toolCaller{a.hub},
		Desktop:     a.desk,
		Rehearser:   clouds{rehearser},
		Log:         a.log,
		Journal:     a.recorder.journal,
		Diagnostics: diagnostics{a},
	}
	if now := a.store.Snapshot(); now.Problem != nil {
		a.log.Warn("configuration file cannot be used, so nothing of it runs", "path", now.Path, "problem", now.Problem)
	}
	if past := a.openPast(); past != nil {
		defer past.Close() // the server has ended by then
		deps.History = past
	}
	a.server = web.New(deps, &web.Options{Log: a.log.Logger, Version: Version(), Stretch: a.vitals.Stretch, Exposed: beyond(listener), Pass: a.pass})

	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var running sync.WaitGroup
	running.Go(func() {
		if err := a.server.Serve(ctx, listener); err != nil {
			stop(fmt.Errorf("serve the dashboard: %w", err))
		}
	})
	if a.demo != nil {
		running.Go(func() { a.demo.run(ctx) })
	}
	a.apply(c)
	if err := a.links.Connect(); err != nil {
		return err
	}
	address := "http://" + net.JoinHostPort(hostName(c.Host), strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)) + "/"
	a.tell("run.open", "url", address)
	a.opened(address)
	running.Go(func() { a.follow(ctx) })
	running.Go(func() { a.followComputer(ctx) })
	running.Go(func() { a.record(ctx) })
	running.Go(func() { a.vitals.Run(ctx) })
	running.Go(func() { a.prepare(ctx) })
	running.Go(func() { a.desk.run(ctx, address) })

	<-ctx.Done()
	// Links and servers at once: each takes a second or two to say goodbye.
	running.Go(func() { rehearser.Close() })
	running.Go(func() { a.links.Close() })
	running.Go(func() { a.hub.Close() })
	running.Wait()
	a.log.Info("stopped")
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// hostName is the host for people: a loopback address by its name, and all addresses by the
// one that is always there.
func hostName(host string) string {
	if ip, err := netip.ParseAddr(host); host == "" || host == "127.0.0.1" || err == nil && ip.IsUnspecified() {
		return "localhost"
	}
	return host
}

// beyond reports whether other computers can reach a listener.
func beyond(l net.Listener) bool {
	addr, ok := l.Addr().(*net.TCPAddr)
	return !ok || !addr.IP.IsLoopback()
}
