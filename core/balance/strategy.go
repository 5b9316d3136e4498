package balance

import (
	"fmt"
	"strings"
)

// Strategy is one of the three ways of choosing. Any other value chooses as RoundRobin does.
type Strategy uint8

const (
	// RoundRobin takes the sources in turn. The default.
	RoundRobin Strategy = iota
	// Random takes any of them.
	Random
	// HealthBased prefers the healthier and faster ones.
	HealthBased
)

var strategyNames = [...]string{"round-robin", "random", "health-based"}

// Strategies returns every strategy, the default first.
func Strategies() []Strategy { return []Strategy{RoundRobin, Random, HealthBased} }

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

// ParseStrategy reads a name in any case, written with hyphens or underscores. Empty is no name.
// The error lists the names there are.
func ParseStrategy(name string) (Strategy, error) {
	plain := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	for i, known := range strategyNames {
		if plain == known {
			return Strategy(i), nil
		}
	}
	return 0, fmt.Errorf("balancing strategy %q is unknown; use one of %s", name, strings.Join(strategyNames[:], ", "))
}
