package config

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tailscale/hujson"
	"xiaozhi-switchboard/core/secret"
)

// decoder reads values of a document and collects what is wrong with them.
type decoder struct {
	doc *document
	// lookup resolves environment references; nil leaves them as they are.
	lookup   func(string) (string, bool)
	problems []Problem
	warnings []Problem
}

// err returns the problems as an error, or nil.
func (d *decoder) err() error {
	if len(d.problems) == 0 {
		return nil
	}
	return &ProblemsError{Problems: inOrder(d.problems)}
}

func inOrder(list []Problem) []Problem {
	slices.SortStableFunc(list, func(a, b Problem) int {
		if a.Code == CodeTruncated || b.Code == CodeTruncated {
			return 0
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return list
}

// note completes p by the place of at and puts it on a list.
func (d *decoder) note(list *[]Problem, at *hujson.Value, p Problem) {
	if len(*list) > maxProblems {
		return
	}
	if len(*list) == maxProblems {
		*list = append(inOrder(*list), Problem{Code: CodeTruncated, Args: map[string]any{"limit": maxProblems},
			Message: fmt.Sprintf("only the first %d are listed; mend them first", maxProblems)})
		return
	}
	if at != nil {
		p.Line, p.Column = d.doc.place(at)
	}
	*list = append(*list, p)
}

// problem notes what stands in the way of using the file, warn what does not.
func (d *decoder) problem(at *hujson.Value, key, code, value string, args map[string]any, format string, a ...any) {
	d.note(&d.problems, at, Problem{Code: code, Key: key, Value: value, Args: args, Message: fmt.Sprintf(format, a...)})
}

func (d *decoder) warn(at *hujson.Value, key, code, value string, args map[string]any, format string, a ...any) {
	d.note(&d.warnings, at, Problem{Code: code, Key: key, Value: value, Args: args, Message: fmt.Sprintf(format, a...)})
}

// shape names a JSON type, or what is expected in a place that takes several.
type shape string

const (
	shapeNull      shape = "null"
	shapeBoolean   shape = "boolean"
	shapeText      shape = "text"
	shapeNumber    shape = "number"
	shapeObject    shape = "object"
	shapeList      shape = "list"
	shapeFile      shape = "file"
	shapeServer    shape = "server"
	shapeServers   shape = "object-or-list"
	shapeTool      shape = "object-or-boolean"
	shapeEndpoint  shape = "address-or-object"
	shapeEndpoints shape = "address-or-list"
)

var shapeOf = map[hujson.Kind]shape{'n': shapeNull, 't': shapeBoolean, 'f': shapeBoolean, '"': shapeText, '0': shapeNumber, '{': shapeObject, '[': shapeList}

var shapeNames = map[shape]string{
	shapeNull: "null", shapeBoolean: "true or false", shapeText: "text in quotes", shapeNumber: "a number",
	shapeObject: "an object in {}", shapeList: "a list in []",
	shapeFile: "an object in {} with keys such as mcpEndpoint", shapeServer: "an object with a command or a url",
	shapeServers: "an object in {} or a list in []", shapeTool: "an object in {}, or true or false",
	shapeEndpoint: "an address in quotes, or an object with a url", shapeEndpoints: "an address in quotes or a list of them",
}

// wrongType notes that v is not of the wanted type. The value itself is not shown:
// it may be anything.
func (d *decoder) wrongType(v *hujson.Value, key string, want shape) {
	have := shapeOf[v.Value.Kind()]
	d.problem(v, key, CodeType, "", map[string]any{"want": string(want), "have": string(have)},
		"%s is expected here, but there is %s", shapeNames[want], shapeNames[have])
}

// checkKeys warns of keys that are nearly known ones, and of repeated keys. A nil
// known makes every key right.
func (d *decoder) checkKeys(v *hujson.Value, key string, known []string) {
	object, ok := objectOf(v)
	if !ok {
		return
	}
	seen := make(map[string]bool, len(object.Members))
	for i := range object.Members {
		at := &object.Members[i].Name
		name := at.Value.(hujson.Literal).String()
		if seen[name] {
			d.warn(at, joinKey(key, name), CodeDuplicate, "", map[string]any{"reason": "key"}, "this key stands here twice, and only the last one counts; remove one of them")
		}
		seen[name] = true
		if known == nil || slices.Contains(known, name) {
			continue
		}
		if meant, ok := Nearest(name, known); ok && find(v, meant) == nil {
			d.warn(at, joinKey(key, name), CodeUnknownKey, "", map[string]any{"meant": meant}, "this key is unknown and has no effect; perhaps %s is meant", meant)
		}
	}
}

// text returns the text of a string, trimmed.
func (d *decoder) text(v *hujson.Value, key string) (string, bool) {
	s, ok := stringOf(v)
	if !ok {
		d.wrongType(v, key, shapeText)
		return "", false
	}
	return strings.TrimSpace(s), true
}

func (d *decoder) boolean(v *hujson.Value, key string) (value, ok bool) {
	switch v.Value.Kind() {
	case 't':
		return true, true
	case 'f':
		return false, true
	}
	d.wrongType(v, key, shapeBoolean)
	return false, false
}

// flag returns the boolean member name of v, or otherwise.
func (d *decoder) flag(v *hujson.Value, key, name string, otherwise bool) bool {
	if m := findSet(v, name); m != nil {
		if value, ok := d.boolean(m, joinKey(key, name)); ok {
			return value
		}
	}
	return otherwise
}

// word returns the text member name of v, or "".
func (d *decoder) word(v *hujson.Value, key, name string) string {
	if m := findSet(v, name); m != nil {
		s, _ := d.text(m, joinKey(key, name))
		return s
	}
	return ""
}

// number returns a number within bounds. Integers must be whole.
func (d *decoder) number(v *hujson.Value, key string, whole, zero bool, least, most float64) (float64, bool) {
	if v.Value.Kind() != '0' {
		d.wrongType(v, key, shapeNumber)
		return 0, false
	}
	literal := v.Value.(hujson.Literal)
	var n float64
	if err := json.Unmarshal(literal, &n); err != nil {
		n = math.Inf(1)
	}
	if zero && n == 0 {
		return 0, true
	}
	if n < least || n > most || whole && n != math.Trunc(n) {
		kind, or, reason := "a number", "", "number"
		if whole {
			kind, reason = "a whole number", "whole"
		}
		if zero && least > 0 {
			or, reason = ", or 0", reason+"-or-zero"
		}
		d.problem(v, key, CodeRange, shortened(string(literal)), map[string]any{"reason": reason, "min": least, "max": most},
			"this must be %s from %s to %s%s", kind, plainNumber(least), plainNumber(most), or)
		return 0, false
	}
	return n, true
}

func plainNumber(n float64) string {
	text, _ := json.Marshal(n)
	return string(text)
}

// strings returns a list of texts; nil if it is none. Numbers and booleans count as
// their spelling if loose.
func (d *decoder) strings(v *hujson.Value, key string, loose bool) []string {
	if v.Value.Kind() != '[' {
		d.wrongType(v, key, shapeList)
		return nil
	}
	list := elements(v)
	texts := make([]string, 0, len(list))
	for i := range list {
		s, ok := scalar(&list[i], loose)
		if !ok {
			d.wrongType(&list[i], indexKey(key, i), shapeText)
			continue
		}
		texts = append(texts, s)
	}
	return texts
}

// scalar returns the text of a string and, if loose, the spelling of a number or
// boolean.
func scalar(v *hujson.Value, loose bool) (string, bool) {
	switch v.Value.Kind() {
	case '"':
		return stringOf(v)
	case '0', 't', 'f':
		return string(v.Value.(hujson.Literal)), loose
	}
	return "", false
}

// expand resolves the references in s. One that cannot be resolved is a problem, or
// only a warning where nothing depends on it.
func (d *decoder) expand(s string, at *hujson.Value, key string, needed bool) string {
	if d.lookup == nil {
		return s
	}
	expanded, missing := expand(s, d.lookup)
	if missing == "" {
		return expanded
	}
	missing = shortened(secret.Text(missing))
	note := d.problem
	if !needed {
		note = d.warn
	}
	note(at, key, CodeUnresolved, "${"+missing+"}", map[string]any{"name": missing},
		"the environment variable %s is not set; set it and start again, or write ${%s:-default}", missing, missing)
	return expanded
}

// joinKey appends a key to a path, quoted where it is not a plain word.
func joinKey(path, name string) string {
	plain := name != ""
	for _, c := range name {
		if c != '_' && c != '-' && c != '$' && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c < 0x80 {
			plain = false
		}
	}
	if len(name) > 32 {
		name = masked(name)
	} else {
		name = shortened(secret.Text(name))
	}
	switch {
	case !plain:
		return fmt.Sprintf("%s[%q]", path, name)
	case path == "":
		return name
	}
	return path + "." + name
}

func indexKey(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
