package secret

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

func TestKnown(t *testing.T) {
	k := NewKnown([]string{"plain-word", "with \"quotes\"\nand lines", "sp ace+plus", "short", "%2Ben%2Bcoded", "plain-word-longer", " padded-secret ", "钥匙钥匙", ""})
	for s, want := range map[string]string{
		"nothing here":                       "nothing here",
		"a plain-word in it":                 "a *** in it",
		"plain-wordplain-word":               "******",
		"the longer plain-word-longer":       "the longer ***",
		"a short one stays":                  "a short one stays",
		`{"a":"with \"quotes\"\nand lines"}`: `{"a":"***"}`,
		"only: and lines":                    "only: ***",
		"?q=sp+ace%2Bplus&r=sp%20ace+plus":   "?q=***&r=***",
		"decoded +en+coded":                  "decoded ***",
		"padded-secret":                      "***",
		"钥匙钥匙 and 钥匙":                        "*** and 钥匙",
		"also token=abc":                     "also token=***",
	} {
		if got := k.Hide(s); got != want {
			t.Errorf("Hide(%q) = %q, want %q", s, got, want)
		}
		if k.In(k.Hide(s)) {
			t.Errorf("something is left in %q", k.Hide(s))
		}
	}
	if !k.In("xplain-wordx") || k.In("plain-wor") {
		t.Error("In does not see what is there, or what is not")
	}
}

func TestKnownOfNothing(t *testing.T) {
	var none *Known
	for _, k := range []*Known{none, NewKnown(nil), NewKnown([]string{"", "abc"})} {
		if got := k.Hide("abc, password: x"); got != "abc, password: ***" || k.In("abc") {
			t.Errorf("got %q", got)
		}
	}
}

func FuzzKnown(f *testing.F) {
	f.Add("s3cr3t-value", "before", "after")
	f.Add("a\"b\\c\nd é ", "", "")
	f.Add("***abc***", "***", "abc")
	f.Fuzz(func(t *testing.T, s, before, after string) {
		k := NewKnown([]string{s})
		encoded, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{s, string(encoded), strconv.Quote(s), url.QueryEscape(s), url.PathEscape(s)} {
			got := k.Hide(before + " " + text + " " + after)
			// What hides a secret may itself be part of one: then nothing can be said.
			if trimmed := strings.TrimSpace(s); len(trimmed) >= shortestKnown && !strings.Contains(trimmed, "*") && !strings.ContainsAny(trimmed, "\"'\\ \t\r\n") &&
				!strings.Contains(before+after, trimmed) && strings.Contains(got, trimmed) {
				t.Errorf("%q is in %q", s, got)
			}
		}
	})
}
