package web

import (
	"archive/zip"
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web/ui"
)

const (
	// bundlesKept is how many bundles that were looked at can still be saved as they were.
	bundlesKept = 2
	// bundleShown is how much of a file a page shows.
	bundleShown = 48 << 10
)

// readme says what a bundle is, in the language of whoever made it.
func (b *bundle) readme(words *assets.Translator) string {
	var t strings.Builder
	t.WriteString(words.Say("diagnostics.readme", "time", b.made.UTC().Format(time.RFC3339), "hidden", secret.Hidden) + "\n\n")
	for _, f := range b.files {
		t.WriteString(f.name + ": " + words.Say(f.about) + "\n")
	}
	return t.String()
}

// name is the name of the bundle as a folder and, with an ending, as a file.
func (b *bundle) name(zone *time.Location) string {
	return "xiaozhi-switchboard-diagnostics-" + b.made.In(zone).Format("20060102-150405")
}

// packed is the bundle as a zip file, all in one folder.
func (b *bundle) packed() ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range b.files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: b.name(time.UTC) + "/" + f.name, Method: zip.Deflate, Modified: b.made.UTC()})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(f.text)); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return out.Bytes(), err
}

// showBundle makes a bundle and shows all that is in it.
func (s *Server) showBundle(w http.ResponseWriter, r *http.Request) {
	b, ok := s.bundleFor(w, r, kindPage)
	if !ok {
		return
	}
	words := s.words(r)
	p := painter{words: words, zone: s.options.Zone}
	v := p.bundle(b, "/activity/diagnostics/download?bundle="+s.bundles.keep(b))
	v.Activity = p.activityTop(s.parts, "diagnostics")
	s.still(w, r, http.StatusOK, words.Say("activity.tab.diagnostics"), "activity", ui.DiagnosticsPage(v, words.Say))
}

// bundle shows a bundle that can be saved at an address.
func (p painter) bundle(b *bundle, download string) ui.Diagnostics {
	v := ui.Diagnostics{Download: download, Size: p.bytes(uint64(len(b.zip))), Made: p.moment(b.made, b.made, "diagnostics.made")}
	hidden := 0
	for _, f := range b.files {
		shown := ui.BundleFile{Name: f.name, About: p.say(f.about), Size: p.bytes(uint64(len(f.text))), Text: f.text}
		hidden += f.hidden
		if f.hidden > 0 {
			shown.Hidden = p.say("diagnostics.hidden", "n", f.hidden)
		}
		if f.refused {
			shown.Note = p.say("diagnostics.refused")
		}
		if len(f.text) > bundleShown {
			shown.Text = strings.ToValidUTF8(f.text[:bundleShown], "")
			shown.Note = p.say("diagnostics.more", "shown", p.bytes(bundleShown), "size", shown.Size)
		}
		v.Files = append(v.Files, shown)
	}
	v.Summary = p.say("diagnostics.summary", "n", len(b.files), "size", v.Size, "hidden", p.words.Number(hidden))
	return v
}

// saveBundle answers with the bundle that was looked at, or, when that is too long ago,
// with a fresh one.
func (s *Server) saveBundle(w http.ResponseWriter, r *http.Request) {
	b, ok := s.bundles.find(r.URL.Query().Get("bundle"))
	if !ok {
		if b, ok = s.bundleFor(w, r, kindPage); !ok {
			return
		}
	}
	s.sendBundle(w, r, b)
}

// bundleCommand is the same for programs, always fresh.
func (s *Server) bundleCommand(w http.ResponseWriter, r *http.Request) {
	if b, ok := s.bundleFor(w, r, kindAPI); ok {
		s.sendBundle(w, r, b)
	}
}

func (s *Server) sendBundle(w http.ResponseWriter, r *http.Request, b *bundle) {
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="`+b.name(s.options.Zone)+`.zip"`)
	h.Set("Content-Length", strconv.Itoa(len(b.zip)))
	if r.Method != http.MethodHead {
		w.Write(b.zip) // a browser that went away is none of our business
	}
}
