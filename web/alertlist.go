package web

import (
	"strings"

	"xiaozhi-switchboard/web/ui"
)

// alertsShown is how many alerts the overview shows one by one. Where there are more, some
// are shown, each of another cause as far as may be, and the others are summed up: a page
// full of them tells nothing in five seconds.
const alertsShown = 4

// summedUp is the list of alerts as the overview shows it.
func (p painter) summedUp(all []ui.Alert) []ui.Alert {
	if len(all) <= alertsShown {
		return all
	}
	alone := make([]bool, len(all))
	causes, counts := []string{}, map[string]int{}
	for i, a := range all {
		if counts[a.Cause]++; counts[a.Cause] == 1 {
			causes = append(causes, a.Cause)
			alone[i] = len(causes) < alertsShown
		}
	}
	for i, left := 0, alertsShown-1-min(len(causes), alertsShown-1); left > 0; i++ {
		if !alone[i] {
			alone[i] = true
			left--
		}
	}
	var shown []ui.Alert
	rest := ui.Alert{ID: "more", Level: ui.Down, Show: "/tools", Verb: p.say("verb.show_all")}
	for i, a := range all {
		if alone[i] {
			counts[a.Cause]--
			shown = append(shown, a)
		} else if a.Action != "" { // it is about an endpoint
			rest.Show = "/endpoints?show=attention"
		}
	}
	var why []string
	for _, cause := range causes {
		if n := counts[cause]; n > 0 && len(why) < alertsShown {
			why = append(why, p.say("alerts.cause", "n", n, "cause", cause))
		}
	}
	rest.Name, rest.Cause = p.say("alerts.more", "n", len(all)-len(shown)), strings.Join(why, " ")
	return append(shown, rest)
}
