package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// The codes of a FileError.
const (
	// FileMissing is a file that is not there. It has no reason, like FolderMissing.
	FileMissing = "file-missing"
	// FolderMissing is a folder that is not there.
	FolderMissing = "folder-missing"
	// FileOdd is a folder, pipe or device where a file should be.
	FileOdd = "file-odd"
	// FileDenied is a file or folder that may not be read or written.
	FileDenied = "file-denied"
	// FileFailed is any other failure to read or write, such as a full disk.
	FileFailed = "file-failed"
)

// FileError says why a file cannot be read or written.
type FileError struct {
	// Code is one of the File constants.
	Code string
	// Reason tells the sentences of one code apart: for FileOdd folder and special, for
	// FileDenied read, write and owner, for FileFailed read, write, full, exists and path.
	Reason string
	Path   string
	// Message is an English sentence that says what is wrong and what to do.
	Message string
	// Err is the cause; it may be nil.
	Err error
}

// Error returns the path and the message.
func (e *FileError) Error() string { return e.Path + ": " + e.Message }

// Unwrap returns the cause, such as fs.ErrNotExist.
func (e *FileError) Unwrap() error { return e.Err }

// absent is the revision of a file that is not there.
const absent = "absent"

// revisionOf names the content of a file.
func revisionOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// ReadFile returns the content of a regular file, for Parse: at most a byte more than it
// takes. The error is a *FileError.
func ReadFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, readFailure(path, err)
	}
	if !info.Mode().IsRegular() { // a pipe would block for ever
		reason, what := "special", "this is not a regular file"
		if info.IsDir() {
			reason, what = "folder", "this is a folder"
		}
		return nil, &FileError{FileOdd, reason, path, what + "; name the configuration file itself", nil}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, readFailure(path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, readFailure(path, err)
	}
	return text, nil
}

func readFailure(path string, err error) *FileError {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &FileError{FileMissing, "", path, "the file is not there; put it back, or save the settings to write it anew", err}
	case errors.Is(err, fs.ErrPermission):
		return &FileError{FileDenied, "read", path, "the file may not be read; give your user the right to read it", err}
	}
	return &FileError{FileFailed, "read", path, fmt.Sprintf("the file cannot be read (%v)", cause(err)), err}
}

// WriteError puts an error of the file system into the words of a FileError: why a file
// could not be written.
func WriteError(path string, err error) *FileError { return writeFailure(path, err) }

func writeFailure(path string, err error) *FileError {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &FileError{FolderMissing, "", path, "the folder of the file is not there; make it, or name another place", err}
	case errors.Is(err, errOwner):
		return &FileError{FileDenied, "owner", path, "nothing was saved, because the file belongs to another user; save as that user, or make the file yours", err}
	case errors.Is(err, fs.ErrPermission), readOnly(err):
		return &FileError{FileDenied, "write", path, "nothing was saved, because the folder may not be written to; give your user the right to write there, or name another place", err}
	}
	if noRoom(err) {
		return &FileError{FileFailed, "full", path, "nothing was saved, because the disk is full; make room and save again", err}
	}
	return &FileError{FileFailed, "write", path, fmt.Sprintf("nothing was saved (%v); make room or name another place, and save again", cause(err)), err}
}

// Cause returns what the system says, without the operation and the path; nil if it
// said nothing.
func (e *FileError) Cause() error {
	if e.Err == nil {
		return nil
	}
	return cause(e.Err)
}

// cause strips the operation and the path from an error of the file system.
func cause(err error) error {
	if on := (*fs.PathError)(nil); errors.As(err, &on) {
		return on.Err
	}
	if on := (*os.LinkError)(nil); errors.As(err, &on) {
		return on.Err
	}
	return err
}

// target follows symbolic links from path to the file they lead to, which need not exist.
func target(path string) string {
	for range 16 {
		to, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return path
}

// errOwner says that a file would be taken from whoever it belongs to.
var errOwner = errors.New("the file belongs to another user")

// errChanged says that the file changed between two looks.
var errChanged = errors.New("the file has changed meanwhile")

// replaceFile puts text in place of the file at path, or of the file that a link there
// leads to, in one step: who reads it sees the old or the new text, also after a
// power cut. Still is asked last, and an error of it stops everything. The file is
// readable by its owner only, who stays the same. The error is a *FileError or that of still.
func replaceFile(path string, text []byte, still func() error) error {
	to := target(path)
	dir := filepath.Dir(to)
	f, err := os.CreateTemp(dir, "."+filepath.Base(to)+".*.tmp") // 0600
	if err != nil {
		return writeFailure(path, err)
	}
	temp := f.Name()
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(0o600)
	}
	if err == nil {
		err = keepOwner(f, to)
	}
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(temp)
		return writeFailure(path, err)
	}
	if err := still(); err != nil {
		os.Remove(temp)
		return err
	}
	if err := os.Rename(temp, to); err != nil {
		os.Remove(temp)
		return writeFailure(path, err)
	}
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync() // not every system can; the rename stands either way
		d.Close()
	}
	return nil
}
