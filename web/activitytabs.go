package web

import (
	"net/http"
	"slices"

	"xiaozhi-switchboard/web/ui"
)

// activityParts are the parts of Activity by their names, in their order. One without a
// route is not shown.
var activityParts = []struct{ name, path string }{
	{"events", "/activity"}, {"calls", "/activity/calls"}, {"failovers", "/activity/failovers"},
	{"log", "/activity/log"}, {"diagnostics", "/activity/diagnostics"},
}

// partsOf returns the names of those parts of Activity that have a route.
func partsOf(routes []route) []string {
	var names []string
	for _, part := range activityParts {
		if slices.ContainsFunc(routes, func(r route) bool { return r.method == http.MethodGet && r.pattern == part.path }) {
			names = append(names, part.name)
		}
	}
	return names
}

// activityTop is the head of a part of Activity; have names the parts there are, as
// Server.parts and snapshot.parts do.
func (p painter) activityTop(have []string, current string) ui.Activity {
	var top ui.Activity
	for _, part := range activityParts {
		if slices.Contains(have, part.name) {
			top.Tabs = append(top.Tabs, ui.Choice{Tag: part.name, Name: p.say("activity.tab." + part.name), Address: part.path, Current: part.name == current})
		}
	}
	return top
}
