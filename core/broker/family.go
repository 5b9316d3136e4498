package broker

import (
	"fmt"
	"time"
)

// Family is the kind of far side that a Broker plays.
type Family uint8

const (
	// Official plays xiaozhi.me: it speaks first, pings by JSON-RPC, merges the
	// tools of several connections and closes with 4004 when answers are late.
	Official Family = iota
	// Relay plays the self-hosted mcp-endpoint-server and the esp32 voice server
	// behind it: silent until a robot comes, one connection per token.
	Relay
)

var familyNames = [...]string{"official", "relay"}

// Families returns every family, the default first.
func Families() []Family { return []Family{Official, Relay} }

// String returns "official" or "relay".
func (f Family) String() string {
	if int(f) < len(familyNames) {
		return familyNames[f]
	}
	return fmt.Sprintf("family(%d)", uint8(f))
}

// MarshalText returns the name.
func (f Family) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads a name, as ParseFamily does.
func (f *Family) UnmarshalText(text []byte) error {
	parsed, err := ParseFamily(string(text))
	if err == nil {
		*f = parsed
	}
	return err
}

// ParseFamily reads "official" or "relay". The error lists the names there are.
func ParseFamily(name string) (Family, error) {
	for i, known := range familyNames {
		if name == known {
			return Family(i), nil
		}
	}
	return 0, fmt.Errorf("family %q is unknown; use official or relay", name)
}

// The paths of the two families.
const (
	officialPath  = "/mcp/"
	relayToolPath = "/mcp_endpoint/mcp/"
	relayCallPath = "/mcp_endpoint/call/"
)

// side says who is at the other end of a socket.
type side uint8

const (
	toolSide  side = iota // offers tools; asked by us
	robotSide             // asks for tools, under the relay's call path
)

func (s side) String() string {
	if s == robotSide {
		return "call"
	}
	return "serve"
}

// sideOf returns the side that a path of the family is for.
func (f Family) sideOf(path string) (side, bool) {
	switch {
	case f == Official && (path == officialPath || path+"/" == officialPath):
		return toolSide, true
	case f == Relay && (path == relayToolPath || path+"/" == relayToolPath):
		return toolSide, true
	case f == Relay && (path == relayCallPath || path+"/" == relayCallPath):
		return robotSide, true
	}
	return 0, false
}

// manners are the numbers in which the families differ.
type manners struct {
	ping      time.Duration
	call      time.Duration
	maxResult int
	maxFrame  int
}

func (f Family) manners() manners {
	if f == Relay {
		return manners{ping: 20 * time.Second, call: 30 * time.Second, maxResult: 1 << 20, maxFrame: 1 << 20}
	}
	return manners{ping: 60 * time.Second, call: 10 * time.Second, maxResult: 8192, maxFrame: 8 << 20}
}
