package web

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/rpc"
)

func TestTryTool(t *testing.T) {
	s, _, catalogue, _ := newServer(t, nil)
	caller := s.deps.Caller.(*fakeCaller)
	catalogue.tools[4].Schema = []byte(everySchema)
	mark := schemaMark([]byte(everySchema))
	const path = "/tools/switchboard__time"
	wants(t, "form", do(s, request("GET", path)), 200, `name="arg1"`, `value="Beijing"`, `value="`+mark+`"`, `<option value="1" selected>F</option>`)
	for _, c := range []struct {
		name   string
		form   url.Values
		fail   error
		status int
		want   string
		call   string
	}{
		{"well", url.Values{"schema": {mark}, "arg0": {"<b>"}, "arg1": {"2"}}, nil, 200, "noon", `switchboard__time {"place":"\u003cb\u003e","many":2}`},
		{"mistakes", url.Values{"schema": {mark}, "arg0": {""}, "arg1": {"9"}, "arg5": {"{typed"}}, nil, 422, "{typed", ""},
		{"another schema", url.Values{"schema": {"old"}, "arg0": {"x"}, "arg1": {"2"}}, nil, 409, "has changed", ""},
		{"as JSON", url.Values{"arguments": {` {"any": [1]} `}}, nil, 200, "noon", `switchboard__time {"any": [1]}`},
		{"empty JSON", url.Values{"arguments": {""}}, nil, 200, "noon", `switchboard__time {}`},
		{"no JSON", url.Values{"arguments": {"{no"}}, nil, 422, "This is not JSON: look at line 1", ""},
		{"no object", url.Values{"arguments": {"[]"}}, nil, 422, "object", ""},
		{"deep JSON", url.Values{"arguments": {`{"a":` + strings.Repeat("[", 99) + strings.Repeat("]", 99) + "}"}}, nil, 422, "not valid JSON", ""},
		{"off meanwhile", url.Values{"arguments": {"{}"}}, &rpc.Error{Code: rpc.CodeInvalidParams}, 404, "There is no tool of this name", "switchboard__time {}"},
		{"broken", url.Values{"arguments": {"{}"}}, errors.New("token=" + token), 500, "could not be done", "switchboard__time {}"},
	} {
		caller.calls, caller.fail = nil, c.fail
		w := post(s, path+"/try", c.form)
		wants(t, c.name, w, c.status, c.want)
		if got := strings.Join(caller.calls, ", "); got != c.call {
			t.Errorf("%s: called %s, want %s", c.name, got, c.call)
		}
		if c.name == "mistakes" && strings.Count(w.Body.String(), `aria-invalid="true"`) != 3 {
			t.Errorf("mistakes are not beside their fields: %s", w.Body)
		}
	}
	wants(t, "unknown", post(s, "/tools/nothing/try", url.Values{"arguments": {"{}"}}), 404)
	catalogue.tools[4].Schema = []byte(`[]`)
	wants(t, "no form", do(s, request("GET", path)), 200, `name="arguments"`, `id="raw" open`)
	post(s, path+"/disable", nil)
	if page := do(s, request("GET", path)).Body.String(); strings.Contains(page, path+"/try") {
		t.Error("a tool that is off can be tried")
	}
}

func TestOutcome(t *testing.T) {
	p := painter{words: assets.Words("en"), zone: time.UTC}
	for result, want := range map[string]string{
		`{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}`:          "up It answered|a|b",
		`{"isError":true,"content":[{"type":"text","text":"token=abcdef0123456789"}]}`: "down It answered with an error|token=***",
		`{"content":[{"type":"image","mimeType":"image/png","data":"QUJD"}]}`:          "up It answered|Image, image/png, 3 bytes: voice endpoints do not get it.",
		`{"content":[{"type":"resource","resource":{"uri":"file:///a"}},{"type":{}}]}`: "up It answered|Resource file:///a|Content of the kind map[]",
		`{"content":[]}`: "up It answered|The result is empty.",
		`{"content":7}`:  "slow The answer is not a result",
		`[`:              "slow The answer is not a result",
		`{"content":[` + strings.TrimSuffix(strings.Repeat(`1,`, partsShown+2), ",") + `]}`: "up It answered" + strings.Repeat("|Content of the kind ?", partsShown) + "|2 more parts",
	} {
		o := p.outcome([]byte(result), time.Second)
		got := strings.Join(append(append([]string{o.Level.String() + " " + o.Word}, o.Texts...), o.Others...), "|")
		if got != want {
			t.Errorf("%s: got %s, want %s", result, got, want)
		}
	}
	if o := p.outcome([]byte(`{"content":[{"type":"text","text":"`+strings.Repeat("x", 2*longestShown)+`"}]}`), 0); len(o.Texts[0]) > longestShown+8 || len(o.JSON) > longestShown+8 {
		t.Error("a long result is shown whole")
	}
}

// FuzzOutcome holds that no result of a foreign program stops a page.
func FuzzOutcome(f *testing.F) {
	f.Add([]byte(`{"content":[{"type":"text","text":"a"},{"type":["x"],"data":7},null],"isError":true}`))
	f.Add([]byte(`{"content":[{"type":"resource","resource":null}]}`))
	p := painter{words: assets.Words("zh"), zone: time.UTC}
	f.Fuzz(func(t *testing.T, result []byte) {
		o := p.outcome(result, time.Millisecond)
		if len(o.Texts)+len(o.Others) > partsShown+1 || len(o.JSON) > longestShown+8 {
			t.Fatalf("%d parts, %d bytes", len(o.Texts)+len(o.Others), len(o.JSON))
		}
	})
}
