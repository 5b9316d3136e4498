package broker

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

// elements calls visit for each element of the JSON array in array, in order.
// The elements alias array. An error from visit ends the walk and is returned.
func elements(array []byte, visit func(element []byte) error) error {
	dec := jsontext.NewDecoder(bytes.NewBuffer(array), jsontext.AllowDuplicateNames(true))
	if dec.PeekKind() != '[' {
		return errors.New("not a JSON array")
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for kind := dec.PeekKind(); kind != ']'; kind = dec.PeekKind() {
		raw, err := dec.ReadValue()
		if err != nil {
			return err
		}
		end := dec.InputOffset()
		if err := visit(array[end-int64(len(raw)) : end : end]); err != nil {
			return err
		}
	}
	return nil
}

// text decodes a JSON string; anything else is "".
func text(value []byte) string {
	if len(value) == 0 || value[0] != '"' {
		return ""
	}
	s, err := jsontext.AppendUnquote(nil, value)
	if err != nil {
		return ""
	}
	return string(s)
}
