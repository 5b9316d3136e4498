package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/vitals"
	"xiaozhi-switchboard/web"
)

// controls do what pages, API and tray ask of the program as a whole.
type controls struct{ app *App }

// SetStrategy implements web.Controls. It is a setting, so it goes through the file.
func (c controls) SetStrategy(strategy balance.Strategy) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := c.app.store.Modify(ctx, "", func(e *config.Edit) error {
		return e.SetOption("connectionOptions.loadBalanceStrategy", strategy)
	})
	return err
}

// Failover implements web.Controls.
func (c controls) Failover(id string) (string, error) {
	s, err := c.app.links.Failover(id)
	if errors.Is(err, endpoint.ErrNoOther) {
		err = fmt.Errorf("%w: %w", web.ErrNoOther, err)
	}
	return s.ID, err
}

// Prewarm implements web.Controls.
func (c controls) Prewarm(ctx context.Context) ([]web.PrewarmView, error) {
	var views []web.PrewarmView
	servers := make(chan []web.PrewarmView, 1)
	go func() {
		var warmed []web.PrewarmView
		for _, s := range c.app.hub.Prewarm(ctx) {
			v := web.PrewarmView{Kind: web.SourceServer, Name: s.Server, Took: web.Milliseconds(s.Took)}
			if s.Err != nil {
				v.Error = s.Err.Error()
			}
			warmed = append(warmed, v)
		}
		servers <- warmed
	}()
	links, err := c.app.links.Prewarm(ctx)
	for _, l := range links {
		v := web.PrewarmView{Kind: web.SourceLink, ID: l.ID, Name: l.Label, Took: web.Milliseconds(l.Took)}
		if !l.Skipped {
			v.Timings = &l.Timings
		}
		if l.Err != nil {
			v.Error = l.Err.Error()
		}
		views = append(views, v)
	}
	if err != nil && ctx.Err() != nil {
		err = nil // what was not ready in time says so itself
	}
	return append(views, <-servers...), err
}

// OptimizeMemory implements web.Controls.
func (c controls) OptimizeMemory() web.RunView { return runView(c.app.vitals.Optimize(vitals.ByHand)) }
