package ui

import (
	"strings"
	"testing"
)

// TestLongNamesAreWhole holds that a name which a list may shorten can be read all the same.
func TestLongNamesAreWhole(t *testing.T) {
	for name, want := range map[string]bool{"Study": false, strings.Repeat("long", 12): true} {
		var b strings.Builder
		if err := linkTo(Link{Name: name}).Render(t.Context(), &b); err != nil || strings.Contains(b.String(), `title="`+name+`"`) != want {
			t.Errorf("%s: %s %v", name, b.String(), err)
		}
	}
}
