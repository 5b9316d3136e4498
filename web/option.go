package web

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/retry"
)

// option is one setting of the configuration as pages explain and change it. Its texts
// are option.NAME.name, .text and, where there is one, .advice; NAME is the last part of
// its key.
type option struct {
	key, section string
	// unit is ms, bytes, times or empty, as in the file.
	unit string
	// choices are the values of a setting that has few; boxed is one that is on or off,
	// wordy one that is free text, and listed some words, one a line. Others are numbers.
	choices []string
	boxed   bool
	wordy   bool
	listed  bool
	// min and max bound a number; zero says that 0 is allowed besides.
	min, max float64
	zero     bool
	// fraction says that a number need not be whole.
	fraction bool
	// advice says that there is some.
	advice bool
	// later says that a change takes effect with the next start.
	later bool
	// of returns the value as a form shows it: a number, a name, names on lines, "on" or "".
	of func(*config.Config) string
}

// sections are the parts that the options are shown in.
var sections = []string{"link", "retry", "tools", "page", "desktop", "log"}

const dayMillis = 24 * 3600 * 1000

// options are those of core/config, in the order of the pages.
var options = []option{
	{key: "connectionOptions.healthCheckInterval", section: "link", unit: "ms", min: 1000, max: dayMillis, advice: true,
		of: millis(func(c *config.Config) time.Duration { return c.Connection.HealthCheckInterval })},
	{key: "connectionOptions.connectionTimeout", section: "link", unit: "ms", min: 1000, max: 600_000, advice: true,
		of: millis(func(c *config.Config) time.Duration { return c.Connection.ConnectionTimeout })},

	{key: "connectionOptions.reconnectStrategy", section: "retry", choices: names(retry.Strategies()), advice: true,
		of: func(c *config.Config) string { return c.Connection.ReconnectStrategy.String() }},
	{key: "connectionOptions.reconnectInterval", section: "retry", unit: "ms", min: 100, max: dayMillis, advice: true,
		of: millis(func(c *config.Config) time.Duration { return c.Connection.ReconnectInterval })},
	{key: "connectionOptions.maxReconnectDelay", section: "retry", unit: "ms", min: 1000, max: dayMillis,
		of: millis(func(c *config.Config) time.Duration { return c.Connection.MaxReconnectDelay })},
	{key: "connectionOptions.maxReconnectAttempts", section: "retry", unit: "times", min: 0, max: 1_000_000, advice: true,
		of: func(c *config.Config) string { return strconv.Itoa(c.Connection.MaxReconnectAttempts) }},
	{key: "connectionOptions.failedRetryInterval", section: "retry", unit: "ms", min: 1000, max: dayMillis, zero: true,
		of: millis(func(c *config.Config) time.Duration { return c.Connection.FailedRetryInterval })},
	{key: "connectionOptions.reconnectBackoffMultiplier", section: "retry", min: 1, max: 100, fraction: true,
		of: func(c *config.Config) string { return plain(c.Connection.BackoffMultiplier) }},
	{key: "connectionOptions.jitterEnabled", section: "retry", boxed: true, advice: true,
		of: box(func(c *config.Config) bool { return c.Connection.Jitter })},

	{key: "connectionOptions.loadBalanceStrategy", section: "tools", choices: names(balance.Strategies()), advice: true,
		of: func(c *config.Config) string { return c.Connection.LoadBalanceStrategy.String() }},
	{key: "connectionOptions.toolTimeout", section: "tools", unit: "ms", min: 100, max: 290_000, advice: true,
		of: millis(func(c *config.Config) time.Duration { return c.Connection.ToolTimeout })},
	{key: "connectionOptions.maxResultBytes", section: "tools", unit: "bytes", min: 512, max: 1 << 20, advice: true,
		of: func(c *config.Config) string { return strconv.Itoa(c.Connection.MaxResultBytes) }},

	{key: "host", section: "page", wordy: true, later: true, of: func(c *config.Config) string { return c.Host }},
	{key: "port", section: "page", min: 1, max: 65535, advice: true, later: true,
		of: func(c *config.Config) string { return strconv.Itoa(c.Port) }},
	{key: "allowedHosts", section: "page", listed: true, of: func(c *config.Config) string { return strings.Join(c.AllowedHosts, "\n") }},
	{key: "language", section: "page", choices: []string{"", "zh", "en"}, of: func(c *config.Config) string { return c.Language }},
	{key: "enableCors", section: "page", boxed: true, advice: true, of: box(func(c *config.Config) bool { return c.EnableCORS })},

	{key: "notifications.endpoints", section: "desktop", boxed: true, of: box(func(c *config.Config) bool { return c.Notifications.Endpoints })},
	{key: "notifications.servers", section: "desktop", boxed: true, of: box(func(c *config.Config) bool { return c.Notifications.Servers })},
	{key: "notifications.configuration", section: "desktop", boxed: true, of: box(func(c *config.Config) bool { return c.Notifications.Configuration })},
	{key: "notifications.recovery", section: "desktop", boxed: true, of: box(func(c *config.Config) bool { return c.Notifications.Recovery })},

	{key: "enableLogging", section: "log", boxed: true, of: box(func(c *config.Config) bool { return c.EnableLogging })},
	{key: "logLevel", section: "log", choices: []string{"debug", "info", "warn", "error"}, advice: true,
		of: func(c *config.Config) string { return c.LogLevel }},
}

