package app

import (
	"strings"
	"testing"
)

func TestColumns(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "小智": 4, "a小b": 4, "e\u0301": 1, "●": 1, "，": 2, "😀": 2, "\u200b": 0} {
		if got := columns(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
	for _, c := range []struct {
		text string
		most int
		want string
	}{{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"小智总机", 8, "小智总机"}, {"小智总机", 7, "小智总…"}, {"小智总机", 6, "小智…"}} {
		if got := clip(c.text, c.most); got != c.want {
			t.Errorf("%q in %d: %q, want %q", c.text, c.most, got, c.want)
		}
	}
}

func TestTable(t *testing.T) {
	var b strings.Builder
	writeTable(&b, [][]string{{"名称", "STATE", ""}, {"Kids", "ready\x1b[31m", "x"}, {"书房小智", "\u202eup\n\tnow", ""}})
	const want = "名称      STATE      \nKids      ready[31m  x\n书房小智  up now\n"
	if got := b.String(); got != strings.ReplaceAll(want, "STATE      \n", "STATE\n") {
		t.Errorf("got\n%s", got)
	}
}

// FuzzPrintable holds that nothing of others can steer a terminal.
func FuzzPrintable(f *testing.F) {
	f.Add("a\x1b]0;title\x07b\r\n小智\u202e")
	f.Fuzz(func(t *testing.T, text string) {
		if got := printable(text); strings.ContainsAny(got, "\x1b\x07\r\n\b\u202e\u009b") || printable(got) != got {
			t.Errorf("%q is shown as %q", text, got)
		}
		if got := printableLines(text); strings.ContainsAny(got, "\x1b\x07\r\b\u202e\u009b") {
			t.Errorf("%q is shown as %q", text, got)
		}
		for _, most := range []int{1, 5, 40} {
			if got := clip(printable(text), most); columns(got) > max(most, 1)+1 {
				t.Errorf("%q in %d columns is %q", text, most, got)
			}
		}
	})
}
