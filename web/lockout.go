package web

import (
	"net/http"
	"slices"
	"strings"

	"xiaozhi-switchboard/core/config"
)

// codeLockout is the code of the problem that lockout finds.
const codeLockout = "locked-out"

// lockout is a *config.ProblemsError if a configuration would take away the name under which
// the request came: whoever changes the names of the dashboard must not shut the door on
// himself. It can still be done under another name of ours. Nil means that the door stays open.
func (s *Server) lockout(r *http.Request, meant *config.Config) error {
	if !s.guard.loses(r, meant.AllowedHosts) {
		return nil
	}
	host := strings.ToLower(r.Host)
	return &config.ProblemsError{Problems: []config.Problem{{
		Code: codeLockout, Key: "allowedHosts", Args: map[string]any{"host": host}, Message: "the dashboard is open as " + host + " at present",
	}}}
}

// loses reports whether a request that was let through came under a name that is ours only
// by the configuration, and would not be with these names.
func (g *guard) loses(r *http.Request, names []string) bool {
	us := g.named(r)
	us.hosts = append(slices.Clone(g.hosts), names...)
	origin := r.Header.Get("Origin")
	return !us.are(r.Host) || origin != "" && !us.sent(origin)
}
