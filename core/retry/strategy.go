package retry

import (
	"fmt"
	"strings"
)

// Strategy is one of the four ways in which waits grow.
type Strategy uint8

const (
	// ExponentialBackoff multiplies the wait after every failure. The default.
	ExponentialBackoff Strategy = iota
	// LinearBackoff adds the base wait after every failure.
	LinearBackoff
	// FixedInterval always waits the base.
	FixedInterval
	// Adaptive is exponential, shaped by the cause and by recent success.
	Adaptive
)

var strategyNames = [...]string{"exponential-backoff", "linear-backoff", "fixed-interval", "adaptive"}

// Strategies returns every strategy, the default first.
func Strategies() []Strategy {
	return []Strategy{ExponentialBackoff, LinearBackoff, FixedInterval, Adaptive}
}

// String returns the name used in configuration files.
func (s Strategy) String() string {
	if int(s) < len(strategyNames) {
		return strategyNames[s]
	}
	return fmt.Sprintf("strategy(%d)", uint8(s))
}

// MarshalText returns the name.
func (s Strategy) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a name, as ParseStrategy does.
func (s *Strategy) UnmarshalText(text []byte) error {
	parsed, err := ParseStrategy(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}

// ParseStrategy reads a name, written with hyphens or underscores. The error
// lists the names there are.
func ParseStrategy(name string) (Strategy, error) {
	plain := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	for i, known := range strategyNames {
		if plain == known {
			return Strategy(i), nil
		}
	}
	return 0, fmt.Errorf("reconnect strategy %q is unknown; use one of %s", name, strings.Join(strategyNames[:], ", "))
}
