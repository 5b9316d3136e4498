package config

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/tailscale/hujson"
)

// object is a JSON object that keeps its order. Values are object, []any, []string,
// string, bool, int, float64, or verbatim.
type object []field

type field struct {
	key   string
	value any
}

// verbatim is JSON that is written as it is.
type verbatim string

// layout is how a file is laid out.
type layout struct {
	newline string
	unit    string // one step of indentation
}

// layoutOf finds the layout of a document; two spaces where it shows none.
func layoutOf(doc *document) layout {
	l := layout{"\n", "  "}
	if bytes.Contains(doc.text, []byte("\r\n")) {
		l.newline = "\r\n"
	}
	if root, ok := objectOf(&doc.root); ok && len(root.Members) > 0 {
		if indent, ok := indentBefore(root.Members[0].Name.BeforeExtra); ok && indent != "" {
			l.unit = indent
		}
	}
	return l
}

// indentBefore returns the white space that starts the line on which extra ends. It
// is false if extra ends on the line on which it began.
func indentBefore(extra hujson.Extra) (string, bool) {
	i := bytes.LastIndexByte(extra, '\n')
	if i < 0 {
		return "", false
	}
	line := extra[i+1:]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))]), true
}

// lineIndent returns the white space that starts the line of offset.
func lineIndent(text []byte, offset int) string {
	line := text[bytes.LastIndexByte(text[:offset], '\n')+1:]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// render writes a value; its first line starts where the caller is, the others are
// indented by indent.
func (l layout) render(value any, indent string, inline bool) string {
	var b strings.Builder
	l.append(&b, value, indent, inline)
	return b.String()
}

func (l layout) append(b *strings.Builder, value any, indent string, inline bool) {
	switch v := value.(type) {
	case verbatim:
		b.WriteString(string(v))
	case string:
		b.Write(hujson.String(v))
	case []string:
		b.WriteByte('[')
		for i, s := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			b.Write(hujson.String(s))
		}
		b.WriteByte(']')
	case []any:
		l.block(b, '[', ']', len(v), indent, inline, func(i int, inner string) { l.append(b, v[i], inner, inline) })
	case object:
		l.block(b, '{', '}', len(v), indent, inline, func(i int, inner string) {
			b.Write(hujson.String(v[i].key))
			b.WriteString(": ")
			l.append(b, v[i].value, inner, inline)
		})
	default: // bool, int, float64
		text, err := json.Marshal(v)
		if err != nil {
			text = []byte("null")
		}
		b.Write(text)
	}
}

func (l layout) block(b *strings.Builder, open, closing byte, n int, indent string, inline bool, item func(i int, inner string)) {
	b.WriteByte(open)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		if !inline {
			b.WriteString(l.newline + indent + l.unit)
		} else if i > 0 || open == '{' {
			b.WriteByte(' ')
		}
		item(i, indent+l.unit)
	}
	if n > 0 && !inline {
		b.WriteString(l.newline + indent)
	} else if n > 0 && open == '{' {
		b.WriteByte(' ')
	}
	b.WriteByte(closing)
}

// sorted returns a map as an object in the order of its keys.
func sorted(m map[string]string) object {
	var o object
	for _, key := range slices.Sorted(maps.Keys(m)) {
		o = append(o, field{key, m[key]})
	}
	return o
}
