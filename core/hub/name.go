package hub

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const (
	// longestName is what every voice server accepts.
	longestName = 64
	// separator stands between a server's prefix and its tool.
	separator = "__"
)

// toolName returns the public name of a tool, before clashes are looked for. A
// nil prefix means the name of the server.
func toolName(server string, prefix *string, tool string) string {
	lead := server + separator
	if prefix != nil {
		lead = *prefix
		if lead != "" {
			lead += separator
		}
	}
	name := sanitise(lead + tool)
	if len(name) > longestName {
		return suffixed(name, server, tool)
	}
	return name
}

// suffixed returns name, shortened as need be, ending in a hash of where it comes
// from.
func suffixed(name, server, tool string) string {
	sum := sha256.Sum256([]byte(server + "\x00" + tool))
	suffix := "_" + hex.EncodeToString(sum[:4])
	return name[:min(len(name), longestName-len(suffix))] + suffix
}

// sanitise replaces every character outside [A-Za-z0-9_-] by "_".
func sanitise(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		}
		return '_'
	}, s)
}
