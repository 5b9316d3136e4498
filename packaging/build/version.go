package main

import (
	"fmt"
	"regexp"
)

// version is a semantic version without build metadata. Pre-releases are restricted
// to what all package managers can sort: a word that they know, and a number.
type version struct {
	numbers string // "1.2.3"
	pre     string // "", or such as "rc1"
}

var versionForm = regexp.MustCompile(`^v?((?:0|[1-9]\d{0,4})\.(?:0|[1-9]\d{0,4})\.(?:0|[1-9]\d{0,4}))(?:-((?:alpha|beta|pre|rc)\d{1,6}))?$`)

// parseVersion reads "1.2.3" or "1.2.3-rc1", with or without a v before it.
func parseVersion(s string) (version, error) {
	m := versionForm.FindStringSubmatch(s)
	if m == nil {
		return version{}, fmt.Errorf("%q is not a version such as 1.2.3 or 1.2.3-rc1 (alpha, beta, pre, rc)", s)
	}
	return version{numbers: m[1], pre: m[2]}, nil
}

// String returns the version as users see it.
func (v version) String() string {
	if v.pre == "" {
		return v.numbers
	}
	return v.numbers + "-" + v.pre
}

// quad returns the four numbers that Windows wants.
func (v version) quad() string { return v.numbers + ".0" }

// forPackager returns the version as a package manager writes it. In each of them a
// pre-release is older than the release.
func (v version) forPackager(packager string) string {
	if v.pre == "" {
		return v.numbers
	}
	switch packager {
	case "apk":
		return v.numbers + "_" + v.pre
	case "archlinux":
		return v.numbers + v.pre
	}
	return v.numbers + "~" + v.pre // deb, rpm
}
