package history

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"xiaozhi-switchboard/core/rough"
)

// TestFileOfAnotherUserIsLeftAlone opens a file that whoever runs the program may only read.
func TestFileOfAnotherUserIsLeftAlone(t *testing.T) {
	path := filepath.Join(rough.Shared(t, 0o777), "h.db")
	opened(t, path, nil).Close()
	if err := errors.Join(os.Chmod(path, 0o444), os.Remove(path+".lock")); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rough.As(t, 65534, func() {
		if _, err := Open(path, nil); !errors.Is(err, os.ErrPermission) {
			t.Errorf("opened: %v", err)
		}
	})
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the file changed: %v", err)
	}
}
