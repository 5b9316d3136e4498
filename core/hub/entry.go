package hub

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"xiaozhi-switchboard/core/balance"
	"xiaozhi-switchboard/core/session"
)

// source is one place where a tool can be called.
type source struct {
	id     string          // the server's name, or the ID of a remote's source
	server string          // what to call it
	run    *runner         // nil for the built-in server and remotes
	remote *remote         // nil for servers
	member *balance.Member // nil for the built-in server and remotes
	name   string          // the server's own name for the tool
	safe   bool            // this server says that the tool may be called twice
}

// entry is one tool of the catalogue. It is immutable.
type entry struct {
	public  string
	server  string // or the group
	offer   *offer // of the first source
	text    string // the description that is listed
	notes   []Note
	enabled bool
	sources []source
	listers []string          // who lists the tool, where it is off included
	members []*balance.Member // of the sources, in their order
	results *results          // of its calls; goes on from catalogue to catalogue
	encoded []byte            // the entry of tools/list
}

func newEntry(owner string, prefix *string, s *supplier, o *offer) *entry {
	setting := s.spec.Tools[o.name]
	src := source{id: s.spec.Name, server: s.name(), run: s.run, remote: s.remote, name: o.name, safe: o.hints.safe()}
	if s.run != nil {
		src.member = s.run.member
	}
	e := &entry{server: owner, offer: o, text: o.description, enabled: !setting.Disabled,
		public: toolName(owner, prefix, o.name), sources: []source{src}, listers: []string{src.server}}
	if setting.Description != "" {
		e.text = session.Cut(setting.Description, longestDescription)
	}
	if !strings.HasSuffix(e.public, o.name) {
		e.notes = append(e.notes, NoteRenamed)
	}
	e.notes = append(e.notes, o.notes...)
	return e
}

// join makes the source of e one more source of an entry with the same schema, and
// reports whether there is such an entry.
func join(list []*entry, e *entry) bool {
	for _, have := range list {
		if !sameSchema(have.offer.schema, e.offer.schema) {
			continue
		}
		have.sources = append(have.sources, e.sources...)
		have.listers = append(have.listers, e.listers...)
		if e.enabled && !have.enabled { // the first to have it enabled decides how it is listed
			have.enabled, have.offer, have.text, have.notes = true, e.offer, e.text, e.notes
		}
		return true
	}
	return false
}

// sameSchema compares two schemas without regard to the order of members.
func sameSchema(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, y := jsontext.Value(bytes.Clone(a)), jsontext.Value(bytes.Clone(b))
	return x.Canonicalize() == nil && y.Canonicalize() == nil && bytes.Equal(x, y)
}

// sourceName is the server that e comes from, also when it is switched off there.
func (e *entry) sourceName(otherwise string) string {
	if len(e.sources) > 0 {
		return e.sources[0].server
	}
	return otherwise
}

// sourceNames are the servers or links of e.
func (e *entry) sourceNames() []string {
	names := make([]string, len(e.sources))
	for i := range e.sources {
		names[i] = e.sources[i].server
	}
	return names
}

// builtin reports a tool of the hub itself.
func (e *entry) builtin() bool {
	return len(e.sources) > 0 && e.sources[0].run == nil && e.sources[0].remote == nil
}

// safe reports whether a call may be made twice, by what every source says.
func (e *entry) safe() bool {
	for i := range e.sources {
		if !e.sources[i].safe {
			return false
		}
	}
	return len(e.sources) > 0
}

// sourceOf finds the source that a member stands for.
func (e *entry) sourceOf(m *balance.Member) *source {
	for i := range e.sources {
		if e.sources[i].member == m {
			return &e.sources[i]
		}
	}
	return nil
}

// visible returns e with the sources that v shows; nil when v shows none.
func (e *entry) visible(v View) *entry {
	if v.Tools != nil && !slices.Contains(v.Tools, e.public) {
		return nil
	}
	if v.Servers == nil || slices.Contains(v.Servers, e.server) {
		return e
	}
	part := *e
	part.sources, part.members = nil, nil
	for _, s := range e.sources {
		if slices.Contains(v.Servers, s.server) || slices.Contains(v.Servers, s.id) {
			part.sources = append(part.sources, s)
			if s.member != nil {
				part.members = append(part.members, s.member)
			}
		}
	}
	if len(part.sources) == 0 {
		return nil
	}
	return &part
}
