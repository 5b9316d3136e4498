package assets

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/feature/plural"
)

// The files stay where the system maps them: strings of them cost no memory of their own.
var (
	//go:embed locales/en.json
	localeEn string
	//go:embed locales/zh.json
	localeZh string
)

var locales = map[string]string{"en": localeEn, "zh": localeZh}

// book is where in the file of a language each text stands, by key. Of two thousand texts
// a program in the tray shows a few, so each is read when it is asked for.
type book []entry

// entry is a key and its value as it stands in the file: a string, or an object with a
// string for each plural form.
type entry struct{ key, value string }

func readBook(file string) (book, error) {
	d := jsontext.NewDecoder(strings.NewReader(file))
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return nil, errors.Join(errors.New("a file of texts must be an object"), err)
	}
	b := make(book, 0, strings.Count(file, "\n"))
	for d.PeekKind() != '}' {
		key, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		end := d.InputOffset() - 1 // of what the quotes enclose
		e := entry{key: file[end-int64(len(key))+2 : end]}
		value, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		if kind := value.Kind(); kind != '"' && kind != '{' || strings.Contains(e.key, `\`) {
			return nil, fmt.Errorf("%q must be a plain key with a string or an object", e.key)
		}
		end = d.InputOffset()
		e.value = file[end-int64(len(value)) : end]
		b = append(b, e)
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return nil, errors.New("there is something after the object")
	}
	slices.SortFunc(b, func(x, y entry) int { return strings.Compare(x.key, y.key) })
	return b, nil
}

// find returns the text of a key in a plural form, or in the form "other" where the text
// does not depend on the number; false when there is no such key.
func (b book) find(key string, form plural.Form) (text string, ok bool) {
	i, ok := slices.BinarySearchFunc(b, key, func(e entry, key string) int { return strings.Compare(e.key, key) })
	if !ok {
		return "", false
	}
	if b[i].value[0] == '"' {
		err := json.Unmarshal([]byte(b[i].value), &text)
		return text, err == nil
	}
	var forms map[string]string
	if json.Unmarshal([]byte(b[i].value), &forms) != nil {
		return "", false
	}
	if text, ok = forms[formNames[form]]; !ok {
		text, ok = forms[formNames[plural.Other]]
	}
	return text, ok
}

// formNames are the names of the plural forms in CLDR.
var formNames = map[plural.Form]string{
	plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many",
}

func mustBook(lang string) book {
	b, err := readBook(locales[lang])
	if err != nil {
		panic(fmt.Sprintf("assets: texts of %s: %v", lang, err)) // the embedded files are part of the program
	}
	return b
}
