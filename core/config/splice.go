package config

import (
	"bytes"
	"slices"
	"strings"

	"github.com/tailscale/hujson"
)

// cut replaces a stretch of text.
type cut struct {
	from, to int
	with     string
}

// splice applies cuts, which do not overlap, to text.
func splice(text []byte, cuts ...cut) []byte {
	slices.SortStableFunc(cuts, func(a, b cut) int { return a.from - b.from })
	var b bytes.Buffer
	at := 0
	for _, c := range cuts {
		b.Write(text[at:c.from])
		b.WriteString(c.with)
		at = c.to
	}
	b.Write(text[at:])
	return b.Bytes()
}

// slot is a member or element of a container in its text.
type slot struct {
	before     hujson.Extra // before its key or itself
	start, end int
	after      hujson.Extra // up to its comma; nil if it has none, being the last
}

// slots returns what v holds and the white space and comments before its closing
// bracket.
func slots(v *hujson.Value) (list []slot, rest hujson.Extra) {
	switch c := v.Value.(type) {
	case *hujson.Object:
		for i := range c.Members {
			m := &c.Members[i]
			list = append(list, slot{m.Name.BeforeExtra, m.Name.StartOffset, m.Value.EndOffset, m.Value.AfterExtra})
		}
		return list, c.AfterExtra
	case *hujson.Array:
		for i := range c.Elements {
			e := &c.Elements[i]
			list = append(list, slot{e.BeforeExtra, e.StartOffset, e.EndOffset, e.AfterExtra})
		}
		return list, c.AfterExtra
	}
	return nil, nil
}

// appendTo puts a member, or with an empty key an element, at the end of container v,
// in the layout of its neighbours.
func appendTo(doc *document, v *hujson.Value, key *string, value any) []byte {
	l := layoutOf(doc)
	list, rest := slots(v)
	closing := v.EndOffset - 1
	// After the comments, before the white space that leads to the bracket.
	at := closing - len(rest) + len(bytes.TrimRight(rest, " \t\r\n"))
	tail := string(doc.text[at:closing])

	parent := lineIndent(doc.text, v.StartOffset)
	indent, inline := parent+l.unit, false
	if len(list) > 0 {
		found, ok := indentBefore(list[len(list)-1].before)
		if ok {
			indent = found
		}
		inline = !ok && !bytes.Contains(rest, []byte("\n"))
	}
	item := l.render(value, indent, inline)
	if key != nil {
		item = l.render(*key, "", true) + ": " + item
	}
	if inline {
		item = " " + item
	} else {
		item = l.newline + indent + item
	}
	if len(list) == 0 {
		if !strings.Contains(tail, "\n") {
			item += l.newline + parent
		}
		return splice(doc.text, cut{at, at, item})
	}
	last := list[len(list)-1]
	if last.after != nil {
		return splice(doc.text, cut{at, at, item + ","})
	}
	if at == last.end {
		return splice(doc.text, cut{at, at, "," + item})
	}
	return splice(doc.text, cut{last.end, last.end, ","}, cut{at, at, item})
}

// removeFrom takes the slot i out of container v with its comma. Comments around it
// stay, those inside it go with it, and so does its line if nothing else is on it.
func removeFrom(doc *document, v *hujson.Value, i int) []byte {
	text := doc.text
	list, _ := slots(v)
	s := list[i]
	cuts := []cut{{from: s.start, to: s.end}}
	if comma := s.end + len(s.after); i < len(list)-1 || s.after != nil {
		if len(s.after) > 0 {
			cuts = append(cuts, cut{from: comma, to: comma + 1})
		} else {
			cuts[0].to = comma + 1
		}
	} else if i > 0 {
		before := list[i-1].end + len(list[i-1].after)
		cuts = append(cuts, cut{from: before, to: before + 1})
	}
	// Only where value and comma go in one piece can their line go too.
	if len(cuts) == 1 || cuts[1].from < s.start {
		whole := &cuts[0]
		lineStart := whole.from - len(text[:whole.from]) + len(bytes.TrimRight(text[:whole.from], " \t"))
		lineEnd := whole.to + len(text[whole.to:]) - len(bytes.TrimLeft(text[whole.to:], " \t"))
		ends := lineEnd < len(text) && (text[lineEnd] == '\n' || text[lineEnd] == '\r')
		switch {
		case ends && lineStart > 0 && text[lineStart-1] == '\n':
			lineStart--
			if lineStart > 0 && text[lineStart-1] == '\r' {
				lineStart--
			}
			whole.from, whole.to = lineStart, lineEnd
		case i < len(list)-1 && !ends:
			whole.to = lineEnd
		case !ends && (lineStart == 0 || text[lineStart-1] != '\n') && len(bytes.TrimSpace(s.before)) == 0:
			whole.from = lineStart
		}
	}
	return splice(text, cuts...)
}
