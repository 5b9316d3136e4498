package hub

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"xiaozhi-switchboard/core/balance"
)

func TestToolName(t *testing.T) {
	p := func(s string) *string { return &s }
	for _, tt := range []struct {
		server string
		prefix *string
		tool   string
		want   string
	}{
		{"weather", nil, "forecast", "weather__forecast"},
		{"weather", p(""), "forecast", "forecast"},
		{"weather", p("w"), "forecast", "w__forecast"},
		{"my server", nil, "a.b/c", "my_server__a_b_c"},
		{"天气", nil, "查询-1", "______-1"},
		{"s", nil, strings.Repeat("x", 61), "s__" + strings.Repeat("x", 61)},
		{"s", nil, strings.Repeat("x", 62), "s__" + strings.Repeat("x", 52) + "_f5513bea"},
	} {
		if got := toolName(tt.server, tt.prefix, tt.tool); got != tt.want {
			t.Errorf("%s %s: got %s, want %s", tt.server, tt.tool, got, tt.want)
		}
	}
}

var validName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func names(c *catalogue) (all []string) {
	for _, e := range c.entries {
		all = append(all, e.server+"/"+e.offer.name+"="+e.public)
	}
	return all
}

func offersOf(names ...string) (all []offer) {
	for _, n := range names {
		all = append(all, offer{name: n, schema: []byte(emptySchema)})
	}
	return all
}

func TestCatalogueNames(t *testing.T) {
	none := ""
	suppliers := []supplier{
		{spec: Server{Name: "my server"}, offers: offersOf("a b", "a_b", "a.b", "x")},
		{spec: Server{Name: "my_server"}, offers: offersOf("x")},
		{spec: Server{Name: "one", Prefix: &none}, offers: offersOf("search", strings.Repeat("长", 70))},
		{spec: Server{Name: "two", Prefix: &none}, offers: offersOf("search", "my_server__x")},
	}
	c := newCatalogue(suppliers, nil, nil, "")
	got := names(c)
	want := []string{
		"my server/a b=my_server__a_b_5a9d8d6f", "my server/a_b=my_server__a_b", "my server/a.b=my_server__a_b_c1a0ed40",
		"my server/x=my_server__x", "my_server/x=my_server_17e95d1c__x", "one/search=search",
	}
	for i, w := range want {
		if w[:strings.Index(w, "=")] != got[i][:strings.Index(got[i], "=")] {
			t.Errorf("entry %d is %s", i, got[i])
		}
	}
	public := map[string]string{}
	for i, e := range c.entries {
		if !validName.MatchString(e.public) || public[e.public] != "" {
			t.Errorf("%s is no good name", got[i])
		}
		public[e.public] = e.server + "/" + e.offer.name
	}
	for name, owner := range map[string]string{"my_server__a_b": "my server/a_b", "my_server__x": "my server/x", "search": "one/search"} {
		if public[name] != owner {
			t.Errorf("%s belongs to %s, not %s", name, public[name], owner)
		}
	}
	// Who was quicker does not matter: the same servers, listed in any order of time, end
	// in the same names.
	late := append([]supplier(nil), suppliers...)
	late[2].offers = nil
	before := newCatalogue(late, nil, nil, "")
	after := newCatalogue(suppliers, nil, before, "")
	if strings.Join(names(after), "\n") != strings.Join(got, "\n") {
		t.Errorf("got %q, then %q", got, names(after))
	}
}

// TestGroupNamedLikeARemote keeps tools of servers and of links apart, though both groups have the
// same name and both tools the same schema: neither can be asked for the other.
func TestGroupNamedLikeARemote(t *testing.T) {
	act := offersOf("act")
	c := newCatalogue([]supplier{
		{spec: Server{Name: "a", Group: "remote"}, run: &runner{member: new(balance.Member)}, offers: act},
		{spec: Server{Name: "b", Group: "remote"}, run: &runner{member: new(balance.Member)}, offers: act},
		{spec: Server{Name: "1", Group: "remote"}, remote: &remote{}, offers: act, label: "Hall"},
		{spec: Server{Name: "2", Group: "remote"}, remote: &remote{}, offers: act, label: "Kitchen"},
	}, nil, nil, "")
	var got []string
	for _, e := range c.entries {
		got = append(got, strings.Join(e.sourceNames(), "+"))
	}
	if want := []string{"a+b", "Hall+Kitchen"}; !slices.Equal(got, want) || c.entries[0].public != "remote__act" || c.entries[1].public == "remote__act" {
		t.Errorf("got %q", got)
	}
}
