package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"xiaozhi-switchboard/assets"
)

// fakeRehearser plays what it was told to.
type fakeRehearser struct {
	mu     sync.Mutex
	scenes []RehearsalScene
	report RehearsalReport
	fail   error
	// hold, if not nil, keeps rehearsals until their context ends, and hears of both.
	hold chan string
}

func newRehearser() *fakeRehearser { return &fakeRehearser{report: inventedRehearsal()} }

func (f *fakeRehearser) Families() []RehearsalFamily {
	return []RehearsalFamily{{"official", 300 * time.Second, 8192}, {"official-2025", 10 * time.Second, 8192}, {"relay", 30 * time.Second, 1 << 20}}
}

func (f *fakeRehearser) Rehearse(ctx context.Context, scene RehearsalScene) (RehearsalReport, error) {
	if f.hold != nil {
		f.hold <- "began"
		<-ctx.Done()
		f.hold <- "ended"
		return RehearsalReport{}, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.scenes = append(f.scenes, scene)
	return f.report, f.fail
}

// inventedRehearsal is a rehearsal that went well but for a remark.
func inventedRehearsal() RehearsalReport {
	return RehearsalReport{OK: true, Took: 42 * time.Millisecond, Heard: RehearsalHeard{Text: "It is noon.\n<b>token=abc</b>", Cut: true}, Steps: []RehearsalStep{
		{Name: "connect", Took: 900 * time.Microsecond, Remarks: []RehearsalRemark{{Code: "connected"}}},
		{Name: "initialize", Took: 300 * time.Microsecond, Sent: `{"id":0}`, SentBytes: 205, Got: `{"id":0,"result":{}}`, GotBytes: 173, Remarks: []RehearsalRemark{{Code: "greeted"}}},
		{Name: "list", Level: RehearsalDoubtful, Took: 200 * time.Microsecond, Sent: `{"id":1}`, SentBytes: 58, Got: "{…", GotBytes: 12_000, Remarks: []RehearsalRemark{
			{Code: "listed", Count: 31}, {Code: "many-tools", Level: RehearsalDoubtful, Count: 31, Limit: 30}, {Code: "undescribed", Level: RehearsalDoubtful, Count: 7, Names: []string{"lamp", "fan"}}}},
		{Name: "call", Level: RehearsalDoubtful, Took: 40 * time.Millisecond, Sent: `{"id":2,"token":"abc"}`, SentBytes: 190, Got: "{…", GotBytes: 9100, Remarks: []RehearsalRemark{
			{Code: "answered", Time: 300 * time.Second}, {Code: "too-long", Level: RehearsalDoubtful, Count: 9060, Limit: 8192}}},
	}}
}

// inventedSilence is a rehearsal in which nothing was heard.
func inventedSilence() RehearsalReport {
	return RehearsalReport{Took: 10 * time.Second, Heard: RehearsalHeard{Silence: "no-answer"}, Steps: []RehearsalStep{
		{Name: "connect", Took: time.Millisecond, Remarks: []RehearsalRemark{{Code: "connected"}}},
		{Name: "initialize", Level: RehearsalFailed, Took: 10 * time.Second, Sent: "{", SentBytes: 1, Remarks: []RehearsalRemark{{Code: "no-answer", Level: RehearsalFailed, Time: 1500 * time.Millisecond}, {Code: "news", Level: RehearsalFailed}}},
		{Name: "list", Level: RehearsalSkipped}, {Name: "call", Level: RehearsalSkipped},
	}}
}

// TestRehearsalForm holds what the form takes, and what it says about the rest.
func TestRehearsalForm(t *testing.T) {
	s, links, catalogue, _ := newServer(t, nil)
	catalogue.tools[2].Schema = json.RawMessage(`{"type":"object","properties":{"place":{"type":"string"},"days":{"type":"integer","default":3}},"required":["place"]}`)
	f := s.deps.Rehearser.(*fakeRehearser)
	link := links.Status()[0].ID
	const well = "What the assistant would have heard"
	for _, c := range []struct {
		name   string
		form   url.Values
		fail   error
		status int
		want   []string // in the page
		scene  string
	}{
		{"plain", url.Values{"tool": {"switchboard__time"}}, nil, 200, []string{well, "It is noon."}, "official,,switchboard__time,{}"},
		{"all of it", url.Values{"tool": {"weather__forecast"}, "family": {"relay"}, "endpoint": {link}, "arguments": {" {\"place\": \"书房\"}\n"}}, nil, 200,
			[]string{well, `value="relay" selected`, `value="` + link + `" selected`, `value="weather__forecast" selected`, "书房"}, "relay," + link + `,weather__forecast,{"place": "书房"}`},
		{"unknown all", url.Values{"tool": {"nothing"}, "family": {"moon"}, "endpoint": {"nobody"}, "arguments": {"{\n\"a\":!"}}, nil, 422,
			[]string{"There is no tool of this name", "There is no cloud of this name", "There is no endpoint of this name", "line 2, column 5", "&#34;a&#34;:!"}, ""},
		{"switched off", url.Values{"tool": {"home_assistant__turn_off"}}, nil, 422, []string{"There is no tool of this name"}, ""},
		{"no object", url.Values{"tool": {"switchboard__time"}, "arguments": {"[]"}}, nil, 422, []string{"This must be a JSON object"}, ""},
		{"two objects", url.Values{"tool": {"switchboard__time"}, "arguments": {"{} {}"}}, nil, 422, []string{"This is not JSON"}, ""},
		{"cut short", url.Values{"tool": {"switchboard__time"}, "arguments": {`{"a"`}}, nil, 422, []string{"line 1, column 5"}, ""},
		{"missing", url.Values{"tool": {"weather__forecast"}}, nil, 422, []string{"The tool needs these too: place.", "&#34;days&#34;: 3"}, ""},
		{"an example", url.Values{"tool": {"weather__forecast"}, "step": {"example"}}, nil, 200, []string{"&#34;place&#34;: &#34;&#34;"}, ""},
		{"no example", url.Values{"tool": {"nothing"}, "step": {"example"}}, nil, 200, nil, ""},
		{"busy", url.Values{"tool": {"switchboard__time"}}, fmt.Errorf("play: %w", ErrRehearsing), 503, []string{"Another rehearsal is going on"}, "official,,switchboard__time,{}"},
		{"no port", url.Values{"tool": {"switchboard__time"}}, fmt.Errorf("no port"), 500, []string{"It could not be done"}, "official,,switchboard__time,{}"},
	} {
		f.scenes, f.fail = nil, c.fail
		w := post(s, rehearsalPath, c.form)
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d", c.name, w.Code, c.status)
		}
		for _, want := range c.want {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: the page lacks %q", c.name, want)
			}
		}
		var scene string
		for _, got := range f.scenes {
			scene += strings.Join([]string{got.Family, got.Endpoint, got.Tool, string(got.Arguments)}, ",")
		}
		if scene != c.scene {
			t.Errorf("%s: rehearsed %q, want %q", c.name, scene, c.scene)
		}
		if strings.Contains(w.Body.String(), "token=abc") || strings.Contains(w.Body.String(), "<b>") {
			t.Errorf("%s: what came from outside is shown as it is", c.name)
		}
	}
	w := do(s, request("GET", rehearsalPath+"?tool=weather__forecast&endpoint="+link))
	if w.Code != 200 || !strings.Contains(w.Body.String(), `value="`+link+`" selected`) || !strings.Contains(w.Body.String(), "&#34;place&#34;") || strings.Contains(w.Body.String(), well) {
		t.Errorf("an address fills in: %d %s", w.Code, w.Body)
	}
	if page := do(s, request("GET", "/endpoints/"+link)).Body.String(); !strings.Contains(page, rehearsalAddress("endpoint", link)) {
		t.Error("no link leads here from an endpoint")
	}
	catalogue.tools = nil
	if page := do(s, request("GET", rehearsalPath)).Body.String(); !strings.Contains(page, "There are no tools yet") {
		t.Error("nothing is said of there being no tools")
	}
	s.deps.Rehearser = nil
	for _, w := range []*httptest.ResponseRecorder{do(s, request("GET", rehearsalPath)), post(s, rehearsalPath, nil), send(s, "/api/v1/rehearsals", "{}")} {
		if w.Code != 404 {
			t.Errorf("without a rehearser: %d", w.Code)
		}
	}
}

