package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/app/tray"
	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/web"
)

// lookEvery is the least time between two looks at everything; a click is followed by
// one at once.
const lookEvery = 250 * time.Millisecond

// desk is the program's place on a desktop: the tray and the notifications. It reads
// snapshots and keeps nothing but what people were shown.
type desk struct {
	app    *App
	tray   *tray.Tray
	quit   func()
	pauser *pauser
	notes  *desktop.Notifier
	auto   desktop.Autostart
	woken  chan struct{} // a nudge: look at once

	mu        sync.Mutex
	url       string // of the dashboard; empty before there is one
	autostart bool
	seen      web.TrayState

	// What follows belongs to the goroutine of follow.
	face   face
	trips  trips
	plan   planner
	picked []string
}

// onDesktop serves beside a tray icon where there can be one. It must run on the main
// goroutine, which the icon needs, if the command line asked for a desktop.
func (a *App) onDesktop(ctx context.Context, serve func(context.Context) error) error {
	if !a.params.Desktop {
		a.tell("run.headless")
		return serve(ctx)
	}
	if err := tray.Available(); err != nil {
		a.log.Info("no tray icon", "reason", err)
		if errors.Is(err, tray.ErrNotBuilt) {
			a.tell("run.notray.built")
		} else {
			a.tell("run.notray")
		}
		return serve(ctx)
	}
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	words := a.wordsNow()
	icon := tray.New(tray.Options{
		Log: a.log.Logger, ID: autostartName, Tap: tray.Action{Verb: doOpen},
		First: tray.Model{Icon: tray.Connecting, Tooltip: words.Say("app.name"), Rows: []tray.Row{
			{Key: "head", Label: words.Say("state.connecting"), Disabled: true},
			{Key: "quit", Label: words.Say("tray.quit"), Do: tray.Action{Verb: doQuit}},
		}},
	})
	a.desk = &desk{app: a, tray: icon, quit: quit, woken: make(chan struct{}, 1), trips: trips{}}
	a.desk.notes = desktop.NewNotifier(words.Say("app.name"), a.desk.open, a.log.Logger)
	defer a.desk.notes.Close()
	closed := make(chan struct{})
	context.AfterFunc(ctx, func() { icon.Close(); close(closed) })
	served := make(chan error, 1)
	go func() {
		served <- serve(ctx)
		quit()
	}()
	if err := icon.Run(); err != nil {
		a.log.Warn("no tray icon", "reason", err)
		a.tell("run.notray")
	} else {
		quit() // the icon was closed, by us or by the end of the session
	}
	err := <-served
	<-closed
	return err
}

// autostartName is our name where names must not change with the language.
const autostartName = "xiaozhi-switchboard"

// wordsNow speaks the language of the configuration as it is now.
func (a *App) wordsNow() *assets.Translator {
	a.mu.Lock()
	c := a.applied
	a.mu.Unlock()
	if c == nil {
		c = a.current()
	}
	return assets.Words(language(c.Language))
}

// run keeps tray and notifications in step until ctx ends. A nil desk has none.
func (d *desk) run(ctx context.Context, url string) {
	if d == nil {
		return
	}
	d.mu.Lock()
	d.url = url
	d.mu.Unlock()
	d.pauser = newPauser(d.app.links)
	d.startAutostart()
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { d.pauser.run(ctx, d.wake) })
	running.Go(func() { d.act(ctx) })
	running.Go(func() { tray.Watch(ctx, d.presence) })
	d.follow(ctx)
}

// dashboard is where it is; empty before there is one.
func (d *desk) dashboard() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.url
}

// startAutostart reads whether the program starts at login, and mends an entry that
// names a place where the program is no longer.
func (d *desk) startAutostart() {
	var err error
	if d.auto, err = desktop.NewAutostart(d.app.wordsNow().Say("app.name"), d.app.params.loginArgs()...); err == nil && d.app.demo == nil {
		var on bool
		on, err = d.auto.Refresh()
		d.mu.Lock()
		d.autostart = on
		d.mu.Unlock()
	}
	if err != nil {
		d.app.log.Warn("the start at login is not known", "error", err)
	}
}

