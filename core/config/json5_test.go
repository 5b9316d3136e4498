package config

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/tailscale/hujson"
)

func TestRewriteJSON5(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`{}`, `{}`},
		{"\ufeff{ // c\r\n\"a\": [1, 2,], /* x */ }\r\n", "{ // c\r\n\"a\": [1, 2,], /* x */ }\r\n"},
		{`{a: 1, $b_2: 'x', 'c-d': "y"}`, `{"a": 1, "$b_2": "x", "c-d": "y"}`},
		{`{中文: 1, \u0061b: 2}`, `{"中文": 1, "ab": 2}`},
		{`[0x1F, -0xa, +1, .5, 5., -.5e3, 5.e3, 1E+2, Infinity, -Infinity]`, `[31, -10, 1, 0.5, 5, -0.5e3, 5e3, 1E+2, 1e999, -1e999]`},
		{`'it\'s "so"\x41\v\0'`, `"it's \"so\"\u0041\u000b\u0000"`},
		{"'one \\\n two \\\r\n three'", `"one  two  three"`},
		{"\"tab\there\"", `"tab\u0009here"`},
		{`"\a\/\u00e9"`, `"a\/\u00e9"`},
		{"[1]\u00a0\u2028// end", "[1] \n// end\n"},
		{"// mac\r[\v1]", "// mac\n[ 1]"},
		{`[true,false,null]`, `[true,false,null]`},
	} {
		got, _, err := rewriteJSON5([]byte(tt.in))
		if err != nil || string(got) != tt.want {
			t.Errorf("rewrite %q\n got %q, %v\nwant %q", tt.in, got, err, tt.want)
		}
	}
}

func TestRewriteRefuses(t *testing.T) {
	for in, offset := range map[string]int{
		"": 0, " \n": 2, "{": 1, "[1": 2, `{"a" 1}`: 5, `{"a":}`: 5, `{,}`: 1, `[,]`: 1, `[1,,]`: 3,
		`[1 2]`: 3, `{"a":1 "b":2}`: 7, `{} {}`: 3, `[010]`: 1, `[0x]`: 1, `[.]`: 1, `[+]`: 1, `[1e]`: 1, `[NaN]`: 1,
		`["a`: 1, "[\"a\n\"]": 1, `["\1"]`: 2, `["\u12"]`: 2, `["\x1"]`: 2, `/* x`: 0, `/`: 0, `[1]/`: 3, `hello`: 0, "\xff": 0,
		`{1: 2}`: 1, `["\01"]`: 2, `["\`: 1, "[--1]": 1,
	} {
		_, _, err := rewriteJSON5([]byte(in))
		var syntax *syntaxError
		if !errors.As(err, &syntax) || syntax.offset != offset {
			t.Errorf("rewrite %q: got %#v, want a syntax error at %d", in, err, offset)
		}
	}
	deep := strings.Repeat("[", 10000)
	var syntax *syntaxError
	if _, _, err := rewriteJSON5([]byte(deep)); !errors.As(err, &syntax) || syntax.code != CodeTooLarge {
		t.Errorf("deep nesting: %v", err)
	}
	many := "[" + strings.Repeat("0,", maxValues) + "]"
	if _, _, err := rewriteJSON5([]byte(many)); !errors.As(err, &syntax) || syntax.code != CodeTooLarge {
		t.Errorf("many values: %v", err)
	}
}

func TestPositionsLeadBack(t *testing.T) {
	in := "\ufeff{\r\n  // 注释\r\n  key: 'one\\\r\n two', n: 0xFFFF, 名: +7}"
	out, back, err := rewriteJSON5([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	for _, find := range []struct{ out, in string }{{`"key"`, "key"}, {`"one two"`, "'one"}, {"65535", "0xFFFF"}, {`"名"`, "名"}, {"7", "+7"}} {
		at := strings.Index(string(out), find.out)
		if got, want := back.offset(at), strings.Index(in, find.in); got != want {
			t.Errorf("%s leads to %d, want %d", find.out, got, want)
		}
	}
	for _, at := range []struct {
		text         string
		line, column int
	}{{"{", 1, 1}, {"key", 3, 3}, {"two", 4, 2}, {"名", 4, 19}} {
		if line, column := lineColumn([]byte(in), strings.Index(in, at.text)); line != at.line || column != at.column {
			t.Errorf("%s is at %d:%d, want %d:%d", at.text, line, column, at.line, at.column)
		}
	}
	if line, _ := lineColumn([]byte("a\rb\rc"), 4); line != 3 {
		t.Errorf("lone carriage returns: line %d, want 3", line)
	}
}

func FuzzRewriteJSON5(f *testing.F) {
	for _, seed := range []string{`{a:'b\'',c:[0x1,+.5,],}`, "\ufeff// c\r{}//", "['\\\n','\\x41', \"\t\"]", `{"a":1}`, "[1]\u2028", "{\\u0061:Infinity}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		out, back, err := rewriteJSON5(data)
		if err != nil {
			var syntax *syntaxError
			if !errors.As(err, &syntax) || syntax.offset < 0 || syntax.offset > len(data) {
				t.Fatalf("error %#v", err)
			}
			if json.Valid(data) && syntax.code == CodeSyntax {
				t.Fatalf("valid JSON is refused: %v", err)
			}
			return
		}
		if _, err := hujson.Parse(append([]byte(nil), out...)); err != nil {
			t.Fatalf("hujson refuses %q made of %q: %v", out, data, err)
		}
		again, _, err := rewriteJSON5(out)
		if err != nil || string(again) != string(out) {
			t.Fatalf("a second pass turns %q into %q, %v", out, again, err)
		}
		if json.Valid(data) && string(out) != string(data) {
			t.Fatalf("valid JSON %q becomes %q", data, out)
		}
		last := 0
		for i := range out {
			in := back.offset(i)
			if in < last || in > len(data) {
				t.Fatalf("offset %d leads to %d after %d", i, in, last)
			}
			last = in
		}
	})
}