// presets are sets of values for a purpose, by its name: what the best practices of the
// program say for each.
var presets = []struct {
	name   string
	values map[string]string
}{
	{"development", map[string]string{
		"connectionOptions.loadBalanceStrategy": "round-robin", "connectionOptions.reconnectStrategy": "fixed-interval",
		"enableLogging": "on", "logLevel": "debug",
	}},
	{"production", map[string]string{
		"connectionOptions.loadBalanceStrategy": "health-based", "connectionOptions.reconnectStrategy": "exponential-backoff",
		"connectionOptions.healthCheckInterval": "30000", "connectionOptions.maxReconnectAttempts": "10",
		"connectionOptions.jitterEnabled": "on", "enableCors": "", "enableLogging": "on", "logLevel": "info",
	}},
	{"test", map[string]string{
		"connectionOptions.loadBalanceStrategy": "random", "connectionOptions.reconnectStrategy": "exponential-backoff",
		"enableLogging": "on", "logLevel": "debug",
	}},
}

// name is the last part of the key.
func (o option) name() string {
	for i := len(o.key) - 1; i >= 0; i-- {
		if o.key[i] == '.' {
			return o.key[i+1:]
		}
	}
	return o.key
}

// value is what a form sent, as config.Edit.SetOption takes it. Nothing means the
// default; false means that it is not a number.
func (o option) value(sent string) (any, bool) {
	switch {
	case o.boxed:
		return sent == "on", true
	case o.choices != nil:
		return sent, true
	case sent == "":
		return nil, true
	case o.wordy:
		return sent, true
	case o.listed:
		return wordsIn(sent), true
	}
	number, err := strconv.ParseFloat(sent, 64)
	return number, err == nil && number-number == 0 // neither infinite nor NaN
}

// changed reports whether what a form sent is another value than that of a configuration.
func (o option) changed(from *config.Config, sent string) bool {
	was := o.of(from)
	if sent == "" && !o.boxed && o.choices == nil {
		sent = o.of(config.Default())
	}
	if o.listed {
		sent = strings.ToLower(strings.Join(wordsIn(sent), "\n")) // as a configuration has them
	}
	return sent != was
}

// wordsIn are the words of a text, however they are parted: by lines, spaces or commas.
func wordsIn(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;，；、", r) })
}

func millis(of func(*config.Config) time.Duration) func(*config.Config) string {
	return func(c *config.Config) string { return strconv.FormatInt(of(c).Milliseconds(), 10) }
}

func box(of func(*config.Config) bool) func(*config.Config) string {
	return func(c *config.Config) string {
		if of(c) {
			return "on"
		}
		return ""
	}
}

// plain writes a number as a file has it.
func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// names are those of a list of strategies.
func names[S interface{ String() string }](list []S) []string {
	all := make([]string, len(list))
	for i, s := range list {
		all[i] = s.String()
	}
	return all
}
