package tray

import (
	"strings"
	"testing"
	"unicode/utf16"
)

func TestClip(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"", 5, ""},
		{"12345", 5, "12345"},
		{"123456", 5, "1234…"},
		{"小智总机小智", 5, "小智总机…"},
		{"a😀😀", 5, "a😀😀"},
		{"a😀😀b", 5, "a😀…"},
		{"😀😀😀", 5, "😀😀…"},
		{"\xff\xff\xff", 2, "\xff…"},
	} {
		if got := clip(c.in, c.n); got != c.want {
			t.Errorf("clip %q to %d: %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

func TestLabel(t *testing.T) {
	for _, c := range []struct{ in, system, want string }{
		{"a_b & c", "linux", "a__b & c"},
		{"a_b & c", "freebsd", "a__b & c"},
		{"a_b & c", "windows", "a_b && c"},
		{"a_b & c", "darwin", "a_b & c"},
		{"two\nlines\tand\x00 more", "linux", "two lines and\x00 more"},
		{"\xff", "linux", "�"},
		{strings.Repeat("小", 100), "linux", strings.Repeat("小", 63) + "…"},
	} {
		if got := label(c.in, c.system); got != c.want {
			t.Errorf("%q on %s: %q, want %q", c.in, c.system, got, c.want)
		}
	}
}

func FuzzClip(f *testing.F) {
	f.Add("小智 😀 abc", 5)
	f.Fuzz(func(t *testing.T, s string, n int) {
		if n < 1 || n > 1000 {
			return
		}
		got := clip(s, n)
		if units := len(utf16.Encode([]rune(got))); units > n {
			t.Errorf("%q has %d units, more than %d", got, units, n)
		}
		if got != s && !strings.HasPrefix(s, strings.TrimSuffix(got, "…")) {
			t.Errorf("%q is not the beginning of %q", got, s)
		}
	})
}
