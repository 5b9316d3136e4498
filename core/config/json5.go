package config

import (
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/tailscale/hujson"
)

// Bounds on a file, so that a hostile one costs little.
const (
	maxFileBytes = 4 << 20
	maxDepth     = 64
	maxValues    = 200_000
)

const byteOrderMark = "\ufeff"

// syntaxError is a place where text stops being JSON5.
type syntaxError struct {
	offset  int // in the original text
	code    string
	args    map[string]any // of the Problem
	message string
}

func (e *syntaxError) Error() string { return e.message }

// rewriter turns JSON5 into JSON with comments and trailing commas (JWCC),
// which is what hujson reads. Text that already is JWCC comes out unchanged, byte
// for byte, but for a byte order mark and a line comment that lacks its newline
// at the very end. Comments and the space between tokens stay; only tokens that
// JSON lacks are spelled anew: bare keys, single quotes, hexadecimal and signed
// numbers, line continuations. It checks the whole grammar, so that hujson has
// nothing left to refuse and every error has a place.
type rewriter struct {
	in     []byte
	pos    int
	out    []byte
	marks  []mark
	values int
}

// rewriteJSON5 returns data as JWCC and the way back to its offsets. The error is
// a *syntaxError.
func rewriteJSON5(data []byte) (jwcc []byte, back *positions, err error) {
	if i := firstInvalid(data); i >= 0 {
		return nil, nil, &syntaxError{i, CodeEncoding, map[string]any{"reason": "utf-8"}, "the file is not UTF-8 text; save it again with the encoding UTF-8"}
	}
	r := &rewriter{in: data, out: make([]byte, 0, len(data)+1)}
	if len(data) >= len(byteOrderMark) && string(data[:len(byteOrderMark)]) == byteOrderMark {
		r.pos = len(byteOrderMark)
	}
	r.mark()
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case *syntaxError:
			jwcc, back, err = nil, nil, thrown
		default:
			panic(thrown)
		}
	}()
	r.space()
	if r.pos == len(r.in) {
		r.fail(r.pos, "empty", nil, "the file is empty; it must hold an object in braces, such as {}")
	}
	r.value(0)
	r.space()
	if r.pos < len(r.in) {
		r.failSeen(r.pos, "trailing", "there is %s after the end of the configuration; remove it, or the bracket before it")
	}
	return r.out, &positions{original: data, marks: r.marks}, nil
}

func firstInvalid(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		c, n := utf8.DecodeRune(data[i:])
		if c == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// fail leaves by panic, which rewriteJSON5 turns into its error: the descent is
// deep and every step of it may fail.
func (r *rewriter) fail(offset int, reason string, args map[string]any, format string, a ...any) {
	r.failAs(CodeSyntax, offset, reason, args, format, a...)
}

func (r *rewriter) failAs(code string, offset int, reason string, args map[string]any, format string, a ...any) {
	if args == nil {
		args = map[string]any{}
	}
	args["reason"] = reason
	panic(&syntaxError{offset, code, args, fmt.Sprintf(format, a...)})
}

// failSeen is fail with an argument that names the character at the current place.
// It is not called at the end of the file.
func (r *rewriter) failSeen(offset int, reason, format string) {
	c, _ := utf8.DecodeRune(r.in[r.pos:])
	have := strconv.QuoteRune(c)
	r.fail(offset, reason, map[string]any{"have": have}, format, have)
}

// mark notes that the next byte out comes from the current place.
func (r *rewriter) mark() {
	if n := len(r.marks); n > 0 && r.marks[n-1].in-r.marks[n-1].out == r.pos-len(r.out) {
		return
	}
	r.marks = append(r.marks, mark{len(r.out), r.pos})
}

// copy passes n bytes through.
func (r *rewriter) copy(n int) {
	r.out = append(r.out, r.in[r.pos:r.pos+n]...)
	r.pos += n
}

// replace writes other text for the next n bytes.
func (r *rewriter) replace(n int, text string) {
	r.out = append(r.out, text...)
	r.pos += n
	// Two marks keep an offset inside the new text from running past the old.
	r.marks = append(r.marks, mark{len(r.out), r.pos})
}

func (r *rewriter) peek() byte {
	if r.pos < len(r.in) {
		return r.in[r.pos]
	}
	return 0
}

// space passes white space and comments.
func (r *rewriter) space() {
	for r.pos < len(r.in) {
		switch c := r.in[r.pos]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			r.copy(1)
		case c == '\v' || c == '\f':
			r.replace(1, " ")
		case c == '/':
			r.comment()
		case c >= utf8.RuneSelf:
			wide, n := utf8.DecodeRune(r.in[r.pos:])
			switch {
			case wide == '\u2028' || wide == '\u2029':
				r.replace(n, "\n")
			case wide == '\ufeff' || unicode.Is(unicode.Zs, wide):
				r.replace(n, " ")
			default:
				return
			}
		default:
			return
		}
	}
}

