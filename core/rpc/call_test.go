package rpc

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestParseCall(t *testing.T) {
	tests := []struct{ name, params, tool, args string }{
		{"plain", `{"name":"add","arguments":{"a":9007199254740993}}`, "add", `{"a":9007199254740993}`},
		{"attribution is dropped", `{"clientId":null,"_meta":{"agentId":1},"name":"add","arguments":{}}`, "add", `{}`},
		{"no arguments", `{"name":"now"}`, "now", `{}`},
		{"null arguments", `{"name":"now","arguments":null}`, "now", `{}`},
		{"another case is another name", `{"Name":"evil","name":"good","ARGUMENTS":{"x":1}}`, "good", `{}`},
		{"escapes", `{"name":"\u4e2d","arguments":{"k":"\n"}}`, "中", `{"k":"\n"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := ParseCall([]byte(tt.params))
			if err != nil {
				t.Fatal(err)
			}
			if c.Name != tt.tool || string(c.Arguments) != tt.args {
				t.Errorf("got %q %s", c.Name, c.Arguments)
			}
		})
	}
}

func TestParseCallErrors(t *testing.T) {
	for _, tt := range []struct{ params, want string }{
		{``, "invalid JSON"},
		{`null`, "must be an object"},
		{`[]`, "must be an object"},
		{`{}`, `"name" is missing`},
		{`{"name":""}`, `"name" is missing`},
		{`{"name":1}`, `"name" must be a string`},
		{`{"name":"a","name":"b"}`, `"name" is given twice`},
		{`{"name":"a","arguments":[]}`, `"arguments" must be an object`},
		{`{"name":"a","arguments":{},"arguments":{}}`, `"arguments" is given twice`},
	} {
		_, err := ParseCall([]byte(tt.params))
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeInvalidParams || !strings.Contains(e.Message, tt.want) {
			t.Errorf("%s: got %v, want %q", tt.params, err, tt.want)
		}
	}
	if _, err := ParseCall(nil); err == nil {
		t.Error("missing params are accepted")
	}
}

func TestAppendRoundTrip(t *testing.T) {
	args := []byte(`{"a":"x"}`)
	frame := AppendRequest(nil, 7, MethodToolsCall, AppendToolCall(nil, `we"ird`, args))
	m, err := Parse(frame)
	if err != nil || m.Kind != KindRequest || m.Method != MethodToolsCall || string(m.ID) != "7" {
		t.Fatalf("%s: %+v %v", frame, m, err)
	}
	c, err := ParseCall(m.Params)
	if err != nil || c.Name != `we"ird` || string(c.Arguments) != string(args) {
		t.Fatalf("%+v %v", c, err)
	}
	e := &Error{Code: CodeInvalidParams, Message: "no \"tool\"\xff", Data: []byte("[1]")}
	frame = AppendErrorResponse(nil, nil, e)
	if !json.Valid(frame) || !strings.Contains(string(frame), `"id":null`) {
		t.Fatalf("%s", frame)
	}
	m, err = Parse(frame)
	if err != nil {
		t.Fatal(err)
	}
	if got := ParseError(m.Error); got.Code != e.Code || string(got.Data) != "[1]" {
		t.Errorf("got %+v", got)
	}
	if n, err := Parse(AppendNotification(nil, "a/b", nil)); err != nil || n.Kind != KindNotification {
		t.Errorf("%+v %v", n, err)
	}
	if n, err := Parse(AppendRawRequest(nil, []byte(`"u_n_1"`), "ping", nil)); err != nil || string(n.ID) != `"u_n_1"` {
		t.Errorf("%+v %v", n, err)
	}
}

func TestParseError(t *testing.T) {
	for raw, want := range map[string]string{
		`{"code":-32602,"message":"bad"}`: "bad (-32602)",
		`{"message":5}`:                   "the answer is an error without a readable message (-32603)",
		`"oops"`:                          "the answer is an error without a readable message (-32603)",
		`{"code":1.5,"message":"x"}`:      "the answer is an error without a readable message (-32603)",
	} {
		if got := ParseError([]byte(raw)).Error(); got != want {
			t.Errorf("%s: got %q, want %q", raw, got, want)
		}
	}
}

func TestCancelledID(t *testing.T) {
	if got := CancelledID([]byte(`{"requestId":"a","reason":"x"}`)); string(got) != `"a"` {
		t.Errorf("got %s", got)
	}
	if got := CancelledID([]byte(`[]`)); got != nil {
		t.Errorf("got %s", got)
	}
}

func FuzzParseCall(f *testing.F) {
	f.Add([]byte(`{"name":"a","arguments":{"x":1},"_meta":{"progressToken":1}}`))
	f.Add([]byte(`{"name":"a","_meta":[]}`))
	f.Fuzz(func(t *testing.T, params []byte) {
		c, err := ParseCall(params)
		if err != nil {
			return
		}
		again, err := ParseCall(AppendToolCall(nil, c.Name, c.Arguments))
		if err != nil || again.Name != c.Name || string(again.Arguments) != string(c.Arguments) {
			t.Fatalf("%q: %+v came back as %+v, %v", params, c, again, err)
		}
	})
}
