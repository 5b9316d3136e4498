package config

import (
	"encoding"
	"fmt"
	"math"
	"time"
)

// SetOption changes a setting. Key is one of OptionKeys. Value is a bool, an int, a
// float64, a string, a time.Duration (written in milliseconds), a strategy, or nil to
// go back to the default. A file that has the setting under an older key keeps it there.
func (e *Edit) SetOption(key string, value any) error {
	i := optionIndex(key)
	if i < 0 {
		return fmt.Errorf("set option %s: there is no such option", masked(key))
	}
	var written any
	switch v := value.(type) {
	case nil:
	case bool, int, string:
		written = v
	case int64:
		written = int(v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("set option %s: the value is not a finite number", key)
		}
		written = v
	case time.Duration:
		written = int(v.Milliseconds())
	case encoding.TextMarshaler:
		text, err := v.MarshalText()
		if err != nil {
			return fmt.Errorf("set option %s: %w", key, err)
		}
		written = string(text)
	default:
		return fmt.Errorf("set option %s: a value of type %T cannot be written", key, value)
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
	_, at := options[i].locate(&doc.root)
	p := keyPath(at)
	return e.set(p[:len(p)-1], p[len(p)-1].(string), written)
}
