package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/app/tray"
	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/web"
)

// portsTried is how many ports after the configured one are tried for a free one.
const portsTried = 50

// askForPort shows in the tray that the dashboard's port cannot be had, and waits until
// it can: after another try, with the next free port, or when the configuration says
// something else. The error is the last *web.PortError when the user gives up, and when
// nobody can see the tray: who typed the start must not wait for a click on nothing. A
// start at login waits for a panel.
func (d *desk) askForPort(ctx context.Context, problem *web.PortError) (net.Listener, error) {
	app := d.app
	saved, end := app.store.Subscribe()
	defer end()
	words := app.wordsNow()
	app.log.Warn("the port of the dashboard cannot be had", "port", problem.Port, "reason", problem)
	reason := portText(ctx, words, problem)
	d.notes.Send(desktop.Note{Title: words.Say("tray.port", "port", fmt.Sprint(problem.Port)), Body: reason})
	app.tell("run.port", "reason", reason)
	unseen := make(chan struct{}, 1) // one nudge: there is no tray
	watch, stop := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		tray.Watch(watch, func(p tray.Presence) {
			if p != tray.Shown && !app.params.Autostart {
				select {
				case unseen <- struct{}{}:
				default:
				}
			}
		})
	})
	defer watching.Wait()
	defer stop()
	for {
		words = assets.Words(language(app.current().Language))
		d.tray.Set(portModel(words, problem))
		next := false
		select {
		case <-ctx.Done():
			return nil, problem
		case <-unseen:
			return nil, problem
		case <-saved:
		case a := <-d.tray.Actions():
			switch a.Verb {
			case doRetryPort:
			case doNextPort:
				next = true
			case doOpenConfig:
				d.openFile(app.store.Snapshot().Path)
				continue
			case doOpenFolder:
				d.openFile(filepath.Dir(app.store.Snapshot().Path))
				continue
			case doQuit:
				return nil, problem
			default: // a click on the icon
				continue
			}
		}
		listener, err := app.listen(app.current())
		if err != nil && next {
			listener, err = d.nextPort(ctx)
		}
		if err == nil {
			return listener, nil
		}
		if !errors.As(err, &problem) {
			return nil, err
		}
	}
}

// nextPort listens on the first free port after the configured one, and keeps it in the
// configuration, so that the dashboard stays where it is. A port of the command line is
// for one run, and so is its replacement.
func (d *desk) nextPort(ctx context.Context) (net.Listener, error) {
	c := d.app.current()
	var last error
	for port, end := c.Port+1, min(c.Port+portsTried, 65535); port <= end; port++ {
		c.Port = port
		listener, err := d.app.listen(c)
		if err != nil {
			last = err
			continue
		}
		if d.app.params.Port < 0 {
			if err := d.setOption(ctx, "port", port); err != nil {
				d.app.log.Warn("the new port is not kept", "port", port, "error", err)
			}
		}
		return listener, nil
	}
	if last == nil {
		_, last = d.app.listen(c)
	}
	return nil, last
}

// portModel is the tray while the port cannot be had.
func portModel(words *assets.Translator, problem *web.PortError) tray.Model {
	say := words.Say
	head := say("tray.port", "port", fmt.Sprint(problem.Port))
	return tray.Model{Icon: tray.Down, Badge: true, Tooltip: head, Rows: []tray.Row{
		{Key: "head", Label: head, Disabled: true},
		line("l1"),
		{Key: "retry", Label: say("tray.port.retry"), Do: tray.Action{Verb: doRetryPort}},
		{Key: "next", Label: say("tray.port.next"), Hidden: problem.Problem == web.PortNotLoopback, Do: tray.Action{Verb: doNextPort}},
		{Key: "config", Label: say("tray.files.config"), Do: tray.Action{Verb: doOpenConfig}},
		{Key: "folder", Label: say("tray.files.folder"), Do: tray.Action{Verb: doOpenFolder}},
		line("l2"),
		{Key: "quit", Label: say("tray.quit"), Do: tray.Action{Verb: doQuit}},
	}}
}
