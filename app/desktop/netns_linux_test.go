package desktop

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// playWatcher makes the test binary a watcher: it runs in a network namespace, where
// interfaces come and go as they please.
const playWatcher = "DESKTOP_TEST_WATCH"

func TestMain(m *testing.M) {
	if os.Getenv(playWatcher) != "" {
		watchAloud()
		return
	}
	os.Exit(m.Run())
}

// watchAloud writes a line for everything that a watcher sees and tells, until its
// process is killed.
func watchAloud() {
	w := newWatcher(nil)
	w.every = time.Hour // only what the kernel reports
	w.addresses = func() (string, error) {
		seen, err := addresses()
		fmt.Printf("sees [%s] %v\n", seen, err)
		return seen, err
	}
	w.listen = func(ctx context.Context, hint func()) error {
		return listen(ctx, func() {
			fmt.Println("listens") // called once at the start
			hint()
		})
	}
	w.begin(time.Now())
	w.run(context.Background(), func(s Signal) { fmt.Println("tells", s.Kind) })
}

// namespace returns a network namespace with the pair of interfaces v0 and v1, and a
// function that runs the ip command in it.
func namespace(t *testing.T) (name string, ip func(args ...string)) {
	t.Helper()
	missing := func(why string) {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s: CI must have it", why)
		}
		t.Skip(why)
	}
	if os.Geteuid() != 0 {
		missing("needs root, to make a network namespace")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		missing("needs the ip command (apt-get install iproute2)")
	}
	name = fmt.Sprintf("switchboard-desktop-%d", os.Getpid())
	if out, err := exec.Command("ip", "netns", "add", name).CombinedOutput(); err != nil {
		missing(fmt.Sprintf("needs network namespaces: %v: %s", err, out))
	}
	t.Cleanup(func() { exec.Command("ip", "netns", "delete", name).Run() })
	ip = func(args ...string) {
		t.Helper()
		if out, err := exec.Command("ip", append([]string{"-n", name}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
		}
	}
	ip("link", "add", "v0", "type", "veth", "peer", "name", "v1")
	return name, ip
}

func TestRealInterfaces(t *testing.T) {
	name, ip := namespace(t)
	cmd := exec.Command("ip", "netns", "exec", name, os.Args[0])
	cmd.Env = append(os.Environ(), playWatcher+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stuck := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	t.Cleanup(func() { stuck.Stop(); cmd.Process.Kill(); cmd.Wait() })
	lines := bufio.NewScanner(out)
	var all []string
	// heard reads on until a line holds want.
	heard := func(want string) {
		t.Helper()
		for lines.Scan() {
			all = append(all, lines.Text())
			if strings.Contains(lines.Text(), want) {
				return
			}
		}
		t.Fatalf("never heard %q, only:\n%s", want, strings.Join(all, "\n"))
	}
	heard("listens")

	ip("address", "add", "192.0.2.1/24", "dev", "v0")
	ip("link", "set", "v0", "up")
	ip("link", "set", "v1", "up") // now v0 has a cable
	heard("tells network back")
	ip("link", "set", "v1", "down") // the cable is pulled
	heard("sees []")
	ip("link", "set", "v1", "up")
	heard("tells network back")
	ip("link", "set", "v0", "down") // the interface is switched off
	heard("sees []")
	ip("link", "set", "v0", "up")
	heard("tells network back")
	ip("address", "add", "198.51.100.1/24", "dev", "v0")
	heard("tells network changed")
	ip("link", "set", "v0", "down")
	ip("link", "set", "v0", "up") // within a blink
	ip("address", "delete", "192.0.2.1/24", "dev", "v0")
	heard("tells network")
	last := ""
	for _, line := range all {
		if strings.HasPrefix(line, "sees") {
			last = line
		}
	}
	if last != "sees [v0 198.51.100.1/24] <nil>" {
		t.Errorf("at the end it %s:\n%s", last, strings.Join(all, "\n"))
	}
}
