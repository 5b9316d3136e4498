package rehearsal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/rpc"
)

// TestMain fails when a goroutine of a rehearsal outlives all tests.
func TestMain(m *testing.M) {
	code := m.Run()
	if left := leftBehind(); code == 0 && left != "" {
		fmt.Fprintln(os.Stderr, "left behind:\n"+left)
		code = 1
	}
	os.Exit(code)
}

// leftBehind returns the stacks of goroutines of this module other than tests, once they
// had their time.
func leftBehind() (stacks string) {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for range 300 {
		buf := make([]byte, 1<<20)
		stacks = ""
		for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			if strings.Contains(g, "xiaozhi-switchboard/") && !strings.Contains(g, "TestMain") && !strings.Contains(g, "testing.tRunner") {
				stacks += g + "\n\n"
			}
		}
		if stacks == "" {
			return ""
		}
		<-ticker.C
	}
	return stacks
}

// tools are those of a test.
type tools struct {
	list string
	// after is how long a call takes, and answer what it answers.
	after  time.Duration
	answer string
	err    error
	called chan string // arguments; may be nil
}

func (f *tools) ListResult(string) []byte { return []byte(f.list) }

func (f *tools) StartCall(ctx context.Context, _, _ string, arguments []byte) func() ([]byte, error) {
	if f.called != nil {
		f.called <- string(arguments)
	}
	return func() ([]byte, error) {
		timer := time.NewTimer(f.after)
		defer timer.Stop()
		select {
		case <-timer.C:
			return []byte(f.answer), f.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// listOf is a list of tools of these names.
func listOf(names ...string) string {
	var list []string
	for _, name := range names {
		list = append(list, fmt.Sprintf(`{"name":%q,"description":"about it","inputSchema":{"type":"object"}}`, name))
	}
	return `{"tools":[` + strings.Join(list, ",") + `]}`
}

func said(text string) string {
	return string(append(rpc.AppendString([]byte(`{"content":[{"type":"text","text":`), text), `}]}`...))
}

// inMemory is a stage without sockets, for bubbles.
func inMemory() (net.Listener, dialer, error) {
	network := broker.NewPipeNetwork()
	l, err := network.Listen("rehearsal:80")
	return l, network.DialContext, err
}

func rehearser(t *testing.T, f *tools, opts Options) *Rehearser {
	t.Helper()
	opts.Tools = func(string) endpoint.Tools { return f }
	if opts.stage == nil {
		opts.stage = inMemory
	}
	r := New(opts)
	t.Cleanup(func() { r.Close() })
	return r
}

// codes are all that was remarked, step by step.
func codes(r Report) string {
	var all []string
	for _, s := range r.Steps {
		step := s.Level.String()
		for _, remark := range s.Remarks {
			step += " " + string(remark.Code)
		}
		all = append(all, step)
	}
	return strings.Join(all, "; ")
}

// TestClouds holds what is heard, and remarked, under the limits of each cloud.
func TestClouds(t *testing.T) {
	var many []string
	for i := range 31 {
		many = append(many, fmt.Sprint("tool", i))
	}
	long := strings.Repeat("长", 3000) // 9000 bytes
	huge := strings.Repeat("x", 1<<20)
	const begun, listed = "pass connected; pass greeted; ", "pass connected; pass greeted; pass listed; "
	for _, c := range []struct {
		name, cloud string
		tools       tools
		opts        Options
		want        string
		heard       Heard
	}{
		{"well", "official", tools{answer: said("22 °C")}, Options{}, listed + "pass answered", Heard{Text: "22 °C"}},
		{"the default", "", tools{answer: said("22 °C")}, Options{}, listed + "pass answered", Heard{Text: "22 °C"}},
		{"well, earlier", "official-2025", tools{answer: said("22 °C")}, Options{}, listed + "pass answered", Heard{Text: "22 °C"}},
		{"well, by relay", "relay", tools{answer: said("22 °C")}, Options{}, listed + "pass answered", Heard{Text: "22 °C"}},

		{"too slow for earlier servers", "official-2025", tools{after: 11 * time.Second, answer: said("late")}, Options{}, listed + "fail late", Heard{Silence: CodeLate}},
		{"not for those of today", "official", tools{after: 11 * time.Second, answer: said("late")}, Options{}, listed + "pass answered", Heard{Text: "late"}},
		{"too slow for today's", "official", tools{after: 301 * time.Second, answer: said("late")}, Options{}, listed + "fail late", Heard{Silence: CodeLate}},
		{"too slow for a relay", "relay", tools{after: 31 * time.Second, answer: said("late")}, Options{}, listed + "fail late", Heard{Silence: CodeLate}},
		{"nearly too slow", "relay", tools{after: 29 * time.Second, answer: said("just")}, Options{}, listed + "warn answered close", Heard{Text: "just"}},
		{"our own limit", "relay", tools{after: 8 * time.Second, answer: said("it takes longer")}, Options{OwnLimit: func() time.Duration { return 8 * time.Second }},
			listed + "warn answered own-limit", Heard{Text: "it takes longer"}},

		{"too long", "official", tools{answer: said(long)}, Options{}, listed + "warn answered too-long", Heard{Text: long[:8190], Cut: true}},
		{"not too long", "relay", tools{answer: said(long)}, Options{}, listed + "pass answered", Heard{Text: long}},
		{"too large", "relay", tools{answer: said(huge)}, Options{}, listed + "fail large-answer", Heard{Silence: CodeLarge}},

		{"a failure", "official", tools{answer: `{"isError":true,"content":[{"type":"text","text":"no such lamp"}]}`}, Options{}, listed + "warn answered tool-error", Heard{Text: "no such lamp", IsError: true}},
		{"a failure, by relay", "relay", tools{answer: `{"isError":true,"error":"no such lamp","content":[]}`}, Options{}, listed + "warn answered tool-error", Heard{Text: "no such lamp", IsError: true}},
		{"a failure that is lost", "relay", tools{answer: `{"isError":true,"content":[{"type":"text","text":"no such lamp"}]}`}, Options{}, listed + "fail answered tool-error error-lost no-text", Heard{IsError: true, Silence: CodeNoText}},
		{"refused", "official", tools{err: &rpc.Error{Code: rpc.CodeInvalidParams, Message: "no such zone"}}, Options{}, listed + "fail refused", Heard{Text: "no such zone", IsError: true}},
		{"nothing said", "official", tools{answer: `{"content":[]}`}, Options{}, listed + "fail answered no-text", Heard{Silence: CodeNoText}},
		{"a picture", "official", tools{answer: `{"content":[{"type":"image","data":""},{"type":"text","text":"a cat"}]}`}, Options{}, listed + "warn answered not-text", Heard{Text: "a cat"}},
		{"two texts", "relay", tools{answer: `{"content":[{"type":"text","text":"one"},{"type":"text","text":"two"}]}`}, Options{}, listed + "warn answered only-first", Heard{Text: "one"}},
		{"an order", "relay", tools{answer: said(`{"action":"exit"}`)}, Options{}, listed + "warn answered action", Heard{Text: `{"action":"exit"}`}},
		{"no result", "official", tools{answer: `{}`}, Options{}, listed + "fail answered malformed no-text", Heard{Silence: CodeNoText}},

		{"unknown", "official", tools{list: listOf("other")}, Options{}, listed + "fail not-offered", Heard{Silence: CodeNotOffered}},
		{"no tools", "relay", tools{list: `{"tools":[]}`}, Options{}, begun + "fail listed no-tools; skip", Heard{Silence: CodeNoTools}},
		{"no list", "official", tools{list: `{"tools":7}`}, Options{}, begun + "fail bad-list; skip", Heard{Silence: CodeBadList}},
		{"too many", "official", tools{list: listOf(append(many, "lamp")...), answer: said("on")}, Options{}, begun + "warn listed many-tools; pass answered", Heard{Text: "on"}},
		{"too large a list", "relay", tools{list: `{"tools":[{"name":"lamp","description":"` + huge + `"}]}`}, Options{}, begun + "fail large-list; skip", Heard{Silence: CodeLargeList}},
		{"too large for official", "official", tools{list: `{"tools":[{"name":"lamp","description":"` + strings.Repeat(huge, 8) + `"}]}`}, Options{}, begun + "fail large-list; skip", Heard{Silence: CodeLargeList}},
		{"names", "official", tools{list: listOf("lamp", "lamp", "lampe à gauche", strings.Repeat("n", 65)), answer: said("on")}, Options{}, begun + "warn listed bad-names twice; pass answered", Heard{Text: "on"}},
		{"schemas", "relay", tools{list: `{"tools":[{"name":"lamp","inputSchema":{"$ref":"#/$defs/a","$defs":{}}}]}`, answer: said("on")}, Options{},
			begun + "warn listed undescribed lost-schema; pass answered", Heard{Text: "on"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if c.tools.list == "" {
					c.tools.list = listOf("lamp")
				}
				r := rehearser(t, &c.tools, c.opts)
				report, err := r.Rehearse(t.Context(), Scene{Cloud: c.cloud, Tool: "lamp"})
				if err != nil {
					t.Fatal(err)
				}
				if got := codes(report); got != c.want {
					t.Errorf("remarks are\n%s\nwant\n%s", got, c.want)
				}
				if report.Heard != c.heard {
					t.Errorf("heard %.100q, want %.100q", fmt.Sprint(report.Heard), fmt.Sprint(c.heard))
				}
				if want := c.heard.Silence == "" && !strings.Contains(c.want, "fail"); report.OK() != want {
					t.Errorf("OK is %v", !want)
				}
			})
		})
	}
}

// TestSteps holds what is shown of what went over the socket.
func TestSteps(t *testing.T) {
	const key = "sk-0123456789abcdef"
	for _, cloud := range Clouds() {
		t.Run(cloud.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &tools{list: listOf("lamp"), answer: said(`{"api_key":"` + key + `"} ` + strings.Repeat("灯", 3000)), called: make(chan string, 1), after: time.Second}
				r := rehearser(t, f, Options{Version: "1.2.3"})
				report, err := r.Rehearse(t.Context(), Scene{Cloud: cloud.Name, Tool: "lamp", Arguments: []byte(`{"room":"study","password":"` + key + `"}`)})
				if err != nil {
					t.Fatal(err)
				}
				if got := <-f.called; got != `{"room":"study","password":"`+key+`"}` {
					t.Errorf("called with %s", got)
				}
				for i, want := range [][2]string{{"", ""}, {`"method":"initialize"`, `"version":"1.2.3"`}, {`"method":"tools/list"`, `"name":"lamp"`}, {`"method":"tools/call"`, `"content"`}} {
					s := report.Steps[i]
					if !strings.Contains(s.Sent, want[0]) || !strings.Contains(s.Got, want[1]) || (s.SentBytes == 0) != (i == 0) || (s.GotBytes == 0) != (i == 0) {
						t.Errorf("step is %+v", s)
					}
					if len(s.Sent) > longestExcerpt+3 || len(s.Got) > longestExcerpt+3 || strings.Contains(s.Sent+s.Got, key) {
						t.Errorf("too much is shown: %s %s", s.Sent, s.Got)
					}
				}
				call := report.Steps[3]
				if call.Took < time.Second || call.GotBytes < 9000 || !strings.HasSuffix(call.Got, "…") || !strings.Contains(call.Sent, "study") {
					t.Errorf("call is %+v", call)
				}
			})
		})
	}
}

