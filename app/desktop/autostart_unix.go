//go:build unix && !darwin

package desktop

import (
	"os"
	"path/filepath"
)

// entryPath is where desktops look, by
// https://specifications.freedesktop.org/autostart-spec/latest/.
func entryPath() (string, error) {
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, "autostart", autostartID+".desktop"), err
}

// On reports whether there is an entry that works.
func (a Autostart) On() (bool, error) {
	path, err := entryPath()
	if err != nil {
		return false, err
	}
	text, err := entryText(path)
	return text != nil && !hidden(text), err
}

func (a Autostart) write() error {
	path, err := entryPath()
	if err != nil {
		return err
	}
	return writeEntry(path, desktopEntry(a))
}

func (a Autostart) remove() error {
	path, err := entryPath()
	if err != nil {
		return err
	}
	return removeEntry(path)
}
