package hub

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/session"
)

// Bounds of what one server may list.
const (
	mostTools          = 512
	longestDescription = 2000
	longestToolName    = 256
)

// offer is a tool as its server listed it, already bounded and flattened.
type offer struct {
	name, title, description string
	schema                   []byte
	input, output            []byte // the schemas as the server has them; nil where they are not fit for others
	hints                    Hints
	notes                    []Note
}

// Hints are a server's claims about a tool. Nil means that it claims nothing.
type Hints struct {
	ReadOnly, Destructive, Idempotent, OpenWorld *bool
}

// safe reports whether a call may be made twice: the server says that the tool changes
// nothing, or that the same call again changes nothing more.
func (h Hints) safe() bool {
	return h.ReadOnly != nil && *h.ReadOnly || h.Idempotent != nil && *h.Idempotent
}

// listing gathers what one server lists, within bounds.
type listing struct {
	offers            []offer
	seen              map[string]bool
	skipped, repeated int
}

// add takes one raw entry, and reports whether there is room for more.
func (l *listing) add(entry []byte) bool {
	if len(l.offers) == mostTools {
		return false
	}
	o, ok := parseOffer(entry)
	switch {
	case !ok:
		l.skipped++
	case l.seen[o.name]:
		l.repeated++
	default:
		if l.seen == nil {
			l.seen = map[string]bool{}
		}
		l.seen[o.name] = true
		l.offers = append(l.offers, o)
	}
	return true
}

// note says what was left out; empty when nothing was.
func (l *listing) note(whole bool) string {
	if whole {
		return leftOut(l.skipped, l.repeated)
	}
	return joinNotes(fmt.Sprintf("only the first %d tools are offered", len(l.offers)), leftOut(l.skipped, l.repeated))
}

func leftOut(skipped, repeated int) string {
	var notes []string
	if skipped > 0 {
		notes = append(notes, fmt.Sprintf("%d entries without a usable name left out", skipped))
	}
	if repeated > 0 {
		notes = append(notes, fmt.Sprintf("%d repeated entries left out", repeated))
	}
	return joinNotes(notes...)
}

func joinNotes(notes ...string) string {
	var kept []string
	for _, n := range notes {
		if n != "" {
			kept = append(kept, n)
		}
	}
	return strings.Join(kept, "; ")
}

// parseOffer reads one entry of the list. Ok is false for one that cannot be
// called: no object, no name, or a name beyond reason.
func parseOffer(raw []byte) (o offer, ok bool) {
	var schema, output []byte
	err := rpc.Members(raw, func(name, value []byte) error {
		switch string(name) {
		case "name":
			o.name, _ = session.Text(value)
		case "title":
			s, _ := session.Text(value)
			o.title = session.Cut(s, longestToolName)
		case "description":
			s, _ := session.Text(value)
			o.description = session.Cut(s, longestDescription)
		case "inputSchema":
			schema = value
		case "outputSchema":
			output = value
		case "annotations":
			o.hints = parseHints(value)
		}
		return nil
	})
	if err != nil || o.name == "" || len(o.name) > longestToolName {
		return offer{}, false
	}
	o.schema, o.notes = flattenSchema(schema)
	if !slices.Contains(o.notes, NoteSchemaTooBig) {
		o.input = wholeSchema(schema)
	}
	if bytes.Equal(o.input, o.schema) {
		o.input = nil
	}
	o.output = wholeSchema(output)
	return o, true
}

func parseHints(raw []byte) (h Hints) {
	_ = rpc.Members(raw, func(name, value []byte) error {
		var b bool
		switch string(value) {
		case "true":
			b = true
		case "false":
		default:
			return nil
		}
		switch string(name) {
		case "readOnlyHint":
			h.ReadOnly = &b
		case "destructiveHint":
			h.Destructive = &b
		case "idempotentHint":
			h.Idempotent = &b
		case "openWorldHint":
			h.OpenWorld = &b
		}
		return nil
	})
	return h
}

// appendJSON appends the annotations object of h, or nothing when h claims nothing.
func (h Hints) appendJSON(dst []byte) []byte {
	first := true
	for _, hint := range []struct {
		name  string
		value *bool
	}{{"readOnlyHint", h.ReadOnly}, {"destructiveHint", h.Destructive}, {"idempotentHint", h.Idempotent}, {"openWorldHint", h.OpenWorld}} {
		if hint.value == nil {
			continue
		}
		if first {
			dst = append(dst, `,"annotations":{`...)
		} else {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, '"')
		dst = append(dst, hint.name...)
		dst = append(dst, '"', ':')
		if *hint.value {
			dst = append(dst, "true"...)
		} else {
			dst = append(dst, "false"...)
		}
	}
	if !first {
		dst = append(dst, '}')
	}
	return dst
}

// appendTool appends the entry of tools/list for o under its public name.
func (o *offer) appendTool(dst []byte, name, description string) []byte {
	return o.appendEntry(dst, name, description, o.schema, nil)
}

func (o *offer) appendEntry(dst []byte, name, description string, input, output []byte) []byte {
	dst = append(dst, `{"name":`...)
	dst = rpc.AppendString(dst, name)
	if o.title != "" {
		dst = append(dst, `,"title":`...)
		dst = rpc.AppendString(dst, o.title)
	}
	if description != "" {
		dst = append(dst, `,"description":`...)
		dst = rpc.AppendString(dst, description)
	}
	dst = append(dst, `,"inputSchema":`...)
	dst = append(dst, input...)
	if output != nil {
		dst = append(dst, `,"outputSchema":`...)
		dst = append(dst, output...)
	}
	dst = o.hints.appendJSON(dst)
	return append(dst, '}')
}