// TestRehearsalCommand holds what programs are answered.
func TestRehearsalCommand(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	f := s.deps.Rehearser.(*fakeRehearser)
	var v struct {
		OK           bool
		Family, Tool string
		Heard        struct {
			Text string
			Cut  bool
		}
	}
	w := send(s, "/api/v1/rehearsals", rehearsalExample)
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != 200 {
		t.Fatalf("%d %s %v", w.Code, w.Body, err)
	}
	if !v.OK || v.Family != "official" || v.Tool != "switchboard__time" || v.Heard.Text != "It is noon.\n<b>token=***</b>" || !v.Heard.Cut {
		t.Errorf("answer is %+v", v)
	}
	for _, want := range []string{`"name":"list","level":"warn"`, `"sentBytes":58`, `"code":"many-tools","level":"warn","text":"31 tools are many`, "lamp, fan…", `The answer has 8.8 KiB, and this cloud passes on the first 8.0 KiB`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the answer lacks %s:\n%s", want, w.Body)
		}
	}
	f.report = inventedSilence()
	if w := send(s, "/api/v1/rehearsals", `{"tool":"switchboard__time"}`); !strings.Contains(w.Body.String(), `"silence":"no-answer"`) || !strings.Contains(w.Body.String(), `"remarks":[]`) {
		t.Errorf("silence is %s", w.Body)
	}
	for _, c := range []struct {
		body   string
		fail   error
		status int
		want   string
	}{
		{`{`, nil, 400, "bad_json"},
		{`{"x":1}`, nil, 400, "bad_json"},
		{`{"tool":"nothing","family":"moon","arguments":[]}`, nil, 422, `"arguments":"This must be a JSON object`},
		{`{"tool":"switchboard__time"}`, ErrRehearsing, 503, "rehearsing"},
		{`{"tool":"switchboard__time"}`, fmt.Errorf("no port"), 500, "action_failed"},
	} {
		f.fail = c.fail
		if w := send(s, "/api/v1/rehearsals", c.body); w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: %d %s", c.body, w.Code, w.Body)
		}
	}
}