// TestOneAtATime holds that rehearsals do not pile up, and end when they shall.
func TestOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &tools{list: listOf("lamp"), after: time.Hour, called: make(chan string, 3)}
		r := rehearser(t, f, Options{})
		ctx, leave := context.WithCancel(t.Context())
		first := make(chan error, 1)
		go func() { _, err := r.Rehearse(ctx, Scene{Tool: "lamp"}); first <- err }()
		<-f.called
		if _, err := r.Rehearse(t.Context(), Scene{Tool: "lamp"}); !errors.Is(err, ErrBusy) {
			t.Errorf("a second one: %v", err)
		}
		if _, err := r.Rehearse(t.Context(), Scene{Cloud: "nowhere"}); !errors.Is(err, ErrUnknownCloud) {
			t.Errorf("another cloud: %v", err)
		}
		leave()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("the one that was left: %v", err)
		}
		go func() { _, err := r.Rehearse(t.Context(), Scene{Tool: "lamp"}); first <- err }()
		<-f.called
		r.Close()
		if err := <-first; !errors.Is(err, ErrClosed) {
			t.Errorf("the one that was closed: %v", err)
		}
		if _, err := r.Rehearse(t.Context(), Scene{Tool: "lamp"}); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

// TestNoStage holds what is said when no port can be opened, and of a link that does not
// come up.
func TestNoStage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("no port is free")
		f := &tools{list: listOf("lamp")}
		r := rehearser(t, f, Options{stage: func() (net.Listener, dialer, error) { return nil, nil, full }})
		if _, err := r.Rehearse(t.Context(), Scene{Tool: "lamp"}); !errors.Is(err, full) {
			t.Errorf("got %v", err)
		}
		r = rehearser(t, f, Options{stage: func() (net.Listener, dialer, error) {
			l, _, err := inMemory()
			return l, func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("cut off") }, err
		}})
		report, err := r.Rehearse(t.Context(), Scene{Tool: "lamp"})
		if err != nil || codes(report) != "fail unreachable; skip; skip; skip" || report.Heard.Silence != CodeUnreachable || report.Steps[0].Remarks[0].Text == "" {
			t.Errorf("%s %+v %v", codes(report), report.Heard, err)
		}
	})
}

