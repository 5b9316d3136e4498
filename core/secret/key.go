package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"strings"
)

// Key is a shared secret, such as a password. Every way of printing it yields Hidden, or
// nothing when it is empty; Reveal yields the key itself.
type Key string

// NewKey returns a fresh key that people can type: 20 letters and digits in four groups,
// 100 bits of chance.
func NewKey() Key {
	text := strings.ToLower(rand.Text())
	return Key(text[:5] + "-" + text[5:10] + "-" + text[10:15] + "-" + text[15:20])
}

// Reveal returns the key itself, for the configuration file and for whoever asked for it.
func (k Key) Reveal() string { return string(k) }

// Is reports whether a text is the key. It takes as long for a wrong text as for a right
// one. An empty key is nobody's.
func (k Key) Is(text string) bool {
	mine, theirs := sha256.Sum256([]byte(k)), sha256.Sum256([]byte(text))
	return subtle.ConstantTimeCompare(mine[:], theirs[:]) == 1 && k != ""
}

// String returns Hidden, or "" for an empty key.
func (k Key) String() string {
	if k == "" {
		return ""
	}
	return Hidden
}

// GoString returns the hidden key, for %#v.
func (k Key) GoString() string { return "secret.Key(" + k.String() + ")" }

// MarshalText returns the hidden key, for encoding/json.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// LogValue returns the hidden key, for slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }
