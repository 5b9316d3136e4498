package ui

import (
	"slices"
	"strings"
	"testing"
)

func TestBreakable(t *testing.T) {
	var b strings.Builder
	if err := breakable("a<b__c").Render(t.Context(), &b); err != nil || b.String() != "a&lt;b__<wbr>c" {
		t.Errorf("%s %v", b.String(), err)
	}
}

func TestNameParts(t *testing.T) {
	for name, want := range map[string][]string{
		"":                              {""},
		"time":                          {"time"},
		"switchboard__pending_result":   {"switchboard__", "pending_result"},
		"a__b__c":                       {"a__", "b__", "c"},
		"__a":                           {"__", "a"},
		"a___b__":                       {"a___", "b__"},
		"connectionOptions.toolTimeout": {"connectionOptions.", "toolTimeout"},
		"1.5 MiB":                       {"1.5 MiB"},
		"天气__预报":                        {"天气__", "预报"},
	} {
		if got := nameParts(name); !slices.Equal(got, want) || strings.Join(got, "") != name {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
