package app

import (
	"strings"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/hub"
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
	return strings.Join(said, "\n")
}
