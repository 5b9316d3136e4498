package hub

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"xiaozhi-switchboard/core/rpc"
)

func TestShape(t *testing.T) {
	words := English()
	one := func(s string) string {
		return `{"content":[{"type":"text","text":` + string(rpc.AppendString(nil, s)) + `}]}`
	}
	for _, tt := range []struct{ name, in, want string }{
		{"untouched", `{ "content" : [ {"text":"a\"b", "type":"text"} ], "isError":false }`, `{ "content" : [ {"text":"a\"b", "type":"text"} ], "isError":false }`},
		{"unknown members go", `{"content":[{"type":"text","text":"a"}],"_meta":{"x":1}}`, one("a")},
		{"annotations go", `{"content":[{"type":"text","text":"a","annotations":{}}]}`, one("a")},
		{"texts are joined", `{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}`, one("a\nb")},
		{"image", `{"content":[{"type":"image","mimeType":"image/png","data":"` + strings.Repeat("A", 4096) + `"}]}`,
			one("[an image, image/png, 3 KB, which cannot be shown here]")},
		{"audio beside text", `{"content":[{"type":"text","text":"a"},{"type":"audio","data":"AAAA"}],"structuredContent":{"b":1}}`,
			one("a\n[a sound, audio, 3 B, which cannot be played here]")},
		{"resource with text", `{"content":[{"type":"resource","resource":{"uri":"file:///a","text":"inside"}}]}`, one("inside")},
		{"resource without", `{"content":[{"type":"resource","resource":{"uri":"file:///a","blob":"AAAA"}}]}`, one("[a file, file:///a, ?, 3 B]")},
		{"link", `{"content":[{"type":"resource_link","uri":"file:///b"}]}`, one("[a link: file:///b]")},
		{"unknown kind", `{"content":[{"type":"hologram"}]}`, one("[something of the kind hologram, which cannot be shown here]")},
		{"structured only", `{"content":[],"structuredContent":{"n":9007199254740993}}`, one(`{"n":9007199254740993}`)},
		{"nothing", `{}`, one(words.Empty)},
		{"empty text", `{"content":[{"type":"text","text":""}]}`, one(words.Empty)},
		{"null", `null`, one(words.Empty)},
		{"a string", `"hello"`, one("hello")},
		{"a list", `[1,2]`, one("[1,2]")},
		{"content is a string", `{"content":"hello"}`, one("hello")},
		{"items are strings", `{"content":["a","b",5]}`, one("a\nb")},
		{"command", `{"content":[{"type":"text","text":"{\"action\":\"exit\"}"}]}`, one(`Result: {"action":"exit"}`)},
		{"hidden command", `{"content":[{"type":"text","text":" {\"\u0061ction\":1}"}]}`, one(`Result:  {"action":1}`)},
		{"no command", `{"content":[{"type":"text","text":"{\"b\":\"action\"}"}]}`, one(`{"b":"action"}`)},
		{"error", `{"isError":true,"content":[{"type":"text","text":"first\nsecond"}]}`,
			`{"isError":true,"error":"first","content":[{"type":"text","text":"first\nsecond"}]}`},
		{"error without words", `{"isError":true}`, `{"isError":true,"error":"` + words.Failed + `","content":[{"type":"text","text":"` + words.Failed + `"}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if out, _ := shape([]byte(tt.in), DefaultMaxResultBytes, &words); string(out) != tt.want {
				got := string(out)
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestShapeCuts(t *testing.T) {
	words := Chinese()
	for _, unit := range []string{"x", "中", "a\n", "\x01", "😀", `"`, "a中😀\n"} {
		for _, limit := range []int{leastResultBytes, 1000, 1001, 1002, 1003} {
			for _, bad := range []bool{false, true} {
				text := strings.Repeat(unit, 2000)
				got := spoken{text: text, isError: bad}.encode(limit, &words)
				if len(got) > limit || len(got) < limit-12 || !json.Valid(got) || !utf8.Valid(got) {
					t.Errorf("%q at %d: %d bytes", unit, limit, len(got))
				}
				if s := readResult(got, &words); !strings.HasSuffix(s.text, words.Cut) {
					t.Errorf("%q at %d: no note in %q", unit, limit, s.text)
				}
			}
		}
	}
	exact := spoken{text: strings.Repeat("x", 1000-len(`{"content":[{"type":"text","text":""}]}`))}.encode(1000, &words)
	if len(exact) != 1000 || strings.Contains(string(exact), words.Cut) {
		t.Errorf("a text that just fits is cut: %d bytes", len(exact))
	}
}

func TestPlainResultAllocatesNothing(t *testing.T) {
	raw := []byte(`{"content":[{"type":"text","text":"` + strings.Repeat(`ab\"c`, 1000) + `"}]}`)
	if n := testing.AllocsPerRun(100, func() {
		if !plainResult(raw) {
			t.Fatal("not plain")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzShape(f *testing.F) {
	for _, s := range []string{`{"content":[{"type":"text","text":"a\\\""}]}`, `{"content":[{"text":"{\"action\":1}","type":"text"}],"isError":false}`,
		`{"isError":true,"content":[{"type":"image"}]}`, `{"content":[{"type":"text","type":"text","text":"a"}]}`, `"\ud800"`} {
		f.Add([]byte(s), 600)
	}
	words := English()
	f.Fuzz(func(t *testing.T, raw []byte, limit int) {
		if rpc.Members(append(append([]byte(`{"a":`), raw...), '}'), func(_, _ []byte) error { return nil }) != nil {
			return // what reaches it was parsed
		}
		limit = min(max(limit, leastResultBytes), 4096)
		out, _ := shape(raw, limit, &words)
		if len(out) > limit {
			t.Fatalf("%d bytes of %d", len(out), limit)
		}
		var result struct {
			Content []struct{ Type, Text string }
		}
		if err := json.Unmarshal(out, &result); err != nil || len(result.Content) != 1 || result.Content[0].Type != "text" || result.Content[0].Text == "" {
			t.Fatalf("%q became %q: %v", raw, out, err)
		}
		if looksLikeCommand(result.Content[0].Text) {
			t.Fatalf("%q became a command: %q", raw, out)
		}
	})
}

func TestHasControl(t *testing.T) {
	for size := range 70 {
		s := bytes.Repeat([]byte{0xff}, size)
		if hasControl(s) {
			t.Errorf("%d bytes without one", size)
		}
		for i := range s {
			for _, c := range []byte{0, 0x1f} {
				s[i] = c
				if !hasControl(s) {
					t.Errorf("%#x at %d of %d is missed", c, i, size)
				}
			}
			s[i] = 0x20
			if hasControl(s) {
				t.Errorf("a space at %d of %d is one", i, size)
			}
		}
	}
}
