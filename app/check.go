package app

import (
	"errors"
	"fmt"
	"io"
	"os"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/endpoint"
)

// maxFile bounds what checkFile reads; a configuration is smaller by far.
const maxFile = 16 << 20

// checkFile reads a configuration file and writes everything that is wrong or odd
// about it. It reports whether the file can be used. The error says that it cannot
// be read.
func checkFile(out io.Writer, words *assets.Translator, path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, fmt.Errorf("read the configuration file: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return false, fmt.Errorf("read the configuration file: %w", err)
	}
	c, err := config.Parse(text, nil)
	var list *config.ProblemsError
	switch {
	case errors.As(err, &list):
		for _, p := range list.Problems {
			fmt.Fprintf(out, "■ %s\n", p)
		}
		fmt.Fprintln(out, words.Say("check.bad", "n", len(list.Problems), "path", path))
		return false, nil
	case err != nil:
		return false, err
	}
	for _, w := range c.Warnings {
		fmt.Fprintf(out, "▲ %s\n", w)
	}
	seen := map[string]string{}
	for _, e := range c.Endpoints {
		id, err := endpoint.Identify(e.URL)
		if err != nil {
			fmt.Fprintf(out, "▲ %s\n", err)
			continue
		}
		if first, twice := seen[id.ID]; twice {
			fmt.Fprintln(out, "▲", words.Say("check.twice", "first", first, "second", e.URL.String()))
			continue
		}
		seen[id.ID] = e.URL.String()
	}
	fmt.Fprintln(out, words.Say("check.good", "path", path, "endpoints", len(seen), "servers", len(c.Servers)))
	return true, nil
}
