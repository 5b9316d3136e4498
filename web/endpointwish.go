package web

import (
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
)

// maxName is how many characters the name of an endpoint may have.
const maxName = 80

// wish is what somebody wants an endpoint to be, as typed.
type wish struct {
	// Address is new; empty keeps the one there is.
	Address     string   `json:"url"`
	Name        string   `json:"name"`
	Role        string   `json:"role"`
	Enabled     bool     `json:"enabled"`
	HealthCheck bool     `json:"healthCheck"`
	Servers     []string `json:"servers"`
	Tools       []string `json:"tools"`
}

// wishOf is the wish that changes nothing about an endpoint.
func wishOf(e config.Endpoint) wish {
	return wish{Name: e.Name, Role: e.Role, Enabled: e.Enabled, HealthCheck: e.HealthCheck, Servers: e.Servers, Tools: e.Tools}
}

// endpoint is the wish as it is written to the file. Old is what it replaces.
func (w wish) endpoint(old config.Endpoint) config.Endpoint {
	e := config.Endpoint{URL: old.URL, Name: strings.TrimSpace(w.Name), Role: w.Role, Enabled: w.Enabled, HealthCheck: w.HealthCheck, Servers: w.Servers, Tools: w.Tools}
	if address := strings.TrimSpace(w.Address); address != "" {
		e.URL = secret.URL(address)
	}
	return e
}

// mistakes are the keys of texts about what is wrong with a wish, by field. Others are
// the endpoints there are; old is the one that it replaces, if any.
func (w wish) mistakes(old config.Endpoint, others []config.Endpoint) map[string]string {
	wrong := map[string]string{}
	address := strings.TrimSpace(w.Address)
	if address != "" || old.URL == "" {
		id, err := endpoint.Identify(secret.URL(address))
		var bad *endpoint.URLError
		switch {
		case errors.As(err, &bad):
			wrong["url"] = AddressKey(bad.Problem)
		case strings.ContainsAny(address, " \t\r\n"):
			wrong["url"] = "doctor.address.unreadable"
		default:
			for _, other := range others {
				if known, err := endpoint.Identify(other.URL); err == nil && known.ID == id.ID && other.URL != old.URL {
					wrong["url"] = "mistake.twice"
				}
			}
		}
	}
	if utf8.RuneCountInString(w.Name) > maxName || strings.ContainsFunc(w.Name, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		wrong["name"] = "mistake.name"
	}
	if _, err := endpoint.ParseRole(w.Role); err != nil {
		wrong["role"] = "mistake.role"
	}
	return wrong
}

// readWish reads a wish from a form. What the form does not ask stays as it is in old.
func (s *Server) readWish(form url.Values, old config.Endpoint) wish {
	w := wish{
		Servers: old.Servers, Tools: old.Tools,
		Address: s.drafts.read(strings.TrimSpace(form.Get("url")), form.Get("draft")), Name: form.Get("name"), Role: form.Get("role"),
		Enabled: form.Get("enabled") == "on", HealthCheck: form.Get("check") == "on",
	}
	switch form.Get("sees") {
	case "all":
		w.Servers = nil
	case "some":
		w.Servers = append([]string{}, form["servers"]...)
	}
	if form.Has("tools") {
		names := strings.FieldsFunc(form.Get("tools"), func(c rune) bool { return c == ',' || c <= ' ' })
		switch {
		case len(names) > 0:
			w.Tools = names
		case len(old.Tools) > 0:
			w.Tools = nil // emptied: all of them
		}
	}
	return w
}
