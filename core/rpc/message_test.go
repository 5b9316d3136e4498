package rpc

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name  string
		frame string
		want  Message
	}{
		{"official initialize has id 0",
			`{"id":0,"jsonrpc":"2.0","method":"initialize","params":{"a":1}}`,
			Message{Kind: KindRequest, Method: "initialize", ID: []byte("0"), Params: []byte(`{"a":1}`)}},
		{"negative id", `{"jsonrpc":"2.0","id":-7,"method":"ping"}`,
			Message{Kind: KindRequest, Method: "ping", ID: []byte("-7")}},
		{"relay string id", `{"jsonrpc":"2.0","id":"ab-1_n_1","method":"ping"}`,
			Message{Kind: KindRequest, Method: "ping", ID: []byte(`"ab-1_n_1"`)}},
		{"float id keeps its digits", `{"jsonrpc":"2.0","id":1.50,"method":"ping"}`,
			Message{Kind: KindRequest, Method: "ping", ID: []byte("1.50")}},
		{"id beyond 2^53", `{"jsonrpc":"2.0","id":9007199254740993123,"method":"ping"}`,
			Message{Kind: KindRequest, Method: "ping", ID: []byte("9007199254740993123")}},
		{"null id is a request", `{"jsonrpc":"2.0","id":null,"method":"ping"}`,
			Message{Kind: KindRequest, Method: "ping", ID: []byte("null")}},
		{"object id", `{"jsonrpc":"2.0","id":{"a":[1]},"method":"ping"}`,
			Message{Kind: KindRequest, Method: "ping", ID: []byte(`{"a":[1]}`)}},
		{"white space", " \n{ \"jsonrpc\" : \"2.0\" , \"method\" : \"x\" }\t",
			Message{Kind: KindNotification, Method: "x"}},
		{"escaped names", `{"jsonrpc":"2.0","\u0069d":3,"me\u0074hod":"a\/b"}`,
			Message{Kind: KindRequest, Method: "a/b", ID: []byte("3")}},
		{"result", `{"jsonrpc":"2.0","id":1,"result":{"x":[]}}`,
			Message{Kind: KindResponse, ID: []byte("1"), Result: []byte(`{"x":[]}`)}},
		{"null result", `{"jsonrpc":"2.0","id":1,"result":null}`,
			Message{Kind: KindResponse, ID: []byte("1"), Result: []byte("null")}},
		{"error", `{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"m"}}`,
			Message{Kind: KindResponse, ID: []byte("1"), Error: []byte(`{"code":-1,"message":"m"}`)}},
		{"unknown members are ignored", `{"x":1,"jsonrpc":"2.0","ID":5,"method":"m","Method":"n"}`,
			Message{Kind: KindNotification, Method: "m"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse([]byte(tt.frame))
			if err != nil {
				t.Fatal(err)
			}
			if got.Kind != tt.want.Kind || got.Method != tt.want.Method ||
				string(got.ID) != string(tt.want.ID) || string(got.Params) != string(tt.want.Params) ||
				string(got.Result) != string(tt.want.Result) || string(got.Error) != string(tt.want.Error) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	deep := strings.Repeat("[", 100_000)
	tests := []struct {
		name, frame string
		code        int
		id          string
	}{
		{"empty", ``, CodeParse, ""},
		{"garbage", `hello`, CodeParse, ""},
		{"cut off", `{"jsonrpc":"2.0","id":1,"method":"ping"`, CodeParse, ""},
		{"two objects", `{"jsonrpc":"2.0","id":1,"method":"a"}{}`, CodeParse, ""},
		{"invalid UTF-8", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", CodeParse, ""},
		{"100,000 levels", `{"jsonrpc":"2.0","id":1,"method":"a","params":` + deep, CodeParse, ""},
		{"bare levels", deep, CodeParse, ""},
		{"batch", `[{"jsonrpc":"2.0","id":1,"method":"ping"}]`, CodeInvalidRequest, ""},
		{"number", `1`, CodeInvalidRequest, ""},
		{"null", `null`, CodeInvalidRequest, ""},
		{"no version", `{"id":1,"method":"ping"}`, CodeInvalidRequest, "1"},
		{"version 1", `{"jsonrpc":"1.0","id":1,"method":"ping"}`, CodeInvalidRequest, "1"},
		{"method is no string", `{"jsonrpc":"2.0","id":1,"method":5}`, CodeInvalidRequest, "1"},
		{"empty method", `{"jsonrpc":"2.0","id":1,"method":""}`, CodeInvalidRequest, "1"},
		{"two ids", `{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}`, CodeInvalidRequest, "2"},
		{"two methods", `{"jsonrpc":"2.0","id":1,"method":"a","method":"b"}`, CodeInvalidRequest, "1"},
		{"nothing", `{"jsonrpc":"2.0","id":1}`, CodeInvalidRequest, "1"},
		{"method and result", `{"jsonrpc":"2.0","id":1,"method":"a","result":1}`, CodeInvalidRequest, "1"},
		{"result and error", `{"jsonrpc":"2.0","id":1,"result":1,"error":{}}`, CodeInvalidRequest, "1"},
		{"result without id", `{"jsonrpc":"2.0","result":1}`, CodeInvalidRequest, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := Parse([]byte(tt.frame))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if e.Code != tt.code || string(m.ID) != tt.id {
				t.Errorf("code %d id %q, want %d %q", e.Code, m.ID, tt.code, tt.id)
			}
		})
	}
}

func TestParseAllocations(t *testing.T) {
	frame := []byte(`{"id":10,"jsonrpc":"2.0","method":"tools/call","params":{"name":"calculator","arguments":{"python_expression":"1+1"}}}`)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := Parse(frame); err != nil {
			t.Fatal(err)
		}
	}); n > 1 {
		t.Errorf("Parse allocates %v times, want at most 1", n)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{"jsonrpc":"2.0","id":0,"method":"ping"}`, `[]`, `{"id":1`, `{"jsonrpc":"2.0","id":"\ud800","method":"x"}`,
		`{"jsonrpc":"2.0","id":1,"error":{"code":1e9,"message":"x"}}`, `{"jsonrpc":"2.0","\u0069d":1,"result":[]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		m, err := Parse(frame)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("error is %T, want *Error", err)
			}
			AppendErrorResponse(nil, m.ID, e)
			return
		}
		if !json.Valid(frame) {
			t.Fatalf("accepted what encoding/json refuses: %q", frame)
		}
		for _, raw := range [][]byte{m.ID, m.Params, m.Result, m.Error} {
			if raw != nil && !json.Valid(raw) {
				t.Fatalf("part is no JSON: %q", raw)
			}
		}
		if m.Kind == KindRequest {
			answer := AppendResult(nil, m.ID, []byte(`{}`))
			back, err := Parse(answer)
			if err != nil || string(back.ID) != string(m.ID) {
				t.Fatalf("id %q came back as %q, %v", m.ID, back.ID, err)
			}
		}
		if m.Error != nil {
			ParseError(m.Error)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	small := []byte(`{"id":10,"jsonrpc":"2.0","method":"tools/call","params":{"name":"calculator","arguments":{"python_expression":"1+1"},"clientId":null}}`)
	big := []byte(`{"id":10,"jsonrpc":"2.0","method":"tools/call","params":{"name":"note","arguments":{"text":"` + strings.Repeat("中文abcdefgh ", 700) + `"}}}`)
	for _, bb := range []struct {
		name  string
		frame []byte
	}{{"small", small}, {"10KB", big}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(bb.frame)))
			for b.Loop() {
				if _, err := Parse(bb.frame); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
