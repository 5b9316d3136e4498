package config

import (
	"slices"
	"strings"
	"testing"
)

// TestKeysAreKnown holds the list against a file: none of its keys is warned of, while one
// that is nearly it is.
func TestKeysAreKnown(t *testing.T) {
	keys := Keys()
	if !slices.IsSorted(keys) || len(keys) != len(slices.Compact(slices.Clone(keys))) {
		t.Fatalf("%v", keys)
	}
	for _, want := range []string{"host", "connectionOptions.toolTimeout", "connection.heartbeatTimeout", "webUI.port", "mcpEndpoint[].role", "mcpServers{}.headers",
		"mcpServers{}.tools{}.description", "remoteTools{}.enable", "mcpServers.switchboard.disabled"} {
		if !slices.Contains(keys, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, key := range keys {
		if strings.ContainsAny(key, "[{") || strings.HasPrefix(key, "mcpServers.") || strings.HasPrefix(key, "webUI.") {
			continue
		}
		section, name, nested := strings.Cut(key, ".")
		text := func(tail string) []byte {
			if nested {
				return []byte(`{"` + section + `": {"` + name + tail + `": null}}`)
			}
			return []byte(`{"` + section + tail + `": null, "port": 3001}`)
		}
		if c, err := Parse(text(""), environment); err != nil || slices.ContainsFunc(c.Warnings, unknownKey) {
			t.Errorf("%s: %v, %v", key, err, c)
		}
		// One letter more is noticed, but for words so short that it may be anything.
		if c, err := Parse(text("x"), environment); err != nil || len(key) > 5 && !slices.ContainsFunc(c.Warnings, unknownKey) {
			t.Errorf("%sx passes: %v", key, err)
		}
	}
}

func unknownKey(p Problem) bool { return p.Code == CodeUnknownKey }
