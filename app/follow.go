package app

import (
	"context"
	"slices"
	"time"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/hub"
)

// follow keeps what runs in step with the configuration and the catalogue.
func (a *App) follow(ctx context.Context) {
	tools, endTools := a.hub.Subscribe()
	defer endTools()
	saved, endSaved := a.store.Subscribe()
	defer endSaved()
	linked, endLinked := a.links.Subscribe()
	defer endLinked()
	measured, endMeasured := a.vitals.Subscribe()
	defer endMeasured()
	a.apply(a.current()) // what changed since the start
	a.takeOffers()
	for {
		select {
		case <-linked:
			a.takeOffers()
		case <-measured:
			a.stretchChecks()
		case <-tools:
			a.links.ToolsChanged()
		case <-saved:
			if problem := a.store.Snapshot().Problem; problem != nil {
				a.log.Warn("configuration file cannot be used, the last good one stays", "problem", problem)
				continue
			}
			a.apply(a.current())
		case <-ctx.Done():
			return
		}
	}
}

// apply makes everything follow c.
func (a *App) apply(c *config.Config) {
	a.mu.Lock()
	before := a.applied
	a.applied = c
	a.mu.Unlock()
	a.log.know(secretsOf(c, before))
	if err := a.log.set(c.EnableLogging, c.LogLevel); err != nil {
		a.log.Warn("log level is not used", "level", c.LogLevel, "error", err)
	}
	if before != nil && (before.Port != c.Port || before.Host != c.Host) {
		a.log.Warn("host and port take effect with the next start", "host", c.Host, "port", c.Port)
	}
	for _, w := range c.Warnings {
		if before == nil || !slices.ContainsFunc(before.Warnings, func(o config.Problem) bool { return o.String() == w.String() }) {
			a.log.Warn("configuration", "warning", w)
		}
	}
	ho := a.hubOptions(c)
	a.hub.UpdateOptions(&ho)
	eo := a.endpointOptions(c)
	a.links.UpdateOptions(&eo)

	list, views := endpoints(c.Endpoints)
	a.hub.SetRemoteTools(toolSettings(c.RemoteTools))
	a.hub.Apply(servers(c), views)
	if err := a.links.UpdateEndpoints(list); err != nil {
		a.log.Warn("some endpoints are not used", "error", err)
	}
}

// secretsOf are the credentials of a configuration and of the one before, which what ends
// now may still speak of.
func secretsOf(c, before *config.Config) []string {
	all := c.Secrets()
	if before != nil {
		all = append(all, before.Secrets()...)
	}
	return all
}

// hubOptions are the options of a configuration in this run.
func (a *App) hubOptions(c *config.Config) hub.Options {
	o := hubOptions(c, a.spoken(c))
	o.Version, o.Status, o.Origin, o.Called = Version(), a.statusText, a.origin, a.recorder.called
	return o
}

// endpointOptions are the options of a configuration in this run.
func (a *App) endpointOptions(c *config.Config) endpoint.Options {
	o := endpointOptions(&c.Connection)
	o.ServerVersion, o.Origin = Version(), a.origin
	if a.vitals != nil {
		o.HealthCheckInterval = time.Duration(float64(o.HealthCheckInterval) * a.vitals.Stretch())
	}
	return o
}

// stretchChecks spaces out health checks while the processors are busy.
func (a *App) stretchChecks() {
	factor := a.vitals.Stretch()
	if factor == a.stretch {
		return
	}
	a.stretch = factor
	a.mu.Lock()
	c := a.applied
	a.mu.Unlock()
	o := a.endpointOptions(c)
	a.links.UpdateOptions(&o)
}

// spoken is what the assistant is told, in the language of the configuration.
func (a *App) spoken(c *config.Config) hub.Words {
	if language(c.Language) == "zh" {
		return hub.Chinese()
	}
	return hub.English()
}

// wanted is how many links there should be.
func (a *App) wanted() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, ep := range a.applied.Endpoints {
		if ep.Enabled {
			n++
		}
	}
	return n
}
