package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/assets"
)

const (
	// askTime bounds what the running program answers from memory.
	askTime = 10 * time.Second
	// largestAnswer is what a command reads of an answer.
	largestAnswer = 64 << 20
)

// placeFlags say which running program a command is about.
type placeFlags struct {
	Data string `placeholder:"DIR" complete:"folder" help:"${help_place_data}"`
}

// outputFlags say how a command answers.
type outputFlags struct {
	JSON bool `name:"json" help:"${help_output_json}"`
}

// running is the program that runs, as a command sees it: its API on this computer.
type running struct {
	desktop.Running
	words  *assets.Translator
	client *http.Client
}

// find returns the running program; nil when there is none.
func (p placeFlags) find(c *console) (*running, error) {
	params := Params{Data: p.Data}
	dir, err := params.dataDir()
	if err != nil {
		return nil, err
	}
	found, ok := desktop.Find(dir)
	if !ok || !onThisComputer(found.URL) {
		return nil, nil
	}
	return reach(found, c.words), nil
}

// reach returns a running program that can be asked.
func reach(found desktop.Running, words *assets.Translator) *running {
	return &running{Running: found, words: words, client: &http.Client{
		Transport:     &http.Transport{}, // through no proxy
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// need returns the running program, or says that there is none.
func (p placeFlags) need(c *console) (*running, error) {
	r, err := p.find(c)
	if err == nil && r == nil {
		err = &exit{ExitNotRunning, errors.New(c.words.Say("cli.notrunning"))}
	}
	return r, err
}

// onThisComputer reports whether an address is one of this computer: what commands send
// must not leave it.
func onThisComputer(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if u.Hostname() == "localhost" || err == nil && ip.IsLoopback() {
		return true
	}
	own, _ := net.InterfaceAddrs() // without them none is ours
	return err == nil && slices.ContainsFunc(own, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		return ok && n.IP.Equal(ip.AsSlice())
	})
}

// refusal is an answer of the API that is an error.
type refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (r *refusal) Error() string { return r.Message }

// ask sends a request to the API and returns the JSON of the answer. Send is the body;
// nil is none. The error is a *refusal when the program says no.
func (r *running) ask(ctx context.Context, method, path string, send any) (json.RawMessage, error) {
	var body io.Reader
	if send != nil {
		text, err := json.Marshal(send)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	text, answer, err := r.send(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	return r.understand(answer, text)
}

// send sends a request to the API, with JSON if there is a body, and reads the answer.
func (r *running) send(ctx context.Context, method, path string, body io.Reader) ([]byte, *http.Response, error) {
	address := strings.TrimSuffix(r.URL, "/") + path + "?lang=" + r.words.Lang()
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Accept", "application/json")
	if r.Pass != "" {
		request.Header.Set("Authorization", "Bearer "+r.Pass)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := r.client.Do(request)
	if err != nil {
		return nil, nil, r.silent(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, largestAnswer))
	if err != nil {
		return nil, nil, r.silent(err)
	}
	return text, answer, nil
}

// understand returns the JSON of an answer, or the error that it is.
func (r *running) understand(answer *http.Response, text []byte) (json.RawMessage, error) {
	text = bytes.TrimSpace(text)
	var no struct {
		Error *refusal `json:"error"`
	}
	switch {
	case !json.Valid(text):
		return nil, errors.New(r.words.Say("cli.strange", "url", r.URL))
	case answer.StatusCode == http.StatusOK:
		return text, nil
	case json.Unmarshal(text, &no) == nil && no.Error != nil:
		return nil, no.Error
	}
	return nil, errors.New(r.words.Say("cli.strange", "url", r.URL))
}

// fetch asks for a file, and returns it with its headers.
func (r *running) fetch(ctx context.Context, path string) ([]byte, http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	content, answer, err := r.send(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, nil, err
	}
	if answer.StatusCode != http.StatusOK {
		_, err := r.understand(answer, content)
		return nil, nil, err
	}
	return content, answer.Header, nil
}

// silent says that the program is there and does not answer.
func (r *running) silent(err error) error {
	return errors.New(r.words.Say("cli.silent", "url", r.URL, "reason", err.Error()))
}

// read asks for something that is answered at once and puts it into each of into.
func (r *running) read(ctx context.Context, path string, into ...any) error {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	text, err := r.ask(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	for _, v := range into {
		if err := json.Unmarshal(text, v); err != nil {
			return errors.New(r.words.Say("cli.strange", "url", r.URL))
		}
	}
	return nil
}

// fileFlags say which configuration file a command is about.
type fileFlags struct {
	placeFlags
	Config string `short:"c" placeholder:"FILE" complete:"file" help:"${help_file_config}"`
}

// file returns the configuration file that a command is about, and the program that runs
// with it; nil when none does.
func (f fileFlags) file(c *console) (string, *running, error) {
	r, err := f.find(c)
	if err != nil {
		return "", nil, err
	}
	if f.Config == "" && r != nil && filepath.IsAbs(r.Config) {
		return r.Config, r, nil
	}
	path, err := desktop.FindConfig(f.Config)
	if r != nil && r.Config != path {
		r = nil // it has another one
	}
	return path, r, err
}

// writeJSON writes a value for scripts, indented.
func writeJSON(out io.Writer, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, b.String())
	return err
}
