package config

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// pollEvery is how often a file is looked at whose folder cannot be watched.
const pollEvery = 2 * time.Second

// watch is the goroutine of a Store that notices changes of its file. It watches
// folders, not the file: most editors replace the file, and a watch on it would
// follow the old one into the bin.
type watch struct {
	store   *Store
	watcher *fsnotify.Watcher // nil if the system offers none
	settler settler
}

// run looks at the file after each change until ctx ends.
func (w *watch) run(ctx context.Context) {
	var events chan fsnotify.Event
	var errs chan error
	if w.watcher != nil {
		defer w.watcher.Close()
		events, errs = w.watcher.Events, w.watcher.Errors
	}
	// One timer: the next look. It is due at once for what happened since Open.
	timer := time.NewTimer(w.store.debounce)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case event, open := <-events:
			if !open {
				events = nil
				continue
			}
			if !w.concerns(event) {
				continue
			}
			timer.Reset(w.settler.sign(time.Now()))
			if w.store.watched != nil {
				w.store.watched()
			}
		case _, open := <-errs: // events were lost
			if !open {
				errs = nil
				continue
			}
			timer.Reset(w.settler.sign(time.Now()))
		case <-timer.C:
			again := w.look(ctx)
			switch complete, added := w.follow(); {
			case added: // what happened there before the watch began
				again = w.store.debounce
			case !complete && (again == 0 || again > pollEvery):
				again = pollEvery
			}
			if again > 0 {
				timer.Reset(again)
			}
		}
	}
}

// look reads the file and takes over what it finds, if that is to be believed. It
// returns when to look again; zero means after the next event.
func (w *watch) look(ctx context.Context) time.Duration {
	s := w.store
	if s.acquire(ctx) != nil {
		return 0
	}
	defer s.release()
	found := s.find()
	if s.known(found) {
		w.settler.look(found.revision, false)
		return 0
	}
	believe, again := w.settler.look(found.revision, found.err != nil)
	if !believe {
		return again
	}
	s.take(found)
	s.report(found)
	return 0
}

// follow watches the folder of the file and, if that is a link, the one that it leads
// to. It reports whether all are watched now, and whether one is that was not.
func (w *watch) follow() (complete, added bool) {
	if w.watcher == nil {
		return false, false
	}
	have := w.watcher.WatchList()
	want := w.folders()
	complete = true
	for _, dir := range want {
		if slices.Contains(have, dir) && isFolder(dir) {
			continue
		}
		if w.watcher.Add(dir) != nil {
			complete = false
		} else {
			added = true
		}
	}
	for _, dir := range have {
		if !slices.Contains(want, dir) {
			_ = w.watcher.Remove(dir) // it may be gone by itself
		}
	}
	return complete, added
}

func (w *watch) folders() []string {
	path := w.store.path
	list := []string{filepath.Dir(path)}
	if to := target(path); filepath.Dir(to) != list[0] {
		list = append(list, filepath.Dir(to))
	}
	return list
}

// concerns reports whether an event may have changed the file. Where links are about,
// any event in a watched folder may.
func (w *watch) concerns(event fsnotify.Event) bool {
	path := w.store.path
	to := target(path)
	if to != path {
		return true
	}
	// Names on Windows and macOS do not tell capitals from small letters.
	return strings.EqualFold(filepath.Base(event.Name), filepath.Base(path)) || event.Name == filepath.Dir(path)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
