package web

import (
	"bytes"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"xiaozhi-switchboard/core/secret"
)

// newRegistry returns a registry of our own: what we count, and what the Go runtime
// and the operating system say of the process. It costs nothing until it is asked.
func newRegistry(p Performance, version string) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(
		&collector{performance: p, version: version},
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return r
}

// metrics answers in the text format of Prometheus, whatever the scraper would like
// better: all of them read it.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	text, err := s.metricsText()
	if err != nil {
		s.log.Error("metrics cannot be written", "error", secret.Text(err.Error()))
		s.refuse(w, r, kindAPI, "internal")
		return
	}
	s.write(w, r, http.StatusOK, string(metricsFormat), text)
}

// metricsFormat is the text format.
var metricsFormat = expfmt.NewFormat(expfmt.TypeTextPlain)

// metricsText is all that is counted, as text.
func (s *Server) metricsText() ([]byte, error) {
	families, err := s.registry.Gather()
	if err != nil {
		// What could be gathered is good still.
		s.log.Error("some metrics cannot be gathered", "error", secret.Text(err.Error()))
	}
	var b bytes.Buffer
	enc := expfmt.NewEncoder(&b, metricsFormat)
	for _, family := range families {
		if err := enc.Encode(family); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}
