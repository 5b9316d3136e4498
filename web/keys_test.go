package web

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/config"
)

// TestEveryKeyHasAPlace holds that whatever can stand in the configuration file can be
// changed from the pages: for each key that core/config knows, its control is on the page
// that is said here. A new key must be added to the pages, and to this list.
func TestEveryKeyHasAPlace(t *testing.T) {
	type place struct{ path, mark string }
	const (
		endpoint, program, address = "/endpoints/add", "/servers/new", "/servers/new?kind=address"
		server, tool, builtin      = "/tools/servers/home_assistant", "/tools/home_assistant__turn_on", "/tools/servers/switchboard"
	)
	field := func(name string) string { return `name="` + name + `"` }
	button := func(path string) string { return `formaction="` + path + `"` }
	post := func(path string) string { return `action="` + path + `"` }
	places := map[string]place{
		"accessKey":                        {accessPath, field("key")},
		"mcpEndpoint[].url":                {endpoint, field("url")},
		"mcpEndpoint[].name":               {endpoint, field("name")},
		"mcpEndpoint[].enabled":            {endpoint, field("enabled")},
		"mcpEndpoint[].role":               {endpoint, field("role")},
		"mcpEndpoint[].healthCheck":        {endpoint, field("check")},
		"mcpEndpoint[].servers":            {endpoint, field("servers")},
		"mcpEndpoint[].tools":              {endpoint, field("tools")},
		"mcpServers{}.name":                {program, field("name")},
		"mcpServers{}.command":             {program, field("command")},
		"mcpServers{}.args":                {program, field("args")},
		"mcpServers{}.env":                 {program, field("env")},
		"mcpServers{}.cwd":                 {program, field("cwd")},
		"mcpServers{}.type":                {address, field("kind")},
		"mcpServers{}.url":                 {address, field("url")},
		"mcpServers{}.headers":             {address, field("headers")},
		"mcpServers{}.enabled":             {server, button(server + "/disable")},
		"mcpServers{}.prefix":              {program, field("prefix")},
		"mcpServers{}.group":               {program, field("group")},
		"mcpServers{}.tools{}.enabled":     {tool, post(tool + "/disable")},
		"mcpServers{}.tools{}.description": {tool, post(tool + "/describe")},
		"mcpServers.switchboard.enabled":   {builtin, button(builtin + "/disable")},
		"mcpServers.switchboard.tools":     {"/tools/switchboard__time", post("/tools/switchboard__time/disable")},
		"remoteTools{}.enabled":            {"/tools/lamp_on", post("/tools/lamp_on/disable")},
		"remoteTools{}.description":        {"/tools/lamp_on", post("/tools/lamp_on/describe")},
	}
	// older are other spellings of a key, which keeps its place.
	older := regexp.MustCompile(`^(mcpEndpoint\[\]\.webSocketUrl|mcpServers\{\}\.(transportType|transport|serverUrl|httpUrl|disabled)|` +
		`mcpServers\.switchboard\.disabled|(mcpServers\{\}\.tools|remoteTools)\{\}\.enable|servers|mcp|mcpServerConfig|connection|webUI)$`)
	// idle are keys of other programs that have no effect here.
	idle := regexp.MustCompile(`^(\$schema|inputs|modelscope|connection\.(heartbeatTimeout|autoReconnect)|.*\.(usageCount|lastUsedTime))$`)

	s, _, catalogue, _ := newServer(t, nil)
	catalogue.tools = append(catalogue.tools, ToolView{Name: "lamp_on", Original: "lamp_on", Enabled: true, Remote: true, Sources: []string{studyID}, Listers: []string{studyID}})
	pages := map[string]string{}
	shows := func(p place) bool {
		if pages[p.path] == "" {
			pages[p.path] = do(s, request("GET", p.path)).Body.String()
		}
		return strings.Contains(pages[p.path], p.mark)
	}
	keys := config.Keys()
	for _, key := range keys {
		o, isOption := config.OptionAt(key)
		whole := slices.ContainsFunc(keys, func(k string) bool {
			return regexp.MustCompile(`^` + regexp.QuoteMeta(key) + `(\.|\[|\{)`).MatchString(k)
		})
		p, listed := places[key]
		delete(places, key)
		switch {
		case listed && !shows(p):
			t.Errorf("%s has no control %s at %s", key, p.mark, p.path)
		case listed || older.MatchString(key) || idle.MatchString(key):
		case isOption:
			if !shows(place{"/settings", field(o[strings.LastIndexByte(o, '.')+1:])}) {
				t.Errorf("%s is not in the settings", key)
			}
		case whole: // what it holds has places
		default:
			t.Errorf("%s can be changed in the file only", key)
		}
	}
	for key := range places {
		t.Errorf("there is no key %s", key)
	}
}
