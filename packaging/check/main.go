// Check builds everything twice, looks into each result, and tries what can be tried
// on this machine. It is run in the root of the module:
//
//	go run ./packaging/check [-with FOLDER]
//
// As root on Debian it installs the deb, runs it and removes it. A part whose tools
// are missing is skipped with the reason; with CI=true that is a failure, but for wine.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	program = "xiaozhi-switchboard"
	about   = "local.xiaozhi.switchboard.metainfo.xml"
)

// suite is what the parts share.
type suite struct {
	dist string // the results
	work string // scratch, removed at the end
}

// missing is why a part cannot be tried here.
type missing string

func (m missing) Error() string { return string(m) }

// optional is why a part cannot be tried here, which nobody minds.
type optional string

func (o optional) Error() string { return string(o) }

func main() {
	with := flag.String("with", "", "check these results instead of building; they are not compared with a second build")
	flag.Parse()
	work, err := os.MkdirTemp("", "switchboard-check-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "packaging/check:", err)
		os.Exit(1)
	}
	code := run(&suite{dist: *with, work: work})
	os.RemoveAll(work)
	os.Exit(code)
}

func run(s *suite) int {
	parts := []part{
		{"icons", s.icons},
		{"checksums", s.checksums},
		{"programs", s.programs},
		{"modules and notices", s.modules},
		{"lists of files", s.lists},
		{"archive for ~/.local", s.archive},
		{"manual pages", s.manual},
		{"deb on this machine", s.deb},
		{"windows resources", s.resources},
		{"windows signature", s.signature},
		{"windows program under wine", s.wine},
		{"macos application", s.macos},
	}
	if s.dist == "" {
		parts = append([]part{{"two builds", s.build}}, parts...)
	}
	var passed, failed, skipped int
	for _, p := range parts {
		var lacking missing
		var spared optional
		start := time.Now()
		switch err := p.try(); {
		case err == nil:
			passed++
			fmt.Printf("ok    %s (%.1f s)\n", p.name, time.Since(start).Seconds())
		case errors.As(err, &spared), errors.As(err, &lacking) && os.Getenv("CI") != "true":
			skipped++
			fmt.Printf("skip  %s: %v\n", p.name, err)
		default:
			failed++
			fmt.Printf("FAIL  %s: %v\n", p.name, err)
		}
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped)
	if failed > 0 {
		return 1
	}
	return 0
}

// part is one thing to check.
type part struct {
	name string
	try  func() error
}

// need reports what is missing of some programs.
func need(names ...string) error {
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			return missing(name + " is not installed; packaging/apt.txt lists what is needed on Debian")
		}
	}
	return nil
}

// result returns the one result that ends in suffix.
func (s *suite) result(suffix string) (string, error) {
	found, err := filepath.Glob(filepath.Join(s.dist, program+"_*_"+suffix))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("there should be one file that ends in %s, not %d", suffix, len(found))
	}
	return found[0], nil
}

// version returns the version of the results, as their names have it.
func (s *suite) version() (string, error) {
	file, err := s.result("windows_amd64.zip")
	if err != nil {
		return "", err
	}
	return strings.Split(filepath.Base(file), "_")[1], nil
}

// folder makes a folder for a part.
func (s *suite) folder(name string) (string, error) {
	dir := filepath.Join(s.work, name)
	return dir, os.MkdirAll(dir, 0o755)
}

// ask runs another program and returns what it printed.
func ask(name string, args ...string) (string, error) { return askIn("", nil, name, args...) }

func askIn(dir string, env []string, name string, args ...string) (string, error) {
	var out, all strings.Builder
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = io.MultiWriter(&out, &all), &all
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s: %w\n%s", cmd, err, all.String())
	}
	return out.String(), nil
}
