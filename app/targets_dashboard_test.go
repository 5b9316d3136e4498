package app

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// dashboard are the targets of the page, with 100 links: what the first page costs, and
// what many open tabs do.
func (m *measuring) dashboard() []target {
	p, _ := m.run(100, `"healthCheckInterval": 1000, "connectionTimeout": 10000`)
	defer m.stop(p)
	p.eventually("every link on the page", func() bool { return strings.Count(p.get("/"), `class="panel card up"`) == 100 })
	// Every link has had all the checks that its card shows.
	<-time.After(45 * time.Second)
	return append(append(m.firstPage(p), m.interactive(p)), m.tabs(p, 20)...)
}

// firstPage fetches the first page again and again, as a browser does that has nothing yet.
func (m *measuring) firstPage(p *program) []target {
	m.t.Helper()
	const visits = 100
	before, wire := processorTimeOf(m.t, p.cmd.Process.Pid), 0
	var took []time.Duration
	var page string
	for range visits {
		began := time.Now()
		body, size := m.fetch(p, "/")
		took, page, wire = append(took, time.Since(began)), body, size
		<-time.After(20 * time.Millisecond)
	}
	processor := (processorTimeOf(m.t, p.cmd.Process.Pid) - before) / visits
	for _, file := range slices.Compact(slices.Sorted(slices.Values(regexp.MustCompile(`/assets/[\w.-]+`).FindAllString(page, -1)))) {
		_, size := m.fetch(p, file)
		wire += size
	}
	slices.Sort(took)
	return []target{
		{"first page with 100 endpoints, p50", "", "20 ms", fmt.Sprintf("%v (p95 %v, processor %v)", took[visits/2].Round(100*time.Microsecond),
			took[visits*95/100].Round(100*time.Microsecond), processor.Round(100*time.Microsecond)), took[visits/2] < 20*time.Millisecond},
		{"all that the first page sends, compressed", "", "150 KB", fmt.Sprintf("%.1f KB", float64(wire)/1000), wire < 150_000},
	}
}

// fetch returns a body, and how many bytes of it were sent.
func (m *measuring) fetch(p *program, path string) (string, int) {
	m.t.Helper()
	r, err := http.NewRequest(http.MethodGet, strings.TrimSuffix(p.url, "/")+path, nil)
	if err != nil {
		m.t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip") // set by hand, so that what comes is as it was sent
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		m.t.Fatal(err)
	}
	defer got.Body.Close()
	counted := &counter{Reader: got.Body}
	var plain io.Reader = counted
	if got.Header.Get("Content-Encoding") == "gzip" {
		if plain, err = gzip.NewReader(counted); err != nil {
			m.t.Fatal(err)
		}
	}
	body, err := io.ReadAll(plain)
	if err != nil || got.StatusCode != http.StatusOK {
		m.t.Fatalf("%s: %s, %v", path, got.Status, err)
	}
	return string(body), int(counted.n.Load())
}

// counter counts what is read.
type counter struct {
	io.Reader
	n atomic.Int64
}

// Read counts.
func (c *counter) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// tabs follows pages in both languages while each link is checked every second, and looks at
// the processor time of the program, its links included.
func (m *measuring) tabs(p *program, n int) []target {
	m.t.Helper()
	var cards, bytes atomic.Int64
	for i := range n {
		lang := []string{"zh", "en"}[i%2]
		got, err := http.Get(strings.TrimSuffix(p.url, "/") + "/events?page=overview&lang=" + lang)
		if err != nil || got.StatusCode != http.StatusOK {
			m.t.Fatalf("stream: %v %v", got, err)
		}
		defer got.Body.Close()
		go func() {
			lines := bufio.NewScanner(got.Body)
			lines.Buffer(nil, 4<<20)
			for lines.Scan() {
				cards.Add(int64(strings.Count(lines.Text(), `hx-target="#link-`)))
				bytes.Add(int64(len(lines.Bytes()) + 1))
			}
		}()
	}
	<-time.After(5 * time.Second)
	seen, sent, before := cards.Load(), bytes.Load(), processorTimeOf(m.t, p.cmd.Process.Pid)
	const span = 30 * time.Second
	<-time.After(span)
	share := float64(processorTimeOf(m.t, p.cmd.Process.Pid)-before) / float64(span)
	seen, sent = cards.Load()-seen, bytes.Load()-sent
	each := float64(seen) / span.Seconds() / float64(n)
	if each < 20 {
		m.t.Fatalf("a tab saw only %.0f cards change each second", each)
	}
	size := float64(sent) / float64(seen)
	return []target{
		{"update of one card", "", "2 KB", fmt.Sprintf("%.2f KB", size/1000), size < 2000},
		{fmt.Sprintf("%d open tabs, 100 links that change every second, of one core", n), "", "5 %",
			fmt.Sprintf("%.1f %% (%.0f cards a second each)", share*100, each), share < 0.05},
	}
}

// interactive is how long Chromium takes from the start of a visit until the scripts of the
// page have run, with nothing in its cache.
func (m *measuring) interactive(p *program) target {
	m.t.Helper()
	b := openTab(m.t, true)
	_, err := chromedp.Call(b.ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	b.must(err)
	var took []time.Duration
	for range 11 {
		b.open(p.url)
		b.holds(`document.readyState === "complete"`)
		ms, err := chromedp.Run(b.ctx, chromedp.Evaluate[float64](`performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd`))
		b.must(err)
		took = append(took, time.Duration(ms*float64(time.Millisecond)))
	}
	took = took[1:] // the first also starts the browser
	half := median(took)
	return target{"first page interactive in Chromium, p50", "", "300 ms", fmt.Sprintf("%v (worst %v)", half.Round(time.Millisecond), slices.Max(took).Round(time.Millisecond)), half < 300*time.Millisecond}
}

// TestTargetsOfTheDashboard measures the dashboard of the whole program with 100 endpoints,
// and prints a table as TestTargets does. With -targets it also fails for what is missed.
func TestTargetsOfTheDashboard(t *testing.T) {
	if !*measureTargets {
		t.Skip("measures for minutes; run it with -targets")
	}
	m := &measuring{t: t, far: startFarSide(t), binary: buildProgram(t)}
	table := m.dashboard()
	t.Log(printed("measured on the dashboard with 100 endpoints", table))
	for _, r := range table {
		if !r.met {
			t.Errorf("missed: %s", r.what)
		}
	}
}
