package hub

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"xiaozhi-switchboard/core/session"
)

// stdioRevision is the revision of MCP that programs are greeted with.
const stdioRevision = "2025-06-18"

// stdioLink is the connection to a program of ours.
type stdioLink struct {
	command string
	peer    *peer
	proc    *process
	out     *pipeWriter
	readers sync.WaitGroup
	once    sync.Once
	reason  error
}

// openStdio starts the program of s and lets p speak to it.
func openStdio(ctx context.Context, sp *spawner, s Server, p *peer, lines *lineRing, log *slog.Logger) (*stdioLink, error) {
	proc, err := sp.start(ctx, s)
	if err != nil {
		return nil, err
	}
	l := &stdioLink{command: s.Command, peer: p, proc: proc, out: newPipeWriter(proc.stdin)}
	p.attach(l)
	l.readers.Go(func() {
		_ = readLines(proc.stdout, p)
		l.fail()
	})
	l.readers.Go(func() { lines.follow(proc.stderr, hiding(s.Env, s.Args), log) })
	l.readers.Go(func() {
		// A descendant that left the group may hold the pipes open for ever.
		<-proc.exited
		soon := time.Now().Add(300 * time.Millisecond)
		_ = proc.stdout.SetReadDeadline(soon)
		_ = proc.stderr.SetReadDeadline(soon)
	})
	return l, nil
}

// fail ends the conversation. What the program was not given by now it never will be, so that it
// may be given to another.
func (l *stdioLink) fail() {
	l.out.seal()
	l.peer.Fail(errDied)
}

// Send queues a line.
func (l *stdioLink) Send(m session.Outgoing) (int64, error) { return l.out.send(m) }

// Unsent reports a line that the program was never given.
func (l *stdioLink) Unsent(_, mark int64) bool { return l.out.unsent(mark) }

// Abandon does nothing: there is nothing to free.
func (l *stdioLink) Abandon(int64) {}

func (l *stdioLink) close() error {
	l.once.Do(func() {
		select {
		case <-l.peer.Done():
			l.reason = l.ownEnd()
		default:
			l.fail()
		}
		l.out.stop()
		l.proc.end()
		l.readers.Wait()
		l.out.wait()
		l.proc.closeFiles()
	})
	return l.reason
}

// ownEnd says how a program ended by itself, for which it waits a moment.
func (l *stdioLink) ownEnd() error {
	timer := time.NewTimer(200 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-l.proc.exited:
		return l.proc.exitProblem(l.command)
	case <-timer.C:
		return &failure{kind: ProblemExited, sentence: "the program " + strconv.Quote(l.command) + " closed its standard output",
			advice: "Look at its last lines on standard error, and try the command in a terminal."}
	}
}
