package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
)

// Diagnostics is what a bundle for whoever helps needs beside what the API shows.
// Implementations must be safe for concurrent use.
type Diagnostics interface {
	// About describes the program and the computer.
	About() AboutView
	// Secrets are all credentials that are known: none of them may be in a bundle.
	Secrets() *secret.Known
}

// AboutView is what the program is and where it runs.
type AboutView struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Day     string `json:"day,omitempty"`
	Go      string `json:"go"`
	// System is the operating system and the architecture, such as linux/amd64.
	System     string       `json:"system"`
	Processors int          `json:"processors"`
	Started    time.Time    `json:"started"`
	Uptime     Milliseconds `json:"uptimeMs"`
	// Language is the one of the system, Desktop whether there is a tray, and Demo whether
	// the endpoints are invented.
	Language string `json:"language"`
	Desktop  bool   `json:"desktop"`
	Demo     bool   `json:"demo"`
	Config   string `json:"config,omitempty"`
	Data     string `json:"data,omitempty"`
	// Home is the user's folder; a bundle has ~ in its place.
	Home string `json:"-"`
	// Build lists what the program was built from.
	Build string `json:"-"`
}

const (
	// maxBundleFile bounds each file of a bundle, and so all of it.
	maxBundleFile = 512 << 10
	// bundledRows is how many of the last events, calls and failovers are in a bundle.
	bundledRows = 200
	// shortestHome is what a home folder must have to be looked for.
	shortestHome = 4
)

// bundle is a set of files that tell how the program does, without credentials.
type bundle struct {
	made  time.Time
	files []bundleFile
	zip   []byte
}

// bundleFile is one file of a bundle.
type bundleFile struct {
	name string
	// about is the key of the text that says what it is.
	about string
	text  string
	// hidden is how many credentials were masked in it. Cut: it was longer. Refused: a
	// credential would not be masked, so the file says that and nothing else.
	hidden       int
	cut, refused bool
}

// bundleParts are the files of a bundle, in their order, and how to make them.
var bundleParts = []struct {
	name, about string
	make        func(s *Server, words *assets.Translator) ([]byte, error)
}{
	{"about.json", "diagnostics.file.about", func(s *Server, _ *assets.Translator) ([]byte, error) {
		return indented(s.deps.Diagnostics.About())
	}},
	{"build.txt", "diagnostics.file.build", func(s *Server, _ *assets.Translator) ([]byte, error) {
		return []byte(s.deps.Diagnostics.About().Build), nil
	}},
	{"config.json", "diagnostics.file.config", (*Server).bareConfig},
	{"config-problems.txt", "diagnostics.file.problems", (*Server).configProblems},
	{"connections.json", "diagnostics.file.connections", func(s *Server, _ *assets.Translator) ([]byte, error) { return indented(s.status()) }},
	{"servers.json", "diagnostics.file.servers", func(s *Server, words *assets.Translator) ([]byte, error) { return indented(s.serverList(words)) }},
	{"tools.json", "diagnostics.file.tools", func(s *Server, words *assets.Translator) ([]byte, error) {
		list := s.toolList(words)
		for i := range list {
			list[i].Schema = nil // long, and the server's own
		}
		return indented(list)
	}},
	{"performance.json", "diagnostics.file.performance", func(s *Server, words *assets.Translator) ([]byte, error) {
		if s.deps.Performance == nil {
			return nil, nil
		}
		return indented(presentable(words, s.deps.Performance.Performance()))
	}},
	{"anomalies.json", "diagnostics.file.anomalies", func(s *Server, words *assets.Translator) ([]byte, error) {
		if s.deps.Performance == nil {
			return nil, nil
		}
		return indented(sayAnomalies(words, s.deps.Performance.Performance().Anomalies))
	}},
	{"events.json", "diagnostics.file.events", journalPart(eventsReport)},
	{"calls.json", "diagnostics.file.calls", journalPart(callsReport)},
	{"failovers.json", "diagnostics.file.failovers", journalPart(failoversReport)},
	{"metrics.txt", "diagnostics.file.metrics", func(s *Server, _ *assets.Translator) ([]byte, error) { return s.metricsText() }},
	{"log.txt", "diagnostics.file.log", func(s *Server, _ *assets.Translator) ([]byte, error) {
		if s.deps.Log == nil {
			return nil, nil
		}
		records := s.deps.Log.Records()
		text := logText(records)
		for len(text) > maxBundleFile { // the last lines are the ones to have
			records = records[len(records)/8+1:]
			text = logText(records)
		}
		return text, nil
	}},
	{"goroutines.txt", "diagnostics.file.goroutines", func(*Server, *assets.Translator) ([]byte, error) {
		var b bytes.Buffer
		err := pprof.Lookup("goroutine").WriteTo(&b, 1) // counted by stack, without arguments
		return b.Bytes(), err
	}},
}

