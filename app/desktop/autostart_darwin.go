package desktop

import (
	"os"
	"path/filepath"
)

func entryPath() (string, error) {
	home, err := os.UserHomeDir()
	return filepath.Join(home, "Library", "LaunchAgents", autostartID+".plist"), err
}

// On reports whether there is an entry.
func (a Autostart) On() (bool, error) {
	path, err := entryPath()
	if err != nil {
		return false, err
	}
	text, err := entryText(path)
	return text != nil, err
}

func (a Autostart) write() error {
	path, err := entryPath()
	if err != nil {
		return err
	}
	return writeEntry(path, launchAgent(a))
}

func (a Autostart) remove() error {
	path, err := entryPath()
	if err != nil {
		return err
	}
	return removeEntry(path)
}
