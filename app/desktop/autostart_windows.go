package desktop

import (
	"errors"

	"golang.org/x/sys/windows/registry"
)

// runKey is where Windows keeps what starts with a user's session.
const runKey = `Software\Microsoft\Windows\CurrentVersion\Run`

// On reports whether there is an entry.
func (a Autostart) On() (bool, error) {
	key, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	defer key.Close()
	_, _, err = key.GetStringValue(autostartID)
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (a Autostart) write() error {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE|registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer key.Close()
	if have, _, err := key.GetStringValue(autostartID); err == nil && have == runCommand(a) {
		return nil
	}
	return key.SetStringValue(autostartID, runCommand(a))
}

func (a Autostart) remove() error {
	key, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer key.Close()
	if err := key.DeleteValue(autostartID); err != nil && !errors.Is(err, registry.ErrNotExist) {
		return err
	}
	return nil
}
