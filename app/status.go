package app

import (
	"strconv"
	"strings"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/hub"
	"xiaozhi-switchboard/core/vitals"
)

// statusText is what the built-in status tool answers: a few sentences, one a line,
// that can be read out.
func (a *App) statusText() string {
	a.mu.Lock()
	c := a.applied
	a.mu.Unlock()
	lang := ""
	if c != nil {
		lang = c.Language
	}
	words := assets.Words(language(lang))

	links := a.links.Status()
	up := 0
	var troubled []string
	for _, l := range links {
		switch {
		case l.Connected():
			up++
		case l.State.String() != "paused":
			troubled = append(troubled, l.Label())
		}
	}
	servers := a.hub.Servers()
	ready := 0
	for _, s := range servers {
		if s.State == hub.StateReady {
			ready++
		}
	}
	said := []string{
		words.Say("status.links", "up", up, "all", len(links)),
		words.Say("status.servers", "ready", ready, "all", len(servers), "tools", len(a.hub.Tools())),
	}
	if len(troubled) > 0 {
		said = append(said, words.Say("status.troubled", "names", strings.Join(troubled, words.Say("list.comma"))))
	}
	said = append(said, useText(words, a.vitals.Latest()))
	return strings.Join(said, "\n")
}

// useText says what the program uses at present, and that it is not known where it is not.
func useText(words *assets.Translator, r vitals.Reading) string {
	figure := func(f vitals.Figure, scale float64, digits int, unit string) string {
		if !f.Known {
			return words.Say("status.unknown")
		}
		return strconv.FormatFloat(f.Value*scale, 'f', digits, 64) + " " + unit
	}
	return words.Say("status.use", "memory", figure(r.RSS, 1.0/(1<<20), 0, "MB"), "cpu", figure(r.CPU, 100, 1, "%"))
}
