package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/app/tray"
	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/core/vitals"
	"xiaozhi-switchboard/web"
)

// act does what the menu asks for, one thing after the other, until ctx ends.
func (d *desk) act(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case a := <-d.tray.Actions():
			if err := d.do(ctx, a); err != nil && ctx.Err() == nil {
				d.failed(a.Verb, err)
			}
			d.wake()
		}
	}
}

// endpointPage and serverPage are below the dashboard's address; filePage shows what is wrong
// with the configuration.
func endpointPage(id string) string { return "endpoints/" + url.PathEscape(id) }
func serverPage(name string) string { return "tools/servers/" + url.PathEscape(name) }

const filePage = "settings/file"

// failed tells the user: a menu has no place for it.
func (d *desk) failed(verb tray.Verb, err error) {
	words := d.app.wordsNow()
	d.app.log.Warn("a menu row failed", "verb", string(verb), "error", err)
	body := web.ErrorText(words, err)
	if errors.Is(err, desktop.ErrNoClipboard) {
		body = words.Say("tray.failed.clipboard")
	}
	d.notes.Send(desktop.Note{Title: words.Say("tray.failed"), Body: secret.Text(body), URL: d.dashboard()})
}

func (d *desk) do(ctx context.Context, a tray.Action) error {
	app := d.app
	switch a.Verb {
	case doOpen:
		d.open(d.dashboard())
	case doDetails:
		d.open(d.dashboard() + endpointPage(a.Target))
	case doShowServer:
		d.open(d.dashboard() + serverPage(a.Target))
	case doOpenConfig:
		d.openFile(app.store.Snapshot().Path)
	case doOpenFolder:
		d.openFile(filepath.Dir(app.store.Snapshot().Path))
	case doOpenLogs:
		dir, err := app.params.dataDir()
		if err != nil {
			return err
		}
		d.openFile(filepath.Join(dir, logFolder))
	case doDiagnostics: // to be looked through before it is saved
		d.open(d.dashboard() + "activity/diagnostics")
	case doCopyURL:
		return desktop.Copy(d.dashboard())
	case doCopyMCP:
		return desktop.Copy(d.dashboard() + "mcp")
	case doCopyAddress:
		return d.copyAddress(a.Target)
	case doReconnect:
		return app.links.Reconnect(a.Target)
	case doPause:
		return app.links.Pause(a.Target)
	case doEnable:
		return d.enable(ctx, a.Target)
	case doReconnectAll:
		return d.each(app.links.Reconnect)
	case doTestAll:
		app.links.TriggerHealthCheck()
	case doPauseAll:
		d.pauser.pause(a.Target)
	case doResumeAll:
		d.pauser.resume()
	case doStrategy:
		strategy, err := balance.ParseStrategy(a.Target)
		if err != nil {
			return err
		}
		return controls{app}.SetStrategy(strategy)
	case doOptimize:
		d.optimize()
	case doAutostart:
		return d.toggleAutostart()
	case doLanguage:
		if a.Target == "" {
			return d.setOption(ctx, "language", nil)
		}
		return d.setOption(ctx, "language", a.Target)
	case doQuit:
		app.log.Info("quit by the menu")
		d.quit()
	default:
		return fmt.Errorf("there is nothing called %s to do", a.Verb)
	}
	return nil
}

// each does something about every link; one that has gone meanwhile is no trouble.
func (d *desk) each(do func(id string) error) error {
	var errs []error
	for _, s := range d.app.links.Status() {
		if err := do(s.ID); err != nil && !errors.Is(err, endpoint.ErrUnknown) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// open opens an address. Nobody waits for it: the program that opens it may stay as
// long as the browser does, and is not ours to end.
func (d *desk) open(address string) {
	go func() {
		if d.dashboard() != "" { // then there is a server
			address = d.app.server.Entrance(address)
		}
		if err := desktop.OpenURL(address); err != nil {
			d.failed(doOpen, err)
		}
	}()
}

// openFile opens a file or folder, as open does.
func (d *desk) openFile(path string) {
	go func() {
		if err := desktop.OpenFile(path); err != nil {
			d.failed(doOpenConfig, err)
		}
	}()
}

// copyAddress copies the address of a link, token included: that is what the user asks
// for, and nothing but the clipboard sees it.
func (d *desk) copyAddress(id string) error {
	s, err := d.app.links.StatusOf(id)
	if err != nil {
		return err
	}
	return desktop.Copy(s.URL.Reveal())
}

// enable ends the pause of a link, and also what the configuration says against it.
func (d *desk) enable(ctx context.Context, id string) error {
	for _, e := range d.app.store.Snapshot().Config.Endpoints {
		if known, err := endpoint.Identify(e.URL); err != nil || known.ID != id || e.Enabled {
			continue
		}
		on := e.Clone()
		on.Enabled = true
		if _, err := d.app.store.Modify(ctx, "", func(edit *config.Edit) error { return edit.UpdateEndpoint(e.URL, on) }); err != nil {
			return err
		}
	}
	return d.app.links.Resume(id)
}

func (d *desk) setOption(ctx context.Context, key string, value any) error {
	_, err := d.app.store.Modify(ctx, "", func(edit *config.Edit) error { return edit.SetOption(key, value) })
	return err
}

func (d *desk) toggleAutostart() error {
	on, err := d.auto.On()
	if err == nil {
		err = d.auto.Set(!on)
	}
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.autostart = !on
	d.mu.Unlock()
	return nil
}

// optimize says how it went, since nothing else would show it.
func (d *desk) optimize() {
	run := d.app.vitals.Optimize(vitals.ByHand)
	words := d.app.wordsNow()
	d.notes.Send(desktop.Note{Title: words.Say("tray.optimized"), Body: words.Say("tray.optimized.text",
		"before", mebibytes(run.Before), "after", mebibytes(run.After)), URL: d.dashboard()})
}

// mebibytes is what a program holds: resident where the system tells, else the heap.
func mebibytes(m vitals.Memory) string {
	bytes := float64(m.Heap)
	if m.RSS.Known {
		bytes = m.RSS.Value
	}
	return strconv.FormatFloat(bytes/(1<<20), 'f', 1, 64)
}