// TestLoopback rehearses over real sockets, again and again.
func TestLoopback(t *testing.T) {
	f := &tools{list: listOf("lamp"), answer: said("on")}
	r := rehearser(t, f, Options{stage: loopback})
	for _, cloud := range Clouds() {
		for range 3 {
			report, err := r.Rehearse(t.Context(), Scene{Cloud: cloud.Name, Tool: "lamp"})
			if err != nil || !report.OK() || report.Heard.Text != "on" {
				t.Fatalf("%s: %s %+v %v", cloud.Name, codes(report), report.Heard, err)
			}
			if slices.ContainsFunc(report.Steps, func(s Step) bool { return s.Took <= 0 }) || report.Took <= 0 {
				t.Errorf("%s: times are %+v", cloud.Name, report)
			}
		}
	}
	if left := leftBehind(); left != "" {
		t.Errorf("left behind:\n%s", left)
	}
}

// FuzzTape holds that no frame, whatever it is, upsets a tape or shows a token.
func FuzzTape(f *testing.F) {
	const token = "eyJhbGciOiJFUzI1NiJ9.eyJhZ2VudElkIjoxfQ.c2lnbmF0dXJl"
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`), []byte(`{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}`))
	f.Add([]byte(`{"jsonrpc":"2.0","id":"a","method":"x","params":{"t":"`+token+`"}}`), []byte(`{"jsonrpc":"2.0","id":"a","error":{"code":1,"message":"m"}}`))
	f.Add([]byte(`{`), []byte("\xff"))
	f.Fuzz(func(t *testing.T, sent, got []byte) {
		var tp tape
		tp.record(broker.Frame{Sent: true, Text: sent, At: time.Now()})
		tp.record(broker.Frame{Text: got, At: time.Now()})
		for _, e := range tp.all {
			if len(e.sent) > longestExcerpt+3 || len(e.got) > longestExcerpt+3 {
				t.Errorf("excerpts are long: %d %d", len(e.sent), len(e.got))
			}
			if bytes.Contains(sent, []byte(`"`+token+`"`)) && strings.Contains(e.sent, token) {
				t.Errorf("a token is shown: %s", e.sent)
			}
		}
	})
}
