package app

import (
	"context"
	"time"

	"xiaozhi-switchboard/app/desktop"
)

// followComputer dials again when the network came back or the computer woke up, rather
// than wait for a retry whose time was chosen before.
func (a *App) followComputer(ctx context.Context) {
	watch := a.params.watch
	if watch == nil {
		watch = desktop.Watch
	}
	watch(ctx, a.log.Logger, func(s desktop.Signal) {
		switch s.Kind {
		case desktop.WokeUp:
			a.log.Info("woke up, dialling again", "slept", s.Slept.Round(time.Second))
		case desktop.NetworkBack:
			a.log.Info("network is back, dialling again")
		default:
			a.log.Info("network changed, dialling again")
		}
		a.recorder.signalled(s)
		a.links.Wake()
	})
}
