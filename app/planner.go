package app

import (
	"slices"
	"strings"
	"time"
)

const (
	// noteAfter is how long something must last before it is worth a notification, if
	// it is not known to stay.
	noteAfter = 30 * time.Second
	// noteMerge is how long the first of several waits for the others.
	noteMerge = 3 * time.Second
	// noteQuiet is the least time between two notifications about the same thing.
	noteQuiet = 10 * time.Minute
)

// noteKind is what a notification is about; each has a switch of its own.
type noteKind uint8

const (
	// noteLinks: endpoints lost their connection.
	noteLinks noteKind = iota
	// noteServers: MCP servers do not run.
	noteServers
	// noteConfig: the configuration file cannot be used.
	noteConfig
	// noteRecovery: any of it is well again.
	noteRecovery
)

// subject is something that can go wrong, as it is now.
type subject struct {
	kind noteKind
	key  string // tells it from all others of its kind
	name string
	// cause says what is wrong.
	cause string
	bad   bool
	// stays: it will not heal soon by itself.
	stays bool
	// rest: it is at rest by somebody's wish, so nobody is told anything.
	rest bool
}

// planned is one notification: all of its subjects are of one kind and all bad, or all
// well again.
type planned struct {
	kind     noteKind
	subjects []subject
	// all: nothing of the kind works.
	all bool
}

// planner decides what to tell, and when. People are told of what lasts, together,
// once, and again when it is over; about one thing they are told at most once in ten
// minutes, so the end of a short trouble may be told late. It is pure.
type planner struct {
	// off are the kinds that nobody wants to hear of.
	off       map[noteKind]bool
	incidents map[string]*incident
	// due is when the first of those that wait was ready; zero when none waits.
	due time.Time
}

// incident is what is known of one subject.
type incident struct {
	bad   bool
	since time.Time // of bad
	// told is what people believe, and silent that they were not told so because the
	// switch is off.
	told, silent bool
	last         time.Time // when people were last told
	seen         bool
}

// next takes all subjects as they are and returns what to tell now. Again is when to
// ask again if nothing changes; zero when there is no need.
func (p *planner) next(subjects []subject, now time.Time) (notes []planned, again time.Time) {
	if p.incidents == nil {
		p.incidents = make(map[string]*incident)
	}
	var ready []subject
	working := map[noteKind]bool{}
	for _, s := range subjects {
		working[s.kind] = working[s.kind] || !s.bad && !s.rest
		at := p.see(s, now)
		switch {
		case at.IsZero():
		case now.Before(at):
			again = earlier(again, at)
		default:
			ready = append(ready, s)
		}
	}
	p.forget(now)
	switch {
	case len(ready) == 0:
		p.due = time.Time{}
		return nil, again
	case p.due.IsZero():
		p.due = now
	}
	if end := p.due.Add(noteMerge); now.Before(end) {
		return nil, earlier(again, end)
	}
	p.due = time.Time{}
	return p.tell(ready, working, now), again
}

// see notes how a subject is, and returns when there will be something to tell of it;
// zero when there is not.
func (p *planner) see(s subject, now time.Time) (at time.Time) {
	id := incidentID(s)
	i := p.incidents[id]
	if i == nil {
		i = &incident{since: now}
		p.incidents[id] = i
	}
	i.seen = true
	if s.rest {
		i.bad, i.told, i.since = false, false, now
		return time.Time{}
	}
	if s.bad != i.bad {
		i.bad, i.since = s.bad, now
	}
	if i.bad == i.told {
		return time.Time{}
	}
	at = i.since.Add(noteAfter)
	if s.bad && s.stays {
		at = now
	}
	if quiet := i.last.Add(noteQuiet); !i.last.IsZero() && quiet.After(at) {
		at = quiet
	}
	return at
}

func incidentID(s subject) string { return string(rune('0'+s.kind)) + s.key }

// forget drops what has gone, once it would be told of again anyway.
func (p *planner) forget(now time.Time) {
	for id, i := range p.incidents {
		if !i.seen && now.Sub(i.last) >= noteQuiet {
			delete(p.incidents, id)
			continue
		}
		if !i.seen {
			i.bad, i.told, i.since = false, false, now
		}
		i.seen = false
	}
}

// tell makes one notification of each kind.
func (p *planner) tell(ready []subject, working map[noteKind]bool, now time.Time) (notes []planned) {
	for _, s := range ready {
		i := p.incidents[incidentID(s)]
		kind := s.kind
		if !s.bad {
			kind = noteRecovery
		}
		silent := p.off[kind] || kind == noteRecovery && i.silent
		i.told, i.silent = s.bad, silent && s.bad
		if silent {
			continue
		}
		i.last = now
		at := slices.IndexFunc(notes, func(n planned) bool { return n.kind == kind })
		if at < 0 {
			at = len(notes)
			notes = append(notes, planned{kind: kind})
		}
		notes[at].subjects = append(notes[at].subjects, s)
	}
	for i := range notes {
		notes[i].all = notes[i].kind != noteRecovery && !working[notes[i].kind]
	}
	slices.SortStableFunc(notes, func(a, b planned) int { return int(a.kind) - int(b.kind) })
	return notes
}

// names lists the subjects of a notification.
func (n *planned) names(comma string) string {
	var all []string
	for _, s := range n.subjects {
		all = append(all, s.name)
	}
	return strings.Join(all, comma)
}
