package history

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

const (
	// DefaultMaxBytes is how large a file may grow by default.
	DefaultMaxBytes = 32 << 20
	// MaxKey and MaxValue are the longest key and value of a row, in bytes.
	MaxKey, MaxValue = 256, 1 << 20
	// DamagedSuffix is what the name of a damaged file gets when it is moved aside.
	DamagedSuffix = ".damaged"

	// lockSuffix is what the name of the file that is locked ends in.
	lockSuffix = ".lock"
	// lockWait bounds the wait for the library's own lock, which nobody should hold.
	lockWait = 250 * time.Millisecond
)

var (
	// ErrDamaged reports that the file cannot be read. It has been moved aside, and the
	// Store is empty.
	ErrDamaged = errors.New("history file is damaged")
	// ErrLocked reports that another program uses the file.
	ErrLocked = errors.New("another program uses the history file")
	// ErrClosed reports the use of a Store that was closed or could not be begun anew.
	ErrClosed = errors.New("history file is closed")
	// ErrTooLarge reports a row that is larger than MaxKey and MaxValue allow.
	ErrTooLarge = errors.New("row is too large")
)

// Options configures a Store. Nil and every zero field mean the defaults.
type Options struct {
	// MaxBytes is how large the file may grow; zero or less means DefaultMaxBytes. A file
	// that is larger when it is opened counts as damaged. A Write that would make it larger
	// fails; rows that are removed make room.
	MaxBytes int64
	// Logger receives one line when a file is moved aside. Nil discards.
	Logger *slog.Logger
}

// Row is one value of a series, under a key that nothing else of the series has.
type Row struct {
	// Series must not be empty, nor Key. Rows are in the order of the bytes of their keys.
	Series, Key string
	// Value is what to keep; nil removes the row.
	Value []byte
}

// Store is an open file. All methods are safe for concurrent use.
type Store struct {
	path string
	max  int64
	log  *slog.Logger

	mu   sync.Mutex // held while the file is used: that is what it is for
	file *file      // nil when closed
}

// Open opens the file at path, and makes it and its folder if they are missing. A damaged
// file is moved aside, and a new one begun. An error that wraps ErrLocked, or is of the
// operating system, means that the file is as it was.
func Open(path string, opts *Options) (*Store, error) {
	s := &Store{path: path, max: DefaultMaxBytes, log: slog.New(slog.DiscardHandler)}
	if opts != nil && opts.MaxBytes > 0 {
		s.max = opts.MaxBytes
	}
	if opts != nil && opts.Logger != nil {
		s.log = opts.Logger
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the history file: %w", err)
	}
	f, err := open(path, s.max)
	if errors.Is(err, ErrDamaged) {
		f, err = s.anew(err)
	}
	if err != nil {
		return nil, err
	}
	s.file = f
	return s, nil
}

// anew moves the file aside and begins another.
func (s *Store) anew(cause error) (*file, error) {
	aside := s.path + DamagedSuffix
	if err := os.Rename(s.path, aside); err != nil {
		return nil, fmt.Errorf("move a damaged history file aside: %w", err)
	}
	s.log.Warn("history file is damaged: it was moved aside, and history begins anew", "file", aside, "error", cause)
	return open(s.path, s.max)
}

// use does something with the file. One that turns out to be damaged is begun anew; the
// error tells all the same.
func (s *Store) use(what string, f func(*file) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return ErrClosed
	}
	err := guarded(func() error { return f(s.file) })
	if err == nil {
		return nil
	}
	err = fmt.Errorf("%s history: %w", what, err)
	if errors.Is(err, ErrDamaged) {
		s.file.abandon()
		fresh, again := s.anew(err)
		s.file = fresh // nil when there is none
		return errors.Join(err, again)
	}
	return err
}

// Read returns the rows of a series in the order of their keys; none when there is no
// such series.
func (s *Store) Read(series string) ([]Row, error) {
	var rows []Row
	err := s.use("read", func(f *file) error {
		return f.view(func(tx *bolt.Tx) error {
			bucket := tx.Bucket([]byte(series))
			if bucket == nil {
				return nil
			}
			return bucket.ForEach(func(k, v []byte) error {
				rows = append(rows, Row{series, string(k), append([]byte{}, v...)})
				return nil
			})
		})
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// Write keeps rows, all or none of them. Of two with the same key the later one counts.
func (s *Store) Write(rows []Row) error {
	for _, r := range rows {
		switch {
		case r.Series == "" || r.Key == "":
			return fmt.Errorf("write history: a row has no series or no key")
		case len(r.Series) > MaxKey || len(r.Key) > MaxKey || len(r.Value) > MaxValue:
			return fmt.Errorf("write history: %w: %d bytes in %.20q", ErrTooLarge, len(r.Key)+len(r.Value), r.Series)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return s.use("write", func(f *file) error {
		return f.update(func(tx *bolt.Tx) error {
			for _, r := range rows {
				bucket, err := tx.CreateBucketIfNotExists([]byte(r.Series))
				if err != nil {
					return err
				}
				if r.Value == nil {
					err = bucket.Delete([]byte(r.Key))
				} else {
					err = bucket.Put([]byte(r.Key), r.Value)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// Trim removes the rows of a series whose keys are less than from, or not less than end.
func (s *Store) Trim(series, from, end string) error {
	return s.use("trim", func(f *file) error {
		return f.update(func(tx *bolt.Tx) error {
			bucket := tx.Bucket([]byte(series))
			if bucket == nil {
				return nil
			}
			var gone []string // a cursor may skip a row when one is removed under it
			err := bucket.ForEach(func(k, _ []byte) error {
				if key := string(k); key < from || key >= end {
					gone = append(gone, key)
				}
				return nil
			})
			for _, k := range gone {
				if err == nil {
					err = bucket.Delete([]byte(k))
				}
			}
			return err
		})
	})
}

// Close closes the file. It is idempotent.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	f := s.file
	s.file = nil
	return f.close()
}
