package history

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func opened(t testing.TB, path string, opts *Options) *Store {
	t.Helper()
	s, err := Open(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// text is the rows of a series in one line.
func text(t testing.TB, s *Store, series string) string {
	t.Helper()
	rows, err := s.Read(series)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%s=%s ", r.Key, r.Value)
	}
	return b.String()
}

func TestRowsSurviveARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "history.db")
	s := opened(t, path, nil)
	write := func(rows ...Row) {
		t.Helper()
		if err := s.Write(rows); err != nil {
			t.Fatal(err)
		}
	}
	write(Row{"a", "2", []byte("two")}, Row{"a", "1", []byte("one")}, Row{"b", "1", []byte("other")}, Row{"a", "3", []byte{}})
	write(Row{"a", "2", []byte("again")}, Row{"b", "1", nil}, Row{"b", "none", nil})
	write()
	for range 2 {
		if got := text(t, s, "a"); got != "1=one 2=again 3= " {
			t.Errorf("a is %q", got)
		}
		if got := text(t, s, "b") + text(t, s, "none"); got != "" {
			t.Errorf("what was removed, or never was, is %q", got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("a second close: %v", err)
		}
		s = opened(t, path, nil)
	}
	if runtime.GOOS != "windows" {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("others may read it: %v %v", info.Mode(), err)
		}
	}
	s.Close()
	if _, err := s.Read("a"); !errors.Is(err, ErrClosed) {
		t.Errorf("reading what is closed: %v", err)
	}
	if err := s.Write([]Row{{"a", "1", nil}}); !errors.Is(err, ErrClosed) {
		t.Errorf("writing to what is closed: %v", err)
	}
}

func TestWrongRowsChangeNothing(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "h.db"), nil)
	for name, row := range map[string]Row{
		"no series": {"", "k", nil}, "no key": {"s", "", nil},
		"long series": {strings.Repeat("s", MaxKey+1), "k", nil}, "long key": {"s", strings.Repeat("k", MaxKey+1), nil},
		"long value": {"s", "k", make([]byte, MaxValue+1)},
	} {
		err := s.Write([]Row{{"s", "good", []byte("x")}, row})
		if err == nil || strings.HasPrefix(name, "long") && !errors.Is(err, ErrTooLarge) || errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := text(t, s, "s"); got != "" {
		t.Errorf("half was written: %q", got)
	}
}

func TestTrim(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "h.db"), nil)
	var rows []Row
	for i := range 500 {
		rows = append(rows, Row{"a", fmt.Sprintf("%03d", i), []byte("x")})
	}
	if err := s.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Trim("a", "100", "103"), s.Trim("none", "1", "2")); err != nil {
		t.Fatal(err)
	}
	if got := text(t, s, "a"); got != "100=x 101=x 102=x " {
		t.Errorf("left: %q", got)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "h.db"), nil)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for j := range 5 {
				if err := s.Write([]Row{{"a", fmt.Sprint(i, j), []byte("x")}}); err != nil {
					t.Error(err)
				}
				if _, err := s.Read("a"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if rows, _ := s.Read("a"); len(rows) != 20 {
		t.Errorf("%d rows", len(rows))
	}
}

// TestFileIsBounded holds that a full file refuses rows, and takes them again once others
// were removed.
func TestFileIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s := opened(t, path, &Options{MaxBytes: 1 << 20})
	value := bytes.Repeat([]byte("x"), 4000)
	n := 0
	var err error
	for ; err == nil && n < 1000; n++ {
		err = s.Write([]Row{{"a", fmt.Sprintf("%04d", n), value}})
	}
	if err == nil || errors.Is(err, ErrDamaged) {
		t.Fatalf("after %d rows: %v", n, err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() > 1<<20 {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
	if err := s.Trim("a", fmt.Sprintf("%04d", n-3), "9"); err != nil {
		t.Fatal(err)
	}
	if err := s.Write([]Row{{"a", "8", []byte("room")}}); err != nil {
		t.Errorf("there should be room: %v", err)
	}
	if got := text(t, s, "a"); !strings.Contains(got, "8=room") {
		t.Error("the new row is missing")
	}
	// A file that is too large from the beginning is begun anew.
	s.Close()
	s = opened(t, path, &Options{MaxBytes: 1 << 17})
	if got := text(t, s, "a"); got != "" {
		t.Errorf("a file that is too large was taken")
	}
}

func TestFileInUseIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	first := opened(t, path, nil)
	if _, err := Open(path, nil); !errors.Is(err, ErrLocked) {
		t.Errorf("a second one opens it: %v", err)
	}
	if err := first.Write([]Row{{"a", "1", []byte("x")}}); err != nil || text(t, first, "a") != "1=x " {
		t.Errorf("the first one was disturbed: %v", err)
	}
	if _, err := os.Stat(path + DamagedSuffix); err == nil {
		t.Error("a file in use was moved aside")
	}
}

func TestPlacesThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "file")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{"a folder": dir, "under a file": filepath.Join(plain, "h.db")} {
		s, err := Open(path, nil)
		if err == nil || errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			s.Close()
		}
	}
	if _, err := os.Stat(dir); err != nil {
		t.Errorf("a folder was moved aside: %v", err)
	}
}

