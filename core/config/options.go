package config

import (
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tailscale/hujson"
	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/retry"
)

// option is one setting: where it stands in a file, and how it is read.
type option struct {
	key string
	// aliases are where older files have it; the key itself wins.
	aliases []string
	read    func(d *decoder, c *Config, v *hujson.Value, key string)
}

const day = 24 * time.Hour

// options lists every setting that SetOption can change.
var options = []option{
	{"host", nil, readHost},
	{"port", []string{"webUI.port"}, whole(func(c *Config) *int { return &c.Port }, false, 1, 65535)},
	{"allowedHosts", nil, readHosts},
	{"language", nil, oneOf(func(c *Config) *string { return &c.Language }, "", "zh", "en")},
	{"connectionOptions.healthCheckInterval", []string{"connection.heartbeatInterval", "connection.healthCheckInterval"},
		millis(func(c *Config) *time.Duration { return &c.Connection.HealthCheckInterval }, false, time.Second, day)},
	{"connectionOptions.reconnectInterval", []string{"connection.reconnectInterval"},
		millis(func(c *Config) *time.Duration { return &c.Connection.ReconnectInterval }, false, 100*time.Millisecond, day)},
	{"connectionOptions.maxReconnectAttempts", []string{"connection.maxReconnectAttempts"},
		whole(func(c *Config) *int { return &c.Connection.MaxReconnectAttempts }, true, 0, 1_000_000)},
	{"connectionOptions.loadBalanceStrategy", []string{"connection.loadBalanceStrategy"}, readBalance},
	{"connectionOptions.connectionTimeout", []string{"connection.connectionTimeout"},
		millis(func(c *Config) *time.Duration { return &c.Connection.ConnectionTimeout }, false, time.Second, 10*time.Minute)},
	{"connectionOptions.reconnectStrategy", []string{"connection.reconnectStrategy"}, readRetry},
	{"connectionOptions.maxReconnectDelay", []string{"connection.maxReconnectDelay"},
		millis(func(c *Config) *time.Duration { return &c.Connection.MaxReconnectDelay }, false, time.Second, day)},
	{"connectionOptions.reconnectBackoffMultiplier", nil, readMultiplier},
	{"connectionOptions.jitterEnabled", nil, truth(func(c *Config) *bool { return &c.Connection.Jitter })},
	{"connectionOptions.failedRetryInterval", nil,
		millis(func(c *Config) *time.Duration { return &c.Connection.FailedRetryInterval }, true, time.Second, day)},
	{"connectionOptions.toolTimeout", nil,
		millis(func(c *Config) *time.Duration { return &c.Connection.ToolTimeout }, false, 100*time.Millisecond, 290*time.Second)},
	{"connectionOptions.maxResultBytes", nil, whole(func(c *Config) *int { return &c.Connection.MaxResultBytes }, false, 512, 1<<20)},
	{"enableCors", nil, truth(func(c *Config) *bool { return &c.EnableCORS })},
	{"enableLogging", nil, truth(func(c *Config) *bool { return &c.EnableLogging })},
	{"logLevel", nil, readLevel},
	{"notifications.endpoints", nil, truth(func(c *Config) *bool { return &c.Notifications.Endpoints })},
	{"notifications.servers", nil, truth(func(c *Config) *bool { return &c.Notifications.Servers })},
	{"notifications.configuration", nil, truth(func(c *Config) *bool { return &c.Notifications.Configuration })},
	{"notifications.recovery", nil, truth(func(c *Config) *bool { return &c.Notifications.Recovery })},
}

// OptionKeys returns the keys that Edit.SetOption accepts, in the order of the default
// file.
func OptionKeys() []string {
	keys := make([]string, len(options))
	for i, o := range options {
		keys[i] = o.key
	}
	return keys
}

// OptionAt returns which of OptionKeys a key of a file, such as that of a Problem, means:
// older files have some settings under other keys, and an element of a list, such as
// allowedHosts[1], is part of its option. False means none.
func OptionAt(key string) (string, bool) {
	key, _, _ = strings.Cut(key, "[")
	for _, o := range options {
		if o.key == key || slices.Contains(o.aliases, key) {
			return o.key, true
		}
	}
	return "", false
}

// locate returns the value of the option in root and the key under which it was found.
func (o *option) locate(root *hujson.Value) (v *hujson.Value, key string) {
	for _, key := range append([]string{o.key}, o.aliases...) {
		at := root
		for part := range strings.SplitSeq(key, ".") {
			at = findSet(at, part)
		}
		if at != nil {
			return at, key
		}
	}
	return nil, o.key
}

