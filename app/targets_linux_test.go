package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDesktopTargets measures the program as people have it, with its icon in a panel,
// against the targets for a desktop, and prints a table:
//
//	go test -run TestDesktopTargets -v ./app -targets
//
// Like TestTargets it fails where something cannot be measured, never for a time.
func TestDesktopTargets(t *testing.T) {
	if !*measureTargets {
		t.Skip("measures for minutes; run it with -targets")
	}
	d := &deskMeasuring{t: t, far: startFarSide(t)}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-58s %-14s %s\n", "measured with ten endpoints and a tray icon", "target", "result")
	for _, r := range d.table() {
		mark := "met"
		if !r.met {
			mark = "MISSED"
		}
		fmt.Fprintf(&b, "%-58s %-14s %s (%s)\n", r.what, r.ours, r.measured, mark)
	}
	t.Log(b.String())
}

// deskMeasuring is the program on a desktop that a test plays.
type deskMeasuring struct {
	t   *testing.T
	far *farSide
}

// deskLinks is how many endpoints the targets for a desktop are about.
const deskLinks = 10

func (d *deskMeasuring) table() []target {
	d.t.Helper()
	var urls []string
	for _, ep := range d.far.endpoints(deskLinks, false) {
		urls = append(urls, ep.URL.Reveal())
	}
	list, err := json.Marshal(urls)
	if err != nil {
		d.t.Fatal(err)
	}
	s := newSession(d.t, fmt.Sprintf(`{"mcpEndpoint": %s}`, list))
	s.panel = s.bus.NewPanel()
	var icons []time.Duration
	for range 9 {
		icons = append(icons, iconAfter(s))
		s.await()
		s.stop(syscall.SIGTERM)
		d.far.waitListed(0)
	}
	icon := median(icons)

	s.launch("--autostart")
	d.far.waitListed(deskLinks)
	s.looks("green")
	<-time.After(20 * time.Second) // the start is over
	pid := s.cmd.Process.Pid
	before := processorTimeOf(d.t, pid)
	const span = 2 * time.Minute
	<-time.After(span)
	share := float64(processorTimeOf(d.t, pid)-before) / float64(span)
	resident := float64(residentOf(d.t, pid)) / (1 << 20)
	s.stop(syscall.SIGTERM)
	return []target{
		{"start of the process to the icon, median of 9", "", "300 ms", icon.Round(time.Millisecond).String(), icon <= 300*time.Millisecond},
		{"processor time when idle, of one core", "", "0.1 %", fmt.Sprintf("%.3f %%", share*100), share <= 0.001},
		{"resident memory", "", "40 MiB", fmt.Sprintf("%.1f MiB", resident), resident <= 40},
	}
}
