package hub

import (
	"bytes"
	"errors"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/session"
)

// node is a JSON value that keeps the order of its members.
type node struct {
	kind    jsontext.Kind // '{', '[', or 0 for a scalar
	scalar  []byte
	members []field
	items   []*node
}

type field struct {
	name  string
	value *node
}

var errTooBig = errors.New("too large or too deep")

// Bounds of a parsed schema.
const (
	deepest   = 32
	mostNodes = 2048
)

// parseTree reads one JSON value, within deepest and mostNodes.
func parseTree(raw []byte) (*node, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true))
	left := mostNodes
	n, err := parseNode(dec, 0, &left)
	if err != nil {
		return nil, err
	}
	return n, nil
}

func parseNode(dec *jsontext.Decoder, depth int, left *int) (*node, error) {
	if *left--; *left < 0 || depth > deepest {
		return nil, errTooBig
	}
	n := &node{kind: dec.PeekKind()}
	switch n.kind {
	case '{':
		if _, err := dec.ReadToken(); err != nil {
			return nil, err
		}
		for dec.PeekKind() != '}' {
			name, err := dec.ReadToken()
			if err != nil {
				return nil, err
			}
			key := name.String()
			value, err := parseNode(dec, depth+1, left)
			if err != nil {
				return nil, err
			}
			n.set(key, value)
		}
	case '[':
		if _, err := dec.ReadToken(); err != nil {
			return nil, err
		}
		for dec.PeekKind() != ']' {
			item, err := parseNode(dec, depth+1, left)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
	default:
		value, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		return &node{scalar: bytes.Clone(value)}, nil
	}
	_, err := dec.ReadToken()
	return n, err
}

// get returns the member of that name, or nil; n may be nil.
func (n *node) get(name string) *node {
	if n == nil {
		return nil
	}
	for _, f := range n.members {
		if f.name == name {
			return f.value
		}
	}
	return nil
}

// set adds a member, or replaces the one of that name.
func (n *node) set(name string, value *node) {
	for i := range n.members {
		if n.members[i].name == name {
			n.members[i].value = value
			return
		}
	}
	n.members = append(n.members, field{name, value})
}

func (n *node) remove(names ...string) {
	n.members = slices.DeleteFunc(n.members, func(f field) bool { return slices.Contains(names, f.name) })
}

// str returns the value of a string node.
func (n *node) str() (string, bool) {
	if n == nil || n.kind != 0 {
		return "", false
	}
	return session.Text(n.scalar)
}

func (n *node) isObject() bool { return n != nil && n.kind == '{' }
func (n *node) isArray() bool  { return n != nil && n.kind == '[' }

func stringNode(s string) *node { return &node{scalar: rpc.AppendString(nil, s)} }
func objectNode() *node         { return &node{kind: '{'} }

// append appends the compact JSON of n to dst.
func (n *node) append(dst []byte) []byte {
	switch n.kind {
	case '{':
		dst = append(dst, '{')
		for i, f := range n.members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = rpc.AppendString(dst, f.name)
			dst = append(dst, ':')
			dst = f.value.append(dst)
		}
		return append(dst, '}')
	case '[':
		dst = append(dst, '[')
		for i, item := range n.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = item.append(dst)
		}
		return append(dst, ']')
	}
	return append(dst, n.scalar...)
}

func (n *node) equal(o *node) bool { return bytes.Equal(n.append(nil), o.append(nil)) }
