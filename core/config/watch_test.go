package config

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// TestEditorsArePickedUpOnce saves as programs do. Each save must change the state just
// once; a last save by Modify shows that nothing else was under way.
func TestEditorsArePickedUpOnce(t *testing.T) {
	saves := map[string]func(t *testing.T, path, text string){
		"truncate and write": write,
		"vim": func(t *testing.T, path, text string) {
			if err := os.Rename(path, path+"~"); err != nil {
				t.Fatal(err)
			}
			write(t, path, text)
			if err := os.Chmod(path, 0o644); err != nil {
				t.Fatal(err)
			}
			os.Remove(path + "~")
		},
		"rename": func(t *testing.T, path, text string) {
			write(t, path+".tmp", text)
			if err := os.Rename(path+".tmp", path); err != nil {
				t.Fatal(err)
			}
		},
		"touch only": func(t *testing.T, path, text string) {
			now := time.Now()
			write(t, path, text)
			if err := os.Chtimes(path, now, now); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, save := range saves {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, path := opened(t, port(1000), &StoreOptions{Debounce: 250 * time.Millisecond})
			for i := 1; i <= 3; i++ {
				save(t, path, port(1000+i))
				until(t, s, name, runs(1000+i))
			}
			if got := s.changeCount(); got != 4 {
				t.Errorf("%d changes, want 4", got)
			}
			if _, err := s.Modify(context.Background(), s.Snapshot().Revision, func(e *Edit) error { return e.SetOption("port", 2000) }); err != nil {
				t.Fatal(err)
			}
			save(t, path, port(2001))
			until(t, s, name, runs(2001))
			if got := s.changeCount(); got != 6 {
				t.Errorf("%d changes, want 6", got)
			}
		})
	}
}

func TestSlowWriterIsPickedUpOnce(t *testing.T) {
	seen := make(chan struct{}, 100)
	// The time between two looks at half a file is far longer than the writing.
	s, path := opened(t, port(1000), &StoreOptions{Debounce: 400 * time.Millisecond, watched: func() { seen <- struct{}{} }})
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	text := "{\n  \"mcpEndpoint\": [\"wss://a.example\"],\n  \"port\": 1001\n}\n"
	for _, piece := range []string{text[:5], text[5:20], text[20:40], text[40:]} {
		if _, err := f.WriteString(piece); err != nil {
			t.Fatal(err)
		}
		select {
		case <-seen: // the watch has noticed this piece before the next comes
		case <-time.After(patience):
			t.Fatal("a piece is not noticed")
		}
	}
	f.Close()
	until(t, s, "slow writer", runs(1001))
	if got := s.changeCount(); got != 2 {
		t.Errorf("%d changes, want 2", got)
	}
}

func TestDeletedFile(t *testing.T) {
	s, path := opened(t, port(1000), nil)
	os.Remove(path)
	now := until(t, s, "deleted", func(now Snapshot) bool { return now.Problem != nil })
	if !errors.Is(now.Problem, fs.ErrNotExist) || now.Config.Port != 1000 {
		t.Errorf("after deletion: %+v", now)
	}
	write(t, path, port(1001))
	until(t, s, "recreated", runs(1001))

	os.Remove(path)
	until(t, s, "deleted again", func(now Snapshot) bool { return now.Problem != nil })
	saved, err := s.Modify(context.Background(), "", func(e *Edit) error { return e.SetOption("port", 1002) })
	if err != nil || saved.Problem != nil || string(saved.Text) != port(1002) {
		t.Errorf("saving anew: %q, %v", saved.Text, err)
	}
}

func TestDeletedFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "folder")
	path := filepath.Join(dir, "c.json")
	if err := WriteDefault(path, ""); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path, &StoreOptions{Debounce: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	os.RemoveAll(dir)
	until(t, s, "folder deleted", func(now Snapshot) bool { return now.Problem != nil })
	var file *FileError
	if _, err := s.Modify(context.Background(), "", func(e *Edit) error { return e.SetOption("port", 1) }); !errors.As(err, &file) || file.Code != FolderMissing {
		t.Errorf("saving without a folder: %v", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, path, port(1001))
	until(t, s, "folder made anew", runs(1001))
}

func TestLinkIsWrittenThrough(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege")
	}
	real, link := filepath.Join(t.TempDir(), "real.json"), filepath.Join(t.TempDir(), "link.json")
	write(t, real, port(1000))
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	s, err := Open(link, &StoreOptions{Debounce: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Modify(context.Background(), "", func(e *Edit) error { return e.SetOption("port", 1001) }); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if text, _ := os.ReadFile(real); string(text) != port(1001) {
		t.Errorf("the file is %q", text)
	}
	write(t, real, port(1002))
	until(t, s, "the file behind the link", runs(1002))
	other := filepath.Join(t.TempDir(), "other.json")
	write(t, other, port(1003))
	os.Remove(link)
	if err := os.Symlink(other, link); err != nil {
		t.Fatal(err)
	}
	until(t, s, "another link", runs(1003))
	write(t, other, port(1004))
	until(t, s, "the file behind the other link", runs(1004))
}
