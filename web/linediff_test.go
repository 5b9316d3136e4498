package web

import (
	"fmt"
	"strings"
	"testing"
)

// spell writes a comparison as a patch has it.
func spell(before, after string) string {
	var b strings.Builder
	for _, l := range lineDiff(before, after) {
		fmt.Fprintf(&b, "%c%s|", l.Sign, l.Text)
	}
	return b.String()
}

func TestLineDiff(t *testing.T) {
	ten := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"
	for _, c := range []struct{ before, after, want string }{
		{"", "", ""},
		{"a\nb\n", "a\nb\n", ""},
		{"a\r\nb\r\n", "a\nb", ""},
		{"", "a\n", "+a|"},
		{"a\n", "", "-a|"},
		{"a\nb\nc\n", "a\nx\nc\n", " a|-b|+x| c|"},
		{"a\na\na\n", "a\na\n", " a| a|-a|"},
		{ten, strings.Replace(ten, "5", "five", 1), " 2| 3| 4|-5|+five| 6| 7| 8|"},
		{ten, "0\n" + strings.Replace(ten, "10", "ten", 1), "+0| 1| 2| 3|…| 7| 8| 9|-10|+ten|"},
	} {
		if got := spell(c.before, c.after); got != c.want {
			t.Errorf("%q to %q:\n got %s\nwant %s", c.before, c.after, got, c.want)
		}
	}
	if lines := lineDiff("a\nb\n", "x\na\nb\n"); lines[0].Line != 1 || lines[1].Line != 2 {
		t.Errorf("lines are numbered %v", lines)
	}
	long := strings.Repeat("x\n", diffMost+1)
	if added, removed := diffCount(lineDiff("a\n"+long+"b\n", "c\n"+strings.Repeat("y\n", diffMost+1))); added != diffMost+2 || removed != diffMost+3 {
		t.Errorf("a long one adds %d and removes %d", added, removed)
	}
}

// FuzzLineDiff holds that what is added and kept near a change is in the new text, and what
// is removed in the old.
func FuzzLineDiff(f *testing.F) {
	f.Add("a\nb\nc", "a\nc\nd")
	f.Fuzz(func(t *testing.T, before, after string) {
		old, now := splitLines(before), splitLines(after)
		added, removed := diffCount(lineDiff(before, after))
		if len(old)-removed != len(now)-added {
			t.Fatalf("%d lines less %d, %d lines less %d", len(old), removed, len(now), added)
		}
		for _, l := range lineDiff(before, after) {
			if l.Line > 0 && now[l.Line-1] != l.Text {
				t.Fatalf("line %d is %q, not %q", l.Line, now[l.Line-1], l.Text)
			}
		}
	})
}
