package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web"
)

// noteColumns is how much of a sentence a table shows.
const noteColumns = 76

type statusCmd struct {
	placeFlags
	outputFlags
}

// fileProblem is what is wrong with the configuration file, as the API has it. Line 0 is
// unknown.
type fileProblem struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Key     string `json:"key,omitempty"`
	Message string `json:"message"`
}

// line is the problem with its place.
func (p fileProblem) line(words *assets.Translator) string {
	text := printable(p.Message)
	if p.Key != "" {
		text = words.Say("problem.in.key", "key", printable(p.Key), "text", text)
	}
	if p.Line > 0 {
		text = words.Say("problem.in.line", "line", strconv.Itoa(p.Line), "column", strconv.Itoa(p.Column), "text", text)
	}
	return text
}

// statusReport is the answer of "status --json". Problems, connections and servers are
// those of the API.
type statusReport struct {
	PID         int             `json:"pid"`
	URL         string          `json:"url"`
	Config      string          `json:"config"`
	Problems    []fileProblem   `json:"problems"`
	Connections json.RawMessage `json:"connections"`
	Servers     json.RawMessage `json:"servers"`
}

// linkReport is what commands read of a connection of the API.
type linkReport struct {
	ID                  string    `json:"id"`
	Name                string    `json:"name"`
	Endpoint            string    `json:"endpoint"`
	Agent               string    `json:"agent"`
	Role                string    `json:"role"`
	State               string    `json:"state"`
	Kind                string    `json:"kind"`
	Missing             string    `json:"missing"`
	Code                int       `json:"code"`
	Expires             time.Time `json:"tokenExpires"`
	Sockets             uint64    `json:"socket"`
	Connected           bool      `json:"connected"`
	ReconnectAttempts   int       `json:"reconnectAttempts"`
	HealthScore         int       `json:"healthScore"`
	ResponseTime        *float64  `json:"responseTime"`
	ConsecutiveFailures int       `json:"consecutiveFailures"`
	// off: it is switched off in the configuration. Connections do not tell; see running.off.
	off bool
}

// candidate is the link as something to choose.
func (l linkReport) candidate() candidate {
	return candidate{l.ID, l.Name, l.Agent, hostOf(l.Endpoint)}
}

// hostOf is the host of a masked address.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return printable(address)
	}
	return u.Host
}

// health puts the state into the words of the pages, and says what is wrong.
func (l linkReport) health(words *assets.Translator, now time.Time) (state, cause string) {
	if l.off && l.State == endpoint.Paused.String() {
		return words.Say("state.off"), ""
	}
	s := endpoint.Status{Code: l.Code, Sockets: l.Sockets, ReconnectAttempts: l.ReconnectAttempts, Score: endpoint.Score{Value: l.HealthScore, Success: 1}}
	s.Expires = l.Expires
	for state := endpoint.Paused; state <= endpoint.Failed; state++ {
		if state.String() == l.State {
			s.State = state
		}
	}
	for kind := endpoint.KindNone; kind <= endpoint.KindStopped; kind++ {
		if kind.String() == l.Kind {
			s.Kind = kind
		}
	}
	for missing := endpoint.MissingNothing; missing <= endpoint.MissingList; missing++ {
		if missing.String() == l.Missing {
			s.Missing = missing
		}
	}
	if l.ResponseTime != nil {
		s.RoundTrip = time.Duration(*l.ResponseTime * float64(time.Millisecond))
	}
	h := web.HealthOf(s, now)
	if h.Cause != "" {
		cause = words.Say(h.Cause)
	}
	return words.Say(h.Word), cause
}

// off marks the links that are switched off in the configuration.
func (r *running) off(ctx context.Context, links []linkReport) error {
	var known struct{ Endpoints []web.EndpointView }
	if err := r.read(ctx, "/api/v1/endpoints", &known); err != nil {
		return err
	}
	for i, l := range links {
		links[i].off = slices.ContainsFunc(known.Endpoints, func(e web.EndpointView) bool { return e.ID == l.ID && !e.Enabled })
	}
	return nil
}