// loginArgs are the arguments for a start at login, which finds the same files.
func (p *Params) loginArgs() []string {
	args := []string{"--autostart"}
	if path, err := p.configFile(); err == nil && p.Config != "" {
		args = append(args, "--config", path)
	}
	if dir, err := p.dataDir(); err == nil && p.Data != "" {
		args = append(args, "--data", dir)
	}
	return args
}

// trayStates are what pages show of the icon.
var trayStates = map[tray.Presence]web.TrayState{tray.Shown: web.TrayShown, tray.NoHost: web.TrayUnseen, tray.Lost: web.TrayLost}

// Tray implements web.Desktop. A nil desk has no icon.
func (d *desk) Tray() web.TrayState {
	if d == nil {
		return web.TrayNone
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seen
}

// presence says when nobody can see the icon.
func (d *desk) presence(p tray.Presence) {
	d.app.log.Info("tray icon", "presence", p)
	d.mu.Lock()
	d.seen = trayStates[p]
	d.mu.Unlock()
	switch p {
	case tray.NoHost:
		d.app.tell("run.nohost")
	case tray.Lost:
		d.app.tell("run.lost")
	}
}

func (d *desk) wake() {
	select {
	case d.woken <- struct{}{}:
	default: // a nudge is waiting already
	}
}

// follow shows what is new until ctx ends.
func (d *desk) follow(ctx context.Context) {
	links, endLinks := d.app.links.Subscribe()
	defer endLinks()
	servers, endServers := d.app.hub.Subscribe()
	defer endServers()
	saved, endSaved := d.app.store.Subscribe()
	defer endSaved()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		again := d.show(d.look(time.Now()))
		wait := time.Hour
		if !again.IsZero() {
			wait = max(time.Until(again), lookEvery)
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return
		case <-d.woken:
			continue
		case <-links:
		case <-servers:
		case <-saved:
		case <-timer.C:
		}
		timer.Reset(lookEvery)
		select { // let nudges gather
		case <-ctx.Done():
			return
		case <-d.woken:
		case <-timer.C:
		}
	}
}

// look reads everything once.
func (d *desk) look(now time.Time) *sight {
	a := d.app
	snapshot := a.store.Snapshot()
	c := a.current()
	words := assets.Words(language(c.Language))
	s := &sight{now: now, links: look(a.links.Status(), now), servers: catalogue{a.hub}.Servers(), words: words, url: d.dashboard(), path: snapshot.Path}
	d.trips.steady(s.links)
	if snapshot.Problem != nil {
		s.problem = problemText(snapshot.Problem, words)
	}
	s.menuState = menuState{strategy: c.Connection.LoadBalanceStrategy, language: c.Language, version: Version(), demo: a.demo != nil}
	s.pausing, s.pausedUntil = d.pauser.state()
	d.mu.Lock()
	s.autostart = d.autostart
	d.mu.Unlock()
	d.plan.off = notesOff(c)
	return s
}

// problemText is the first problem of the configuration, with its line.
func problemText(err error, words *assets.Translator) string {
	view := problemView(err)
	text := view.Texts.In(words.Lang())
	if view.Line > 0 {
		place := words.Say("problem.place", "line", fmt.Sprint(view.Line), "column", fmt.Sprint(view.Column))
		text = words.Say("tray.problem", "place", place, "text", text)
	}
	return text
}

// show shows what was seen, and returns when to look again if nothing changes.
func (d *desk) show(s *sight) (again time.Time) {
	var m tray.Model
	m, d.picked, again = s.model(&d.face, d.picked)
	d.tray.Set(m)
	planned, at := d.plan.next(s.subjects(), s.now)
	for i := range planned {
		d.notes.Send(s.note(&planned[i]))
	}
	return earlier(again, at)
}

// model is the tray that shows s.
func (s *sight) model(f *face, picked []string) (m tray.Model, ids []string, again time.Time) {
	alerts := s.alerts()
	shown, ids := pick(s.links, picked, menuLinks)
	m.Icon, m.Badge, again = f.next(iconOf(s.links), len(alerts) > 0, s.now)
	m.Tooltip, m.Rows = s.summary(len(alerts)), s.menu(alerts, shown)
	return m, ids, again
}
