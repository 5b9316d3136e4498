package web

import (
	"net/http"
	"strconv"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/secret"
)

// AnomalyView is something unusual that lasts or lasted.
type AnomalyView struct {
	// Kind is one of the names in the table of anomalyText; another one gets a sentence
	// that says little.
	Kind string `json:"kind"`
	// ID is the link that it is about; empty when it is about none. Subject is the name
	// to show.
	ID      string    `json:"id,omitempty"`
	Subject string    `json:"subject,omitempty"`
	Since   time.Time `json:"since"`
	// Until is when it ended; zero while it lasts.
	Until time.Time `json:"until,omitzero"`
	// Value is the reading that is unusual, and Usual what it should be about, in the
	// unit of the kind; see anomalyText.
	Value float64 `json:"value"`
	Usual float64 `json:"usual,omitempty"`
	// Text says in the language of the answer what is unusual and what to do. Server
	// fills it in.
	Text string `json:"text"`
	// Detail is the technical side, in English; empty when there is none.
	Detail string `json:"detail,omitempty"`
}

// anomalyText says what is unusual, by the kind:
//
//	kind            value                                usual
//	flapping        drops within ten minutes
//	takeover        takeovers within a minute
//	overdue_ping    milliseconds since the ping
//	rtt_spike       round-trip time in milliseconds      its baseline
//	clock_skew      seconds that our clock is ahead; negative when it is behind
//	token_expiring  days left, rounded down
//	token_expired   days since
//	memory_growth   bytes an hour
func anomalyText(words *assets.Translator, a AnomalyView) string {
	p := painter{words: words}
	name := secret.Text(a.Subject)
	whole := int(a.Value)
	milliseconds := func(v float64) string { return p.duration(time.Duration(v * float64(time.Millisecond))) }
	switch a.Kind {
	case "flapping", "takeover", "token_expiring":
		return words.Say("anomaly."+a.Kind, "name", name, "n", whole)
	case "overdue_ping":
		return words.Say("anomaly.overdue_ping", "name", name, "time", milliseconds(a.Value))
	case "rtt_spike":
		return words.Say("anomaly.rtt_spike", "name", name, "time", milliseconds(a.Value), "usual", milliseconds(a.Usual))
	case "clock_skew":
		if whole < 0 {
			return words.Say("anomaly.clock_skew.behind", "name", name, "n", -whole)
		}
		return words.Say("anomaly.clock_skew.ahead", "name", name, "n", whole)
	case "token_expired":
		return words.Say("anomaly.token_expired", "name", name)
	case "memory_growth":
		return words.Say("anomaly.memory_growth", "size", strconv.FormatFloat(a.Value/(1<<20), 'f', 1, 64))
	}
	return words.Say("anomaly.other", "name", name)
}

// anomalies lists what is unusual.
func (s *Server) anomalies(w http.ResponseWriter, r *http.Request) {
	if s.deps.Performance == nil {
		s.refuse(w, r, kindAPI, "unavailable")
		return
	}
	s.json(w, r, http.StatusOK, sayAnomalies(s.words(r), s.deps.Performance.Performance().Anomalies))
}

// sayAnomalies returns a copy with sentences and without secrets; it never is nil.
func sayAnomalies(words *assets.Translator, list []AnomalyView) []AnomalyView {
	list = append([]AnomalyView{}, list...)
	for i := range list {
		list[i].Text = anomalyText(words, list[i])
		list[i].Subject, list[i].Detail = secret.Text(list[i].Subject), secret.Text(list[i].Detail)
	}
	return list
}