// readOptions fills every option that root holds into c.
func (d *decoder) readOptions(root *hujson.Value, c *Config) {
	for i := range options {
		if v, key := options[i].locate(root); v != nil {
			options[i].read(d, c, v, key)
		}
	}
	for _, section := range []string{"connectionOptions", "connection", "webUI"} {
		if v := findSet(root, section); v != nil && v.Value.Kind() != '{' {
			d.wrongType(v, section, shapeObject)
		}
	}
	delay, key := options[optionIndex("connectionOptions.maxReconnectDelay")].locate(root)
	if k := &c.Connection; k.MaxReconnectDelay < k.ReconnectInterval {
		if delay == nil { // only the default is too small
			k.MaxReconnectDelay = k.ReconnectInterval
		} else {
			d.problem(delay, key, CodeRange, plainNumber(float64(k.MaxReconnectDelay.Milliseconds())),
				map[string]any{"reason": "below-interval", "min": k.ReconnectInterval.Milliseconds(), "max": day.Milliseconds()},
				"this must not be below reconnectInterval, which is %d; raise it, or lower the other", k.ReconnectInterval.Milliseconds())
		}
	}
	if v := findSet(root, "connection"); v != nil {
		d.warn(v, "connection", CodeDeprecated, "", map[string]any{"reason": "connection"}, "this section is read as connectionOptions, whose own keys win; write new options there")
		if auto := findSet(v, "autoReconnect"); auto != nil && auto.Value.Kind() == 'f' {
			d.warn(auto, "connection.autoReconnect", CodeIgnored, "false", map[string]any{"reason": "autoReconnect"}, "links always reconnect, so this has no effect; pause an endpoint by enabled: false instead")
		}
	}
}

func optionIndex(key string) int {
	return slices.IndexFunc(options, func(o option) bool { return o.key == key })
}

func millis(field func(*Config) *time.Duration, zero bool, least, most time.Duration) func(*decoder, *Config, *hujson.Value, string) {
	return func(d *decoder, c *Config, v *hujson.Value, key string) {
		if n, ok := d.number(v, key, true, zero, float64(least.Milliseconds()), float64(most.Milliseconds())); ok {
			*field(c) = time.Duration(n) * time.Millisecond
		}
	}
}

func whole(field func(*Config) *int, zero bool, least, most float64) func(*decoder, *Config, *hujson.Value, string) {
	return func(d *decoder, c *Config, v *hujson.Value, key string) {
		if n, ok := d.number(v, key, true, zero, least, most); ok {
			*field(c) = int(n)
		}
	}
}

func truth(field func(*Config) *bool) func(*decoder, *Config, *hujson.Value, string) {
	return func(d *decoder, c *Config, v *hujson.Value, key string) {
		if value, ok := d.boolean(v, key); ok {
			*field(c) = value
		}
	}
}

func oneOf(field func(*Config) *string, names ...string) func(*decoder, *Config, *hujson.Value, string) {
	return func(d *decoder, c *Config, v *hujson.Value, key string) {
		s, ok := d.text(v, key)
		if !ok {
			return
		}
		if lower := strings.ToLower(s); slices.Contains(names, lower) {
			*field(c) = lower
			return
		}
		d.unknownName(v, key, s, names)
	}
}

func (d *decoder) unknownName(v *hujson.Value, key, value string, names []string) {
	if names[0] == "" {
		names = names[1:]
	}
	d.problem(v, key, CodeName, masked(value), map[string]any{"want": slices.Clone(names)},
		"this is none of the names there are; use one of %s", strings.Join(names, ", "))
}

func readLevel(d *decoder, c *Config, v *hujson.Value, key string) {
	if s, _ := stringOf(v); strings.EqualFold(strings.TrimSpace(s), "warning") {
		c.LogLevel = "warn"
		return
	}
	oneOf(func(c *Config) *string { return &c.LogLevel }, "debug", "info", "warn", "error")(d, c, v, key)
}

func readRetry(d *decoder, c *Config, v *hujson.Value, key string) {
	if s, ok := d.text(v, key); ok {
		strategy, err := retry.ParseStrategy(s)
		if err != nil {
			d.unknownName(v, key, s, namesOf(retry.Strategies()))
			return
		}
		c.Connection.ReconnectStrategy = strategy
	}
}

func readBalance(d *decoder, c *Config, v *hujson.Value, key string) {
	if s, ok := d.text(v, key); ok {
		strategy, err := balance.ParseStrategy(s)
		if err != nil {
			d.unknownName(v, key, s, namesOf(balance.Strategies()))
			return
		}
		c.Connection.LoadBalanceStrategy = strategy
	}
}

func namesOf[S interface{ String() string }](list []S) []string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.String()
	}
	return names
}

func readMultiplier(d *decoder, c *Config, v *hujson.Value, key string) {
	if n, ok := d.number(v, key, false, false, 1, 100); ok {
		c.Connection.BackoffMultiplier = n
	}
}

var hostNames = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)

func readHost(d *decoder, c *Config, v *hujson.Value, key string) {
	s, ok := d.text(v, key)
	if !ok || s == "" {
		return
	}
	if net.ParseIP(s) == nil && !hostNames.MatchString(s) {
		d.problem(v, key, CodeAddress, masked(s), map[string]any{"reason": "bind", "want": "127.0.0.1"}, "this must be an IP address or a host name without a port, such as 127.0.0.1")
		return
	}
	c.Host = s
}
