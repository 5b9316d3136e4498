package hub

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/session"
)

func TestLineReader(t *testing.T) {
	const limit = 70 << 10
	long := strings.Repeat("y", limit)
	in := "a\r\n\n  b  \n" + long + "\n" + long + "z\n" + strings.Repeat("q", 300<<10) + "\nend"
	var got []string
	lines := newLineReader(strings.NewReader(in), limit+1)
	for {
		line, err := lines.next()
		var tl *tooLong
		if errors.As(err, &tl) {
			got = append(got, "too long")
			continue
		}
		if err != nil {
			if err != io.EOF {
				t.Fatal(err)
			}
			break
		}
		got = append(got, string(line))
	}
	want := []string{"a", "", "b", long, "too long", "too long", "end"}
	if len(got) != len(want) {
		t.Fatalf("%d lines", len(got))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("line %d has %d bytes, want %d", i, len(got[i]), len(want[i]))
		}
	}
}

func TestTooLongID(t *testing.T) {
	for line, want := range map[string]int64{
		`{"jsonrpc":"2.0","id":17,"result":{"content":[`:              17,
		`{"result":"xxxxxxxxx`:                                        0,
		`{"method":"x","id":3,"params":`:                              0,
		`{"result":{"id":5},"id": 12 , "jsonrpc":"2.0"}`:              12,
		`{"id":"12","result":`:                                        0,
		`{"result":{"a":"` + strings.Repeat("x", 5000) + `"},"id":8}`: 8,
	} {
		l := newLineReader(nil, 1)
		var tl *tooLong
		errors.As(l.tooLong([]byte(line)), &tl)
		if got, _ := tl.id(); got != want {
			t.Errorf("%.60s: got %d, want %d", line, got, want)
		}
	}
}

func TestParseID(t *testing.T) {
	for raw, want := range map[string]int64{"1": 1, "900719925474099312": 900719925474099312, "": -1, "-1": -1, "1.0": -1, `"1"`: -1, "null": -1, "9999999999999999999999": -1} {
		got, ok := session.ParseID([]byte(raw))
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%s: got %d", raw, got)
		}
	}
}

// deafLink is a transport that sends nowhere.
type deafLink struct{}

func (deafLink) Send(session.Outgoing) (int64, error) { return 0, nil }
func (deafLink) Unsent(int64, int64) bool             { return false }
func (deafLink) Abandon(int64)                        {}
func (deafLink) close() error                         { return nil }

func FuzzReadLines(f *testing.F) {
	f.Add([]byte("junk\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"x\":1}}\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":2}\n"))
	f.Add([]byte("{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"ping\"}\r\n{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}"))
	f.Add([]byte("{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":\"x\"}}\n\xff\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		var stray atomic.Int64
		p := newPeer(slog.New(slog.DiscardHandler), &stray, func() {})
		p.attach(deafLink{})
		var calls []*session.Call
		for range 3 {
			w, err := p.Start(session.Outgoing{Method: "x"})
			if err != nil {
				t.Fatal(err)
			}
			calls = append(calls, w)
		}
		if err := readLines(iotest.OneByteReader(bytes.NewReader(in)), p); err != io.EOF {
			t.Fatal(err)
		}
		p.Fail(errDied)
		for _, w := range calls {
			<-w.Answer // exactly one answer each
			p.Release(w)
		}
	})
}

func FuzzReadEvents(f *testing.F) {
	f.Add([]byte("event: message\ndata: {\"a\":1}\n\nevent: ping\ndata: x\n\ndata: a\ndata: b\n\n:comment\n\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		readEvents(bytes.NewReader(in), func(data []byte) {
			if len(data) > len(in) {
				t.Fatal("more came out than went in")
			}
		})
	})
}

func TestReadEvents(t *testing.T) {
	in := "event: message\r\ndata: one\r\n\r\nevent: ping\ndata: x\n\n: comment\ndata:a\ndata: b\nid: 5\n\ndata: " +
		strings.Repeat("x", longestNotice) + "\n\ndata: last\n\ndata: unfinished"
	var got []string
	readEvents(strings.NewReader(in), func(data []byte) { got = append(got, string(data)) })
	if want := "one|a\nb|last"; strings.Join(got, "|") != want {
		t.Errorf("got %.200q", got)
	}
}

// FuzzPlainResponse holds the quick reader against the thorough one.
func FuzzPlainResponse(f *testing.F) {
	for _, s := range []string{
		`{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"abc"}]}}`,
		`{"result":{"isError":false,"content":[{"text":"a\\\"b\n中","type":"text"}]},"id": 12 , "jsonrpc":"2.0"} `,
		"{\"jsonrpc\":\"2.0\",\"id\":01,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"a\x01\"}]}}",
		`{"jsonrpc":"2.0","id":3,"result":{"content":[{"type":"text","text":" {\"action\":1}"}]}}`,
		`{"jsonrpc":"2.0","id":3,"result":{"content":[{"type":"text","text":"\u0061\ud800 \q"}]}}`,
	} {
		f.Add([]byte(s))
	}
	words := English()
	f.Fuzz(func(t *testing.T, line []byte) {
		id, result, ok := plainResponse(line)
		if !ok {
			return
		}
		m, err := rpc.Parse(line)
		if err != nil || m.Kind != rpc.KindResponse {
			t.Fatalf("%q: %v", line, err)
		}
		slow, _ := session.ParseID(m.ID)
		if slow != id || !bytes.Equal(m.Result, result) || !plainResult(result) {
			t.Fatalf("%q: %d %q, thorough: %d %q", line, id, result, slow, m.Result)
		}
		s := readResult(result, &words)
		if s.isError || strings.TrimSpace(s.text) == "" || looksLikeCommand(s.text) {
			t.Fatalf("%q passed as %+v", line, s)
		}
	})
}
