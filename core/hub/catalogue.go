package hub

import (
	"strings"
	"sync"
)

// catalogue is a snapshot of all tools, in the order in which they are listed.
type catalogue struct {
	entries []*entry
	views   map[string]*seen // by endpoint
	whole   *seen            // for every other endpoint
	shown   []*seen          // each different view once
	raw     func() []byte    // the list of whole for callers that are no voice servers
	origin  string
}

// supplier is a server, or a link of a remote, as the catalogue needs it.
type supplier struct {
	spec   Server
	run    *runner
	remote *remote
	offers []offer
	label  string // of a remote's source
}

// name is what people call a supplier.
func (s *supplier) name() string {
	if s.label != "" {
		return s.label
	}
	return s.spec.Name
}

// owner is what stands in front of a supplier's tools: its group, else itself.
func (s *supplier) owner() string {
	if s.spec.Group != "" {
		return s.spec.Group
	}
	return s.spec.Name
}

// newCatalogue names and lists the tools of all suppliers. Lists that did not
// change keep the bytes they had in before. Origin, if not empty, is written into lists.
func newCatalogue(suppliers []supplier, views map[string]View, before *catalogue, origin string) *catalogue {
	c := &catalogue{views: map[string]*seen{}, origin: origin}
	taken := map[string]bool{}
	leads := map[string]string{} // whose it is, by what stands in front of names
	prefixes := map[string]*string{}
	type shareKey struct {
		group, tool string
		remote      bool // a group of servers may have the name of a remote
	}
	shared := map[shareKey][]*entry{} // the entries of a group
	for _, s := range suppliers {
		if s.spec.Disabled {
			continue
		}
		owner := s.owner()
		prefix, known := prefixes[owner]
		if !known {
			prefix = s.spec.Prefix
			// Two servers whose names become the same would swap names with their order of
			// listing; the later in the configuration gets a name of its own.
			if lead := toolName(owner, prefix, ""); lead != "" {
				if other, used := leads[lead]; used && other != owner {
					own := suffixed(sanitise(strings.TrimSuffix(lead, separator)), owner, "")
					prefix = &own
				}
				leads[lead] = owner
			}
			prefixes[owner] = prefix
		}
		for i := range s.offers {
			e := newEntry(owner, prefix, &s, &s.offers[i])
			if s.spec.Group == "" {
				c.entries = append(c.entries, e)
				continue
			}
			if !e.enabled && s.run != nil {
				// The user switched the tool off for this server; others of the group may have it.
				e.sources = nil
			}
			key := shareKey{owner, e.offer.name, s.remote != nil}
			if !join(shared[key], e) {
				if len(shared[key]) > 0 {
					e.public = suffixed(e.public, e.sourceName(s.spec.Name), e.offer.name)
					e.notes = append(e.notes, NoteSchemaDiffers)
				}
				shared[key] = append(shared[key], e)
				c.entries = append(c.entries, e)
			}
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
	kept := before.counts()
	for _, e := range c.entries {
		if e.enabled {
			e.encoded = e.offer.appendTool(nil, e.public, e.text)
		}
		for i := range e.sources {
			if m := e.sources[i].member; m != nil {
				e.members = append(e.members, m)
			}
		}
		e.results = kept[e.public]
		if e.results == nil {
			e.results = new(results)
		}
	}

	lists := before.lists()
	byView := map[string]*seen{}
	show := func(v View) *seen {
		key := v.key()
		if s := byView[key]; s != nil {
			return s
		}
		s := c.show(v)
		if old, ok := lists[string(s.list)]; ok {
			s.list = old
		} else {
			lists[string(s.list)] = s.list
		}
		byView[key] = s
		c.shown = append(c.shown, s)
		return s
	}
	c.whole = show(View{})
	c.raw = sync.OnceValue(func() []byte { return c.rawList(c.whole) })
	for endpoint, v := range views {
		c.views[endpoint] = show(v)
	}
	return c
}

// counts returns what was counted for each tool of c, which may be nil.
func (c *catalogue) counts() map[string]*results {
	counts := map[string]*results{}
	if c != nil {
		for _, e := range c.entries {
			counts[e.public] = e.results
		}
	}
	return counts
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

// of returns what endpoint sees.
func (c *catalogue) of(endpoint string) *seen {
	if s := c.views[endpoint]; s != nil {
		return s
	}
	return c.whole
}