// sound is the bytes of a file with some rows.
func sound(t testing.TB) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "h.db")
	s := opened(t, path, nil)
	for round := range 4 { // so that there are branches, and pages that are free
		var rows []Row
		for i := range 120 {
			rows = append(rows, Row{fmt.Sprint("series", i%3), fmt.Sprintf("%d %03d", round, i), bytes.Repeat([]byte{byte(i)}, 100)})
		}
		if err := s.Write(rows); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// exercise opens a file with any content, and uses it: it must end up with a Store that works.
func exercise(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path, nil)
	if err != nil {
		t.Fatalf("a damaged file is in the way: %v", err)
	}
	defer s.Close()
	for _, series := range []string{"series0", "series1", "series2"} {
		if _, err := s.Read(series); err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("read: %v", err)
		}
	}
	var last error
	for i := range 3 { // the first one may find that the file is damaged, or its list of free pages
		last = errors.Join(s.Write([]Row{{"new", fmt.Sprint(i), []byte("x")}}), s.Trim("series1", "2", "3"))
	}
	if last != nil {
		t.Errorf("write: %v", last)
	}
	if rows, err := s.Read("new"); err != nil || len(rows) == 0 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestDamagedFilesAreMovedAside(t *testing.T) {
	good := sound(t)
	zeros := bytes.Clone(good)
	clear(zeros[8192:])
	for name, content := range map[string][]byte{
		"text": []byte("this is no database\n"), "one byte": {1}, "zeros": make([]byte, 65536), "no rows": zeros,
		"half": good[:len(good)/2], "two pages": good[:8192], "no head": good[8192:],
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "h.db")
			var log bytes.Buffer
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			s := opened(t, path, &Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			s.Read("series0")
			if aside, err := os.ReadFile(path + DamagedSuffix); err != nil || !bytes.Equal(aside, content) {
				t.Errorf("what was damaged is not beside it: %v", err)
			}
			if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "h.db"+DamagedSuffix) {
				t.Errorf("the log says %s", &log)
			}
			exercise(t, path+"2", content)
		})
	}
}

// TestDamageAnywhere turns bits and cuts files at random: none of it may end the program.
func TestDamageAnywhere(t *testing.T) {
	good, path := sound(t), filepath.Join(t.TempDir(), "h.db")
	random := rand.New(rand.NewPCG(1, 2))
	rounds := 150
	if testing.Short() {
		rounds = 20
	}
	for range rounds {
		bad := bytes.Clone(good)
		if random.IntN(4) == 0 {
			bad = bad[:random.IntN(len(bad))]
		}
		for range 1 + random.IntN(20) {
			if len(bad) > 0 { // heads of pages are where it hurts
				bad[(random.IntN(len(bad))/4096*4096+random.IntN(64))%len(bad)] ^= 1 << random.IntN(8)
			}
		}
		exercise(t, path, bad)
	}
}

// FuzzFile opens files with any content.
func FuzzFile(f *testing.F) {
	f.Add(sound(f))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, content []byte) { exercise(t, filepath.Join(t.TempDir(), "h.db"), content) })
}