// bundle makes one. A part that cannot be made says why, and the rest is there.
func (s *Server) bundle(words *assets.Translator) (*bundle, error) {
	known, home := s.deps.Diagnostics.Secrets(), s.deps.Diagnostics.About().Home
	b := &bundle{made: time.Now()}
	for _, part := range bundleParts {
		text, err := s.bundlePart(part.make, words)
		if err != nil {
			text = []byte("not to be had: " + err.Error())
		}
		if len(text) == 0 {
			continue
		}
		b.files = append(b.files, cleaned(bundleFile{name: part.name, about: part.about, text: string(text)}, known, home))
	}
	readme := cleaned(bundleFile{name: "README.txt", about: "diagnostics.file.readme", text: b.readme(words)}, known, home)
	readme.hidden = 0 // it only says what a mask looks like
	b.files = append([]bundleFile{readme}, b.files...)
	var err error
	b.zip, err = b.packed()
	return b, err
}

// bundlePart makes a part, whatever happens there.
func (s *Server) bundlePart(make func(*Server, *assets.Translator) ([]byte, error), words *assets.Translator) (text []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return make(s, words)
}

// cleaned is a file without credentials, without the name of the user's folder, and of
// bounded length.
func cleaned(f bundleFile, known *secret.Known, home string) bundleFile {
	text := known.Hide(strings.ToValidUTF8(f.text, "�")) // before it is cut: half of a credential would not be known
	if len(home) >= shortestHome {
		escaped, _ := json.Marshal(home) // a string can be encoded
		text = strings.NewReplacer(home, "~", string(escaped[1:len(escaped)-1]), "~").Replace(text)
	}
	if len(text) > maxBundleFile {
		text, f.cut = strings.ToValidUTF8(text[:maxBundleFile], "")+"\n… cut\n", true
	}
	if known.In(text) {
		text, f.refused = "left out, because a credential could not be masked\n", true
	}
	f.text, f.hidden = text, strings.Count(text, secret.Hidden)
	return f
}

// journalPart is a list of the journal as the API answers with it.
func journalPart(list func(painter, snapshot, activityFilter) any) func(*Server, *assets.Translator) ([]byte, error) {
	return func(s *Server, words *assets.Translator) ([]byte, error) {
		if s.deps.Journal == nil {
			return nil, nil
		}
		return indented(list(painter{words: words, zone: time.UTC}, s.snapshot(), activityFilter{limit: bundledRows}))
	}
}

// indented is JSON for people.
func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}

// bareConfig is the configuration file without comments and credentials.
func (s *Server) bareConfig(*assets.Translator) ([]byte, error) {
	if s.deps.Editor == nil {
		return nil, nil
	}
	return config.Bare(s.deps.Editor.Snapshot().Text)
}

// configProblems says what is wrong or odd about the configuration.
func (s *Server) configProblems(words *assets.Translator) ([]byte, error) {
	if s.deps.Editor == nil {
		return nil, nil
	}
	now := s.deps.Editor.Snapshot()
	var b strings.Builder
	if now.Problem != nil {
		b.WriteString(ErrorText(words, now.Problem) + "\n")
	}
	for _, w := range now.Config.Warnings {
		b.WriteString(ProblemLine(words, w) + "\n")
	}
	return []byte(b.String()), nil
}

// diagnosed lets a route through when there is somebody to describe the program.
func (s *Server) diagnosed(k kind, handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if s.deps.Diagnostics == nil {
			s.refuse(w, r, k, "unavailable")
			return
		}
		handle(w, r)
	}
}

// bundleFor makes a bundle for a request, or answers with the trouble.
func (s *Server) bundleFor(w http.ResponseWriter, r *http.Request, k kind) (*bundle, bool) {
	b, err := s.bundle(s.words(r))
	if err != nil {
		s.log.Error("diagnostics cannot be packed", "error", secret.Text(err.Error()))
		s.refuse(w, r, k, "internal")
		return nil, false
	}
	return b, true
}
