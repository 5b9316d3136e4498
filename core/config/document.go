package config

import (
	"bytes"
	"fmt"

	"github.com/tailscale/hujson"
)

// document is the text of a file as a tree whose offsets lead back to the file.
type document struct {
	text []byte // JWCC; the tree aliases it
	root hujson.Value
	back *positions
}

// readDocument checks the size and the grammar of data. Problem is nil or the one
// reason why there is no document.
func readDocument(data []byte) (*document, *Problem) {
	if len(data) > maxFileBytes {
		return nil, &Problem{Code: CodeTooLarge, Args: map[string]any{"reason": "bytes", "limit": maxFileBytes >> 20}, Message: fmt.Sprintf("the file has more than %d MiB, which no configuration needs; check that it is the right file", maxFileBytes>>20)}
	}
	if order := utf16Order(data); order != "" {
		return nil, &Problem{Code: CodeEncoding, Line: 1, Column: 1, Args: map[string]any{"reason": "utf-16-" + order},
			Message: "the file is stored as UTF-16 (" + order + " endian); save it again with the encoding UTF-8"}
	}
	text, back, err := rewriteJSON5(data)
	if err != nil {
		syntax := err.(*syntaxError) // documented
		line, column := lineColumn(data, syntax.offset)
		return nil, &Problem{Code: syntax.code, Args: syntax.args, Line: line, Column: column, Message: syntax.message}
	}
	root, err := hujson.Parse(text)
	if err != nil { // the rewriter has checked the grammar; its fuzz test holds it to that
		return nil, &Problem{Code: CodeSyntax, Args: map[string]any{"reason": "other"}, Line: 1, Column: 1, Message: "the file is not valid JSON; check its brackets, commas and quotes"}
	}
	return &document{text: text, root: root, back: back}, nil
}

// utf16Order recognises UTF-16, which Windows editors call Unicode, and returns which
// byte comes first: little, big, or "".
func utf16Order(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), len(data) > 1 && data[0] != 0 && data[1] == 0:
		return "little"
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}), len(data) > 1 && data[0] == 0 && data[1] != 0:
		return "big"
	}
	return ""
}

// place returns where v is in the original file.
func (d *document) place(v *hujson.Value) (line, column int) {
	return lineColumn(d.back.original, d.back.offset(v.StartOffset))
}

// member is a key of an object with its value.
type member struct {
	name  string
	key   *hujson.Value
	value *hujson.Value
}

// members returns the members of v in order, of repeated keys only the last, as
// every JSON reader takes them. It returns nil if v is no object.
func members(v *hujson.Value) []member {
	object, ok := objectOf(v)
	if !ok {
		return nil
	}
	list := make([]member, 0, len(object.Members))
	seen := make(map[string]int, len(object.Members))
	for i := range object.Members {
		m := &object.Members[i]
		entry := member{m.Name.Value.(hujson.Literal).String(), &m.Name, &m.Value}
		if at, repeated := seen[entry.name]; repeated {
			list[at] = entry
			continue
		}
		seen[entry.name] = len(list)
		list = append(list, entry)
	}
	return list
}

// find returns the value of a key of v, nil if there is none or v is no object. Of
// repeated keys the last counts.
func find(v *hujson.Value, name string) *hujson.Value {
	if i := findIndex(v, name); i >= 0 {
		object, _ := objectOf(v)
		return &object.Members[i].Value
	}
	return nil
}

func findIndex(v *hujson.Value, name string) int {
	object, ok := objectOf(v)
	if !ok {
		return -1
	}
	for i := len(object.Members) - 1; i >= 0; i-- {
		if spells(object.Members[i].Name.Value.(hujson.Literal), name) {
			return i
		}
	}
	return -1
}

// findSet is find, with null as none.
func findSet(v *hujson.Value, name string) *hujson.Value {
	if found := find(v, name); found != nil && found.Value.Kind() != 'n' {
		return found
	}
	return nil
}

// spells reports whether a string literal is name, mostly without decoding it.
func spells(literal hujson.Literal, name string) bool {
	if bytes.IndexByte(literal, '\\') >= 0 {
		return literal.String() == name
	}
	return len(literal) == len(name)+2 && string(literal[1:len(literal)-1]) == name
}

func objectOf(v *hujson.Value) (*hujson.Object, bool) {
	if v == nil {
		return nil, false
	}
	object, ok := v.Value.(*hujson.Object)
	return object, ok
}

// elements returns the elements of v, nil if it is no array.
func elements(v *hujson.Value) []hujson.Value {
	if v == nil {
		return nil
	}
	if array, ok := v.Value.(*hujson.Array); ok {
		return array.Elements
	}
	return nil
}

// stringOf returns the text of v if it is a string.
func stringOf(v *hujson.Value) (string, bool) {
	if v == nil || v.Value.Kind() != '"' {
		return "", false
	}
	return v.Value.(hujson.Literal).String(), true
}
