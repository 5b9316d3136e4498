package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web"
)

type endpointCmd struct {
	List      endpointListCmd   `cmd:"" help:"${help_endpoint_list}"`
	Add       endpointAddCmd    `cmd:"" help:"${help_endpoint_add}"`
	Remove    endpointRemoveCmd `cmd:"" help:"${help_endpoint_remove}"`
	Pause     pauseCmd          `cmd:"" help:"${help_endpoint_pause}"`
	Resume    resumeCmd         `cmd:"" help:"${help_endpoint_resume}"`
	Reconnect reconnectCmd      `cmd:"" help:"${help_endpoint_reconnect}"`
}

type endpointListCmd struct {
	fileFlags
	outputFlags
}

// endpointReport is an element of the answer of "endpoint list --json": the endpoint of
// the API with its connection, which is null while the program does not run.
type endpointReport struct {
	web.EndpointView
	Connection json.RawMessage `json:"connection"`
	link       *linkReport
}

// candidate is the endpoint as something to choose.
func (e endpointReport) candidate() candidate {
	return candidate{e.ID, e.Name, e.Agent, hostOf(e.Endpoint)}
}

// Run lists the endpoints of the configuration, and beside them those that the program
// was started with.
func (l *endpointListCmd) Run(c *console) error {
	path, r, err := l.file(c)
	if err != nil {
		return err
	}
	list, err := endpointReports(c, path, r)
	if err != nil {
		return err
	}
	if l.JSON {
		return writeJSON(c.out, struct {
			Running   bool             `json:"running"`
			Config    string           `json:"config"`
			Endpoints []endpointReport `json:"endpoints"`
		}{r != nil, path, list})
	}
	if len(list) == 0 {
		fmt.Fprintln(c.out, c.words.Say("endpoint.none", "path", path))
		return nil
	}
	rows, now := [][]string{headings(c.words, "endpoint", "id", "host", "token", "state", "score", "trip", "note")}, time.Now()
	for _, e := range list {
		state := c.words.Say("state.off")
		if e.Enabled {
			state = c.words.Say("state.notrunning")
		}
		cells := []string{state, "", "", ""}
		if e.link != nil && (e.Enabled || e.link.Connected) {
			cells = e.link.cells(c.words, now)
		}
		rows = append(rows, append([]string{e.candidate().label(c.words), e.ID, hostOf(e.Endpoint), expiry(c.words, e.Expires, now)}, cells...))
	}
	writeTable(c.out, rows)
	return nil
}

// endpointReports are the endpoints of a program that runs, or of the file.
func endpointReports(c *console, path string, r *running) ([]endpointReport, error) {
	list := []endpointReport{}
	if r == nil {
		configured, err := readConfig(c, path)
		if err != nil {
			return nil, err
		}
		for _, e := range configured.Endpoints {
			list = append(list, endpointReport{EndpointView: web.EndpointOf(e)})
		}
		return list, nil
	}
	var known struct{ Endpoints []web.EndpointView }
	if err := r.read(c.ctx, "/api/v1/endpoints", &known); err != nil {
		return nil, err
	}
	var (
		raw   []json.RawMessage
		links []linkReport
	)
	if err := r.read(c.ctx, "/api/v1/connections", &raw, &links); err != nil {
		return nil, err
	}
	for _, e := range known.Endpoints {
		list = append(list, endpointReport{EndpointView: e})
	}
	for i := range links {
		l, place := &links[i], -1
		for j, e := range list {
			if e.ID == l.ID {
				place = j
			}
		}
		if place < 0 { // not of the file
			place = len(list)
			list = append(list, endpointReport{EndpointView: web.EndpointView{ID: l.ID, Name: l.Name, Endpoint: l.Endpoint, Agent: l.Agent, Role: l.Role, Expires: l.Expires, Enabled: true, HealthCheck: true}})
		}
		list[place].Connection, list[place].link = raw[i], l
	}
	return list, nil
}

// readConfig reads a configuration file; a missing one is a sentence.
func readConfig(c *console, path string) (*config.Config, error) {
	text, err := config.ReadFile(path)
	if missing := (*config.FileError)(nil); errors.As(err, &missing) && missing.Code == config.FileMissing {
		return nil, absent(c.words, path)
	}
	if err != nil {
		return nil, &exit{ExitConfig, err}
	}
	parsed, err := config.Parse(text, os.LookupEnv)
	if err != nil {
		return nil, broken(c, path, err)
	}
	return parsed, nil
}

