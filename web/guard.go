package web

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
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
	exposed  bool
	settings func() SettingsView
	forgery  *http.CrossOriginProtection
}

func newGuard(o *Options, settings func() SettingsView) *guard {
	g := &guard{port: o.Port, exposed: o.Exposed, settings: settings, forgery: http.NewCrossOriginProtection()}
	for _, h := range o.Hosts {
		g.hosts = append(g.hosts, strings.ToLower(h))
	}
	if name, err := os.Hostname(); o.Exposed && err == nil && name != "" {
		g.hosts = append(g.hosts, namesOf(name)...)
	}
	return g
}

// namesOf are the names by which a home network may know a computer: its own, without its
// domain, and with that of multicast DNS.
func namesOf(computer string) []string {
	computer = strings.ToLower(computer)
	label, _, _ := strings.Cut(computer, ".")
	return []string{computer, label, label + ".local"}
}

// check returns the code of the trouble with a request, or "" when there is none,
// and the foreign origin that may read the answer, if there is one.
func (g *guard) check(r *http.Request, k kind) (code, reader string) {
	us := g.named(r)
	if !us.are(r.Host) {
		return "foreign_host", ""
	}
	reading := r.Method == http.MethodGet || r.Method == http.MethodHead
	if origin := r.Header.Get("Origin"); origin != "" && !us.sent(origin) {
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
	if k.page() && r.Header.Get("Sec-Fetch-Mode") == "navigate" {
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

// nameSet is what the dashboard may be called in one request.
type nameSet struct {
	port  int
	hosts []string   // those that are configured
	local netip.Addr // where the request came in; not valid when that is no name of ours
}

// named returns what the dashboard may be called in a request.
func (g *guard) named(r *http.Request) nameSet {
	n := nameSet{port: g.portOf(r), hosts: append(slices.Clone(g.hosts), g.settings().Hosts...)}
	// No DNS leads to an address, so whoever asks for the one that the request came in on
	// knows whom he asks.
	if addr, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok && g.exposed {
		n.local = addr.AddrPort().Addr().Unmap().WithZone("")
	}
	return n
}

// are reports whether a Host header names us. Anything else may be a name that an
// attacker points at this computer.
func (n nameSet) are(host string) bool {
	host = strings.ToLower(host)
	suffix := ":" + strconv.Itoa(n.port)
	own := []string{"localhost", "127.0.0.1", "[::1]"}
	switch {
	case n.local.Is4():
		own = append(own, n.local.String())
	case n.local.IsValid():
		own = append(own, "["+n.local.String()+"]")
	}
	for _, name := range own {
		if host == name+suffix || n.port == 80 && host == name {
			return true
		}
	}
	for _, name := range n.hosts {
		if host == name || host == name+suffix {
			return true
		}
	}
	return false
}

// sent reports whether an Origin header is that of our own pages.
func (n nameSet) sent(origin string) bool {
	scheme, host, found := strings.Cut(origin, "://")
	if !found || scheme != "http" && scheme != "https" {
		return false
	}
	if !n.are(host) {
		return false
	}
	// We speak no TLS ourselves: https is a proxy's, under a configured name.
	return scheme == "http" || slices.Contains(n.hosts, strings.ToLower(host))
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
