package hub

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// longestSchema bounds a flattened schema, in bytes.
const longestSchema = 32 << 10

// emptySchema is that of a tool without arguments.
const emptySchema = `{"type":"object","properties":{}}`

// flattenSchema returns the input schema in the form that voice servers read:
// an object with type, properties and required, without references. It always
// returns a valid schema; notes say what was lost.
func flattenSchema(raw []byte) (schema []byte, notes []Note) {
	if len(raw) == 0 {
		return []byte(emptySchema), nil
	}
	root, err := parseTree(raw)
	if err != nil {
		return []byte(emptySchema), []Note{NoteSchemaTooBig}
	}
	if !root.isObject() {
		return []byte(emptySchema), []Note{NoteSchemaNotObject}
	}
	f := &flattener{root: root, left: mostNodes}
	top := f.schema(root, 0, nil)
	if f.left < 0 {
		return []byte(emptySchema), []Note{NoteSchemaTooBig}
	}
	top.remove("$schema", "$id", "$anchor", "$comment", "$dynamicAnchor", "$vocabulary")
	f.merge(top)
	if !objectType(top) {
		return []byte(emptySchema), []Note{NoteSchemaNotObject}
	}
	out := tidy(top).append(nil)
	if len(out) > longestSchema {
		return []byte(emptySchema), []Note{NoteSchemaTooBig}
	}
	return out, f.notes
}

// flattener replaces references in one schema. Left is how many nodes it may still
// make, so that references that double at every level stay bounded.
type flattener struct {
	root  *node
	left  int
	notes []Note
}

func (f *flattener) note(n Note) {
	if !slices.Contains(f.notes, n) {
		f.notes = append(f.notes, n)
	}
}

// schema returns a copy of n, which stands where a schema is expected, with its
// references replaced. Open are the references being replaced around it.
func (f *flattener) schema(n *node, depth int, open []string) *node {
	if f.left--; f.left < 0 {
		return objectNode()
	}
	if !n.isObject() {
		return n // true, false, or nonsense: passed on
	}
	if depth > deepest {
		f.note(NoteSchemaTooBig)
		return objectNode()
	}
	out := objectNode()
	if ref, ok := n.get("$ref").str(); ok {
		if target := f.target(ref, depth, open); target.isObject() {
			out.members = append(out.members, target.members...)
		}
	}
	for _, m := range n.members {
		switch m.name {
		case "$ref", "$defs", "definitions", "$dynamicRef":
		case "properties", "patternProperties", "dependentSchemas":
			if !m.value.isObject() {
				continue
			}
			named := objectNode()
			if before := out.get(m.name); before.isObject() {
				named.members = append(named.members, before.members...)
			}
			for _, p := range m.value.members {
				named.set(p.name, f.schema(p.value, depth+1, open))
			}
			out.set(m.name, named)
		case "items", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else",
			"unevaluatedProperties", "unevaluatedItems", "anyOf", "oneOf", "allOf", "prefixItems":
			if !m.value.isArray() {
				out.set(m.name, f.schema(m.value, depth+1, open))
				continue
			}
			list := &node{kind: '['}
			for _, item := range m.value.items {
				list.items = append(list.items, f.schema(item, depth+1, open))
			}
			out.set(m.name, list)
		default:
			out.set(m.name, m.value)
		}
	}
	return out
}

// target returns what ref refers to, with its own references replaced; {} when it
// cannot be had.
func (f *flattener) target(ref string, depth int, open []string) *node {
	if slices.Contains(open, ref) {
		f.note(NoteSchemaCycle)
		return objectNode()
	}
	n := resolve(f.root, ref)
	if n == nil {
		f.note(NoteSchemaUnresolved)
		return objectNode()
	}
	return f.schema(n, depth+1, append(slices.Clip(open), ref))
}

// resolve follows a local reference (#/a/b); nil when there is nothing.
func resolve(root *node, ref string) *node {
	pointer, local := strings.CutPrefix(ref, "#")
	if !local {
		return nil
	}
	if pointer == "" {
		return root
	}
	pointer, rooted := strings.CutPrefix(pointer, "/")
	if !rooted {
		return nil
	}
	n := root
	for step := range strings.SplitSeq(pointer, "/") {
		if plain, err := url.PathUnescape(step); err == nil {
			step = plain
		}
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		if n.isArray() {
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(n.items) {
				return nil
			}
			n = n.items[i]
			continue
		}
		if n = n.get(step); n == nil {
			return nil
		}
	}
	return n
}

