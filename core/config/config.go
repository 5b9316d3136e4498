package config

import (
	"log/slog"
	"maps"
	"slices"
	"time"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/retry"
	"xiaozhi-switchboard/core/secret"
)

// Config is a checked configuration. It is a plain value without locks: treat one
// that you were given as immutable, and Clone it to change it.
type Config struct {
	// Host is the address that the dashboard binds to; 127.0.0.1 by default.
	Host string
	// AccessKey is what everybody must know who uses the dashboard; empty, the default, asks
	// nobody. It has 12 to 200 characters.
	AccessKey secret.Key
	// AllowedHosts are names, beside those of this computer itself, under which the dashboard
	// may be reached, in lower case, each with or without a port. At most 32.
	AllowedHosts []string
	// Port is the port of the dashboard; 3001 by default.
	Port int
	// Language is "zh", "en", or "" to follow the system.
	Language string
	// Endpoints are in the order of the file, without duplicates and placeholders.
	Endpoints  []Endpoint
	Connection Connection
	// Servers are in the order of the file.
	Servers []Server
	// Builtin holds the settings of the built-in tools: Enabled and Tools count.
	Builtin Server
	// RemoteTools are the settings of tools that endpoints in the call role offer, by their
	// own names, whichever endpoint it is. A tool that is not here is enabled and keeps its
	// description.
	RemoteTools map[string]Tool
	// EnableCORS opens reads to pages of loopback origins. False by default.
	EnableCORS bool
	// EnableLogging writes the log file. True by default.
	EnableLogging bool
	// LogLevel is debug, info, warn or error; info by default.
	LogLevel      string
	Notifications Notifications
	// Warnings are what is odd but harmless in the file.
	Warnings []Problem
}

// Endpoint is an address that we dial.
type Endpoint struct {
	// URL identifies the endpoint in the file.
	URL  secret.URL
	Name string
	// Enabled is true unless the file says otherwise.
	Enabled bool
	// Role is "serve", "call", or "" to infer it from the address.
	Role string
	// HealthCheck is true unless the file says otherwise.
	HealthCheck bool
	// Servers and Tools are the names that the endpoint sees; nil means all of them.
	Servers, Tools []string
}

// Connection holds connectionOptions. In the file all times are milliseconds.
type Connection struct {
	HealthCheckInterval time.Duration // 30 s; 1 s to 24 h
	ReconnectInterval   time.Duration // 5 s; 100 ms to 24 h
	MaxReconnectDelay   time.Duration // 60 s; from max(1 s, ReconnectInterval) to 24 h
	ConnectionTimeout   time.Duration // 10 s; 1 s to 10 min
	FailedRetryInterval time.Duration // 5 min; 0 means never; 1 s to 24 h
	ToolTimeout         time.Duration // 8 s; 100 ms to 290 s
	// MaxReconnectAttempts is how often a link redials before it counts as failed;
	// 10 by default, 0 means without end.
	MaxReconnectAttempts int
	ReconnectStrategy    retry.Strategy
	LoadBalanceStrategy  balance.Strategy
	// BackoffMultiplier is the factor of exponential backoff; 2 by default, 1 to 100.
	BackoffMultiplier float64
	// Jitter spreads reconnects; true by default.
	Jitter bool
	// MaxResultBytes is how long the text of a tool's result may be; 8192 by default,
	// 512 to 1 MiB.
	MaxResultBytes int
}

// Notifications says what the desktop tells people of. All are true by default.
type Notifications struct {
	// Endpoints that lost their connection; Servers that do not run; a Configuration
	// file that cannot be used; and the Recovery of any of them.
	Endpoints, Servers, Configuration, Recovery bool
}

// Default returns what holds where the file says nothing.
func Default() *Config {
	return &Config{
		Host:    "127.0.0.1",
		Port:    3001,
		Builtin: Server{Name: ReservedServer, Enabled: true},
		Connection: Connection{
			HealthCheckInterval:  30 * time.Second,
			ReconnectInterval:    5 * time.Second,
			MaxReconnectDelay:    60 * time.Second,
			ConnectionTimeout:    10 * time.Second,
			FailedRetryInterval:  5 * time.Minute,
			ToolTimeout:          8 * time.Second,
			MaxReconnectAttempts: 10,
			ReconnectStrategy:    retry.ExponentialBackoff,
			LoadBalanceStrategy:  balance.RoundRobin,
			BackoffMultiplier:    2,
			Jitter:               true,
			MaxResultBytes:       8192,
		},
		EnableLogging: true,
		LogLevel:      "info",
		Notifications: Notifications{true, true, true, true},
	}
}

// Clone returns a copy that shares nothing with c.
func (c *Config) Clone() *Config {
	if c == nil {
		return nil
	}
	clone := *c
	clone.AllowedHosts = slices.Clone(c.AllowedHosts)
	clone.Endpoints = slices.Clone(c.Endpoints)
	for i := range clone.Endpoints {
		clone.Endpoints[i] = clone.Endpoints[i].Clone()
	}
	clone.Servers = slices.Clone(c.Servers)
	for i := range clone.Servers {
		clone.Servers[i] = clone.Servers[i].Clone()
	}
	clone.Builtin = c.Builtin.Clone()
	clone.RemoteTools = maps.Clone(c.RemoteTools)
	clone.Warnings = slices.Clone(c.Warnings)
	for i := range clone.Warnings {
		clone.Warnings[i].Args = maps.Clone(clone.Warnings[i].Args)
	}
	return &clone
}

// Clone returns a copy that shares nothing with e.
func (e Endpoint) Clone() Endpoint {
	e.Servers, e.Tools = slices.Clone(e.Servers), slices.Clone(e.Tools)
	return e
}

// LogValue returns the sizes of c and no credential, for slog.
func (c *Config) LogValue() slog.Value {
	if c == nil {
		return slog.StringValue("none")
	}
	return slog.GroupValue(slog.Int("endpoints", len(c.Endpoints)), slog.Int("servers", len(c.Servers)), slog.Int("warnings", len(c.Warnings)))
}

// Equal reports whether two endpoints are the same in every field. A nil list, which
// means all, differs from an empty one.
func (e Endpoint) Equal(o Endpoint) bool {
	return e.URL == o.URL && e.Name == o.Name && e.Enabled == o.Enabled && e.Role == o.Role && e.HealthCheck == o.HealthCheck &&
		equalLists(e.Servers, o.Servers) && equalLists(e.Tools, o.Tools)
}

// equalLists tells nil, which means all, from empty, which means none.
func equalLists(a, b []string) bool {
	return (a == nil) == (b == nil) && slices.Equal(a, b)
}
