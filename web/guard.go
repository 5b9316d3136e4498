package web

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// contentPolicy lets pages load only what we serve, and run nothing inline.
const contentPolicy = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// guard decides whether a request may be answered at all. It is immutable.
type guard struct {
	hosts    []string // as configured, lower case
	port     int
	settings func() SettingsView
	forgery  *http.CrossOriginProtection
}

func newGuard(hosts []string, port int, settings func() SettingsView) *guard {
	g := &guard{port: port, settings: settings, forgery: http.NewCrossOriginProtection()}
	for _, h := range hosts {
		g.hosts = append(g.hosts, strings.ToLower(h))
	}
	return g
}

// check returns the code of the trouble with a request, or "" when there is none,
// and the foreign origin that may read the answer, if there is one.
func (g *guard) check(r *http.Request, k kind) (code, reader string) {
	port := g.portOf(r)
	if !g.ours(r.Host, port) {
		return "foreign_host", ""
	}
	reading := r.Method == http.MethodGet || r.Method == http.MethodHead
	if origin := r.Header.Get("Origin"); origin != "" && !g.ourOrigin(origin, port) {
		open := reading && (k == kindAPI || k == kindStream || k == kindHealth)
		if open && loopbackOrigin(origin) && g.settings().EnableCORS {
			return "", origin
		}
		return "foreign_origin", ""
	}
	if !reading {
		if g.forgery.Check(r) != nil {
			return "foreign_origin", ""
		}
		return "", ""
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return "", ""
	}
	// A link on another site may lead to a page of ours, and to nothing else.
	if k == kindPage && r.Header.Get("Sec-Fetch-Mode") == "navigate" {
		return "", ""
	}
	return "foreign_origin", ""
}

// portOf is the port that the request came in on.
func (g *guard) portOf(r *http.Request) int {
	if addr, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		return addr.Port
	}
	return g.port
}

// ours reports whether a Host header names us. Anything else may be a name that an
// attacker points at this computer.
func (g *guard) ours(host string, port int) bool {
	host = strings.ToLower(host)
	suffix := ":" + strconv.Itoa(port)
	for _, name := range []string{"localhost", "127.0.0.1", "[::1]"} {
		if host == name+suffix || port == 80 && host == name {
			return true
		}
	}
	for _, name := range g.hosts {
		if host == name || host == name+suffix {
			return true
		}
	}
	return false
}

// ourOrigin reports whether an Origin header is that of our own pages.
func (g *guard) ourOrigin(origin string, port int) bool {
	scheme, host, found := strings.Cut(origin, "://")
	if !found || scheme != "http" && scheme != "https" {
		return false
	}
	if !g.ours(host, port) {
		return false
	}
	// We speak no TLS ourselves: https is a proxy's, under a configured name.
	return scheme == "http" || slices.Contains(g.hosts, strings.ToLower(host))
}

// loopbackOrigin reports whether an origin is on this computer.
func loopbackOrigin(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}

// protect sets the headers that every answer carries.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	// Under no-referrer browsers send plain forms with "Origin: null", which the guard
	// could not tell from an attack.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
