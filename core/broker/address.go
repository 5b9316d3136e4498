package broker

import (
	"net/url"
	"strings"
	"time"
)

// Token mints a token for an agent: a JSON web token for Official, a sealed base64
// text for Relay that holds a plus, a slash and an equals sign and so must be
// quoted in a URL. Every call mints another; all are valid at once.
func (b *Broker) Token(agent string) string {
	if b.opts.Family == Relay {
		return b.minter.sealed(agent)
	}
	return b.minter.jwt(agent, time.Now(), b.opts.TokenLife)
}

// URL returns the address at which an agent's tool side connects. Base is the
// address of the broker, such as "ws://127.0.0.1:8004" or "wss://localhost:8443";
// http and https are read as ws and wss. The
// address holds a token: it is for dialling, not for showing.
func (b *Broker) URL(base, agent string) string {
	path := officialPath
	if b.opts.Family == Relay {
		path = relayToolPath
	}
	return b.address(base, path, agent)
}

// CallURL returns the address at which a robot of an agent connects. Only Relay
// has that side: for Official it returns "".
func (b *Broker) CallURL(base, agent string) string {
	if b.opts.Family != Relay {
		return ""
	}
	return b.address(base, relayCallPath, agent)
}

func (b *Broker) address(base, path, agent string) string {
	base = strings.TrimRight(base, "/")
	if rest, ok := strings.CutPrefix(base, "http"); ok {
		base = "ws" + rest
	}
	return base + path + "?token=" + url.QueryEscape(b.Token(agent))
}
