package app

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"xiaozhi-switchboard/core/broker"
)

// BenchmarkIcon is how long it takes from the start of the process until a panel has
// the icon, and until it has the first menu, with ten endpoints. Target: the icon
// within 300 ms.
func BenchmarkIcon(b *testing.B) {
	far, base := practice(b, broker.Official)
	var names []string
	for i := range 10 {
		names = append(names, fmt.Sprint("endpoint ", i))
	}
	s := newSession(b, endpointsConfig(far, base, names...))
	s.panel = s.bus.NewPanel()
	var icon, menu time.Duration
	for range b.N {
		start := time.Now()
		icon += iconAfter(s)
		until(func() bool { return len(s.panel.Item().Menu()) > 10 })
		menu += time.Since(start)
		s.await()
		s.stop(syscall.SIGTERM)
	}
	b.ReportMetric(float64(icon.Microseconds())/1000/float64(b.N), "ms/icon")
	b.ReportMetric(float64(menu.Microseconds())/1000/float64(b.N), "ms/menu")
}

// iconAfter starts the program and returns how long it takes until the panel has its
// icon.
func iconAfter(s *session) time.Duration {
	before, start := s.panel.Item(), time.Now()
	s.begin("--autostart")
	until(func() bool { return s.panel.Item() != before && s.panel.Item().Icon() != nil })
	return time.Since(start)
}

// until looks often whether something is so.
func until(so func() bool) {
	for !so() {
		<-time.After(100 * time.Microsecond)
	}
}
