package web

import (
	"regexp"
	"strings"
	"testing"
)

// TestAPIPage holds that the page tells every request of the API, once.
func TestAPIPage(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	doc, err := apiDocument()
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	for _, part := range doc.Parts {
		for _, r := range part.Requests {
			told[r.Method+" "+r.Path]++
			if r.Summary == "" || r.Answer == "" {
				t.Errorf("%s %s says nothing", r.Method, r.Path)
			}
		}
	}
	for _, r := range s.routes {
		if n := told[r.method+" "+r.pattern]; n != 1 && r.isAPI() {
			t.Errorf("%s %s is told %d times", r.method, r.pattern, n)
		}
	}
	page := do(s, request("GET", apiPath+"?lang=en")).Body.String()
	for _, want := range []string{"/api/v1/events", "1–500", "15m, 1h, 24h", "≥ 0", "RFC 3339", "Plays a cloud that calls a tool."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	seen := map[string]bool{}
	for _, id := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if seen[id[1]] {
			t.Errorf("%s is there twice", id[1])
		}
		seen[id[1]] = true
	}
}
