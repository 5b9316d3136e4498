package app

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The network of TestNetworkComesBack: the program lives in one namespace and the
// endpoint in another, with a cable between them.
const (
	insideNet   = "SWITCHBOARD_TEST_INSIDE" // the name of the two namespaces, less their last letter
	programAt   = "192.0.2.1"
	endpointAt  = "192.0.2.2"
	programEnd  = "v0"
	endpointEnd = "v1"
)

func ipCommand(args ...string) error {
	out, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// TestNetworkComesBack pulls a cable and puts it back. It makes two namespaces, and runs
// itself again inside the first.
func TestNetworkComesBack(t *testing.T) {
	if name := os.Getenv(insideNet); name != "" {
		networkComesBack(t, name+"b")
		return
	}
	missing := func(why string) {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s: CI must have it", why)
		}
		t.Skip(why)
	}
	if os.Geteuid() != 0 {
		missing("needs root, to make network namespaces")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		missing("needs the ip command (apt-get install iproute2)")
	}
	name := fmt.Sprintf("switchboard-app-%d-", os.Getpid())
	near, far := name+"a", name+"b"
	for _, ns := range []string{near, far} {
		if err := ipCommand("netns", "add", ns); err != nil {
			missing("needs network namespaces: " + err.Error())
		}
		t.Cleanup(func() { ipCommand("netns", "delete", ns) })
	}
	for _, args := range [][]string{
		{"-n", near, "link", "add", programEnd, "type", "veth", "peer", "name", endpointEnd, "netns", far},
		{"-n", near, "address", "add", programAt + "/24", "dev", programEnd},
		{"-n", far, "address", "add", endpointAt + "/24", "dev", endpointEnd},
		{"-n", near, "link", "set", "lo", "up"},
		{"-n", near, "link", "set", programEnd, "up"},
		{"-n", far, "link", "set", endpointEnd, "up"},
	} {
		if err := ipCommand(args...); err != nil {
			t.Fatal(err)
		}
	}
	inside := exec.Command("ip", "netns", "exec", near, os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v", "-test.timeout", "2m")
	inside.Env = append(os.Environ(), insideNet+"="+name)
	out, err := inside.CombinedOutput()
	if err != nil {
		t.Fatalf("inside the namespace: %v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// networkComesBack runs where the program lives.
func networkComesBack(t *testing.T, far string) {
	cable := func(state string) {
		t.Helper()
		if err := ipCommand("-n", far, "link", "set", endpointEnd, state); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("ip", "netns", "exec", far, os.Args[0])
	cmd.Env = append(os.Environ(), playAt+"="+endpointAt)
	side := newFarSide(t, startAs(t, "broker", cmd))
	var list []string
	for agent := range 5 {
		list = append(list, quoted(side.minter.URL(side.plain, fmt.Sprint(agent))))
	}
	p := startProgram(t, `{"mcpEndpoint": [`+strings.Join(list, ", ")+`], `+patientConfig+`}`)
	all := func(state string) func() bool {
		return func() bool {
			n := 0
			for _, c := range p.connections() {
				if c.State == state {
					n++
				}
			}
			return n == len(list)
		}
	}
	p.eventually("all links up", all("ready"))
	cable("down")
	// The sockets are mute, nothing says so; then the links wait for two minutes.
	p.eventually("all links waiting", all("waiting"))
	if strings.Contains(p.output(), "dialling again") {
		t.Errorf("dialled without a network:\n%s", p.output())
	}
	cable("up")
	back := time.Now()
	p.eventually("all links up again", all("ready")) // which it gives up sooner than they would wait
	took := time.Since(back)
	told := func() int { return strings.Count(p.output(), "network is back, dialling again") }
	p.eventually("the log tells it", func() bool { return told() > 0 })
	if n := told(); n != 1 {
		t.Errorf("the network came back %d times:\n%s", n, p.output())
	}
	t.Logf("up again %v after the network", took.Round(time.Millisecond))
}
