// Build makes everything that is given to users, for all systems, with one command
// that is run in the root of the module:
//
//	go run ./packaging/build [-out dist] [-only linux,windows,macos] [VERSION]
//
// Without VERSION the version comes from git. The same commit gives the same bytes
// with the same Go, wherever it is built. Go and git are needed, and makensis for
// Windows; all other tools are Go modules at a pinned version.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// program is the name of the program and the start of every file's name.
const program = "xiaozhi-switchboard"

// job is one run of the build.
type job struct {
	release release
	out     string // where results go
	work    string // scratch, removed at the end
}

func main() {
	out := flag.String("out", "dist", "the `folder` for the results; earlier results in it are removed")
	only := flag.String("only", "linux,windows,macos", "the `systems` to build for, with commas")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: go run ./packaging/build [flags] [VERSION]")
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := run(*out, strings.Split(*only, ","), flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "packaging/build:", err)
		os.Exit(1)
	}
}

func run(out string, systems, args []string) (err error) {
	for _, s := range systems {
		if !slices.Contains([]string{"linux", "windows", "macos"}, s) {
			return fmt.Errorf("-only: %q is none of linux, windows, macos", s)
		}
	}
	if len(args) > 1 {
		return fmt.Errorf("only one VERSION can be built, not %d", len(args))
	}
	if _, err := os.Stat("packaging/linux/nfpm.yaml"); err != nil {
		return fmt.Errorf("run this in the root of the module: %w", err)
	}
	var j job
	if j.release, err = readRelease(slices.Concat(args, []string{""})[0]); err != nil {
		return err
	}
	if j.out, err = filepath.Abs(out); err != nil {
		return err
	}
	if err := clear(j.out); err != nil {
		return err
	}
	if j.work, err = os.MkdirTemp("", "switchboard-packaging-"); err != nil {
		return err
	}
	defer os.RemoveAll(j.work)
	fmt.Printf("%s %s, commit %s of %s\n", program, j.release.version, j.release.commit, j.release.day())

	if err := j.notices(); err != nil {
		return err
	}
	steps := map[string]func() error{"linux": j.linux, "windows": j.windows, "macos": j.macos}
	for _, s := range systems {
		if err := steps[s](); err != nil {
			return err
		}
	}
	return j.sums()
}

// clear makes the folder and removes what an earlier build left in it, nothing else.
func clear(out string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(out)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if ours := strings.HasPrefix(e.Name(), program+"_") || e.Name() == noticesName || e.Name() == sumsName; !ours {
			continue
		}
		if err := os.Remove(filepath.Join(out, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// result is where a file of the release goes, such as xiaozhi-switchboard_1.2.3_linux_amd64.deb.
func (j *job) result(suffix string) string {
	return filepath.Join(j.out, program+"_"+j.release.version.String()+"_"+suffix)
}

// tool runs another program in a folder, with more environment. What it says is
// shown only when it fails.
func tool(dir string, env []string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, said)
	}
	return nil
}

// goTool runs a command of a Go module at a pinned version. The paths of this machine
// are trimmed from it: some tools write their own hash into their result.
func goTool(dir string, env []string, module string, args ...string) error {
	env = append([]string{"GOFLAGS=-trimpath", "GOOS=", "GOARCH="}, env...)
	return tool(dir, env, "go", append([]string{"run", module}, args...)...)
}
