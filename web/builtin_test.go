package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/config"
)

// TestBuiltinIsAServer switches what the program itself offers off and on, and holds that
// nothing else can be done to it.
func TestBuiltinIsAServer(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	const path = "/tools/servers/" + config.ReservedServer
	on := func() bool { return s.deps.Editor.Snapshot().Config.Builtin.Enabled }
	page := do(s, request("GET", path))
	wants(t, "the page", page, http.StatusOK, path+"/disable", "built in")
	for _, verb := range []string{"/restart", "/edit", "/remove"} {
		if strings.Contains(page.Body.String(), path+verb) {
			t.Errorf("the page offers %s", verb)
		}
	}
	wants(t, "off", post(s, path+"/disable", url.Values{"from": {"/tools"}}), http.StatusSeeOther)
	if on() {
		t.Error("it is still on")
	}
	wants(t, "the list", do(s, request("GET", "/tools")), http.StatusOK, path+"/enable")
	wants(t, "on by the API", do(s, withBody("PATCH", "/api/v1/servers/switchboard", jsonMedia, `{"enabled":true}`)), http.StatusOK, `"kind":"builtin"`, `"state":"ready"`, `"enabled":true`)
	if !on() {
		t.Error("it is still off")
	}
	wants(t, "one server", do(s, request("GET", "/api/v1/servers/switchboard")), http.StatusOK, `"name":"switchboard"`)
	wants(t, "another change", do(s, withBody("PATCH", "/api/v1/servers/switchboard", jsonMedia, `{"command":"x"}`)), http.StatusBadRequest)
	for _, refused := range []*http.Request{
		request("GET", path+"/edit"), withBody("POST", path+"/remove", formMedia, ""), withBody("POST", path+"/restart", formMedia, ""),
		withBody("DELETE", "/api/v1/servers/switchboard", jsonMedia, ""),
	} {
		wants(t, refused.Method+" "+refused.URL.Path, do(s, refused), http.StatusNotFound)
	}
	wants(t, "an endpoint may see it alone", do(s, request("GET", "/endpoints/add")), http.StatusOK, `name="servers" type="checkbox" value="switchboard"`)
}
