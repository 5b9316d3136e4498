package config

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/tailscale/hujson"
)

// SetOption changes a setting. Key is one of OptionKeys. Value is a bool, an int, a
// float64, a string, a time.Duration (written in milliseconds), a strategy, a list of
// texts, or nil to go back to the default. A list may be a []any of what a value may be,
// which the check of the result refuses where a text is wanted. A file that has the
// setting under an older key keeps it there.
func (e *Edit) SetOption(key string, value any) error {
	i := optionIndex(key)
	if i < 0 {
		return fmt.Errorf("set option %s: there is no such option", masked(key))
	}
	written, err := optionValue(value)
	if err != nil {
		return fmt.Errorf("set option %s: %w", key, err)
	}
	if err := e.file(); err != nil {
		return err
	}
	if written == nil {
		for _, at := range append([]string{key}, options[i].aliases...) {
			p := keyPath(at)
			if err := e.unset(p[:len(p)-1], p[len(p)-1].(string)); err != nil {
				return err
			}
		}
		return nil
	}
	doc, err := e.read()
	if err != nil {
		return err
	}
	v, at := options[i].locate(&doc.root)
	p := keyPath(at)
	p, last := p[:len(p)-1], p[len(p)-1].(string)
	if list, ok := written.([]string); ok {
		return e.setList(p, last, textsOf(v), list)
	}
	return e.set(p, last, written)
}

// optionValue is a value of SetOption as it is written.
func optionValue(value any) (any, error) {
	switch v := value.(type) {
	case nil, bool, int, string:
		return v, nil
	case int64:
		return int(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, errors.New("the value is not a finite number")
		}
		return v, nil
	case time.Duration:
		return int(v.Milliseconds()), nil
	case encoding.TextMarshaler:
		text, err := v.MarshalText()
		return string(text), err
	case []string:
		return append([]string{}, v...), nil
	case []any:
		return optionList(v)
	}
	return nil, fmt.Errorf("a value of type %T cannot be written", value)
}

// optionList is a list of texts, or of whatever it holds if there is anything else in it.
func optionList(list []any) (any, error) {
	texts, all := []string{}, make([]any, len(list))
	for i, value := range list {
		written, err := optionValue(value)
		if err != nil {
			return nil, err
		}
		if text, ok := written.(string); ok {
			texts = append(texts, text)
		}
		all[i] = written
	}
	if len(texts) == len(list) {
		return texts, nil
	}
	return all, nil
}

// textsOf are the elements of a list as they stand in the file; nil when they are not all
// texts.
func textsOf(v *hujson.Value) []string {
	list := elements(v)
	texts := make([]string, 0, len(list))
	for i := range list {
		text, ok := stringOf(&list[i])
		if !ok {
			return nil
		}
		texts = append(texts, text)
	}
	return texts
}
