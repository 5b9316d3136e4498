package app

import (
	"runtime/debug"
	"sync"
)

// Set by the linker for releases, with -X xiaozhi-switchboard/app.stamped=1.2.3 and so on.
var (
	stamped       string // the version
	stampedCommit string // the commit, with a + when files differed from it
	stampedDay    string // when that was, such as 2026-11-24
)

// Version returns the version of the program: the release, else the commit it was
// built from, else "dev".
var Version = sync.OnceValue(func() string {
	if stamped != "" {
		return stamped
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	revision, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			revision = "-" + s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+"
		}
	}
	return "dev" + revision + changed
})

// origin returns the commit and the day of a release in brackets, with a space before
// them; what was not built as a release has none, and its version names the commit.
func origin() string {
	if stampedCommit == "" {
		return ""
	}
	return " (" + stampedCommit + " " + stampedDay + ")"
}

// versionLine is the answer to who asks for the version.
func versionLine() string { return programName + " " + Version() + origin() }
