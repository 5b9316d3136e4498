package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// versionsKept is how many earlier texts of the file are kept.
const versionsKept = 10

const versionTime = "20060102T150405.000000000Z"

// Version is an earlier text of the configuration file.
type Version struct {
	// ID is for VersionText.
	ID       string
	Saved    time.Time
	Revision string
}

// Versions returns the texts that Modify has replaced, the newest first, at most ten.
func (s *Store) Versions() ([]Version, error) {
	if s.backupDir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(s.backupDir)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list earlier versions: %w", err)
	}
	var list []Version
	for _, entry := range entries {
		if v, ok := s.version(entry.Name()); ok && entry.Type().IsRegular() {
			list = append(list, v)
		}
	}
	slices.SortFunc(list, func(a, b Version) int { return strings.Compare(b.ID, a.ID) })
	return list, nil
}

// version reads the name of a file in the backup folder.
func (s *Store) version(name string) (Version, bool) {
	rest, ok := strings.CutPrefix(name, filepath.Base(s.path)+".")
	if !ok {
		return Version{}, false
	}
	rest, ok = strings.CutSuffix(rest, ".bak")
	if !ok || len(rest) <= len(versionTime)+1 || rest[len(versionTime)] != '-' {
		return Version{}, false
	}
	saved, err := time.Parse(versionTime, rest[:len(versionTime)])
	return Version{ID: name, Saved: saved, Revision: rest[len(versionTime)+1:]}, err == nil
}

// VersionText returns the text of an earlier version, for Edit.Replace.
func (s *Store) VersionText(id string) ([]byte, error) {
	if _, ok := s.version(id); !ok || s.backupDir == "" || filepath.Base(id) != id {
		return nil, fmt.Errorf("read earlier version: there is none of that name")
	}
	text, err := ReadFile(filepath.Join(s.backupDir, id))
	if err != nil {
		return nil, fmt.Errorf("read earlier version: %w", err)
	}
	return text, nil
}

// keep stores a text that is about to be replaced and forgets all but the last ten.
func (s *Store) keep(text []byte, now time.Time) error {
	if s.backupDir == "" {
		return nil
	}
	if err := os.MkdirAll(s.backupDir, 0o700); err != nil {
		return err
	}
	list, err := s.Versions()
	if err != nil {
		return err
	}
	revision := revisionOf(text)
	if len(list) > 0 && list[0].Revision == revision {
		return nil
	}
	if len(list) > 0 && !now.After(list[0].Saved) { // the clock was set back; their order counts
		now = list[0].Saved.Add(1)
	}
	name := filepath.Base(s.path) + "." + now.UTC().Format(versionTime) + "-" + revision + ".bak"
	if err := replaceFile(filepath.Join(s.backupDir, name), text, func() error { return nil }); err != nil {
		return err
	}
	for i := versionsKept - 1; i < len(list); i++ {
		if err := os.Remove(filepath.Join(s.backupDir, list[i].ID)); err != nil {
			return err
		}
	}
	return nil
}
