package hub

import "context"

// spawner starts programs from one goroutine that lives as long as the hub and, on
// Linux, never leaves its thread: the kernel kills a program when the thread that
// started it ends, and the Go runtime ends threads as it likes.
type spawner struct {
	jobs chan func()
	done chan struct{}
}

func newSpawner() *spawner {
	s := &spawner{jobs: make(chan func()), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		pin()
		for job := range s.jobs {
			job()
		}
	}()
	return s
}

// start starts the program of server.
func (s *spawner) start(ctx context.Context, server Server) (p *process, err error) {
	started := make(chan struct{})
	select {
	case s.jobs <- func() {
		defer close(started)
		if err = ctx.Err(); err == nil {
			p, err = startProcess(server)
		}
	}:
		<-started
		return p, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// close ends the goroutine. No start may be under way.
func (s *spawner) close() {
	close(s.jobs)
	<-s.done
}
