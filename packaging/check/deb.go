package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// patience is how long the program may take to start or to stop.
const patience = 30 * time.Second

// deb installs the package on this machine, tries it, removes it and sees that nothing
// is left.
func (s *suite) deb() (err error) {
	if err := need("dpkg", "dpkg-deb"); err != nil {
		return err
	}
	if os.Getuid() != 0 {
		return missing("only root can install a package")
	}
	if _, err := exec.Command("dpkg", "--status", program).Output(); err == nil {
		return missing("the package is installed already, and it is not ours to remove")
	}
	file, err := s.result("linux_" + runtime.GOARCH + ".deb")
	if err != nil {
		return err
	}
	tree := filepath.Join(s.work, "installed")
	if _, err := ask("dpkg-deb", "--extract", file, tree); err != nil {
		return err
	}
	brings, err := absent(tree)
	if err != nil {
		return err
	}
	if len(brings) < 15 {
		return fmt.Errorf("the package brings only %q", brings)
	}
	if _, err := ask("dpkg", "--install", file); err != nil {
		return errors.Join(err, purge())
	}
	defer func() {
		err = errors.Join(err, purge())
		for _, path := range brings {
			if _, there := os.Lstat(path); !errors.Is(there, fs.ErrNotExist) {
				err = errors.Join(err, fmt.Errorf("%s is still there after the removal", path))
			}
		}
	}()
	binary := filepath.Join("/usr/bin", program)
	if err := s.saysVersion(binary); err != nil {
		return err
	}
	if err := judge("/usr/share"); err != nil {
		return err
	}
	if err := unit(s.work, filepath.Join("/usr/lib/systemd/user", program+".service")); err != nil {
		return err
	}
	if err := shells(); err != nil {
		return err
	}
	return s.runs(binary)
}

func purge() error {
	_, err := ask("dpkg", "--purge", program)
	if left, globbed := filepath.Glob("/var/lib/dpkg/info/" + program + "*"); len(left) > 0 || globbed != nil {
		err = errors.Join(err, fmt.Errorf("dpkg still has %q", left), globbed)
	}
	return err
}

// absent returns the files and folders of a tree that this machine does not have yet.
func absent(tree string) ([]string, error) {
	var paths []string
	err := filepath.WalkDir(tree, func(path string, _ fs.DirEntry, err error) error {
		path = strings.TrimPrefix(path, tree)
		if path == "" || err != nil {
			return err
		}
		if _, there := os.Lstat(path); errors.Is(there, fs.ErrNotExist) {
			paths = append(paths, path)
		}
		return nil
	})
	return paths, err
}

// saysVersion sees that a program knows its version and its commit.
func (s *suite) saysVersion(binary string) error {
	version, err := s.version()
	if err != nil {
		return err
	}
	commit, err := ask("git", "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	said, err := ask(binary, "version")
	if err != nil {
		return err
	}
	if want := program + " " + version + " (" + commit[:12]; !strings.HasPrefix(said, want) {
		return fmt.Errorf("the program says %q, which does not start with %q", said, want)
	}
	return nil
}

var address = regexp.MustCompile(`http://[^\s/]+/`)

// runs starts the program as the user service does, asks for its health, and stops it.
func (s *suite) runs(binary string) error {
	dir, err := s.folder("run-deb")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "--headless", "--port", "0", "--config", filepath.Join(dir, "xiaozhi.config.json"), "--data", dir)
	cmd.Dir = dir
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = patience
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	healthy := askHealth(ctx, bufio.NewScanner(out))
	cmd.Process.Signal(syscall.SIGTERM) // an error means that it ended, which Wait tells
	return errors.Join(healthy, cmd.Wait())
}

// askHealth waits for the address and asks there.
func askHealth(ctx context.Context, said *bufio.Scanner) error {
	for said.Scan() {
		url := address.FindString(said.Text())
		if url == "" {
			continue
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"healthz", nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("%shealthz answers %s", url, answer.Status)
		}
		return nil
	}
	return fmt.Errorf("the program ended without saying where its dashboard is: %v", said.Err())
}
