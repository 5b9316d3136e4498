package rpc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// errNotObject reports valid JSON that is not an object.
var errNotObject = errors.New("not a JSON object")

// decoder is a reusable tokenizer over one byte slice. bytes.Buffer is what
// jsontext reads in place; any other reader would be copied.
type decoder struct {
	buf bytes.Buffer
	dec jsontext.Decoder
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// Members calls visit for each member of the JSON object in object, in order.
// Name is unescaped and valid only during the call; value is the raw bytes of
// the value and aliases object. An error from visit ends the walk and is
// returned as it is.
//
// The whole of object is checked: other errors say that it is not one valid
// JSON object in valid UTF-8, or nests deeper than 10,000 levels. Names that
// repeat are left to visit, which sees them all.
func Members(object []byte, visit func(name, value []byte) error) error {
	d := decoders.Get().(*decoder)
	defer func() {
		d.buf = bytes.Buffer{}
		d.dec.Reset(&d.buf)
		decoders.Put(d)
	}()
	d.buf = *bytes.NewBuffer(object)
	d.dec.Reset(&d.buf, jsontext.AllowDuplicateNames(true))

	if d.dec.PeekKind() != '{' {
		if err := d.dec.SkipValue(); err != nil {
			return syntaxError(err)
		}
		return errNotObject
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	var unescaped []byte
	for d.dec.PeekKind() == '"' {
		quoted, err := d.dec.ReadValue()
		if err != nil {
			return syntaxError(err)
		}
		name := []byte(quoted[1 : len(quoted)-1])
		if bytes.IndexByte(name, '\\') >= 0 {
			if unescaped, err = jsontext.AppendUnquote(unescaped[:0], quoted); err != nil {
				return syntaxError(err)
			}
			name = unescaped
		} else {
			// ReadValue may reuse its buffer; point into object instead.
			end := d.dec.InputOffset() - 1
			name = object[end-int64(len(name)) : end]
		}
		raw, err := d.dec.ReadValue()
		if err != nil {
			return syntaxError(err)
		}
		end := d.dec.InputOffset()
		value := object[end-int64(len(raw)) : end : end]
		if err := visit(name, value); err != nil {
			return err
		}
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	if _, err := d.dec.ReadToken(); err != io.EOF {
		if err == nil {
			err = errors.New("data after the object")
		}
		return syntaxError(err)
	}
	return nil
}

func syntaxError(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("invalid JSON: %w", err)
}
