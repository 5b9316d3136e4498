package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/web/ui"
)

func TestListIsFilteredAndSorted(t *testing.T) {
	s := inventedSnapshot(SettingsView{})
	p := painter{words: assets.Words("en"), zone: time.UTC}
	for _, c := range []struct{ query, want, count string }{
		{"", "书房小智 客厅音箱 儿童房 店铺前台 车间 备用（自建）", "6 endpoints"},
		{"q=1324149", "书房小智", "1 of 6 endpoints"},
		{"q=API.xiaozhi+slow", "店铺前台", "1 of 6 endpoints"},
		{"q=nothing", "", "0 of 6 endpoints"},
		{"show=attention", "客厅音箱 店铺前台 车间", "3 of 6 endpoints"},
		{"show=connected", "书房小智 儿童房 店铺前台", "3 of 6 endpoints"},
		{"show=paused", "备用（自建）", "1 of 6 endpoints"},
		{"hide=1", "客厅音箱 店铺前台 车间 备用（自建）", "4 of 6 endpoints"},
		{"hide=1&show=connected", "店铺前台", "1 of 6 endpoints"},
		{"sort=state", "客厅音箱 车间 店铺前台 备用（自建） 书房小智 儿童房", "6 endpoints"},
		{"sort=latency", "书房小智 儿童房 店铺前台 客厅音箱 车间 备用（自建）", "6 endpoints"},
		{"sort=calls&show=nonsense", "书房小智 客厅音箱 儿童房 店铺前台 车间 备用（自建）", "6 endpoints"},
	} {
		args, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		list := p.endpointList(s, args)
		var names []string
		for _, l := range list.Links {
			names = append(names, l.Name)
		}
		if got := strings.Join(names, " "); got != c.want || list.Count != c.count {
			t.Errorf("%s: %s (%s)", c.query, got, list.Count)
		}
	}
	s.links = s.links[:0]
	if list := p.endpointList(s, nil); list.Any || list.Count != "" {
		t.Errorf("without endpoints: %+v", list)
	}
}

// TestNamesOnAPageDiffer holds that endpoints that are called alike can be told apart, by
// those too who hear but the names, and that others are called as before.
func TestNamesOnAPageDiffer(t *testing.T) {
	s := inventedSnapshot(SettingsView{})
	s.links[1].Name, s.links[4].Name = s.links[3].Name, s.links[3].Name
	s.links[2].Name, s.links[5].Name = "", "" // of which one has a number
	const want = "书房小智, 店铺前台 b2b2b2b2b2b2, agent 1324807, 店铺前台 d4d4d4d4d4d4, 店铺前台 e5e5e5e5e5e5, 10.0.0.5:8004"
	p := painter{words: assets.Words("en"), zone: time.UTC}
	names := func(links []ui.Link) string {
		var list []string
		for _, l := range links {
			list = append(list, l.Name)
		}
		return strings.Join(list, ", ")
	}
	o := p.overview(s)
	if got := names(o.Links); got != want {
		t.Errorf("overview: %s", got)
	}
	if got := names(p.endpointList(s, nil).Links); got != want {
		t.Errorf("list: %s", got)
	}
	if got := names(p.endpointList(s, url.Values{"q": {"d4d4"}}).Links); got != "店铺前台 d4d4d4d4d4d4" {
		t.Errorf("found: %s", got)
	}
	for _, a := range o.Alerts {
		if a.ID == s.links[1].ID && a.Name != "店铺前台 b2b2b2b2b2b2" {
			t.Errorf("alert: %s", a.Name)
		}
	}
}

func TestChartText(t *testing.T) {
	s := inventedSnapshot(SettingsView{})
	p := painter{words: assets.Words("en"), zone: time.UTC}
	for _, c := range []struct{ id, span, text, start, end string }{
		{"a1a1a1a1a1a1", "", "119 checks, 0 failed; median 37 ms, highest 40 ms.", "11:01", "12:00"},
		{"b2b2b2b2b2b2", "1h", "119 checks, 10 failed; median 46 ms, highest 49 ms.", "11:01", "12:00"},
		{"b2b2b2b2b2b2", "24h", "240 checks, 10 failed; median 46 ms, highest 46 ms.", "12:15", "12:00"},
		{"f6f6f6f6f6f6", "", "There was no check in this time yet.", "11:01", "12:00"},
		{"nobody", "7d", "There was no check in this time yet.", "Jun 24, 14:00", "Jul 1, 12:00"},
	} {
		got := p.latencyChart(s.traces[c.id], url.Values{"id": {c.id}, "range": {c.span}}, noon)
		text := strings.Join(got.Texts, " ")
		if text != c.text || got.Start != c.start || got.End != c.end {
			t.Errorf("%s %s: %q from %s to %s", c.id, c.span, text, got.Start, got.End)
		}
		if (got.Lines[0].Path == "") != strings.HasPrefix(text, "There was no") {
			t.Errorf("%s %s: line %q", c.id, c.span, got.Lines[0].Path)
		}
	}
}

// TestOffIsNotPaused holds that an endpoint that the file switches off is called so, and is offered no
// Resume, which would do nothing.
func TestOffIsNotPaused(t *testing.T) {
	s := inventedSnapshot(SettingsView{Path: "x"})
	p := painter{words: assets.Words("en"), zone: time.UTC}
	off := s.links[5]
	for _, enabled := range []bool{false, true} {
		file := s.file
		s.file = func() *config.Config {
			c := file()
			for i := range c.Endpoints {
				if c.Endpoints[i].URL == off.URL {
					c.Endpoints[i].Enabled = enabled
				}
			}
			return c
		}
		link := p.tracedLink(off, HealthOf(off, s.at), 0, s)
		for what, c := range map[string]templ.Component{"card": ui.LinkCard(link, p.words.Say), "row": ui.EndpointRow(link, p.words.Say)} {
			var shown strings.Builder
			if err := c.Render(t.Context(), &shown); err != nil {
				t.Fatal(err)
			}
			said, offered := strings.Contains(shown.String(), ">Off<"), strings.Contains(shown.String(), off.ID+"/resume")
			if said == enabled || offered != enabled {
				t.Errorf("%s, enabled %v: called off %v, offered to resume %v", what, enabled, said, offered)
			}
		}
		s.file = file
	}
}
