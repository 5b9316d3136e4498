package session

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"xiaozhi-switchboard/core/rpc"
)

// ErrStop ends a walk early.
var ErrStop = errors.New("stop")

// Elements calls visit for each element of the JSON array raw, in order. The
// value aliases raw. An error from visit ends the walk and is returned; any other says
// where raw is no JSON array.
func Elements(raw []byte, visit func(value []byte) error) error {
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true))
	if dec.PeekKind() != '[' {
		return errors.New("not a JSON array")
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		end := dec.InputOffset()
		if err := visit(raw[end-int64(len(value)) : end : end]); err != nil {
			return err
		}
	}
	return nil
}

// Member returns the raw value of the first member of that name, or nil.
func Member(object []byte, name string) []byte {
	var found []byte
	_ = rpc.Members(object, func(n, value []byte) error {
		if string(n) == name {
			found = value
			return ErrStop
		}
		return nil
	})
	return found
}
