package app

import (
	"strings"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web"
)

// subjects are what notifications could be about.
func (s *sight) subjects() (all []subject) {
	say := s.words.Say
	for i := range s.links {
		l := &s.links[i]
		sub := subject{kind: noteLinks, key: l.ID, name: l.name(s.words), bad: !l.Connected(), stays: l.Urgent, rest: l.paused()}
		if l.Cause != "" {
			sub.cause = say(l.Cause)
		}
		all = append(all, sub)
	}
	for _, v := range s.servers {
		sub := subject{kind: noteServers, key: v.Name, name: secret.Text(v.Name), rest: v.State == web.ServerDisabled}
		if v.State == web.ServerFailed {
			sub.bad, sub.stays, sub.cause = true, true, say("server.cause.failed")
		} else if v.State == web.ServerWaiting {
			sub.bad, sub.cause = true, say("server.cause.failed")
		}
		all = append(all, sub)
	}
	return append(all, subject{kind: noteConfig, name: s.path, cause: s.problem, bad: s.problem != "", stays: s.problem != ""})
}

// notesOff are the kinds that the configuration switches off.
func notesOff(c *config.Config) map[noteKind]bool {
	n := &c.Notifications
	return map[noteKind]bool{noteLinks: !n.Endpoints, noteServers: !n.Servers, noteConfig: !n.Configuration, noteRecovery: !n.Recovery}
}

// note puts a planned notification into words.
func (s *sight) note(p *planned) desktop.Note {
	say := s.words.Say
	n := len(p.subjects)
	first := p.subjects[0]
	note := desktop.Note{Body: first.cause, URL: s.url}
	switch { // a click leads to what it is about
	case n > 1:
	case first.kind == noteLinks:
		note.URL += endpointPage(first.key)
	case first.kind == noteServers:
		note.URL += serverPage(first.key)
	case p.kind == noteConfig:
		note.URL += filePage
	}
	if n > 1 {
		note.Body = p.names(say("list.comma"))
	}
	switch {
	case p.kind == noteConfig:
		note.Title = say("note.config")
	case p.kind == noteLinks && p.all && n > 1:
		note.Title = say("note.links.all")
	case p.kind == noteLinks && n > 1:
		note.Title = say("note.links", "n", n)
	case p.kind == noteLinks:
		note.Title = say("note.link", "name", first.name)
	case p.kind == noteServers && n > 1:
		note.Title = say("note.servers", "n", n)
	case p.kind == noteServers:
		note.Title = say("note.server", "name", first.name)
	default:
		note.Title = say("note.recovery")
		note.Body = s.recovered(p)
	}
	return note
}

// recovered says what is well again, a line for each kind.
func (s *sight) recovered(p *planned) string {
	say := s.words.Say
	var names [noteConfig + 1][]string
	for _, sub := range p.subjects {
		names[sub.kind] = append(names[sub.kind], sub.name)
	}
	var lines []string
	for kind, list := range names {
		joined := strings.Join(list, say("list.comma"))
		switch {
		case len(list) == 0:
		case noteKind(kind) == noteLinks:
			lines = append(lines, say("note.recovery.links", "names", joined))
		case noteKind(kind) == noteServers:
			lines = append(lines, say("note.recovery.servers", "names", joined))
		default:
			lines = append(lines, say("note.recovery.config"))
		}
	}
	return strings.Join(lines, "\n")
}
