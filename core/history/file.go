package history

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"syscall"

	"github.com/gofrs/flock"
	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// file is an open file of the library.
type file struct {
	db     *bolt.DB
	handle *os.File
	lock   *flock.Flock
	// writing: a transaction that writes was begun and has not ended in order, so that the
	// library may hold its locks for ever.
	writing bool
}

// open opens a file. The error wraps ErrDamaged if another file in its place would do.
func open(path string, most int64) (_ *file, err error) {
	// The library's own lock comes too late: the file is looked at before.
	f := &file{lock: flock.New(path+lockSuffix, flock.SetPermissions(0o600))}
	switch held, err := f.lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("open history: %w", err)
	case !held:
		return nil, ErrLocked
	}
	defer func() {
		if err != nil {
			f.release()
		}
	}()
	if err := lookThrough(path, most); err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	err = guarded(func() (err error) {
		f.db, err = bolt.Open(path, 0o600, &bolt.Options{
			Timeout: lockWait, MaxSize: int(most), NoStatistics: true,
			OpenFile: func(name string, flag int, mode fs.FileMode) (h *os.File, err error) {
				h, err = os.OpenFile(name, flag, mode)
				f.handle = h
				return h, err
			},
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	return f, nil
}

// lookThrough checks a file, unless there is none, or nothing in it.
func lookThrough(path string, most int64) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && info.Size() == 0:
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return &fs.PathError{Op: "open", Path: path, Err: errors.New("it is no file")}
	case info.Size() > most:
		return fmt.Errorf("%w: it has %d bytes, more than %d", ErrDamaged, info.Size(), most)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := check(content); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

// close closes the file.
func (f *file) close() error {
	err := guarded(f.db.Close)
	return errors.Join(err, f.lock.Close())
}

// abandon closes a damaged file as far as that can be done.
func (f *file) abandon() {
	if !f.writing {
		guarded(f.db.Close)
	}
	f.release()
}

// release lets go of the file without the library, which may be stuck; its memory stays
// mapped, once.
func (f *file) release() {
	if f.handle != nil {
		f.handle.Close() // if it is not yet
	}
	f.lock.Close()
}

func (f *file) view(do func(*bolt.Tx) error) error { return f.db.View(do) }

func (f *file) update(do func(*bolt.Tx) error) error {
	f.writing = true
	err := f.db.Update(do)
	f.writing = false // not after a panic
	return err
}

// guarded does something with a file, and says what is wrong with it in our own errors.
// A library that trusts its file panics when that was trusted wrongly, and memory beyond
// the end of a mapped file that was cut short cannot be read.
func guarded(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, r)
		}
	}()
	err = f()
	var number syscall.Errno
	switch {
	case err == nil, errors.Is(err, ErrDamaged), errors.Is(err, berrors.ErrMaxSizeReached):
	case errors.Is(err, berrors.ErrTimeout):
		err = ErrLocked
	case errors.As(err, new(*fs.PathError)), errors.As(err, &number):
	default: // an error of the library is about what the file holds
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}
