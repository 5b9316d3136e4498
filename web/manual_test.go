package web

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/web/ui"
)

// TestManualsAgree holds the manuals of all languages to the same chapters.
func TestManualsAgree(t *testing.T) {
	all, err := manuals()
	if err != nil {
		t.Fatal(err)
	}
	shape := func(lang string) (ids []string) {
		for _, h := range all[lang].headings {
			ids = append(ids, strings.Repeat("#", h.Level)+" "+h.ID)
		}
		for _, part := range all[lang].parts {
			ids = append(ids, "insert "+part.insert)
		}
		return ids
	}
	want := shape(assets.Fallback)
	if len(want) < 30 {
		t.Fatalf("the manual has only %v", want)
	}
	for _, lang := range assets.Languages() {
		if got := shape(lang); !slices.Equal(got, want) {
			t.Errorf("%s has %v, want %v", lang, got, want)
		}
	}
}

var (
	links    = regexp.MustCompile(`href="([^"]*)"`)
	requests = regexp.MustCompile(`<code>(GET|POST|PATCH|DELETE) (/[^<]*)</code>`)
)

// TestManualLeadsSomewhere follows every link of the manual, and holds the requests
// that it names against the routes.
func TestManualLeadsSomewhere(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	all, err := manuals()
	if err != nil {
		t.Fatal(err)
	}
	for lang, m := range all {
		named := 0
		for _, part := range m.parts {
			for _, link := range links.FindAllStringSubmatch(part.html, -1) {
				if id, ok := strings.CutPrefix(link[1], "#"); ok {
					if !slices.ContainsFunc(m.headings, func(h ui.Heading) bool { return h.ID == id }) {
						t.Errorf("%s: there is no chapter %s", lang, id)
					}
					continue
				}
				path, id, _ := strings.Cut(link[1], "#")
				if w := do(s, request("GET", path)); w.Code != http.StatusOK || id != "" && !strings.Contains(w.Body.String(), `id="`+id+`"`) {
					t.Errorf("%s: %s leads to %d", lang, link[1], w.Code)
				}
			}
			for _, r := range requests.FindAllStringSubmatch(part.html, -1) {
				named++
				if !slices.ContainsFunc(s.routes, func(known route) bool { return known.method == r[1] && known.pattern == r[2] }) {
					t.Errorf("%s: there is no %s %s", lang, r[1], r[2])
				}
			}
		}
		if named < 10 {
			t.Errorf("%s: only %d requests are found", lang, named)
		}
	}
}

func TestManualWantsIDs(t *testing.T) {
	if _, err := readManual("## No id\n"); err == nil {
		t.Error("a heading without an id passes")
	}
	m, err := readManual("## A {#a}\n\n<script>x</script>\n\n{{options}}\n\n### B {#b}\n")
	if err != nil || len(m.parts) != 3 || m.parts[1].insert != "options" || len(m.headings) != 2 {
		t.Errorf("%+v %v", m, err)
	}
	if strings.Contains(m.parts[0].html, "<script") {
		t.Error("HTML passes")
	}
}
