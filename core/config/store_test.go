package config

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"xiaozhi-switchboard/core/secret"
)

// patience is how long a test waits for what must happen. It decides nothing.
const patience = time.Minute

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func port(n int) string { return fmt.Sprintf("{\n  // kept\n  \"port\": %d\n}\n", n) }

// opened writes text to a new file and opens it.
func opened(t *testing.T, text string, opts *StoreOptions) (*Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "xiaozhi.config.json")
	write(t, path, text)
	if opts == nil {
		opts = &StoreOptions{Debounce: 30 * time.Millisecond}
	}
	s, err := Open(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, path
}

// until waits for nudges until the snapshot is as wanted.
func until(t *testing.T, s *Store, what string, wanted func(Snapshot) bool) Snapshot {
	t.Helper()
	nudges, stop := s.Subscribe()
	defer stop()
	timeout := time.After(patience)
	for {
		now := s.Snapshot()
		if wanted(now) {
			return now
		}
		select {
		case <-nudges:
		case <-timeout:
			t.Fatalf("%s: not after %v; port %d, problem %v", what, patience, now.Config.Port, now.Problem)
		}
	}
}

func runs(n int) func(Snapshot) bool {
	return func(now Snapshot) bool { return now.Config.Port == n && now.Problem == nil }
}

func (s *Store) changeCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changes
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	for path, code := range map[string]string{dir: FileOdd, filepath.Join(dir, "none", "x.json"): FolderMissing} {
		_, err := Open(path, nil)
		var file *FileError
		if !errors.As(err, &file) || file.Code != code {
			t.Errorf("Open(%s): %v, want %s", path, err, code)
		}
	}
	if runtime.GOOS != "windows" && os.Getuid() != 0 {
		denied := filepath.Join(dir, "denied.json")
		write(t, denied, "{}")
		if err := os.Chmod(denied, 0); err != nil {
			t.Fatal(err)
		}
		var file *FileError
		if _, err := Open(denied, nil); !errors.As(err, &file) || file.Code != FileDenied {
			t.Errorf("an unreadable file: %v", err)
		}
	}
	missing, err := Open(filepath.Join(dir, "missing.json"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if now := missing.Snapshot(); !errors.Is(now.Problem, fs.ErrNotExist) || now.Config.Port != 3001 || now.Text != nil {
		t.Errorf("a missing file: %+v", now)
	}
	if err := missing.Close(); err != nil {
		t.Fatal(err)
	}
	missing.Close()
	if _, err := missing.Modify(context.Background(), "", func(*Edit) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("Modify after Close: %v", err)
	}

	bad, _ := opened(t, `{"port": 0}`, nil)
	now := bad.Snapshot()
	var problems *ProblemsError
	if !errors.As(now.Problem, &problems) || now.Config.Port != 3001 || string(now.Text) != `{"port": 0}` {
		t.Errorf("a bad file: %+v", now)
	}
}

func TestBadFileChangesNothing(t *testing.T) {
	s, path := opened(t, port(1000), nil)
	good := s.Snapshot()
	write(t, path, `{"port": 99999`)
	now := until(t, s, "bad", func(now Snapshot) bool { return now.Problem != nil })
	if now.Config.Port != 1000 || !now.Loaded.Equal(good.Loaded) || string(now.Text) != `{"port": 99999` {
		t.Errorf("a bad file changed %+v", now)
	}
	ctx := context.Background()
	set := func(e *Edit) error { return e.SetOption("port", 1) }
	replace := func(e *Edit) error { e.Replace([]byte(port(1002))); return nil }
	for name, err := range map[string]error{
		"edit":                func() error { _, err := s.Modify(ctx, now.Revision, set); return err }(),
		"no edit":             func() error { _, err := s.Modify(ctx, "", func(*Edit) error { return nil }); return err }(),
		"replacement unknown": func() error { _, err := s.Modify(ctx, "", replace); return err }(),
	} {
		if !errors.Is(err, ErrBroken) {
			t.Errorf("%s of a broken file: %v", name, err)
		}
	}
	var conflict *ConflictError
	if _, err := s.Modify(ctx, good.Revision, replace); !errors.As(err, &conflict) {
		t.Errorf("a replacement from before: %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != `{"port": 99999` {
		t.Fatalf("the broken file became %s", text)
	}
	if now, err := s.Modify(ctx, now.Revision, replace); err != nil || now.Config.Port != 1002 || now.Problem != nil {
		t.Errorf("a replacement of what was seen: %v, %v", now.Problem, err)
	}
	write(t, path, "{")
	until(t, s, "bad again", func(now Snapshot) bool { return now.Problem != nil })
	write(t, path, port(1003))
	until(t, s, "mended", runs(1003))
}

func TestModify(t *testing.T) {
	backups := filepath.Join(t.TempDir(), "versions")
	s, path := opened(t, "{ // kept\r\n  \"port\": 1000, /* kept too */\r\n  \"odd\": [1,],\r\n}\r\n", &StoreOptions{Debounce: 20 * time.Millisecond, BackupDir: backups})
	ctx := context.Background()
	nudges, stop := s.Subscribe()
	defer stop()
	before := s.Snapshot()
	after, err := s.Modify(ctx, before.Revision, func(e *Edit) error { return e.SetOption("port", 1001) })
	if err != nil {
		t.Fatal(err)
	}
	want := "{ // kept\r\n  \"port\": 1001, /* kept too */\r\n  \"odd\": [1,],\r\n}\r\n"
	if text, _ := os.ReadFile(path); string(text) != want || string(after.Text) != want || after.Config.Port != 1001 {
		t.Errorf("got %q", text)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	select {
	case <-nudges:
	default:
		t.Error("no nudge")
	}
	var conflict *ConflictError
	if _, err := s.Modify(ctx, before.Revision, func(e *Edit) error { return e.SetOption("port", 1) }); !errors.As(err, &conflict) || conflict.Have != after.Revision {
		t.Errorf("on top of an older revision: %v", err)
	}
	var problems *ProblemsError
	if _, err := s.Modify(ctx, "", func(e *Edit) error { return e.SetOption("port", 0) }); !errors.As(err, &problems) || problems.Problems[0].Key != "port" {
		t.Errorf("a bad value: %v", err)
	}
	own := errors.New("own")
	if _, err := s.Modify(ctx, "", func(e *Edit) error { return own }); err != own {
		t.Errorf("an error of the function: %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Modify(cancelled, "", func(e *Edit) error { return e.SetOption("port", 5) }); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != want {
		t.Errorf("a failed change left %q", text)
	}
	// The file changes while the function runs: it runs again on the new text.
	calls := 0
	now, err := s.Modify(ctx, "", func(e *Edit) error {
		if calls++; calls == 1 {
			write(t, path, "{\"enableCors\": true}\n")
		}
		return e.SetOption("port", 1002)
	})
	if err != nil || calls != 2 || !now.Config.EnableCORS || now.Config.Port != 1002 {
		t.Errorf("a change meanwhile: %v after %d calls, %s", err, calls, now.Text)
	}
	calls = 0
	if _, err = s.Modify(ctx, now.Revision, func(e *Edit) error {
		calls++
		write(t, path, "{\"enableCors\": false}\n")
		return e.SetOption("port", 1003)
	}); !errors.As(err, &conflict) || calls != 1 {
		t.Errorf("a change meanwhile, on top of a revision: %v", err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("left beside the file: %v, %v", entries, err)
	}
}

func TestVersions(t *testing.T) {
	backups := filepath.Join(t.TempDir(), "versions")
	s, path := opened(t, port(1000), &StoreOptions{Debounce: 20 * time.Millisecond, BackupDir: backups})
	write(t, filepath.Join(filepath.Dir(path), "other.bak"), "x")
	for i := 1; i <= 13; i++ {
		if _, err := s.Modify(context.Background(), "", func(e *Edit) error { return e.SetOption("port", 1000+i) }); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.Versions()
	if err != nil || len(list) != versionsKept {
		t.Fatalf("%d versions, %v", len(list), err)
	}
	for i, v := range list {
		text, err := s.VersionText(v.ID)
		if err != nil || string(text) != port(1012-i) || revisionOf(text) != v.Revision {
			t.Errorf("version %d is %q, %v", i, text, err)
		}
		if info, err := os.Stat(filepath.Join(backups, v.ID)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
	for _, id := range []string{"", "../x", "other.bak", "xiaozhi.config.json.bak", filepath.Join("..", list[0].ID)} {
		if _, err := s.VersionText(id); err == nil {
			t.Errorf("VersionText(%q) reads", id)
		}
	}
}

// TestVersionsWhileTheClockIsSet keeps the last ones, whatever the clock says.
func TestVersionsWhileTheClockIsSet(t *testing.T) {
	s, _ := opened(t, port(1000), &StoreOptions{BackupDir: t.TempDir()})
	clock := time.Now()
	for i := range 25 {
		switch i {
		case 8:
			clock = clock.Add(24 * time.Hour)
		case 12:
			clock = clock.Add(-48 * time.Hour)
		}
		clock = clock.Add(time.Second)
		if err := s.keep([]byte(port(1000+i)), clock); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.Versions()
	if err != nil || len(list) != versionsKept {
		t.Fatalf("%d versions, %v", len(list), err)
	}
	for i, v := range list {
		if text, err := s.VersionText(v.ID); err != nil || string(text) != port(1024-i) {
			t.Errorf("version %d is %q, %v", i, text, err)
		}
	}
}

func TestReadOnlyFolder(t *testing.T) {
	if runtime.GOOS == "windows" || os.Getuid() == 0 {
		t.Skip("the rights of this user are not limited")
	}
	s, path := opened(t, port(1000), nil)
	dir := filepath.Dir(path)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	_, err := s.Modify(context.Background(), "", func(e *Edit) error { return e.SetOption("port", 1) })
	var file *FileError
	if !errors.As(err, &file) || file.Code != FileDenied || !strings.Contains(err.Error(), dir) {
		t.Errorf("saving in a read-only folder: %v", err)
	}
}

func TestConcurrentUse(t *testing.T) {
	s, _ := opened(t, port(1000), nil)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			url := fmt.Sprintf("wss://%d.example", i)
			if _, err := s.Modify(context.Background(), "", func(e *Edit) error { return e.AddEndpoint(on(secret.URL(url))) }); err != nil {
				t.Error(err)
			}
			_, stop := s.Subscribe()
			now := s.Snapshot()
			now.Config.Port, now.Text[0] = 1, 'x'
			stop()
			stop()
		})
	}
	all.Wait()
	if now := s.Snapshot(); len(now.Config.Endpoints) != 8 || now.Config.Port != 1000 || now.Text[0] != '{' {
		t.Errorf("got %d endpoints, port %d", len(now.Config.Endpoints), now.Config.Port)
	}
}
