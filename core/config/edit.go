package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/tailscale/hujson"
)

var (
	// ErrNotFound is the cause of an edit of something that is not in the file.
	ErrNotFound = errors.New("it is not in the configuration file")
	// ErrExists is the cause of an addition of something that is in the file already.
	ErrExists = errors.New("it is in the configuration file already")
)

// Edit changes the text of a configuration file and as little of it as it can: what an
// operation does not concern, comments, order and unknown keys included, keeps its
// bytes. Comments inside something that is removed go with it; those before and after
// stay. Each operation writes into the shape that the file has. What an operation
// takes as text may hold ${NAME} references; a value that the caller read from
// a Config and does not change keeps the reference it came from.
//
// A JSON5 file becomes JSON with comments, which is JSON5 as well, by the first
// operation that changes it. The result is checked as a whole when the edit ends.
// An Edit must not be used after the function it was given to has returned, nor
// from several goroutines.
type Edit struct {
	text   []byte // without byte order mark
	bom    bool
	lookup func(string) (string, bool)
	// broken is why the operations refuse; Replace lifts it.
	broken   error
	replaced bool
}

func newEdit(text []byte, lookup func(string) (string, bool)) *Edit {
	if lookup == nil {
		lookup = os.LookupEnv
	}
	e := &Edit{lookup: lookup}
	e.text, e.bom = bytes.CutPrefix(text, []byte(byteOrderMark))
	return e
}

// Text returns the text as it is now.
func (e *Edit) Text() []byte {
	if e.bom {
		return append([]byte(byteOrderMark), e.text...)
	}
	return bytes.Clone(e.text)
}

// Config returns what the text means now. The error is a *ProblemsError.
func (e *Edit) Config() (*Config, error) { return Parse(e.Text(), e.lookup) }

// Replace puts another text in place of the whole file. It is the only operation that
// a broken file allows, and only if Modify was given the revision of that very file.
func (e *Edit) Replace(text []byte) {
	e.text, e.bom = bytes.CutPrefix(bytes.Clone(text), []byte(byteOrderMark))
	e.broken, e.replaced = nil, true
}

// path leads from the root to a value: keys and indexes.
type path []any

func (p path) then(step ...any) path { return append(append(path(nil), p...), step...) }

// read returns the document as it is now.
func (e *Edit) read() (*document, error) {
	if e.broken != nil {
		return nil, e.broken
	}
	doc, problem := readDocument(e.text)
	if problem != nil {
		return nil, &ProblemsError{Problems: []Problem{*problem}}
	}
	return doc, nil
}

// at returns the document and the value at p, nil if there is none.
func (e *Edit) at(p path) (*document, *hujson.Value, error) {
	doc, err := e.read()
	if err != nil {
		return nil, nil, err
	}
	v := &doc.root
	for _, step := range p {
		switch s := step.(type) {
		case string:
			v = find(v, s)
		case int:
			list := elements(v)
			if s >= len(list) {
				return doc, nil, nil
			}
			v = &list[s]
		}
	}
	return doc, v, nil
}

// put replaces the value at p, which must be there.
func (e *Edit) put(p path, value any) error {
	doc, v, err := e.at(p)
	if err != nil {
		return err
	}
	text := layoutOf(doc).render(value, lineIndent(doc.text, v.StartOffset), false)
	e.text = splice(doc.text, cut{v.StartOffset, v.EndOffset, text})
	return nil
}

// push appends an element to the array at p, or with a key a member to the object.
func (e *Edit) push(p path, key *string, value any) error {
	doc, v, err := e.at(p)
	if err != nil {
		return err
	}
	e.text = appendTo(doc, v, key, value)
	return nil
}

// set gives the object at p a member. A missing object is made.
func (e *Edit) set(p path, key string, value any) error {
	_, v, err := e.at(p)
	if err != nil {
		return err
	}
	if _, ok := objectOf(v); !ok {
		if len(p) == 0 {
			return fmt.Errorf("edit configuration: the file is not an object in {}")
		}
		name, isKey := p[len(p)-1].(string)
		if !isKey || v != nil && v.Value.Kind() != 'n' && v.Value.Kind() != '[' {
			return fmt.Errorf("edit configuration: %v is not an object in {}", p)
		}
		return e.set(p[:len(p)-1], name, object{{key, value}})
	}
	if find(v, key) != nil {
		return e.put(p.then(key), value)
	}
	return e.push(p, &key, value)
}

// unset removes every member with a key from the object at p.
func (e *Edit) unset(p path, key string) error {
	for {
		doc, v, err := e.at(p)
		if err != nil {
			return err
		}
		i := findIndex(v, key)
		if i < 0 {
			return nil
		}
		e.text = removeFrom(doc, v, i)
	}
}

// drop removes the element i from the array at p.
func (e *Edit) drop(p path, i int) error {
	doc, v, err := e.at(p)
	if err != nil {
		return err
	}
	e.text = removeFrom(doc, v, i)
	return nil
}

// enclose puts text before and after the value at p.
func (e *Edit) enclose(p path, before, after string) error {
	doc, v, err := e.at(p)
	if err != nil {
		return err
	}
	e.text = splice(doc.text, cut{v.StartOffset, v.StartOffset, before}, cut{v.EndOffset, v.EndOffset, after})
	return nil
}

// file makes a bare list of servers into a configuration with mcpServers.
func (e *Edit) file() error {
	doc, err := e.read()
	if err != nil {
		return err
	}
	switch formOf(&doc.root) {
	case formEntry:
		return e.enclose(nil, `{"mcpServers": [`, `]}`)
	case formMap, formEntries:
		return e.enclose(nil, `{"mcpServers": `, `}`)
	}
	return nil
}

// setList changes a list of texts from old to list, element by element, so that those
// that stay keep their references. A nil list removes it.
func (e *Edit) setList(p path, key string, old, list []string) error {
	if equalLists(old, list) {
		return nil
	}
	if list == nil {
		return e.unset(p, key)
	}
	_, v, err := e.at(p.then(key))
	if err != nil {
		return err
	}
	n := len(elements(v))
	if v == nil || v.Value.Kind() != '[' || n != len(old) {
		return e.set(p, key, list)
	}
	for i := n - 1; i >= len(list); i-- {
		if err := e.drop(p.then(key), i); err != nil {
			return err
		}
	}
	for i, s := range list {
		switch {
		case i >= n:
			err = e.push(p.then(key), nil, s)
		case old[i] != s:
			err = e.put(p.then(key, i), s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// setPairs changes a map of texts from old to pairs, member by member.
func (e *Edit) setPairs(p path, key string, old, pairs map[string]string) error {
	if len(pairs) == 0 && len(old) > 0 {
		return e.unset(p, key)
	}
	for name := range old {
		if _, stays := pairs[name]; !stays {
			if err := e.unset(p.then(key), name); err != nil {
				return err
			}
		}
	}
	for _, f := range sorted(pairs) {
		if before, there := old[f.key]; there && before == f.value {
			continue
		}
		if err := e.set(p.then(key), f.key, f.value); err != nil {
			return err
		}
	}
	return nil
}

// setWord changes a text member; empty removes it.
func (e *Edit) setWord(p path, key, old, word string) error {
	switch {
	case old == word:
		return nil
	case word == "":
		return e.unset(p, key)
	}
	return e.set(p, key, word)
}

func keyPath(key string) path {
	var p path
	for part := range strings.SplitSeq(key, ".") {
		if part != "" {
			p = append(p, part)
		}
	}
	return p
}
