package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

// serveActivity answers with a page of Activity, unless its address holds what is no filter.
func serveActivity(name string) func(*Server, http.ResponseWriter, *http.Request) {
	return func(s *Server, w http.ResponseWriter, r *http.Request) {
		if s.deps.Journal == nil {
			s.refuse(w, r, kindPage, "unavailable")
			return
		}
		if _, bad := readFilter(r.URL.Query(), time.Now(), activityShown); bad != nil {
			s.refuseFilter(w, r, kindPage, bad)
			return
		}
		s.live(s.pump.pages[name])(w, r)
	}
}

// refuseFilter says which filter is none, and what it may be.
func (s *Server) refuseFilter(w http.ResponseWriter, r *http.Request, k kind, bad *filterError) {
	s.refuse(w, r, k, "bad_filter", "name", bad.name, "value", secret.Text(shorten(bad.value, 60)), "want", s.words(r).Say("activity.want."+bad.name))
}

// activityFilters are the filters of a page of Activity, to which it adds what there is to
// choose from.
func (p painter) activityFilters(s snapshot, path string, args url.Values) ui.ActivityFilters {
	f := ui.ActivityFilters{Action: path, Query: args.Get("q")}
	for name := range args {
		if name != "before" {
			f.Clear = path
		}
	}
	return f
}

// choice is a filter with words of its own, under activity.NAME; the first is the usual one.
func (p painter) choice(name string, values []string, args url.Values) ui.ActivitySelect {
	c := ui.ActivitySelect{Name: name, Label: p.say("activity.filter." + name)}
	for _, v := range values {
		word := v
		if v == "" {
			word = "all"
		}
		c.Options = append(c.Options, ui.Option{Value: v, Word: p.say("activity." + name + "." + word), On: v == args.Get(name)})
	}
	return c
}

// endpointChoice is the filter by endpoint, and by who else calls.
func (p painter) endpointChoice(s snapshot, args url.Values, callers bool) ui.ActivitySelect {
	values := []string{}
	words := map[string]string{}
	for _, l := range s.links {
		values = append(values, l.ID)
		words[l.ID] = p.linkName(l)
	}
	if callers {
		values = append(values, callerClient, callerPage)
		words[callerClient], words[callerPage] = p.say("activity.caller.mcp"), p.say("activity.caller.api")
	}
	return p.namedChoice("endpoint", values, words, args)
}

// toolChoice is the filter by tool, of those that there are and those that were called.
func (p painter) toolChoice(s snapshot, called []string, args url.Values) ui.ActivitySelect {
	values := called
	for _, t := range s.tools {
		values = append(values, t.Name)
	}
	slices.Sort(values)
	return p.namedChoice("tool", slices.Compact(values), nil, args)
}

// namedChoice is a filter whose values are names. What is chosen is among them, though it may
// be gone.
func (p painter) namedChoice(name string, values []string, words map[string]string, args url.Values) ui.ActivitySelect {
	chosen := args.Get(name)
	if chosen != "" && !slices.Contains(values, chosen) {
		values = append(values, chosen)
	}
	c := ui.ActivitySelect{Name: name, Label: p.say("activity.filter." + name),
		Options: []ui.Option{{Word: p.say("activity." + name + ".all"), On: chosen == ""}}}
	for _, v := range values[:min(len(values), toolsShown)] {
		word := words[v]
		switch {
		case word != "":
		case secret.Text(v) != v:
			continue // no name, but something that got into its place
		default:
			word = v
		}
		c.Options = append(c.Options, ui.Option{Value: v, Word: word, On: v == chosen})
	}
	return c
}

// found says how many there are.
func (p painter) found(n int, args url.Values) string {
	if args.Get("before") != "" {
		return p.say("activity.count.older", "n", n)
	}
	return p.say("activity.count", "n", n)
}

// pager leads to what is older than the last on the page, and back to the newest.
func pager(path string, args url.Values, last uint64, older bool) ui.ActivityPager {
	var p ui.ActivityPager
	to := func(before string) string {
		query := url.Values{}
		for name := range args {
			if name != "before" {
				query.Set(name, args.Get(name))
			}
		}
		if before != "" {
			query.Set("before", before)
		}
		if len(query) == 0 {
			return path
		}
		return path + "?" + query.Encode()
	}
	if older {
		p.Older = to(strconv.FormatUint(last, 10))
	}
	if args.Get("before") != "" {
		p.Newest = to("")
	}
	return p
}