// merge folds the alternatives at the top into properties and required: those of
// allOf together; of anyOf and oneOf only what every branch requires.
func (f *flattener) merge(top *node) {
	for range deepest { // branches may bring alternatives of their own
		folded := false
		for _, how := range []string{"allOf", "anyOf", "oneOf"} {
			branches := top.get(how)
			if branches == nil {
				continue
			}
			top.remove(how)
			f.note(NoteSchemaMerged)
			folded = true
			if branches.isArray() {
				f.fold(top, branches.items, how)
			}
		}
		if !folded {
			return
		}
	}
	top.remove("allOf", "anyOf", "oneOf")
}

func (f *flattener) fold(top *node, branches []*node, how string) {
	var common []string
	for i, b := range branches {
		required := requiredNames(b)
		if how != "allOf" {
			// An alternative within an alternative cannot be told apart from one beside
			// it once folded, so what it requires does not count.
			for _, inner := range []string{"anyOf", "oneOf"} {
				if nested := b.get(inner); nested.isArray() {
					f.fold(top, nested.items, inner)
				}
			}
		}
		if how == "allOf" {
			common = append(common, required...)
		} else if i == 0 {
			common = required
		} else {
			common = slices.DeleteFunc(common, func(s string) bool { return !slices.Contains(required, s) })
		}
		if !b.isObject() {
			continue
		}
		for _, m := range b.members {
			switch m.name {
			case "properties":
				if m.value.isObject() {
					f.addProperties(top, m.value, how)
				}
			case "required", "anyOf", "oneOf":
				if how == "allOf" && m.name != "required" && top.get(m.name) == nil {
					top.set(m.name, m.value)
				}
			default:
				// What one alternative says of the whole object is not true of all.
				if how == "allOf" || m.name == "type" {
					if top.get(m.name) == nil {
						top.set(m.name, m.value)
					}
				}
			}
		}
	}
	if how != "allOf" {
		top.remove("additionalProperties", "unevaluatedProperties")
	}
	f.require(top, common)
}

// addProperties adds properties to those of top. One that is already there with
// another schema becomes a choice of both.
func (f *flattener) addProperties(top, properties *node, how string) {
	all := objectNode()
	if have := top.get("properties"); have.isObject() {
		all.members = slices.Clone(have.members)
	}
	for _, p := range properties.members {
		have := all.get(p.name)
		switch {
		case have == nil:
			all.set(p.name, p.value)
		case have.equal(p.value):
		default:
			key := "anyOf"
			if how == "allOf" {
				key = "allOf"
			}
			if f.left--; f.left < 0 {
				continue
			}
			if choice := have.get(key); choice.isArray() && len(have.members) == 1 {
				if !slices.ContainsFunc(choice.items, p.value.equal) {
					wider := &node{kind: '[', items: append(slices.Clip(choice.items), p.value)}
					all.set(p.name, &node{kind: '{', members: []field{{key, wider}}})
				}
				continue
			}
			both := &node{kind: '[', items: []*node{have, p.value}}
			all.set(p.name, &node{kind: '{', members: []field{{key, both}}})
		}
	}
	top.set("properties", all)
}

func (f *flattener) require(top *node, names []string) {
	all := requiredNames(top)
	for _, name := range names {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if len(all) == 0 {
		return
	}
	list := &node{kind: '['}
	for _, name := range all {
		list.items = append(list.items, stringNode(name))
	}
	top.set("required", list)
}

func requiredNames(n *node) []string {
	var names []string
	if required := n.get("required"); required.isArray() {
		for _, item := range required.items {
			if s, ok := item.str(); ok {
				names = append(names, s)
			}
		}
	}
	return names
}

// objectType reports whether top describes an object; a missing type does.
func objectType(top *node) bool {
	t := top.get("type")
	if t == nil {
		return true
	}
	if t.isArray() {
		return slices.ContainsFunc(t.items, func(n *node) bool { s, _ := n.str(); return s == "object" })
	}
	s, _ := t.str()
	return s == "object"
}

// tidy returns top with type, properties and required in front, well formed.
func tidy(top *node) *node {
	out := objectNode()
	out.set("type", stringNode("object"))
	properties := top.get("properties")
	if !properties.isObject() {
		properties = objectNode()
	}
	out.set("properties", properties)
	list := &node{kind: '['}
	for _, name := range requiredNames(top) {
		if properties.get(name) != nil {
			list.items = append(list.items, stringNode(name))
		}
	}
	if len(list.items) > 0 {
		out.set("required", list)
	}
	for _, m := range top.members {
		switch m.name {
		case "type", "properties", "required":
		default:
			out.set(m.name, m.value)
		}
	}
	return out
}
