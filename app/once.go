package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"xiaozhi-switchboard/app/desktop"
)

// welcomed marks a data folder whose user has seen the dashboard.
const welcomed = "welcomed"

// claimFolder makes this the one program on its data folder. A demo keeps nothing
// there, so it runs beside any other. Where files cannot be locked, as on some network
// drives, the program runs all the same.
func (a *App) claimFolder(ctx context.Context) error {
	if a.params.Demo {
		return nil
	}
	dir, err := a.params.dataDir()
	if err != nil {
		return err
	}
	var other *desktop.RunningError
	if a.claim, err = desktop.Claim(ctx, dir); errors.As(err, &other) {
		return other
	}
	a.unclaimed = err
	return nil
}

func (a *App) release() {
	if a.claim != nil {
		a.claim.Release()
	}
}

// opened tells everybody where the dashboard is.
func (a *App) opened(address string) {
	if a.unclaimed != nil {
		a.log.Warn("another start of the program would not notice this one", "error", a.unclaimed)
	}
	if a.claim != nil {
		if err := a.claim.Tell(address, a.store.Snapshot().Path, a.pass.Reveal()); err != nil {
			a.log.Warn("another start of the program will not find this one", "error", err)
		}
	}
	if a.params.Ready != nil {
		a.params.Ready(address)
	}
	if a.firstTime() {
		go func() { // the program that opens it may stay as long as the browser does
			if err := desktop.OpenURL(a.server.Entrance(address)); err != nil {
				a.log.Info("the dashboard was not opened", "reason", err)
			}
		}()
	}
}

// firstTime reports whether the dashboard should be opened: a person started the
// program on a desktop, for the first time or to see a demo.
func (a *App) firstTime() bool {
	if !a.params.Desktop || a.params.Autostart || !desktop.HasDisplay() {
		return false
	}
	if a.params.Demo {
		return true
	}
	dir, err := a.params.dataDir()
	if err != nil {
		return false
	}
	mark, err := os.OpenFile(filepath.Join(dir, welcomed), os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil { // it is there, or it would be opened at each start
		return false
	}
	mark.Close()
	return true
}

// showOther opens the dashboard of the program that runs already.
func (r *runCmd) showOther(c *console, other *desktop.RunningError) error {
	if other.URL == "" {
		return &exit{ExitFailed, errors.New(c.words.Say("run.already.silent"))}
	}
	fmt.Fprintln(c.out, c.words.Say("run.already", "url", other.URL))
	if !r.Headless && !r.Autostart && desktop.HasDisplay() {
		if err := desktop.OpenURL(reach(other.Running, c.words).entrance(c.ctx)); err != nil {
			return err
		}
	}
	return nil
}

// entrance returns where to open the dashboard without having to sign in, or, when the
// program does not say, the address itself.
func (r *running) entrance(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	text, err := r.ask(ctx, http.MethodPost, "/api/v1/entrance", nil)
	var made struct{ Path string }
	if err != nil || json.Unmarshal(text, &made) != nil || !strings.HasPrefix(made.Path, "/") || strings.HasPrefix(made.Path, "//") {
		return r.URL
	}
	return strings.TrimSuffix(r.URL, "/") + made.Path
}
