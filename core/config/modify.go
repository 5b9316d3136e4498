package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

var (
	// ErrClosed is the cause of a Modify after Close.
	ErrClosed = errors.New("the configuration is closed")
	// ErrBroken is the cause of a Modify of a file that has problems: saving would
	// destroy what its author is about to mend.
	ErrBroken = errors.New("the configuration file has problems and is not overwritten; mend it in an editor first")
)

// ConflictError is the error of a Modify on top of a file that has changed since.
type ConflictError struct {
	Path string
	// Want is the revision that Modify was given, Have the one on disk.
	Want, Have string
}

// Error says what happened and what to do.
func (e *ConflictError) Error() string {
	return "save " + e.Path + ": the file has changed meanwhile; look at its new content, and make the change again"
}

// Modify changes the file: it reads what is on disk, lets edit change the text, checks
// the result, writes it in one step and takes it over. Revision is that of the
// Snapshot which the change is based on; "" means any. The returned Snapshot is
// what runs afterwards.
//
// Nothing is written if edit fails, and its error comes back as it is. Other errors: a
// *ConflictError if the file on disk has another revision; ErrBroken if it has
// problems, unless edit calls Replace and revision names this very broken text; a
// *ProblemsError if the result would have problems; a *FileError if it cannot be
// written; ErrClosed; the error of ctx. A file that is missing is written anew from
// the last good text.
//
// Modifications run one after the other. Edit may be called again if the file changes
// under it, and must not call Modify.
func (s *Store) Modify(ctx context.Context, revision string, edit func(*Edit) error) (Snapshot, error) {
	if err := s.acquire(ctx); err != nil {
		return Snapshot{}, fmt.Errorf("save %s: %w", s.path, err)
	}
	defer s.release()
	for attempt := 1; ; attempt++ {
		err := s.modify(ctx, revision, edit)
		if errors.Is(err, errChanged) && revision == "" && attempt < 5 {
			continue
		}
		if err != nil {
			return Snapshot{}, err
		}
		return s.Snapshot(), nil
	}
}

func (s *Store) modify(ctx context.Context, revision string, edit func(*Edit) error) error {
	found := s.find()
	var file *FileError
	if errors.As(found.err, &file) && found.revision != absent {
		return fmt.Errorf("save configuration: %w", file)
	}
	if revision != "" && revision != found.revision {
		if found.err == nil {
			s.take(found)
		}
		return &ConflictError{s.path, revision, found.revision}
	}
	base := found.text
	if found.revision == absent {
		s.mu.Lock()
		base = s.now.good
		s.mu.Unlock()
		if base == nil {
			base = []byte("{}\n")
		}
	}
	e := newEdit(base, s.lookup)
	if found.err != nil && found.revision != absent {
		e.broken = fmt.Errorf("save %s: %w", s.path, ErrBroken)
	}
	broken := e.broken
	if err := edit(e); err != nil {
		return err
	}
	if broken != nil && (!e.replaced || revision == "") {
		return broken
	}
	text := e.Text()
	if bytes.Equal(text, found.text) && found.err == nil {
		s.take(found)
		return nil
	}
	c, err := Parse(text, s.lookup)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("save %s: %w", s.path, err)
	}
	if found.text != nil {
		if err := s.keep(found.text, time.Now()); err != nil {
			s.log.Warn("the earlier version of the configuration is not kept", "path", s.path, "err", err)
		}
	}
	next := finding{text: text, revision: revisionOf(text), config: c}
	err = replaceFile(s.path, text, func() error {
		if have := s.find().revision; have != found.revision {
			if revision != "" {
				return &ConflictError{s.path, revision, have}
			}
			return fmt.Errorf("save %s: %w", s.path, errChanged)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.take(next)
	s.log.Info("configuration saved", "path", s.path, "revision", next.revision)
	return nil
}
