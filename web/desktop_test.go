package web

import (
	"net/http"
	"strings"
	"testing"

	"xiaozhi-switchboard/assets"
)

// TestTrayStates are shown where somebody can do something about them, and only there.
func TestTrayStates(t *testing.T) {
	for state, name := range map[TrayState]string{TrayNone: "none", TrayShown: "shown", TrayUnseen: "unseen", TrayLost: "lost", 9: "tray(9)"} {
		s := New(Deps{Desktop: fakeDesktop(state)}, &Options{Port: testPort})
		t.Cleanup(func() { s.Close() })
		page, report := do(s, request("GET", "/")), do(s, request("GET", "/api/v1/desktop"))
		if !strings.Contains(report.Body.String(), `"tray":"`+name+`"`) {
			t.Errorf("%v: %s", state, report.Body)
		}
		text := assets.Words("en").Say("tray.unseen")
		if want := state == TrayUnseen; strings.Contains(page.Body.String(), text) != want || strings.Contains(report.Body.String(), text) != want {
			t.Errorf("%v: %s\n%s", state, page.Body, report.Body)
		}
	}
	without := New(Deps{}, &Options{Port: testPort})
	t.Cleanup(func() { without.Close() })
	if w := do(without, request("GET", "/api/v1/desktop")); w.Code != http.StatusNotFound {
		t.Errorf("without a desktop: %d", w.Code)
	}
}
