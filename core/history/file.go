package history

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"syscall"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// file is an open file of the library.
type file struct {
	db     *bolt.DB
	handle *os.File
	// writing: a transaction that writes was begun and has not ended in order, so that the
	// library may hold its locks for ever.
	writing bool
}

// open opens a file. The error wraps ErrDamaged if another file in its place would do.
func open(path string, most int64) (*file, error) {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Size() > most {
		return nil, fmt.Errorf("%w: it has %d bytes, more than %d", ErrDamaged, info.Size(), most)
	}
	var f file
	err := guarded(func() (err error) {
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
	if err == nil {
		return &f, nil
	}
	if errors.Is(err, ErrDamaged) && f.handle != nil {
		f.handle.Close() // a panic left it open, and locked
	}
	return nil, fmt.Errorf("open history: %w", err)
}

func (f *file) view(do func(*bolt.Tx) error) error { return f.db.View(do) }

func (f *file) update(do func(*bolt.Tx) error) error {
	f.writing = true
	err := f.db.Update(do)
	f.writing = false // not after a panic
	return err
}

// abandon closes a damaged file as far as that can be done.
func (f *file) abandon() {
	if f.writing {
		f.handle.Close() // its memory stays mapped, once
		return
	}
	guarded(f.db.Close)
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
