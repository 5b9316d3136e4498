package hub

import (
	"slices"
	"strings"

	"xiaozhi-switchboard/core/session"
)

// source is one place where a tool can be called.
type source struct {
	run  *runner // nil for the built-in server
	name string  // the server's own name for the tool
}

// entry is one tool of the catalogue. It is immutable.
type entry struct {
	public  string
	server  string
	offer   *offer
	text    string // the description that is listed
	notes   []Note
	enabled bool
	sources []source // one for now; more once servers form groups
	encoded []byte   // the entry of tools/list
}

// catalogue is a snapshot of all tools, in the order in which they are listed.
type catalogue struct {
	entries []*entry
	views   map[string]*seen // by endpoint
	whole   *seen            // for every other endpoint
	shown   []*seen          // each different view once
}

// seen is what one view shows.
type seen struct {
	list  []byte
	tools map[string]*entry
}

// supplier is a server as the catalogue needs it.
type supplier struct {
	spec   Server
	run    *runner
	offers []offer
}

// newCatalogue names and lists the tools of all suppliers. Lists that did not
// change keep the bytes they had in before.
func newCatalogue(suppliers []supplier, views map[string]View, before *catalogue) *catalogue {
	c := &catalogue{views: map[string]*seen{}}
	taken := map[string]bool{}
	leads := map[string]bool{}
	for _, s := range suppliers {
		if s.spec.Disabled {
			continue
		}
		// Two servers whose names become the same would swap names with their order of
		// listing; the later in the configuration gets a name of its own.
		spec := s.spec
		if lead := toolName(spec.Name, spec.Prefix, ""); lead != "" {
			if leads[lead] {
				own := suffixed(sanitise(strings.TrimSuffix(lead, separator)), spec.Name, "")
				spec.Prefix = &own
			}
			leads[lead] = true
		}
		for i := range s.offers {
			c.entries = append(c.entries, newEntry(spec, s, &s.offers[i]))
		}
	}
	// Names that needed no change are given out first, so that a name that had to be
	// altered never takes one from a tool that has it by right.
	for pass := range 2 {
		for _, e := range c.entries {
			exact := strings.HasSuffix(e.public, e.offer.name)
			if exact != (pass == 0) {
				continue
			}
			if taken[e.public] {
				e.public = suffixed(e.public, e.server, e.offer.name)
				e.notes = append(e.notes, NoteNameTaken)
				if taken[e.public] {
					e.enabled = false
					e.notes = append(e.notes, NoteNoName)
					continue
				}
			}
			taken[e.public] = true
		}
	}
	for _, e := range c.entries {
		if e.enabled {
			e.encoded = e.offer.appendTool(nil, e.public, e.text)
		}
	}

	kept := before.lists()
	byView := map[string]*seen{}
	show := func(v View) *seen {
		key := v.key()
		if s := byView[key]; s != nil {
			return s
		}
		s := c.show(v)
		if old, ok := kept[string(s.list)]; ok {
			s.list = old
		} else {
			kept[string(s.list)] = s.list
		}
		byView[key] = s
		c.shown = append(c.shown, s)
		return s
	}
	c.whole = show(View{})
	for endpoint, v := range views {
		c.views[endpoint] = show(v)
	}
	return c
}

func newEntry(spec Server, s supplier, o *offer) *entry {
	setting := spec.Tools[o.name]
	e := &entry{server: s.spec.Name, offer: o, text: o.description, enabled: !setting.Disabled,
		public: toolName(spec.Name, spec.Prefix, o.name), sources: []source{{run: s.run, name: o.name}}}
	if setting.Description != "" {
		e.text = session.Cut(setting.Description, longestDescription)
	}
	if !strings.HasSuffix(e.public, o.name) {
		e.notes = append(e.notes, NoteRenamed)
	}
	e.notes = append(e.notes, o.notes...)
	return e
}

// lists returns the encoded lists of c by their content; c may be nil.
func (c *catalogue) lists() map[string][]byte {
	lists := map[string][]byte{}
	if c == nil {
		return lists
	}
	for _, s := range c.shown {
		lists[string(s.list)] = s.list
	}
	return lists
}

// show encodes what v shows of c.
func (c *catalogue) show(v View) *seen {
	s := &seen{list: []byte(`{"tools":[`), tools: map[string]*entry{}}
	for _, e := range c.entries {
		if !e.enabled || v.Servers != nil && !slices.Contains(v.Servers, e.server) || v.Tools != nil && !slices.Contains(v.Tools, e.public) {
			continue
		}
		if len(s.tools) > 0 {
			s.list = append(s.list, ',')
		}
		s.list = append(s.list, e.encoded...)
		s.tools[e.public] = e
	}
	s.list = append(s.list, `]}`...)
	s.list = slices.Clip(s.list)
	return s
}

// of returns what endpoint sees.
func (c *catalogue) of(endpoint string) *seen {
	if s := c.views[endpoint]; s != nil {
		return s
	}
	return c.whole
}

// key tells views apart by what they show.
func (v View) key() string {
	part := func(list []string) string {
		if list == nil {
			return "*"
		}
		list = slices.Clone(list)
		slices.Sort(list)
		return "=" + strings.Join(list, "\x00")
	}
	return part(v.Servers) + "\x01" + part(v.Tools)
}

func (v View) clone() View {
	return View{Servers: slices.Clone(v.Servers), Tools: slices.Clone(v.Tools)}
}
