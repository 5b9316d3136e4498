package config

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
)

//go:embed default.jsonc
var defaultText []byte

// DefaultText returns the file that WriteDefault writes: every option with its default,
// explained in Chinese and English. Lang is "zh", "en", or "" to follow the system.
func DefaultText(lang string) ([]byte, error) {
	switch lang {
	case "", "zh", "en":
		return bytes.Replace(defaultText, []byte(`"language": ""`), fmt.Appendf(nil, `"language": %q`, lang), 1), nil
	}
	return nil, fmt.Errorf("write default configuration: the language %q is unknown; use zh or en", lang)
}

// WriteDefault writes DefaultText to a new file at path, readable by its owner only, and
// makes the folder if there is none. It never overwrites: a file that is there is an
// error that is fs.ErrExist.
func WriteDefault(path, lang string) error {
	text, err := DefaultText(lang)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return writeFailure(path, err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if os.IsExist(err) {
		return &FileError{FileFailed, "exists", path, "there is a file already, which is not overwritten; remove it, or name another place", err}
	}
	if err != nil {
		return writeFailure(path, err)
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(path)
		return writeFailure(path, err)
	}
	return nil
}
