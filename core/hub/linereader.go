package hub

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"runtime"

	"github.com/go-json-experiment/json/jsontext"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/session"
)

// longestMessage bounds one message of a server, in bytes.
const longestMessage = 32 << 20

// lineReader reads the messages of a program from its standard output.
type lineReader struct {
	r     *bufio.Reader
	limit int
	long  []byte // gathers a line longer than the buffer of r
}

func newLineReader(r io.Reader, limit int) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 64<<10), limit: limit}
}

// tooLong is a line over the limit: its beginning and its end.
type tooLong struct{ head, tail []byte }

func (*tooLong) Error() string { return "line too long" }

// next returns the next line without its break and outer white space, valid until
// the following call. A *tooLong is no end: the next line can be read. What stands
// after the last break is returned before io.EOF.
func (l *lineReader) next() ([]byte, error) {
	const keep = 1 << 20
	if cap(l.long) > keep {
		l.long = nil
	}
	l.long = l.long[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		switch {
		case err == nil && len(l.long) == 0:
			return bytes.TrimSpace(part), nil
		case errors.Is(err, bufio.ErrBufferFull):
			l.long = append(l.long, part...)
			if len(l.long) > l.limit {
				return nil, l.skip()
			}
		case err == nil, errors.Is(err, io.EOF) && len(part)+len(l.long) > 0:
			l.long = append(l.long, part...)
			if len(l.long) > l.limit {
				return nil, l.tooLong(l.long)
			}
			return bytes.TrimSpace(l.long), nil
		default:
			return nil, err
		}
	}
}

const edge = 4 << 10

// skip reads to the end of a line that is too long.
func (l *lineReader) skip() error {
	tail := bytes.Clone(l.long[len(l.long)-edge:])
	for {
		part, err := l.r.ReadSlice('\n')
		tail = append(tail, part[max(0, len(part)-edge):]...)
		tail = tail[max(0, len(tail)-edge):]
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		return l.tooLong(append(l.long, tail...))
	}
}

func (l *lineReader) tooLong(line []byte) error {
	return &tooLong{head: bytes.Clone(line[:min(edge, len(line))]), tail: bytes.Clone(line[max(0, len(line)-edge):])}
}

var lastID = regexp.MustCompile(`"id"\s*:\s*(\d{1,18})\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?}\s*$`)

// id returns the id of the answer that was too long, if it can be told.
func (t *tooLong) id() (int64, bool) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(t.head), jsontext.AllowDuplicateNames(true))
	if tok, err := dec.ReadToken(); err == nil && tok.Kind() == '{' {
		for dec.PeekKind() == '"' {
			name, err := dec.ReadToken()
			if err != nil {
				break
			}
			key := name.String()
			value, err := dec.ReadValue()
			if err != nil {
				break
			}
			if key == "id" {
				return session.ParseID(value)
			}
			if key == "method" {
				return 0, false
			}
		}
	}
	if m := lastID.FindSubmatch(t.tail); m != nil {
		return session.ParseID(m[1])
	}
	return 0, false
}

// stackKept is what a reader leaves unused on its stack. The garbage collector halves a stack
// of which less than a quarter is in use, and the next answer would wait until it has grown
// again.
const stackKept = 2 << 10

// readLines hands every message of r to p until r ends, and returns why it did.
func readLines(r io.Reader, p *peer) error {
	var room [stackKept]byte
	defer runtime.KeepAlive(&room)
	lines := newLineReader(r, longestMessage)
	for {
		line, err := lines.next()
		var long *tooLong
		switch {
		case errors.As(err, &long):
			id, ok := long.id()
			if !ok {
				id, ok = p.OnlyCall()
			}
			p.Strange("a message over 32 MiB", long.head)
			if ok {
				p.Deliver(id, session.Answer{Err: errTooLarge})
			}
			continue
		case err != nil:
			return err
		case len(line) == 0:
			continue
		case line[0] != '{':
			p.Strange("a line that is no message", line)
			continue
		}
		if id, result, ok := plainResponse(line); ok {
			p.Deliver(id, session.Answer{Result: bytes.Clone(result), Plain: true})
			continue
		}
		m, err := rpc.Parse(line)
		if err != nil {
			p.Strange("a line that is no message", line)
			continue
		}
		p.Receive(m)
	}
}
