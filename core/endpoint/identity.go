package endpoint

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"xiaozhi-switchboard/core/secret"
)

// Identity is what an address says about its endpoint, before any dial.
type Identity struct {
	// ID names the endpoint in interfaces and logs. It is stable across restarts
	// and new tokens of the same agent, and reveals nothing.
	ID string
	// Host is the host and port.
	Host string
	// Agent is the agent that the token names; empty when the token is opaque.
	Agent string
	// Issued and Expires are the token's times; zero when it has none.
	Issued, Expires time.Time
}

// AddressProblem says why an address cannot be an endpoint.
type AddressProblem uint8

const (
	// AddressFine is an address that can be one.
	AddressFine AddressProblem = iota
	// AddressEmpty is no address at all.
	AddressEmpty
	// AddressUnreadable is text that is no address.
	AddressUnreadable
	// AddressScheme does not start with ws:// or wss://.
	AddressScheme
	// AddressHost has no host.
	AddressHost
	// AddressPort has a port outside 1 to 65535.
	AddressPort
)

var (
	addressNames   = [...]string{"fine", "empty", "unreadable", "scheme", "host", "port"}
	addressReasons = [...]string{"is fine", "is empty", "cannot be read as an address", "must start with wss:// or ws://",
		"has no host", "has a port outside 1 to 65535"}
)

// String returns the name in lower case, such as "scheme".
func (p AddressProblem) String() string {
	if int(p) < len(addressNames) {
		return addressNames[p]
	}
	return fmt.Sprintf("address(%d)", uint8(p))
}

// MarshalText returns what String does.
func (p AddressProblem) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// URLError reports an address that cannot be an endpoint.
type URLError struct {
	URL     secret.URL
	Problem AddressProblem
}

// Error names the address, masked, and what is wrong with it.
func (e *URLError) Error() string {
	reason := e.Problem.String()
	if int(e.Problem) < len(addressReasons) {
		reason = addressReasons[e.Problem]
	}
	return fmt.Sprintf("endpoint address %s %s", e.URL, reason)
}

// Identify reads an address. Two addresses are one endpoint when their IDs are
// equal: the same host and the endpointId of a decodable token, else the same
// address and the same token. The token's signature is not checked: that is the
// endpoint's business. The error is a *URLError.
func Identify(address secret.URL) (Identity, error) {
	raw := strings.TrimSpace(address.Reveal())
	fail := func(problem AddressProblem) (Identity, error) {
		return Identity{}, &URLError{URL: secret.URL(raw), Problem: problem}
	}
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return fail(AddressEmpty)
	case err != nil:
		return fail(AddressUnreadable)
	case u.Scheme != "ws" && u.Scheme != "wss":
		return fail(AddressScheme)
	case u.Hostname() == "":
		return fail(AddressHost)
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return fail(AddressPort)
		}
	}

	id := Identity{Host: strings.ToLower(u.Host)}
	token := queryToken(u.RawQuery)
	claims, decoded := decodeToken(token)
	var key string
	if decoded && claims.EndpointID != "" {
		id.Agent, id.Issued, id.Expires = claims.agent(), claims.Issued.time(), claims.Expires.time()
		key = id.Host + "\n" + claims.EndpointID + "\n" + string(roleOf(u.Path))
	} else {
		if decoded {
			id.Agent, id.Issued, id.Expires = claims.agent(), claims.Issued.time(), claims.Expires.time()
		}
		key = u.Scheme + "://" + id.Host + u.EscapedPath() + "\n" + u.RawQuery
	}
	sum := sha256.Sum256([]byte(key))
	id.ID = hex.EncodeToString(sum[:6])
	return id, nil
}

// queryToken returns the token of a query without treating "+" as a space: the
// tokens of relays are base64.
func queryToken(query string) string {
	for pair := range strings.SplitSeq(query, "&") {
		if name, value, ok := strings.Cut(pair, "="); ok && name == "token" {
			if unescaped, err := url.PathUnescape(value); err == nil {
				return unescaped
			}
			return value
		}
	}
	return ""
}

// queryOf returns the query of an address.
func queryOf(address secret.URL) string {
	u, err := url.Parse(strings.TrimSpace(address.Reveal()))
	if err != nil {
		return ""
	}
	return u.RawQuery
}

// exposed reports an address that sends its token in clear through the internet:
// ws:// to a public IP address or to a name with a dot that is not of a local network.
func exposed(address secret.URL) bool {
	u, err := url.Parse(strings.TrimSpace(address.Reveal()))
	if err != nil || u.Scheme != "ws" {
		return false
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		return !ip.IsLoopback() && !ip.IsPrivate() && !ip.IsLinkLocalUnicast()
	}
	host := strings.ToLower(u.Hostname())
	for _, local := range []string{".local", ".lan", ".test", ".internal", ".home.arpa", ".localhost"} {
		if strings.HasSuffix(host, local) {
			return false
		}
	}
	return strings.Contains(host, ".")
}

// claims is the part of a token's payload that says whose it is. Numbers and
// strings are both seen in the wild.
type claims struct {
	AgentID    flexible `json:"agentId"`
	EndpointID string   `json:"endpointId"`
	Issued     unixTime `json:"iat"`
	Expires    unixTime `json:"exp"`
}

func (c claims) agent() string {
	if c.AgentID != "" {
		return string(c.AgentID)
	}
	return strings.TrimPrefix(c.EndpointID, "agent_")
}

// decodeToken reads the payload of a JSON web token, without trusting it.
func decodeToken(token string) (claims, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > 16<<10 {
		return claims{}, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return claims{}, false
	}
	var c claims
	if err := json.Unmarshal(payload, &c); err != nil {
		return claims{}, false
	}
	c.AgentID, c.EndpointID = c.AgentID.printable(), string(flexible(c.EndpointID).printable())
	return c, true
}

// flexible is a string that may be written as a number.
type flexible string

func (f *flexible) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*f = flexible(s)
		return nil
	}
	var n json.Number
	if json.Unmarshal(raw, &n) == nil {
		*f = flexible(n.String())
	}
	return nil
}

// printable bounds what a token can make us show.
func (f flexible) printable() flexible {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return -1
		}
		return r
	}, string(f))
	if len(clean) > 64 {
		return ""
	}
	return flexible(clean)
}

// unixTime is seconds since 1970; anything else is no time.
type unixTime int64

func (t *unixTime) UnmarshalJSON(raw []byte) error {
	seconds, err := strconv.ParseFloat(string(raw), 64)
	if err == nil && seconds > 0 && seconds < 1<<40 {
		*t = unixTime(seconds)
	}
	return nil
}

func (t unixTime) time() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.Unix(int64(t), 0)
}
