package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// release is what is built, as git knows it.
type release struct {
	version version
	commit  string // twelve digits, and "+" when files differ from it
	time    time.Time
}

// day returns the day of the release in UTC.
func (r release) day() string { return r.time.Format(time.DateOnly) }

// epoch returns the time for tools that know SOURCE_DATE_EPOCH.
func (r release) epoch() string { return "SOURCE_DATE_EPOCH=" + strconv.FormatInt(r.time.Unix(), 10) }

// readRelease reads the release from git. A wish for a version goes before git's own;
// SOURCE_DATE_EPOCH in the environment goes before the time of the commit.
func readRelease(wish string) (r release, err error) {
	if r.commit, err = git("rev-parse", "HEAD"); err != nil {
		return r, err
	}
	r.commit = r.commit[:12]
	changed, err := git("status", "--porcelain")
	if err != nil {
		return r, err
	}
	if changed != "" {
		r.commit += "+"
	}
	seconds := os.Getenv("SOURCE_DATE_EPOCH")
	if seconds == "" {
		if seconds, err = git("show", "--no-patch", "--format=%ct", "HEAD"); err != nil {
			return r, err
		}
	}
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return r, fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
	}
	r.time = time.Unix(n, 0).UTC()
	if wish != "" {
		r.version, err = parseVersion(wish)
	} else {
		r.version, err = gitVersion()
	}
	return r, err
}

// gitVersion is the tag of this commit, else a pre-release of what comes after the
// last release.
func gitVersion() (version, error) {
	if tag, err := git("describe", "--tags", "--exact-match", "--match", "v[0-9]*"); err == nil {
		return parseVersion(tag)
	}
	if shallow, err := git("rev-parse", "--is-shallow-repository"); err != nil || shallow == "true" {
		return version{}, fmt.Errorf("this clone has only a part of the history, so commits cannot be counted: give a VERSION")
	}
	if described, err := git("describe", "--tags", "--long", "--match", "v[0-9]*", "--exclude", "*-*"); err == nil {
		return afterTag(described)
	}
	commits, err := git("rev-list", "--count", "HEAD")
	return version{numbers: "0.0.1", pre: "pre" + commits}, err
}

var describedForm = regexp.MustCompile(`^(v\d+\.\d+\.)(\d+)-(\d+)-g[0-9a-f]+$`)

// afterTag reads what git describe --long says: four commits after v1.2.3 is 1.2.4-pre4.
func afterTag(described string) (version, error) {
	m := describedForm.FindStringSubmatch(described)
	if m == nil {
		return version{}, fmt.Errorf("git describes this commit as %q, which holds no release", described)
	}
	patch, err := strconv.Atoi(m[2])
	if err != nil {
		return version{}, err
	}
	return parseVersion(m[1] + strconv.Itoa(patch+1) + "-pre" + m[3])
}

func git(args ...string) (string, error) {
	out, err := exec.Command("git", args...).Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}