func (r *rewriter) comment() {
	start := r.pos
	if r.pos+1 >= len(r.in) {
		r.fail(start, "slash", nil, "a lone slash stands here; a comment starts with // or /*")
	}
	switch r.in[r.pos+1] {
	case '*':
		for i := r.pos + 2; i+1 < len(r.in); i++ {
			if r.in[i] == '*' && r.in[i+1] == '/' {
				r.copy(i + 2 - r.pos)
				return
			}
		}
		r.fail(start, "comment-open", nil, "the comment that starts here is never closed; add */ where it ends")
	case '/':
		for r.pos < len(r.in) {
			c, n := utf8.DecodeRune(r.in[r.pos:])
			switch {
			case c == '\n':
				r.copy(1)
				return
			case c == '\r' && (r.pos+1 == len(r.in) || r.in[r.pos+1] != '\n'):
				r.replace(1, "\n")
				return
			case c == '\u2028' || c == '\u2029':
				r.replace(n, "\n")
				return
			}
			r.copy(n)
		}
		r.replace(0, "\n")
	default:
		r.fail(start, "slash", nil, "a lone slash stands here; a comment starts with // or /*")
	}
}

func (r *rewriter) value(depth int) {
	if depth > maxDepth {
		r.failAs(CodeTooLarge, r.pos, "depth", map[string]any{"limit": maxDepth}, "brackets are nested more than %d deep here; no configuration needs that", maxDepth)
	}
	if r.values++; r.values > maxValues {
		r.failAs(CodeTooLarge, r.pos, "values", map[string]any{"limit": maxValues}, "the file holds more than %d values; no configuration needs that", maxValues)
	}
	switch c := r.peek(); {
	case c == '{':
		r.object(depth)
	case c == '[':
		r.array(depth)
	case c == '"' || c == '\'':
		r.quoted()
	case c == '+' || c == '-' || c == '.' || c >= '0' && c <= '9':
		r.number()
	default:
		start := r.pos
		name, n := r.identifier()
		switch name {
		case "true", "false", "null":
			if n == len(name) {
				r.copy(n)
			} else {
				r.replace(n, name)
			}
		case "Infinity":
			r.replace(n, "1e999")
		case "":
			r.failSeen(start, "value", "a value is expected here, but there is %s")
		default:
			r.fail(start, "word", nil, "the word that stands here is not a value; put text in quotes")
		}
	}
}

func (r *rewriter) object(depth int) {
	open := r.pos
	r.copy(1)
	for {
		r.space()
		switch c := r.peek(); {
		case c == '}' && r.pos < len(r.in):
			r.copy(1)
			return
		case r.pos == len(r.in):
			r.unclosed(open, "}")
		case c == '"' || c == '\'':
			r.quoted()
		default:
			start := r.pos
			name, n := r.identifier()
			if n == 0 {
				r.failSeen(start, "key", "a key is expected here, but there is %s")
			}
			r.replace(n, string(hujson.String(name)))
		}
		r.space()
		if r.peek() != ':' {
			if r.pos == len(r.in) {
				r.unclosed(open, "}")
			}
			r.failSeen(r.pos, "colon", "a colon is expected between key and value, but there is %s")
		}
		r.copy(1)
		r.space()
		if r.pos == len(r.in) {
			r.unclosed(open, "}")
		}
		r.value(depth + 1)
		if r.separator(open, '}') {
			return
		}
	}
}

func (r *rewriter) array(depth int) {
	open := r.pos
	r.copy(1)
	for {
		r.space()
		if r.pos == len(r.in) {
			r.unclosed(open, "]")
		}
		if r.peek() == ']' {
			r.copy(1)
			return
		}
		r.value(depth + 1)
		if r.separator(open, ']') {
			return
		}
	}
}

// separator passes the comma or the closing bracket after a value.
func (r *rewriter) separator(open int, closing byte) (closed bool) {
	r.space()
	switch {
	case r.pos == len(r.in):
		r.unclosed(open, string(closing))
	case r.in[r.pos] == ',':
		r.copy(1)
		return false
	case r.in[r.pos] == closing:
		r.copy(1)
		return true
	}
	if closing == '}' {
		r.failSeen(r.pos, "comma-object", "a comma or } is expected here, but there is %s")
	}
	r.failSeen(r.pos, "comma-list", "a comma or ] is expected here, but there is %s")
	return false
}

func (r *rewriter) unclosed(open int, closing string) {
	line, _ := lineColumn(r.in, open)
	r.fail(len(r.in), "bracket-open", map[string]any{"line": line, "want": closing}, "the file ends here, but the bracket opened in line %d is not closed; add %s, or wait until the file is written to its end", line, closing)
}
