package app

import (
	"runtime/debug"
	"sync"
)

// stamped is set by the linker for releases: -X xiaozhi-switchboard/app.stamped=1.2.3.
var stamped string

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
