// Package desktop is what the program needs of the computer it runs on, system
// by system, and nothing of what it does there.
package desktop

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// folder is the name of our folder inside the standard ones.
const folder = "xiaozhi-switchboard"

// ConfigName is the name of the configuration file.
const ConfigName = "xiaozhi.config.json"

// ConfigDir returns the folder for the configuration: below os.UserConfigDir. It
// is not created.
func ConfigDir() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find the configuration folder: %w", err)
	}
	return filepath.Join(dir, folder), nil
}

// DataDir returns the folder for logs, backups and state: LocalAppData on Windows,
// Application Support on macOS, else XDG_STATE_HOME or ~/.local/state. It is not
// created.
func DataDir() (string, error) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		dir, err := os.UserCacheDir()
		if runtime.GOOS == "darwin" {
			dir, err = os.UserConfigDir()
		}
		if err != nil {
			return "", fmt.Errorf("find the data folder: %w", err)
		}
		return filepath.Join(dir, folder), nil
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, folder), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the data folder: %w", err)
	}
	return filepath.Join(home, ".local", "state", folder), nil
}

// FindConfig returns the configuration file to use: given if it is not empty, else
// ConfigName in the working directory if there is one, else ConfigName in ConfigDir.
// The path is absolute; the file may be missing.
func FindConfig(given string) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	if _, err := os.Stat(ConfigName); err == nil {
		return filepath.Abs(ConfigName)
	}
	dir, err := ConfigDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, ConfigName), nil
}