// TestRehearsalEndsWithItsBrowser holds that nobody is rehearsed for who went away.
func TestRehearsalEndsWithItsBrowser(t *testing.T) {
	s, _, _, _ := newServer(t, nil)
	f := s.deps.Rehearser.(*fakeRehearser)
	f.hold = make(chan string)
	address := serve(t, s)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	r, err := http.NewRequestWithContext(ctx, "POST", address+rehearsalPath, strings.NewReader("tool=switchboard__time"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answered := make(chan error, 1)
	go func() {
		w, err := http.DefaultClient.Do(r)
		if err == nil {
			w.Body.Close()
		}
		answered <- err
	}()
	for _, want := range []string{"began", "ended"} {
		select {
		case got := <-f.hold:
			if got != want {
				t.Fatalf("it %s, want %s", got, want)
			}
		case <-time.After(patience):
			t.Fatalf("it has not %s", want)
		}
		leave()
	}
	if err := <-answered; err == nil {
		t.Error("who went away was answered")
	}
}

// TestRehearsalWords holds that everything that a rehearsal can say has its sentences.
func TestRehearsalWords(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("..", "app", "rehearsal", "report.go"))
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`Code = "([a-z-]+)"`).FindAllSubmatch(source, -1)
	if len(codes) < 20 {
		t.Fatalf("only %d codes were found", len(codes))
	}
	for _, lang := range assets.Languages() {
		p := painter{words: assets.Words(lang)}
		other := p.say("rehearsal.remark.other")
		for _, code := range codes {
			text := p.rehearsalRemark(RehearsalRemark{Code: string(code[1]), Names: []string{"NAME"}, Count: 7, Limit: 5, Time: 3 * time.Second, Text: "TEXT"})
			if text == other || strings.Contains(text, "<no value>") || strings.Contains(text, "{{") {
				t.Errorf("%s: %s is said as %q", lang, code[1], text)
			}
		}
		if got := p.rehearsalRemark(RehearsalRemark{Code: "news"}); got != other {
			t.Errorf("%s: an unknown code is said as %q", lang, got)
		}
		for _, f := range newRehearser().Families() {
			if key := "rehearsal.family." + f.Name; p.say(key) == key {
				t.Errorf("%s: no words for %s", lang, key)
			}
		}
	}
}

