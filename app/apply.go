package app

import (
	"slices"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/hub"
	"xiaozhi-switchboard/core/retry"
)

// This file turns what the configuration says into what core understands; the two
// sides do not know each other.

func endpointOptions(c *config.Connection) endpoint.Options {
	o := endpoint.Options{
		HealthCheckInterval:  c.HealthCheckInterval,
		Retry:                retryPolicy(c),
		MaxReconnectAttempts: c.MaxReconnectAttempts,
		ConnectionTimeout:    c.ConnectionTimeout,
		FailedRetryInterval:  c.FailedRetryInterval,
		Strategy:             c.LoadBalanceStrategy,
		CallPatience:         c.ToolTimeout,
	}
	if o.MaxReconnectAttempts == 0 {
		o.MaxReconnectAttempts = -1 // the file's "without end"
	}
	if o.FailedRetryInterval == 0 {
		o.FailedRetryInterval = -1 // the file's "never"
	}
	return o
}

func retryPolicy(c *config.Connection) retry.Policy {
	return retry.Policy{
		Strategy:   c.ReconnectStrategy,
		Base:       c.ReconnectInterval,
		Max:        c.MaxReconnectDelay,
		Multiplier: c.BackoffMultiplier,
		NoJitter:   !c.Jitter,
	}
}

func hubOptions(c *config.Config, words hub.Words) hub.Options {
	return hub.Options{
		Retry:          retryPolicy(&c.Connection),
		ToolTimeout:    c.Connection.ToolTimeout,
		MaxResultBytes: c.Connection.MaxResultBytes,
		Strategy:       c.Connection.LoadBalanceStrategy,
		Words:          words,
	}
}

// endpoints returns the endpoints of a configuration and, by their IDs, what each
// sees. Those that cannot be identified are left for the manager to refuse.
func endpoints(list []config.Endpoint) ([]endpoint.Endpoint, map[string]hub.View) {
	all := make([]endpoint.Endpoint, 0, len(list))
	views := make(map[string]hub.View)
	for _, e := range list {
		all = append(all, endpoint.Endpoint{
			URL: e.URL, Name: e.Name, Disabled: !e.Enabled, Role: endpoint.Role(e.Role), NoHealthCheck: !e.HealthCheck,
		})
		if e.Servers == nil && e.Tools == nil {
			continue
		}
		if id, err := endpoint.Identify(e.URL); err == nil {
			if _, twice := views[id.ID]; !twice {
				views[id.ID] = hub.View{Servers: e.Servers, Tools: e.Tools}
			}
		}
	}
	return all, views
}

var hubKinds = map[config.Kind]hub.Kind{
	config.KindStdio: hub.KindStdio,
	config.KindSSE:   hub.KindSSE,
	config.KindHTTP:  hub.KindHTTP,
	config.KindAuto:  hub.KindAuto,
}

func servers(c *config.Config) []hub.Server {
	all := make([]hub.Server, 0, len(c.Servers)+1)
	for _, s := range append(slices.Clone(c.Servers), c.Builtin) {
		h := hub.Server{
			Name: s.Name, Kind: hubKinds[s.Kind], Command: s.Command, Args: s.Args, Env: s.Env, Dir: s.Dir,
			URL: s.URL, Headers: s.Headers, Disabled: !s.Enabled, Prefix: s.Prefix, Group: s.Group,
		}
		h.Tools = toolSettings(s.Tools)
		all = append(all, h)
	}
	return all
}

func toolSettings(tools map[string]config.Tool) map[string]hub.ToolSetting {
	all := make(map[string]hub.ToolSetting, len(tools))
	for name, t := range tools {
		all[name] = hub.ToolSetting{Disabled: !t.Enabled, Description: t.Description}
	}
	return all
}
