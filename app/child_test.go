package app

import (
	"bufio"
	"cmp"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"crypto/x509"

	"xiaozhi-switchboard/core/broker"
)

// The test binary plays other programs too: what is measured must not share its
// process with what measures it.
const playAs = "SWITCHBOARD_TEST_PLAY"

func TestMain(m *testing.M) {
	switch os.Getenv(playAs) {
	case "broker":
		playBroker()
		return
	case "program":
		os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr))
	case "caller":
		playCaller()
		return
	case "stdio":
		playStdio()
		return
	}
	os.Exit(m.Run())
}

const farAgents = "agent"

// playAt is the IP address at which the far side listens in place of 127.0.0.1.
const playAt = "SWITCHBOARD_TEST_AT"

// playBroker is the far side in a process of its own: it writes the addresses it
// listens at, then one URL per line read, until standard input ends.
func playBroker() {
	b := broker.New(&broker.Options{Family: broker.Official, Secret: []byte("benchmark"), PingInterval: -1})
	defer b.Close()
	at := cmp.Or(os.Getenv(playAt), "127.0.0.1")
	plain, err := net.Listen("tcp", net.JoinHostPort(at, "0"))
	if err != nil {
		panic(err)
	}
	secure, err := net.Listen("tcp", net.JoinHostPort(at, "0"))
	if err != nil {
		panic(err)
	}
	certificate, _, err := broker.SelfSigned(at)
	if err != nil {
		panic(err)
	}
	go b.Serve(plain)
	go b.ServeTLS(secure, &tls.Config{Certificates: []tls.Certificate{certificate}})
	fmt.Println("ws://" + plain.Addr().String())
	fmt.Println("wss://" + secure.Addr().String())
	fmt.Println(strings.ReplaceAll(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})), "\n", "|"))
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		switch word, rest, _ := strings.Cut(in.Text(), " "); word {
		case "open":
			sockets, listed := b.Open()
			fmt.Println(sockets, listed)
		case "drop":
			b.Drop(rest, broker.DropReset)
			fmt.Println("dropped")
		}
	}
}

// child is this test in another process, playing something.
type child struct {
	tb  testing.TB
	in  io.WriteCloser
	out *bufio.Reader
}

// startChild starts a role of TestMain. It ends with the test, when its standard input
// does.
func startChild(tb testing.TB, role string) *child {
	tb.Helper()
	return startAs(tb, role, exec.Command(os.Args[0]))
}

// startAs starts a role by a command that leads to this test's binary.
func startAs(tb testing.TB, role string, cmd *exec.Cmd) *child {
	tb.Helper()
	cmd.Env = append(cmd.Environ(), playAs+"="+role)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	return &child{tb: tb, in: in, out: bufio.NewReader(out)}
}

// line returns the next line that the child wrote.
func (c *child) line() string {
	c.tb.Helper()
	line, err := c.out.ReadString('\n')
	if err != nil {
		c.tb.Fatalf("the child is gone: %v", err)
	}
	return strings.TrimSpace(line)
}

// farSide is a broker in another process.
type farSide struct {
	*child
	minter     *broker.Broker // makes tokens that the other accepts
	plain, tls string
	roots      *x509.CertPool
}

func startFarSide(tb testing.TB) *farSide {
	tb.Helper()
	return newFarSide(tb, startChild(tb, "broker"))
}

// newFarSide is the far side that a child plays.
func newFarSide(tb testing.TB, c *child) *farSide {
	tb.Helper()
	f := &farSide{child: c, roots: x509.NewCertPool(),
		minter: broker.New(&broker.Options{Family: broker.Official, Secret: []byte("benchmark")})}
	tb.Cleanup(func() { f.minter.Close() })
	f.plain, f.tls = f.line(), f.line()
	if !f.roots.AppendCertsFromPEM([]byte(strings.ReplaceAll(f.line(), "|", "\n"))) {
		tb.Fatal("the far side sent no certificate")
	}
	return f
}

func (f *farSide) ask(command string) string {
	f.tb.Helper()
	if _, err := fmt.Fprintln(f.in, command); err != nil {
		f.tb.Fatal(err)
	}
	return f.line()
}

// open returns how many sockets are open, and how many were told a tool list.
func (f *farSide) open() (sockets, listed int) {
	f.tb.Helper()
	if _, err := fmt.Sscan(f.ask("open"), &sockets, &listed); err != nil {
		f.tb.Fatal(err)
	}
	return sockets, listed
}