// cells are the link's part of a row: its state, score, round-trip time and trouble.
func (l linkReport) cells(words *assets.Translator, now time.Time) []string {
	state, cause := l.health(words, now)
	score, trip := "", ""
	if l.Sockets > 0 || l.ConsecutiveFailures > 0 {
		score = strconv.Itoa(l.HealthScore)
	}
	if l.Connected && l.ResponseTime != nil {
		ms := strconv.FormatFloat(*l.ResponseTime, 'f', 0, 64)
		if *l.ResponseTime < 1 {
			ms = "<1"
		}
		trip = words.Say("unit.ms", "time", ms)
	}
	return []string{state, score, trip, clip(cause, noteColumns)}
}

// Run says how everything is.
func (s *statusCmd) Run(c *console) error {
	r, err := s.need(c)
	if err != nil {
		return err
	}
	report := statusReport{PID: r.PID, URL: r.URL, Config: r.Config}
	var (
		links   []linkReport
		servers []struct{ Name, Kind, State, ProblemText string }
		tools   []json.RawMessage
		file    struct{ Problems []fileProblem }
	)
	if err := r.read(c.ctx, "/api/v1/settings/file", &file); err != nil {
		return err
	}
	if report.Problems = file.Problems; report.Problems == nil {
		report.Problems = []fileProblem{}
	}
	if err := r.read(c.ctx, "/api/v1/connections", &report.Connections, &links); err != nil {
		return err
	}
	if err := r.read(c.ctx, "/api/v1/servers", &report.Servers, &servers); err != nil {
		return err
	}
	if s.JSON {
		return writeJSON(c.out, report)
	}
	if err := r.read(c.ctx, "/api/v1/tools", &tools); err != nil {
		return err
	}
	if err := r.off(c.ctx, links); err != nil {
		return err
	}
	up, ready := 0, 0
	for _, l := range links {
		if l.Connected {
			up++
		}
	}
	for _, s := range servers {
		if s.State == web.ServerReady.String() {
			ready++
		}
	}
	fmt.Fprintln(c.out, c.words.Say("cli.running", "pid", strconv.Itoa(r.PID), "url", r.URL))
	fmt.Fprintln(c.out, c.words.Say("run.file", "path", r.Config))
	for _, p := range report.Problems {
		fmt.Fprintln(c.out, marks["down"], p.line(c.words))
	}
	if len(report.Problems) > 0 {
		fmt.Fprintln(c.out, c.words.Say("status.broken"))
	}
	fmt.Fprintln(c.out, c.words.Say("status.links", "up", up, "all", len(links)))
	fmt.Fprintln(c.out, c.words.Say("status.servers", "ready", ready, "all", len(servers), "tools", len(tools)))
	if len(links) > 0 {
		rows, now := [][]string{headings(c.words, "endpoint", "id", "state", "score", "trip", "note")}, time.Now()
		for _, l := range links {
			rows = append(rows, append([]string{l.candidate().label(c.words), l.ID}, l.cells(c.words, now)...))
		}
		fmt.Fprintln(c.out)
		writeTable(c.out, rows)
	}
	if len(servers) > 0 {
		rows := [][]string{headings(c.words, "server", "kind", "state", "note")}
		for _, s := range servers {
			kind := "kind." + s.Kind
			if text := c.words.Say(kind); text != kind {
				s.Kind = text
			}
			rows = append(rows, []string{secret.Text(s.Name), s.Kind, c.words.Say("server." + s.State), clip(printable(s.ProblemText), noteColumns)})
		}
		fmt.Fprintln(c.out)
		writeTable(c.out, rows)
	}
	return nil
}

// headings are the titles of columns.
func headings(words *assets.Translator, names ...string) []string {
	for i, name := range names {
		names[i] = words.Say("column." + name)
	}
	return names
}

// expiry says until when a token is good; empty when it does not tell.
func expiry(words *assets.Translator, until, now time.Time) string {
	if until.IsZero() {
		return ""
	}
	day := until.Local().Format(words.Say("time.day"))
	return words.Say(cmp.Or(map[bool]string{true: "expiry.over"}[until.Before(now)], "expiry.until"), "day", day)
}
