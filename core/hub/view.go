package hub

import (
	"slices"
	"strings"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/session"
)

// seen is what one view shows.
type seen struct {
	list  []byte
	tools map[string]*entry
}

// show encodes what v shows of c.
func (c *catalogue) show(v View) *seen {
	s := &seen{list: []byte(`{"tools":[`), tools: map[string]*entry{}}
	for _, e := range c.entries {
		if !e.enabled {
			continue
		}
		if e = e.visible(v); e == nil {
			continue
		}
		if len(s.tools) > 0 {
			s.list = append(s.list, ',')
		}
		s.list = append(s.list, e.encoded...)
		s.tools[e.public] = e
	}
	s.list = append(s.list, ']')
	s.list = append(c.appendOrigin(s.list), '}')
	s.list = slices.Clip(s.list)
	return s
}

// appendOrigin appends the member of a list that names this program.
func (c *catalogue) appendOrigin(list []byte) []byte {
	if c.origin == "" {
		return list
	}
	list = append(list, `,"_meta":{"`+session.OriginKey+`":`...)
	return append(rpc.AppendString(list, c.origin), '}')
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