// broken says what is wrong with the text of a configuration file, and in which file.
func broken(c *console, path string, err error) error {
	text := web.ErrorText(c.words, err)
	if list := (*config.ProblemsError)(nil); errors.As(err, &list) && len(list.Problems) > 1 {
		text = "\n" + text
	}
	if file := (*config.FileError)(nil); !errors.As(err, &file) { // which names it
		text = c.words.Say("problem.in.file", "path", path, "text", text)
	}
	return &exit{ExitConfig, errors.New(text)}
}

// momentFlags are those of what is done to links for the moment.
type momentFlags struct {
	Name string `arg:"" optional:"" complete:"endpoint" help:"${help_endpoint_name}"`
	All  bool   `help:"${help_endpoint_all}"`
	placeFlags
	outputFlags
	until time.Time // when a pause ends; zero for none
}

type pauseCmd struct {
	momentFlags
	For patience `placeholder:"DURATION" help:"${help_endpoint_for}"`
}

// Run pauses links, for good or for a time.
func (p *pauseCmd) Run(c *console) error {
	if time.Duration(p.For) > web.MaxRest {
		return &exit{ExitUsage, errors.New(c.words.Say("endpoint.toolong"))}
	}
	var send any
	if p.For > 0 {
		minutes := (time.Duration(p.For) + time.Minute - 1) / time.Minute
		send = map[string]int64{"minutes": int64(minutes)}
		p.until = time.Now().Add(minutes * time.Minute)
	}
	return p.do(c, "pause", send)
}

type resumeCmd struct{ momentFlags }

// Run ends the pause of links.
func (r *resumeCmd) Run(c *console) error { return r.do(c, "resume", nil) }

type reconnectCmd struct{ momentFlags }

// Run dials links anew.
func (r *reconnectCmd) Run(c *console) error { return r.do(c, "reconnect", nil) }

// do does something to the links that are meant, and shows them as they are after it: as
// JSON the connection of the API, or with --all a list of them.
func (m *momentFlags) do(c *console, verb string, send any) error {
	if (m.Name == "") != m.All {
		return &exit{ExitUsage, errors.New(c.words.Say("endpoint.which"))}
	}
	r, err := m.need(c)
	if err != nil {
		return err
	}
	var links []linkReport
	if err := r.read(c.ctx, "/api/v1/connections", &links); err != nil {
		return err
	}
	if !m.All {
		var list []candidate
		for _, l := range links {
			list = append(list, l.candidate())
		}
		i, err := choose(c.words, list, m.Name)
		if err != nil {
			return err
		}
		links = links[i : i+1]
	}
	if !m.JSON {
		if err := r.off(c.ctx, links); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(c.ctx, askTime)
	defer cancel()
	all := []json.RawMessage{}
	for _, l := range links {
		after, err := r.ask(ctx, http.MethodPost, "/api/v1/connections/"+l.ID+"/"+verb, send)
		var no *refusal
		if m.All && errors.As(err, &no) && no.Code == "unknown_endpoint" {
			continue // it has gone meanwhile
		}
		if err != nil {
			return err
		}
		if err := json.Unmarshal(after, &l); err != nil {
			return errors.New(c.words.Say("cli.strange", "url", r.URL))
		}
		if !m.All && verb != "pause" && l.State == endpoint.Paused.String() {
			return m.atRest(ctx, c, r, l)
		}
		all = append(all, after)
		if !m.JSON {
			state, _ := l.health(c.words, time.Now())
			if !m.until.IsZero() && !l.off {
				state = c.words.Say("tray.paused.until", "time", m.until.Format(c.words.Say("time.date")))
			}
			fmt.Fprintln(c.out, c.words.Say("endpoint.now", "name", l.candidate().label(c.words), "state", state))
		}
	}
	switch {
	case m.JSON && m.All:
		return writeJSON(c.out, all)
	case m.JSON:
		return writeJSON(c.out, all[0])
	case len(all) == 0:
		fmt.Fprintln(c.out, c.words.Say("choose.none"))
	}
	return nil
}

// atRest says why a link stays paused that should work again.
func (m *momentFlags) atRest(ctx context.Context, c *console, r *running, l linkReport) error {
	name := l.candidate().label(c.words)
	var known web.EndpointView
	text, err := r.ask(ctx, http.MethodGet, "/api/v1/endpoints/"+l.ID, nil)
	if err == nil && json.Unmarshal(text, &known) == nil && !known.Enabled {
		return errors.New(c.words.Say("endpoint.isoff", "name", name, "path", r.Config))
	}
	return errors.New(c.words.Say("endpoint.ispaused", "name", name, "id", l.ID))
}
