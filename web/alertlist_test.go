package web

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web/ui"
)

func TestAlertsAreSummedUp(t *testing.T) {
	p := painter{words: assets.Words("en")}
	list := func(causes ...string) (all []ui.Alert) {
		for i, cause := range causes {
			all = append(all, ui.Alert{ID: fmt.Sprint(i), Cause: cause, Action: "/x"})
		}
		return all
	}
	for _, tt := range []struct {
		name     string
		causes   []string
		want     []string // those alone
		more     string
		together string
	}{
		{"none", nil, nil, "", ""},
		{"few", []string{"A.", "A.", "B.", "A."}, []string{"0", "1", "2", "3"}, "", ""},
		{"one cause", []string{"A.", "A.", "A.", "A.", "A."}, []string{"0", "1", "2"}, "2 more need you", "2 × A."},
		{"another cause late", []string{"A.", "A.", "A.", "A.", "B."}, []string{"0", "1", "4"}, "2 more need you", "2 × A."},
		{"a cause each", []string{"A.", "B.", "C.", "D.", "E.", "F."}, []string{"0", "1", "2"}, "3 more need you", "1 × D. 1 × E. 1 × F."},
		{"many causes", []string{"A.", "B.", "C.", "A.", "D.", "E.", "F.", "D.", "G."}, []string{"0", "1", "2"}, "6 more need you", "1 × A. 2 × D. 1 × E. 1 × F."},
	} {
		var alone []string
		more, together := "", ""
		for _, a := range p.summedUp(list(tt.causes...)) {
			if a.ID == "more" {
				more, together = a.Name, a.Cause
				if a.Show != "/endpoints?show=attention" {
					t.Errorf("%s: leads to %s", tt.name, a.Show)
				}
				continue
			}
			alone = append(alone, a.ID)
		}
		if !slices.Equal(alone, tt.want) || more != tt.more || together != tt.together {
			t.Errorf("%s: %v, %q, %q; want %v, %q, %q", tt.name, alone, more, together, tt.want, tt.more, tt.together)
		}
	}
}

// TestOverviewOfManyFailures holds that the page stays short, and counts all of them.
func TestOverviewOfManyFailures(t *testing.T) {
	s := inventedSnapshot(SettingsView{})
	broken := s.links[4]
	s.links = nil
	for i := range 40 {
		l := broken
		l.ID, l.State, l.ConsecutiveFailures = fmt.Sprintf("%012d", i), endpoint.Failed, 9
		s.links = append(s.links, l)
	}
	o := painter{words: assets.Words("en"), zone: time.UTC}.overview(s)
	if len(o.Alerts) != alertsShown || o.Figures[0].Note != "41 need you" { // one server is down too
		t.Errorf("%d alerts: %+v", len(o.Alerts), o.Figures[0])
	}
}
