package app

import (
	"errors"
	"fmt"
	"io"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/web"
)

// checkFile reads a configuration file and writes everything that is wrong or odd
// about it. It reports whether the file can be used. The error says why it cannot
// be read.
func checkFile(out io.Writer, words *assets.Translator, path string) (bool, error) {
	text, err := config.ReadFile(path)
	if missing := (*config.FileError)(nil); errors.As(err, &missing) && missing.Code == config.FileMissing {
		return false, errors.New(words.Say("check.missing", "path", path))
	}
	if err != nil {
		return false, err
	}
	c, err := config.Parse(text, nil)
	var list *config.ProblemsError
	switch {
	case errors.As(err, &list):
		for _, p := range list.Problems {
			fmt.Fprintln(out, "■", web.ProblemLine(words, p))
		}
		fmt.Fprintln(out, words.Say("check.bad", "n", len(list.Problems), "path", path))
		return false, nil
	case err != nil:
		return false, err
	}
	for _, w := range c.Warnings {
		fmt.Fprintln(out, "▲", web.ProblemLine(words, w))
	}
	seen := map[string]string{}
	for _, e := range c.Endpoints {
		id, err := endpoint.Identify(e.URL)
		var bad *endpoint.URLError
		switch {
		case errors.As(err, &bad):
			fmt.Fprintln(out, "▲", words.Say("problem.in.key", "key", bad.URL.String(), "text", words.Say(web.AddressKey(bad.Problem))))
			continue
		case err != nil:
			return false, err
		}
		if first, twice := seen[id.ID]; twice {
			fmt.Fprintln(out, "▲", words.Say("check.twice", "first", first, "second", e.URL.String()))
			continue
		}
		seen[id.ID] = e.URL.String()
	}
	fmt.Fprintln(out, words.Say("check.good", "path", path,
		"endpoints", words.Say("check.endpoints", "n", len(seen)), "servers", words.Say("check.servers", "n", len(c.Servers))))
	return true, nil
}