func TestExampleArguments(t *testing.T) {
	for schema, want := range map[string]string{
		``:                        `{}`,
		`[]`:                      `{}`,
		`{"properties":7}`:        `{}`,
		`{"properties":{"a":{}}}`: `{}`,
		`{"properties":{"a":{}},"required":["a","b"]}`:                                                                                        `{"a":""}`,
		`{"properties":{"n":{"type":"integer","minimum":5},"b":{"type":"boolean"}},"required":["n","b"]}`:                                     `{"b":true,"n":5}`,
		`{"properties":{"n":{"type":["null","number"]},"x":{"enum":["on","off"]}},"required":["n","x"]}`:                                      `{"n":1,"x":"on"}`,
		`{"properties":{"l":{"type":"array","items":{"type":"string"}},"c":{"const":7}},"required":["l","c"]}`:                                `{"c":7,"l":[""]}`,
		`{"properties":{"o":{"type":"object","properties":{"p":{"examples":["x"]}},"required":["p"]},"d":{"default":null}},"required":["o"]}`: `{"d":null,"o":{"p":"x"}}`,
		`{"properties":{"n":{"type":"null"},"a":{"type":"array"}},"required":["n","a"]}`:                                                      `{"a":[],"n":null}`,
	} {
		got := strings.NewReplacer("\n", "", "  ", "", ": ", ":").Replace(exampleArguments([]byte(schema)))
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", schema, got, want)
		}
	}
}

// FuzzArguments holds that an example is an object, whatever the schema, and that what is
// read as arguments is one too.
func FuzzArguments(f *testing.F) {
	f.Add(`{"properties":{"a":{"type":"array","items":{"type":"array","items":{}}}},"required":["a"]}`, `{"a":1}`)
	f.Add(`{"properties":{"a":{"minimum":"x","type":"number"}},"required":["a"]}`, "{\n\"a\":!")
	f.Add(`{`, "\ufeff{} x")
	words := assets.Words("en")
	f.Fuzz(func(t *testing.T, schema, typed string) {
		var object map[string]json.RawMessage
		example := exampleArguments([]byte(schema))
		if err := json.Unmarshal([]byte(example), &object); err != nil {
			t.Errorf("%q has the example %q: %v", schema, example, err)
		}
		arguments, wrong := readArguments(words, typed)
		if wrong == "" && json.Unmarshal(arguments, &object) != nil {
			t.Errorf("%q is read as %q", typed, arguments)
		}
		missing := missingArguments([]byte(schema), arguments)
		for name := range object {
			if wrong == "" && slices.Contains(missing, name) {
				t.Errorf("%q is missing in %q", name, arguments)
			}
		}
	})
}

// TestBrowserRehearses walks from an endpoint to what the assistant would have heard.
func TestBrowserRehearses(t *testing.T) {
	for name, scripts := range map[string]bool{"with scripts": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			b := openBrowser(t)
			s, links, catalogue, _ := newServer(t, &Options{})
			catalogue.tools[2].Schema = json.RawMessage(`{"type":"object","properties":{"place":{"type":"string"}},"required":["place"]}`)
			address := serve(t, s)
			if !scripts {
				address = withoutScripts(t, s)
			}
			link := links.Status()[0].ID
			b.open(address + "/endpoints/" + link + "?lang=en")
			b.click(`#sees a[href^="/rehearsal"]`)
			b.holds(`document.querySelector("#f-endpoint")?.value === "` + link + `"`)
			b.must(chromedp.Do(b.ctx, chromedp.SetValue("#f-tool", "weather__forecast")))
			b.click(`button[value="run"]`)
			b.holds(`document.querySelector("#e-arguments")?.innerText.includes("place") && document.querySelector("#f-arguments").value.includes("place")`)
			b.must(chromedp.Do(b.ctx, chromedp.SetValue("#f-family", "relay")))
			b.fill("#f-arguments", `{"place": "study"}`)
			b.click(`button[value="run"]`)
			b.holds(`document.querySelector(".bubble")?.innerText.includes("It is noon.") && document.querySelectorAll(".played > li").length === 4`)
			b.holds(`document.querySelector("#f-family").value === "relay" && document.querySelector("#f-arguments").value.includes("study")`)
			if script := axe(t); script != "" {
				for _, theme := range []string{"light", "dark"} {
					b.media(theme)
					_, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](script+";null"))
					b.must(err)
					broken, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](findings, chromedp.EvalAwaitPromise))
					b.must(err)
					if broken != "" {
						t.Errorf("in %s:\n%s", theme, broken)
					}
				}
			}
			b.must(chromedp.Do(b.ctx, chromedp.EmulateViewport(360, 900)))
			b.holds(`document.documentElement.scrollWidth <= 360`)
			b.quiet("422")
			if f := s.deps.Rehearser.(*fakeRehearser); len(f.scenes) != 1 || f.scenes[0].Endpoint != link || string(f.scenes[0].Arguments) != `{"place": "study"}` {
				t.Errorf("rehearsed %+v", f.scenes)
			}
		})
	}
}
