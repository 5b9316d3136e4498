package app

import (
	"errors"
	"fmt"
	"io"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web"
)

// checked is what there is to say about a configuration file.
type checked struct {
	Path      string   `json:"path"`
	Usable    bool     `json:"usable"`
	Problems  []remark `json:"problems"`
	Warnings  []remark `json:"warnings"`
	Endpoints int      `json:"endpoints"`
	Servers   int      `json:"servers"`
}

// remark is one thing that is wrong or odd.
type remark struct {
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Key    string `json:"key,omitempty"`
	Code   string `json:"code"`
	Text   string `json:"text"`
	line   string // all of it, for reading
}

func remarkOf(words *assets.Translator, p config.Problem) remark {
	return remark{p.Line, p.Column, p.Key, p.Code, web.ProblemAtKey(words, p), web.ProblemLine(words, p)}
}

// checkFile reads a configuration file and finds everything that is wrong or odd about
// it. The error says why it cannot be read.
func checkFile(words *assets.Translator, path string) (*checked, error) {
	text, err := config.ReadFile(path)
	if missing := (*config.FileError)(nil); errors.As(err, &missing) && missing.Code == config.FileMissing {
		return nil, absent(words, path)
	}
	if err != nil {
		return nil, err
	}
	result := &checked{Path: path, Problems: []remark{}, Warnings: []remark{}}
	c, err := config.Parse(text, nil)
	var list *config.ProblemsError
	switch {
	case errors.As(err, &list):
		for _, p := range list.Problems {
			result.Problems = append(result.Problems, remarkOf(words, p))
		}
		return result, nil
	case err != nil:
		return nil, err
	}
	for _, w := range c.Warnings {
		result.Warnings = append(result.Warnings, remarkOf(words, w))
	}
	warn := func(code, text string) {
		result.Warnings = append(result.Warnings, remark{Code: code, Text: text, line: text})
	}
	seen := map[string]string{}
	for _, e := range c.Endpoints {
		id, err := endpoint.Identify(e.URL)
		var bad *endpoint.URLError
		switch {
		case errors.As(err, &bad):
			warn(config.CodeAddress, words.Say("problem.in.key", "key", bad.URL.String(), "text", words.Say(web.AddressKey(bad.Problem))))
			continue
		case err != nil:
			return nil, err
		}
		if first, twice := seen[id.ID]; twice {
			warn(config.CodeDuplicate, words.Say("check.twice", "first", first, "second", e.URL.String()))
			continue
		}
		seen[id.ID] = e.URL.String()
	}
	result.Usable, result.Endpoints, result.Servers = true, len(seen), len(c.Servers)
	return result, nil
}

// absent says that there is no such file. Nobody need have named the one that a run would
// use.
func absent(words *assets.Translator, path string) error {
	if usual, err := desktop.FindConfig(""); err == nil && usual == path {
		return errors.New(words.Say("check.notyet", "path", path))
	}
	return errors.New(words.Say("check.missing", "path", path))
}

// write says it in lines, the verdict last.
func (r *checked) write(out io.Writer, words *assets.Translator) {
	for _, p := range r.Problems {
		fmt.Fprintln(out, "■", p.line)
	}
	for _, w := range r.Warnings {
		fmt.Fprintln(out, "▲", w.line)
	}
	if !r.Usable {
		fmt.Fprintln(out, words.Say("check.bad", "n", len(r.Problems), "path", r.Path))
		return
	}
	fmt.Fprintln(out, words.Say("check.good", "path", r.Path,
		"endpoints", words.Say("check.endpoints", "n", r.Endpoints), "servers", words.Say("check.servers", "n", r.Servers)))
}
