package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestWriteDefault(t *testing.T) {
	for _, lang := range []string{"", "zh", "en"} {
		path := filepath.Join(t.TempDir(), "new", "xiaozhi.config.json")
		if err := WriteDefault(path, lang); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Parse(text, environment)
		if err != nil {
			t.Fatal(err)
		}
		want := Default()
		want.Language = lang
		if !reflect.DeepEqual(c, want) {
			t.Errorf("the default file means\n%s\nwant\n%s", describe(c), describe(want))
		}
		for _, key := range OptionKeys() {
			if !strings.Contains(string(text), key[strings.LastIndexByte(key, '.')+1:]) {
				t.Errorf("the default file does not show %s", key)
			}
		}
		var file *FileError
		if err := WriteDefault(path, lang); !errors.Is(err, fs.ErrExist) || !errors.As(err, &file) {
			t.Errorf("a second one: %v", err)
		}
	}
	if err := WriteDefault(filepath.Join(t.TempDir(), "x"), "fr"); err == nil {
		t.Error("an unknown language is taken")
	}
}

// TestDefaultIsEditable adds to every list of the default file.
func TestDefaultIsEditable(t *testing.T) {
	e := newEdit(defaultText, environment)
	if err := errors.Join(e.AddEndpoint(on("wss://a.example")), e.AddServer(run("x", "y")), e.SetOption("port", 8080)); err != nil {
		t.Fatal(err)
	}
	c, err := e.Config()
	if err != nil || len(c.Endpoints) != 1 || len(c.Servers) != 1 || c.Port != 8080 {
		t.Fatalf("%v, %v", c, err)
	}
	for _, piece := range []string{
		"\"servers\": [\"calculator\"] },\n    \"wss://a.example\"\n  ],\n\n",
		"${SEARCH_KEY}\" } },\n    \"x\": {\n      \"command\": \"y\"\n    }\n  },\n",
	} {
		if !strings.Contains(string(e.Text()), piece) {
			t.Errorf("%q is not in\n%s", piece, e.Text())
		}
	}
}
