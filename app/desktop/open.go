package desktop

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/pkg/browser"
)

func init() {
	// What browsers write is not ours to show.
	browser.Stdout, browser.Stderr = io.Discard, io.Discard
}

// HasDisplay reports whether windows of other programs, such as a browser, can be
// opened here.
func HasDisplay() bool {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		return true
	}
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// OpenURL opens an address in the browser. It may return only when the browser is
// closed.
func OpenURL(url string) error {
	if err := browser.OpenURL(url); err != nil {
		return fmt.Errorf("open the browser: %w", err)
	}
	return nil
}

// OpenFile opens a file or a folder with the program that the user has chosen for its
// kind. It may return only when that program ends.
func OpenFile(path string) error {
	path, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err == nil {
		err = browser.OpenURL(path) // the system's opener takes both
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	return nil
}
