package broker

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestHearing(t *testing.T) {
	two := `{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}`
	failed := `{"isError":true,"error":"short","content":[{"type":"text","text":"long"}]}`
	for _, test := range []struct {
		family   Family
		raw      string
		text     string
		isError  bool
		warnings []Warning
	}{
		{Official, two, "a\nb", false, nil},
		{Relay, two, "a", false, []Warning{WarnOnlyFirst}},
		{Official, failed, "long", true, nil},
		{Relay, failed, "short", true, nil},
		{Relay, `{"isError":true,"content":[{"type":"text","text":"long"}]}`, "", true, []Warning{WarnErrorLost, WarnNoText}},
		{Relay, `{"content":[{"type":"text","text":"{\"action\":\"exit\"}"}]}`, `{"action":"exit"}`, false, []Warning{WarnAction}},
		{Official, `{"content":[{"type":"text","text":"{\"action\":\"exit\"}"}]}`, `{"action":"exit"}`, false, nil},
		{Official, `{"content":[{"type":"image","data":"x"},{"type":"text","text":"a"}]}`, "a", false, []Warning{WarnNotText}},
		{Relay, `{"content":[{"type":"image","data":"x"}]}`, "", false, []Warning{WarnNotText, WarnNoText}},
		{Official, `{"content":[]}`, "", false, []Warning{WarnNoText}},
		{Official, `{}`, "", false, []Warning{WarnMalformed, WarnNoText}},
		{Official, `[1]`, "", false, []Warning{WarnMalformed, WarnNoText}},
		{Official, `{"content":"x"}`, "", false, []Warning{WarnMalformed, WarnNoText}},
		{Relay, `{"content":[1,"x",null]}`, "", false, []Warning{WarnNotText, WarnOnlyFirst, WarnNoText}},
	} {
		got := hear(test.family, []byte(test.raw), 8192)
		if got.Text != test.text || got.IsError != test.isError || !slices.Equal(got.Warnings, test.warnings) || got.Truncated {
			t.Errorf("%v hears %s as %+v", test.family, test.raw, got)
		}
	}
	long := hear(Official, []byte(echoed(strings.Repeat("小", 3000))), 8192)
	if !long.Truncated || len(long.Text) > 8192 || !utf8.ValidString(long.Text) || len(long.Text) < 8189 || !slices.Equal(long.Warnings, []Warning{WarnTooLong}) {
		t.Errorf("over-long: %d bytes, %v", len(long.Text), long.Warnings)
	}
	for w := WarnTooLong; w <= WarnMalformed; w++ {
		if strings.Contains(w.String(), "(") {
			t.Errorf("%d has no name", w)
		}
	}
}
