package app

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/web"
)

// A token is known by its looks, and a word is not.
const (
	hushToken = "eyJhbGciOiJFUzI1NiJ9.eyJhZ2VudElkIjoxMzI0MTQ5fQ.c2lnbmF0dXJlLXRoYXQtaXMtc2VjcmV0"
	hushWord  = "rosebud in \"winter\""
)

// careless tells everything that it is asked.
type careless struct{ what string }

func (c careless) String() string { return "careless " + c.what }
func (c careless) Error() string  { return "careless error " + c.what }
func (c *careless) LogValue() slog.Value {
	return slog.GroupValue(slog.String("deep", c.what), slog.Any("url", secret.URL("wss://h/?token="+c.what)))
}

// blurt logs a secret in every way there is.
func blurt(log *slog.Logger, s string) {
	log.Info("message "+s, "string", s)
	log.Warn("errors", "error", errors.New("dial wss://h/?token="+url.QueryEscape(s)), "wrapped", fmt.Errorf("x: %w", careless{s}), "stringer", careless{s})
	log.Error("values", "url", secret.URL("wss://h/?token="+url.QueryEscape(s)), "bytes", []byte("a "+s), "list", []string{"b", s}, "map", map[string]string{"k": s}, "valuer", &careless{s}, "struct", struct{ A string }{s})
	log.Info("groups", slog.Group("outer", "inner", s, slog.Group("deeper", "deepest", s)), slog.Group("", "inline", s))
	log.WithGroup("with").With("kept", s).WithGroup("more").Info("with", "own", s)
	log.Info("name", s, 1, "!BADKEY", s)
	log.Info("nothing", "nil", nil, "pointer", (*careless)(nil))
}

// TestNoSecretIsLogged holds terminal, file and memory against a program that tells all.
func TestNoSecretIsLogged(t *testing.T) {
	dir := t.TempDir()
	var terminal bytes.Buffer
	l := newLogging(&terminal, dir)
	if err := l.set(true, "debug"); err != nil {
		t.Fatal(err)
	}
	early := l.With("early", "it is "+hushWord) // before anybody knows
	l.know([]string{hushWord})
	blurt(l.Logger, hushToken)
	blurt(l.Logger, hushWord)
	early.Info("late")
	if err := l.close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, logFolder, logName))
	if err != nil {
		t.Fatal(err)
	}
	records := l.Records()
	var memory strings.Builder
	for _, r := range records {
		fmt.Fprintf(&memory, "%+v\n", *r)
	}
	if len(records) != 15 || bytes.Count(file, []byte("\n")) != 15 {
		t.Errorf("%d records, want 15", len(records))
	}
	for place, text := range map[string]string{"memory": memory.String(), "the file": string(file), "the terminal": terminal.String()} {
		for _, part := range []string{"eyJ", "c2lnbmF0", "rosebud"} {
			// Attributes that a handler was given before keep what was known then.
			allowed := 0
			if part == "rosebud" && place != "memory" {
				allowed = 1
			}
			if strings.Count(text, part) > allowed {
				t.Errorf("%s has %s: %s", place, part, text)
			}
		}
		if !strings.Contains(text, "with.more.own") && !strings.Contains(text, `"more":{"own"`) {
			t.Errorf("%s lacks groups: %s", place, text)
		}
	}
}

func TestLogLevel(t *testing.T) {
	l := newLogging(nil, "")
	if l.Info("before"); len(l.Records()) != 0 {
		t.Error("it logs before the configuration is known")
	}
	wish := func(level string) {
		t.Helper()
		if err := l.set(true, level); err != nil {
			t.Fatal(err)
		}
	}
	is := func(want slog.Level, configured string) {
		t.Helper()
		if got := l.Level(); got.Level != want || got.Configured != configured || got.Off {
			t.Errorf("level %+v, want %v and %s", got, want, configured)
		}
	}
	wish("info")
	is(slog.LevelInfo, "info")
	l.SetLevel(slog.LevelDebug)
	is(slog.LevelDebug, "info")
	wish("info") // something else in the file has changed
	is(slog.LevelDebug, "info")
	l.Debug("seen")
	wish("WARN")
	is(slog.LevelWarn, "warn")
	l.Info("not seen")
	if err := l.set(true, "loud"); err == nil {
		t.Error("it takes a level that there is not")
	}
	l.set(false, "warn")
	l.Error("not seen")
	var said []string
	for _, r := range l.Records() {
		said = append(said, r.Message)
	}
	if got := strings.Join(said, ", "); got != "log level changed, seen" || !l.Level().Off {
		t.Errorf("logged: %s", got)
	}
}

func TestLogRingIsBounded(t *testing.T) {
	r := newLogRing(20 << 10)
	h := &ringHandler{ring: r, level: slog.LevelInfo, hide: func(s string) string { return s }}
	log := slog.New(h)
	bell, end := r.Subscribe()
	defer end()
	log.Info(strings.Repeat("长", recordBytes), "left", "out")
	<-bell
	if got := r.Records()[0]; len(got.Message) > recordBytes+4 || !strings.HasSuffix(got.Message, "长…") || len(got.Attributes) != 0 {
		t.Errorf("a long message: %d bytes, %v", len(got.Message), got.Attributes)
	}
	log.Info("bad \xff bytes")
	if got := r.Records()[1].Message; got != "bad � bytes" {
		t.Errorf("bad bytes: %q", got)
	}
	for i := range 5000 {
		log.Info("short", "n", i)
	}
	records := r.Records()
	size := 0
	for i, record := range records {
		size += sizeOf(record)
		if i > 0 && record.Seq != records[i-1].Seq+1 {
			t.Fatal("numbers do not rise one by one")
		}
	}
	if last := records[len(records)-1]; size > 20<<10 || size < 15<<10 || last.Attributes[0] != (web.LogAttribute{Name: "n", Value: "4999"}) {
		t.Errorf("%d bytes are kept, up to %+v", size, last)
	}
}

// TestLogNumbersRiseBetweenStarts holds that numbers of a later start are higher, unless
// there were more than a thousand lines a millisecond.
func TestLogNumbersRiseBetweenStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newLogRing(1 << 10)
		log := slog.New(&ringHandler{ring: r, level: slog.LevelInfo, hide: func(s string) string { return s }})
		for range 5000 {
			log.Info("short")
		}
		time.Sleep(5 * time.Millisecond)
		if later := newLogRing(1); later.seq < r.seq {
			t.Errorf("a later start has lower numbers: %d after %d", later.seq, r.seq)
		}
	})
}

func TestLogFromManyGoroutines(t *testing.T) {
	l := newLogging(nil, "")
	l.set(true, "info")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 100 {
				l.With("i", i).Info("x")
				l.Records()
				l.know([]string{"some-secret"})
				l.SetLevel(slog.LevelInfo)
			}
		})
	}
	all.Wait()
	if len(l.Records()) < 100 {
		t.Error("records are lost")
	}
}
