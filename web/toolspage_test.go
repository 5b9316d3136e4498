package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web/ui"
)

// TestToolsThatAreAway holds that tools stay in the list while nobody can answer their
// calls, and that the list says so: of servers as of endpoints.
func TestToolsThatAreAway(t *testing.T) {
	s := inventedSnapshot(SettingsView{})
	s.file = nil
	relay := s.links[0]
	relay.ID, relay.Name, relay.Role = "999999999999", "Relay", endpoint.RoleCall
	s.links = append(s.links, relay)
	s.links[1].Name, s.links[1].Role = "Other", endpoint.RoleCall // which is down
	add := func(name string, remote bool, sources ...string) {
		s.tools = append(s.tools, ToolView{Name: name, Server: "any", Enabled: true, Remote: remote, Sources: sources, Listers: sources})
	}
	add("relayed", true, "Relay")
	add("both", true, "Other", "Relay")
	add("gone", true, "Other")
	add("calendar", false, "calendar")
	add("spared", false, "calendar", "weather")
	add("unheard", true, "nobody knows")
	p := painter{words: assets.Words("en"), zone: time.UTC}
	check := func(query, count, want string) {
		t.Helper()
		args, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		list := p.toolList(s, args)
		var away []string
		for _, line := range list.Tools {
			var b strings.Builder
			ui.ToolLineOf(line, p.words.Say).Render(t.Context(), &b)
			if strings.Contains(b.String(), `<span class="pill">away</span>`) {
				away = append(away, line.Name)
			}
		}
		if got := strings.Join(away, " "); got != want || list.Count != count {
			t.Errorf("%s: away are %q, and %q", query, got, list.Count)
		}
	}
	check("", "10 of 11 tools switched on · 2 are away at the moment", "gone calendar")
	check("q=gone", "1 of 11 tools · 1 is away at the moment", "gone")
	check("q=weather__", "1 of 11 tools", "")
	s.links[len(s.links)-1].Missing = endpoint.MissingToolSide
	check("", "10 of 11 tools switched on · 4 are away at the moment", "relayed both gone calendar")
}
