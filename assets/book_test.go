package assets

import (
	"testing"

	"golang.org/x/text/feature/plural"
)

func TestReadBook(t *testing.T) {
	b, err := readBook("{\n \"b\" : \"two \\\"2\\\"\", \"a\":{\"one\":\"1\",\"other\":\"\\u4e2d\"} , \"c\": \"\"}\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		key  string
		form plural.Form
		want string
		ok   bool
	}{
		{"a", plural.One, "1", true},
		{"a", plural.Other, "中", true},
		{"a", plural.Few, "中", true},
		{"b", plural.One, `two "2"`, true},
		{"c", plural.Other, "", true},
		{"", plural.Other, "", false},
		{"d", plural.Other, "", false},
	} {
		if got, ok := b.find(c.key, c.form); got != c.want || ok != c.ok {
			t.Errorf("%q in form %v: got %q, %v", c.key, c.form, got, ok)
		}
	}
	for _, bad := range []string{"", "[]", `{"a"`, `{"a":`, `{"a":1}`, `{"a":"x"} {}`, `{"a":"x","a":"y"}`, `{"a\n":"x"}`, `{"a":null}`} {
		if b, err := readBook(bad); err == nil {
			t.Errorf("%s was read as %v", bad, b)
		}
	}
}

func TestReadPhrase(t *testing.T) {
	for text, want := range map[string]int{
		"":                   1,
		"plain":              1,
		"{{.a}}":             2,
		"x {{.a}} y {{.b}}z": 3,
		"open {{.a":          1,
		"{{ .a }} }} {{":     1,
	} {
		p := readPhrase(text)
		if len(p) != want {
			t.Errorf("%q has parts %q", text, p)
		}
		if got := Words("en").fill(p, nil); got != text {
			t.Errorf("%q without values is %q", text, got)
		}
	}
}
