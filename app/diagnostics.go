package app

import (
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web"
)

// diagnostics describe the program for a bundle. What else is in one is what the API shows;
// package web puts it together, for the page, the API, the tray and the command line.
type diagnostics struct{ app *App }

// About implements web.Diagnostics. What cannot be found out is left empty.
func (d diagnostics) About() web.AboutView {
	a := d.app
	v := web.AboutView{Version: Version(), Commit: stampedCommit, Day: stampedDay, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Processors: runtime.NumCPU(), Started: a.start.UTC().Truncate(time.Millisecond), Uptime: web.Milliseconds(time.Since(a.start)),
		Language: language(""), Desktop: a.desk != nil, Demo: a.params.Demo, Config: a.store.Snapshot().Path}
	v.Data, _ = a.params.dataDir()
	v.Home, _ = os.UserHomeDir()
	if info, ok := debug.ReadBuildInfo(); ok {
		v.Build = info.String()
	}
	return v
}

// Secrets implements web.Diagnostics: those of what runs, and of what will.
func (d diagnostics) Secrets() *secret.Known {
	d.app.mu.Lock()
	applied := d.app.applied
	d.app.mu.Unlock()
	return secret.NewKnown(secretsOf(d.app.current(), applied))
}
