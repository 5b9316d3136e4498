package desktop

import (
	"slices"
	"strings"
	"testing"
)

func TestAppleLanguages(t *testing.T) {
	for printed, want := range map[string][]string{
		"(\n    \"zh-Hans-CN\",\n    \"en-CN\"\n)\n": {"zh-Hans-CN", "en-CN"},
		"(\n    en\n)\n":       {"en"},
		"(\r\n \"de-DE\"\r\n)": {"de-DE"},
		"(\n)\n":               nil,
		"":                     nil,
	} {
		if got := appleLanguages(printed); !slices.Equal(got, want) {
			t.Errorf("%q is %q, want %q", printed, got, want)
		}
	}
}

func FuzzAppleLanguages(f *testing.F) {
	f.Add("(\n    \"zh-Hans-CN\",\n    en\n)\n")
	f.Fuzz(func(t *testing.T, printed string) {
		for _, tag := range appleLanguages(printed) {
			if tag == "" || strings.ContainsAny(tag, "()\", \n") || !strings.Contains(printed, tag) {
				t.Errorf("%q holds the tag %q", printed, tag)
			}
		}
	})
}
