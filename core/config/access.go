package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/tailscale/hujson"
	"xiaozhi-switchboard/core/secret"
)

const (
	// leastAccessKey and mostAccessKey bound the characters of an access key.
	leastAccessKey = 12
	mostAccessKey  = 200
	// maxAllowedHosts bounds how many names the dashboard may have.
	maxAllowedHosts = 32
)

// keyCharacters are those that a header can carry and that nobody types by mistake.
var keyCharacters = regexp.MustCompile(`^[!-~]*$`)

// hostWithPort is a name under which the dashboard may be reached.
var hostWithPort = regexp.MustCompile(`^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(:[0-9]{1,5})?$`)

// Exposed reports whether other computers can reach the address that the dashboard binds
// to. Then it starts only with an AccessKey.
func (c *Config) Exposed() bool {
	if c.Host == "" || strings.EqualFold(c.Host, "localhost") {
		return false
	}
	ip, err := netip.ParseAddr(c.Host)
	return err != nil || !ip.IsLoopback()
}

// readAccess reads who may use the dashboard.
func (d *decoder) readAccess(root *hujson.Value, c *Config) {
	if v := findSet(root, "accessKey"); v != nil {
		before := len(d.problems)
		if text, ok := d.text(v, "accessKey"); ok {
			text = d.expand(text, v, "accessKey", true)
			if len(d.problems) == before && text != "" {
				c.AccessKey = d.accessKey(v, text)
			}
		}
	}
	if v := findSet(root, "host"); v != nil && c.Exposed() && c.AccessKey == "" && len(d.problems) == 0 {
		d.warn(v, "host", CodeMissing, "", map[string]any{"reason": "accessKey"},
			"other computers can reach this address, so the program starts with it only if there is an accessKey; make one under Settings, Access, or by the command config key")
	}
}

// readHosts reads under which names the dashboard may be reached.
func readHosts(d *decoder, c *Config, v *hujson.Value, key string) {
	if v.Value.Kind() != '[' {
		d.wrongType(v, key, shapeList)
		return
	}
	list := elements(v)
	for i := range list {
		at := indexKey(key, i)
		name, ok := d.text(&list[i], at)
		switch {
		case !ok:
		case i >= maxAllowedHosts || !hostWithPort.MatchString(name):
			d.problem(&list[i], at, CodeAddress, masked(name), map[string]any{"reason": "name", "want": "nas.local", "limit": maxAllowedHosts},
				"this must be a name or an address as a browser shows it, with or without a port, such as nas.local; there may be %d of them", maxAllowedHosts)
		default:
			c.AllowedHosts = append(c.AllowedHosts, strings.ToLower(name))
		}
	}
}

// accessKey checks a key, and shows nothing of it.
func (d *decoder) accessKey(v *hujson.Value, text string) secret.Key {
	args := map[string]any{"reason": "accessKey", "min": leastAccessKey, "max": mostAccessKey}
	if len(text) < leastAccessKey || len(text) > mostAccessKey || !keyCharacters.MatchString(text) {
		d.problem(v, "accessKey", CodeText, "", args,
			"this must have %d to %d letters, digits and signs without spaces; let the program make one, under Settings, Access, or by the command config key", leastAccessKey, mostAccessKey)
		return ""
	}
	return secret.Key(text)
}

// SetAccessKey puts another access key in place; an empty one removes it.
func (e *Edit) SetAccessKey(key secret.Key) error {
	if err := e.file(); err != nil {
		return err
	}
	if key == "" {
		return e.unset(nil, "accessKey")
	}
	if err := e.set(nil, "accessKey", key.Reveal()); err != nil {
		return fmt.Errorf("set the access key: %w", err)
	}
	return nil
}
