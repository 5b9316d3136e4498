package config

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"

	"xiaozhi-switchboard/core/nudge"
)

// DefaultDebounce is how long a file must be quiet before it is read.
const DefaultDebounce = 200 * time.Millisecond

// StoreOptions configure a Store. Nil and the zero value are fine.
type StoreOptions struct {
	// Logger gets one line per change of the configuration. Nil discards.
	Logger *slog.Logger
	// BackupDir keeps the last ten texts that Modify replaced. It is made when needed.
	// Empty keeps none.
	BackupDir string
	// Getenv resolves ${NAME} references; nil means os.LookupEnv.
	Getenv func(string) (string, bool)
	// Debounce is how long a file must be quiet before it is read. Zero or less means
	// DefaultDebounce. A bad file is believed after four times as long again.
	Debounce time.Duration

	watched func() // for tests: after each event of the file was noted
}

// Snapshot is the configuration at one moment.
type Snapshot struct {
	// Config is what runs: the file as last read without a problem, or the defaults. It is
	// a copy; nobody else changes it.
	Config *Config
	// Text is the file as it is on disk, also if it is bad; nil if it is missing or
	// unreadable. It holds credentials.
	Text []byte
	// Revision names the content of the file on disk, for Modify.
	Revision string
	// Path is the absolute path of the file.
	Path string
	// Problem is why the file on disk is not what runs: a *ProblemsError or a *FileError;
	// nil if it is.
	Problem error
	// Loaded is when Config came to run.
	Loaded time.Time
}

// String returns the path, the revision and whether there is a problem, and nothing of
// the text.
func (s Snapshot) String() string {
	state := "in use"
	if s.Problem != nil {
		state = "with problems"
	}
	return s.Path + " " + s.Revision + " " + state
}

// GoString returns String, for %#v.
func (s Snapshot) GoString() string { return "config.Snapshot{" + s.String() + "}" }

// LogValue returns String, for slog.
func (s Snapshot) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Store holds the live configuration of one file. From Open to Close it watches the
// folder of the file and takes over what is saved there by any program, once each.
// A file that is bad, half written or gone changes nothing that runs; Snapshot says
// so until it is mended. All methods are safe for concurrent use.
type Store struct {
	path      string
	backupDir string
	log       *slog.Logger
	lookup    func(string) (string, bool)
	debounce  time.Duration
	watched   func()

	cancel context.CancelFunc
	closed context.Context // ends with Close
	done   chan struct{}   // closed when the watching goroutine is gone
	// turn has one slot, held while the file is read or written and taken over.
	turn chan struct{}

	bell nudge.Bell

	mu      sync.Mutex
	now     state
	changes int // of now, for tests
}

// state is what Snapshot shows.
type state struct {
	config   *Config // immutable
	good     []byte  // the text it came from; nil if there is none
	text     []byte  // on disk
	revision string
	problem  error
	loaded   time.Time
}

// Open reads the file at path and starts to watch it. It fails, with a *FileError, only
// if there can be no configuration file at that path: it is a folder, it may not be
// read, or its folder is missing. A missing file and a bad one open well: their
// Snapshot has the defaults and the Problem.
func Open(path string, opts *StoreOptions) (*Store, error) {
	var o StoreOptions
	if opts != nil {
		o = *opts
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Debounce <= 0 {
		o.Debounce = DefaultDebounce
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, &FileError{FileFailed, "path", path, "this is not a path", err}
	}
	s := &Store{
		path: absolute, backupDir: o.BackupDir, log: o.Logger, lookup: o.Getenv, debounce: o.Debounce, watched: o.watched,
		done: make(chan struct{}), turn: make(chan struct{}, 1),
		now: state{config: Default(), loaded: time.Now()},
	}
	s.closed, s.cancel = context.WithCancel(context.Background())
	// The watch starts before the first look, so that nothing falls between.
	watcher, watchErr := fsnotify.NewWatcher()
	w := &watch{store: s, watcher: watcher, settler: settler{debounce: s.debounce}}
	if watchErr == nil {
		w.follow()
	}
	found := s.find()
	if err := unusable(found.err, absolute); err != nil {
		s.cancel()
		if watchErr == nil {
			watcher.Close()
		}
		return nil, err
	}
	s.take(found)
	s.report(found)
	if watchErr != nil {
		s.log.Warn("changes of the configuration file are polled for, because it cannot be watched", "path", s.path, "err", watchErr)
	}
	go func() {
		defer close(s.done)
		w.run(s.closed)
	}()
	return s, nil
}

// unusable returns why there can be no file at path, given what reading it said.
func unusable(err error, path string) error {
	var file *FileError
	if !errors.As(err, &file) {
		return nil
	}
	if file.Code != FileMissing {
		return file
	}
	dir := filepath.Dir(target(path))
	if isFolder(dir) {
		return nil
	}
	return &FileError{FolderMissing, "", path, "the folder " + dir + " is not there; make it, or name another place", file.Err}
}

// Snapshot returns the configuration as it is now.
func (s *Store) Snapshot() Snapshot {
	s.mu.Lock()
	now := s.now
	s.mu.Unlock()
	return Snapshot{Config: now.config.Clone(), Text: bytes.Clone(now.text), Revision: now.revision, Path: s.path, Problem: now.problem, Loaded: now.loaded}
}

// Subscribe returns a channel that gets a value after the Snapshot has changed. Values
// that nobody has taken yet stand for any number of changes. The function ends it
// and may be called again. The channel is never closed.
func (s *Store) Subscribe() (<-chan struct{}, func()) { return s.bell.Subscribe() }

// Close stops watching and returns when the last goroutine is gone. Snapshot still
// answers after it; Modify does not. It always returns nil.
func (s *Store) Close() error {
	s.cancel()
	<-s.done
	return nil
}

// finding is what a look at the file found.
type finding struct {
	text     []byte
	revision string
	config   *Config // nil if err is not
	err      error   // a *FileError or a *ProblemsError
}

// find looks at the file.
func (s *Store) find() finding {
	text, err := ReadFile(s.path)
	if err != nil {
		var file *FileError
		errors.As(err, &file)
		if file.Code == FileMissing {
			return finding{revision: absent, err: err}
		}
		return finding{revision: file.Code, err: err}
	}
	found := finding{text: text, revision: revisionOf(text)}
	found.config, found.err = Parse(text, s.lookup)
	return found
}

// take makes what was found the state, if it is news, and tells the subscribers.
// It needs the turn.
func (s *Store) take(found finding) {
	s.mu.Lock()
	defer s.mu.Unlock() // nothing below waits
	if s.now.revision == found.revision {
		return
	}
	now := s.now
	now.text, now.revision, now.problem = found.text, found.revision, found.err
	if found.err == nil {
		now.config, now.good, now.loaded = found.config, found.text, time.Now()
	}
	s.now = now
	s.changes++
	s.bell.Ring()
}

// report logs what was taken over.
func (s *Store) report(found finding) {
	if found.err != nil {
		s.log.Warn("configuration file cannot be used; what ran before goes on", "path", s.path, "err", found.err)
		return
	}
	s.log.Info("configuration loaded", "path", s.path, "revision", found.revision, "config", found.config)
}

// known reports whether what was found is the state already.
func (s *Store) known(found finding) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now.revision == found.revision
}

// acquire waits for the turn.
func (s *Store) acquire(ctx context.Context) error {
	if s.closed.Err() != nil {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closed.Done():
		return ErrClosed
	}
}

func (s *Store) release() { <-s.turn }
