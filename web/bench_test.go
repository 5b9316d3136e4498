package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
)

// many returns n invented links.
func many(n int) []endpoint.Status {
	six := invented(time.Now())
	all := make([]endpoint.Status, n)
	for i := range all {
		all[i] = six[i%len(six)]
		all[i].ID = fmt.Sprintf("%012x", i)
		all[i].Name = fmt.Sprintf("%s %d", all[i].Name, i)
	}
	return all
}

// BenchmarkPage is the first page with 100 endpoints: the target is under 20 ms.
// kB is what goes over the wire with all that it needs: the target is under 150.
func BenchmarkPage(b *testing.B) {
	s, links, _, _ := newServer(b, nil)
	links.replace(many(100))
	r := request("GET", "/")
	r.Header.Set("Accept-Encoding", "gzip")
	size := 0
	for b.Loop() {
		w := do(s, r)
		size = w.Body.Len()
	}
	b.ReportMetric(float64(size+assetWeight())/1000, "kB")
}

// BenchmarkRefresh is one look at 100 links of which one changed, as happens at
// most twice a second for each language that somebody looks at.
func BenchmarkRefresh(b *testing.B) {
	links := many(100)
	board := newBoard(overviewPage, nil, painter{words: assets.Words("zh"), zone: time.UTC})
	rev := uint64(0)
	for b.Loop() {
		links[7].RoundTrip += time.Millisecond
		board.refresh(context.Background(), snapshot{at: noon, links: links}, func() uint64 { rev++; return rev })
	}
}

func assetWeight() int {
	total := 0
	for _, name := range []string{"app.css", "icon.svg", assets.PageScript} {
		f, _ := assets.Find(assets.Path(name))
		total += len(f.Gzip)
	}
	return total
}

// TestPageWeight holds the page with 100 endpoints under 150 kB, scripts included.
func TestPageWeight(t *testing.T) {
	s, links, _, _ := newServer(t, nil)
	links.replace(many(100))
	r := request("GET", "/")
	r.Header.Set("Accept-Encoding", "br, gzip")
	w := do(s, r)
	if w.Header().Get("Content-Encoding") != "gzip" {
		t.Fatal("the page is not compressed")
	}
	if total := w.Body.Len() + assetWeight(); total > 150_000 {
		t.Errorf("the page weighs %d bytes", total)
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil || !bytes.HasSuffix(body, []byte("</html>")) {
		t.Errorf("compressed page is cut: %v", err)
	}
	r.Header.Set("Accept-Encoding", "gzip;q=0")
	if w := do(s, r); w.Header().Get("Content-Encoding") != "" {
		t.Error("compressed against the browser's wish")
	}
}
