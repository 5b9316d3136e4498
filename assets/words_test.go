package assets

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// messages reads a locale file: key → plural form → text.
func messages(t *testing.T, lang string) map[string]map[string]string {
	t.Helper()
	var file map[string]any
	if err := json.Unmarshal([]byte(locales[lang]), &file); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
	for key, value := range file {
		forms := map[string]string{}
		switch v := value.(type) {
		case string:
			forms["other"] = v
		case map[string]any:
			for form, text := range v {
				forms[form] = text.(string)
			}
		}
		all[key] = forms
	}
	return all
}

var placeholder = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

func placeholders(text string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestParity holds all languages to the same keys with the same placeholders.
func TestParity(t *testing.T) {
	fallback := messages(t, Fallback)
	for _, lang := range Languages() {
		other := messages(t, lang)
		for key := range fallback {
			if other[key] == nil {
				t.Errorf("%s lacks %s", lang, key)
			}
		}
		for key, forms := range other {
			if fallback[key] == nil {
				t.Errorf("%s has %s, which %s lacks", lang, key, Fallback)
				continue
			}
			want := placeholders(fallback[key]["other"])
			if got := placeholders(forms["other"]); !slices.Equal(got, want) {
				t.Errorf("%s: %s has placeholders %v, want %v", lang, key, got, want)
			}
			for form, text := range forms {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s: %s is empty", lang, key)
				}
				if got := placeholders(text); !slices.Equal(got, placeholders(forms["other"])) {
					t.Errorf("%s: %s (%s) has placeholders %v", lang, key, form, got)
				}
				if n := strings.Count(text, "{{"); n != len(placeholder.FindAllString(text, -1)) {
					t.Errorf("%s: %s holds more than placeholders: %s", lang, key, text)
				}
			}
			if len(fallback[key]) > 1 && lang != Fallback && forms["other"] == "" {
				t.Errorf("%s: %s has no plural form", lang, key)
			}
		}
	}
}

var used = regexp.MustCompile(`(?i)\b(?:say|f\.Say)\("([a-z_.]+)"`)

// TestKeysInUse holds the keys that code asks for against those that exist.
func TestKeysInUse(t *testing.T) {
	all := messages(t, Fallback)
	var sources []string
	for _, pattern := range []string{"../web/*.go", "../web/ui/*.templ", "../app/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, found...)
	}
	if len(sources) < 10 {
		t.Skip("sources of the pages are not here")
	}
	text := ""
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text += string(raw)
		for _, m := range used.FindAllStringSubmatch(string(raw), -1) {
			if all[m[1]] == nil && !strings.HasSuffix(m[1], ".") {
				t.Errorf("%s asks for %s, which does not exist", name, m[1])
			}
		}
	}
	// Keys that are put together at run time share a prefix that is seen in code.
	for _, key := range slices.Sorted(maps.Keys(all)) {
		found := strings.Contains(text, `"`+key+`"`) || strings.Contains(text, `"`+strings.TrimSuffix(key, ".at")+`"`)
		for _, prefix := range []string{"cause.", "server.", "kind.", "verb.", "trouble.", "doctor.", "help.", "problem.", "usage.", "column.", "tool.note.", "anomaly.", "theme.", "nav.", "filter.show.", "filter.sort.", "filter.tools.", "serverform.", "mistake.pairs.", "try.content.", "chart.range.", "welcome.step.", "option.", "settings.tab.", "activity.", "event.", "settings.preset.", "performance.", "rehearsal."} {
			found = found || strings.HasPrefix(key, prefix)
		}
		if !found {
			t.Errorf("nobody asks for %s", key)
		}
	}
}

func TestSay(t *testing.T) {
	for _, c := range []struct {
		lang, key string
		args      []any
		want      string
	}{
		{"en", "nav.overview", nil, "Overview"},
		{"zh", "nav.overview", nil, "总览"},
		{"en", "tools.count", []any{"n", 0}, "0 tools"},
		{"en", "tools.count", []any{"n", 1}, "1 tool"},
		{"en", "tools.count", []any{"n", 2}, "2 tools"},
		{"en", "tools.count", []any{"n", 12345}, "12,345 tools"},
		{"zh", "tools.count", []any{"n", 1}, "1 个工具"},
		{"zh", "tools.count", []any{"n", 12345}, "12,345 个工具"},
		{"en", "figure.links.alerts", []any{"n", 1}, "1 needs you"},
		{"en", "figure.links.alerts", []any{"n", 3}, "3 need you"},
		{"zh", "figure.links", []any{"up", 3, "all", 5}, "3 / 5 已连接"},
		{"en", "link.attempt", []any{"n", 4, "time", "in 12s"}, "Attempt 4 in 12s"},
		{"zh", "link.attempt", []any{"n", 4, "time", "12秒后"}, "12秒后第 4 次重连"},
		{"en", "no.such.key", nil, "no.such.key"},
		{"zh", "no.such.key", []any{"n", 1}, "no.such.key"},
		{"tlh", "nav.overview", nil, "Overview"},
		{"en", "link.agent", []any{"id", "<b>{{.x}}</b>"}, "agent <b>{{.x}}</b>"},
	} {
		if got := Words(c.lang).Say(c.key, c.args...); got != c.want {
			t.Errorf("%s %s %v: got %q, want %q", c.lang, c.key, c.args, got, c.want)
		}
	}
	if got := Words("en").Percent(0.99747); got != "99.7%" {
		t.Errorf("percent is %q", got)
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		wishes []string
		want   string
	}{
		{nil, "en"},
		{[]string{""}, "en"},
		{[]string{"zh"}, "zh"},
		{[]string{"zh_CN"}, "zh"},
		{[]string{"zh-TW,zh;q=0.9,en;q=0.8"}, "zh"},
		{[]string{"en-GB,en;q=0.9,zh;q=0.1"}, "en"},
		{[]string{"fr", "zh"}, "zh"},
		{[]string{"fr,de"}, "en"},
		{[]string{"", "\x00;;q", "zh-Hans-CN"}, "zh"},
		{[]string{strings.Repeat("zh,", 1000)}, "en"},
	} {
		if got := Match(c.wishes...); got != c.want {
			t.Errorf("%q: got %s, want %s", c.wishes, got, c.want)
		}
	}
}
