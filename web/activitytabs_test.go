package web

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/web/ui"
)

func TestActivityShowsThePartsThereAre(t *testing.T) {
	routes := []route{{"GET", "/activity/log", kindPage, nil}, {"POST", "/activity/calls", kindPage, nil}, {"GET", "/activity", kindPage, nil}}
	have := partsOf(routes)
	if want := []string{"events", "log"}; !slices.Equal(have, want) {
		t.Fatalf("parts are %v, want %v", have, want)
	}
	want := []ui.Choice{{Tag: "events", Name: "Events", Address: "/activity"}, {Tag: "log", Name: "Log", Address: "/activity/log", Current: true}}
	p := painter{words: assets.Words("en")}
	if got := p.activityTop(have, "log").Tabs; !slices.Equal(got, want) {
		t.Errorf("tabs are %+v, want %+v", got, want)
	}
	if got := p.activityTop(partsOf(nil), "log").Tabs; got != nil {
		t.Errorf("without routes there are tabs %+v", got)
	}
	for _, lang := range assets.Languages() {
		words := assets.Words(lang)
		all := painter{words: words}.activityTop([]string{"events", "calls", "failovers", "log", "diagnostics"}, "calls")
		golden(t, "activity-tabs."+lang+".html", ui.ActivityTop(all, words.Say))
	}
}

// TestSectionsOfTheSideBar: the first page of a section is its entry.
func TestSectionsOfTheSideBar(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	s.pages = []page{
		{name: "calm", pattern: "/calm"}, {name: "log", pattern: "/activity/log", section: "activity"},
		{name: "calls", pattern: "/activity/calls", section: "activity"}, {name: "nowhere"},
	}
	var got []string
	for _, e := range s.frame(httptest.NewRequest("GET", "/?lang=en", nil), "", "").Sections {
		got = append(got, e.Name+" "+e.Address+" "+e.Word)
	}
	if want := "calm /calm nav.calm, activity /activity/log Activity"; strings.Join(got, ", ") != want {
		t.Errorf("side bar has %s, want %s", strings.Join(got, ", "), want)
	}
}
