package web

import (
	"context"
	"errors"
	"slices"
	"testing"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
)

// TestOptionsAreThoseOfTheFile holds the table against what core/config knows.
func TestOptionsAreThoseOfTheFile(t *testing.T) {
	var keys []string
	for _, o := range options {
		keys = append(keys, o.key)
		if !slices.Contains(sections, o.section) {
			t.Errorf("%s is in no section", o.key)
		}
	}
	want := config.OptionKeys()
	slices.Sort(keys)
	slices.Sort(want)
	if !slices.Equal(keys, want) {
		t.Fatalf("options are %v, want %v", keys, want)
	}
	for _, lang := range assets.Languages() {
		words := assets.Words(lang)
		for _, o := range options {
			for _, name := range o.choices {
				if key := "option.choice." + name; o.key != "language" && words.Say(key) == key {
					t.Errorf("%s has no word for %s", lang, name)
				}
			}
			for part, wanted := range map[string]bool{"name": true, "text": true, "advice": o.advice} {
				key := "option." + o.name() + "." + part
				if has := words.Say(key) != key; has != wanted {
					t.Errorf("%s %s: %v, want %v", lang, key, has, wanted)
				}
			}
		}
	}
}

// try sets one option of an empty file and returns what is wrong then.
func try(t *testing.T, store *config.Store, key string, value any) error {
	t.Helper()
	stop := errors.New("stop")
	var problem error
	_, err := store.Modify(context.Background(), "", func(e *config.Edit) error {
		if err := e.SetOption(key, value); err != nil {
			t.Fatal(err)
		}
		_, problem = e.Config()
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	return problem
}

// TestOptionBounds holds the bounds that pages tell against those that hold.
func TestOptionBounds(t *testing.T) {
	store := inventedStore(t)
	for _, o := range options {
		switch {
		case o.choices != nil:
			for _, name := range o.choices {
				if err := try(t, store, o.key, name); err != nil {
					t.Errorf("%s = %s: %v", o.key, name, err)
				}
			}
			if try(t, store, o.key, "nonsense") == nil {
				t.Errorf("%s takes nonsense", o.key)
			}
		case o.boxed || o.wordy || o.listed:
		default:
			least := o.min
			if o.name() == "maxReconnectDelay" {
				least = 5000 // that of reconnectInterval, which is the default
			}
			for value, good := range map[float64]bool{least: true, o.max: true, o.min - 0.5: false, o.max + 1: false, 0: o.zero || o.min == 0} {
				if err := try(t, store, o.key, value); (err == nil) != good {
					t.Errorf("%s = %v: %v", o.key, value, err)
				}
			}
		}
	}
}

func TestPresetsAreGood(t *testing.T) {
	store := inventedStore(t)
	for _, p := range presets {
		for key, sent := range p.values {
			i := slices.IndexFunc(options, func(o option) bool { return o.key == key })
			if i < 0 {
				t.Fatalf("%s sets %s, which does not exist", p.name, key)
			}
			value, ok := options[i].value(sent)
			if err := try(t, store, key, value); err != nil || !ok {
				t.Errorf("%s: %s = %s: %v", p.name, key, sent, err)
			}
		}
	}
}

func TestOptionValue(t *testing.T) {
	number := option{}
	for sent, want := range map[string]any{"": nil, "30000": 30000.0, "1.5": 1.5, "-1": -1.0} {
		if got, ok := number.value(sent); got != want || !ok {
			t.Errorf("%q: %v %v", sent, got, ok)
		}
	}
	for _, sent := range []string{"x", "1e999", "NaN", "inf", "5 s"} {
		if _, ok := number.value(sent); ok {
			t.Errorf("%q passes for a number", sent)
		}
	}
}
