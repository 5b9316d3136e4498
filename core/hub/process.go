package hub

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/core/session"
)

// How long a program has to end after its input was closed, and after it was asked
// to; then its group is killed. Together well under the 3 s that Close promises.
const (
	graceClosed = 700 * time.Millisecond
	graceAsked  = 700 * time.Millisecond
	graceKilled = time.Second
)

// process is a running program with its whole process group.
type process struct {
	cmd                   *exec.Cmd
	group                 group
	stdin, stdout, stderr *os.File      // our ends
	exited                chan struct{} // closed when the program itself has ended
	result                error         // valid then
}

// startProcess starts the program of s. It runs on the hub's spawner.
func startProcess(s Server) (*process, error) {
	env := mergeEnv(os.Environ(), s.Env)
	path, err := findCommand(s.Command, s.Dir, s.Env)
	if err != nil {
		return nil, err
	}
	p := &process{exited: make(chan struct{})}
	var theirs []*os.File
	defer func() {
		for _, f := range theirs {
			_ = f.Close()
		}
	}()
	pipe := func(ours **os.File, write bool) (*os.File, error) {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		if write {
			r, w = w, r
		}
		*ours = r
		theirs = append(theirs, w)
		return w, nil
	}
	p.cmd = exec.Command(path, s.Args...)
	p.cmd.Dir, p.cmd.Env = s.Dir, env
	stdin, err1 := pipe(&p.stdin, true)
	stdout, err2 := pipe(&p.stdout, false)
	stderr, err3 := pipe(&p.stderr, false)
	if err := errors.Join(err1, err2, err3); err != nil {
		p.closeFiles()
		return nil, &failure{kind: ProblemSpawn, sentence: "no pipe to the program could be made", cause: err,
			advice: "Close other programs, or raise the limit of open files."}
	}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = stdin, stdout, stderr
	p.group.prepare(p.cmd)
	if err := p.cmd.Start(); err != nil {
		p.closeFiles()
		return nil, &failure{kind: ProblemSpawn, sentence: fmt.Sprintf("the program %q could not be started", s.Command), cause: err,
			advice: "Check that the file may be executed and that its working directory exists."}
	}
	p.group.adopt(p.cmd)
	go p.reap()
	return p, nil
}

func (p *process) closeFiles() {
	for _, f := range []*os.File{p.stdin, p.stdout, p.stderr} {
		if f != nil {
			_ = f.Close()
		}
	}
}

// reap waits for the program and then ends what it left behind in its group.
func (p *process) reap() {
	p.result = p.cmd.Wait()
	p.group.kill()
	close(p.exited)
}

// end asks the program to end, ever less politely, and returns when it has.
// Its input is already closed.
func (p *process) end() {
	for _, step := range []struct {
		patience time.Duration
		then     func()
	}{{graceClosed, p.group.ask}, {graceAsked, p.group.kill}, {graceKilled, func() {}}} {
		timer := time.NewTimer(step.patience)
		select {
		case <-p.exited:
			timer.Stop()
			return
		case <-timer.C:
			step.then()
		}
	}
}

// exitProblem says how the program ended, once it has.
func (p *process) exitProblem(command string) error {
	how := "without an error"
	if p.result != nil {
		how = "with " + p.result.Error()
	}
	return &failure{kind: ProblemExited, sentence: fmt.Sprintf("the program %q ended %s", command, how),
		advice: "Look at its last lines on standard error, and try the command in a terminal."}
}

// findCommand returns the file to execute. A PATH in env counts instead of ours.
func findCommand(command, dir string, env map[string]string) (string, error) {
	if command == "" {
		return "", &failure{kind: ProblemConfig, sentence: "the server has no command",
			advice: "Give it a command, or a url if it is reached over HTTP."}
	}
	if filepath.Base(command) != command {
		path := command
		if !filepath.IsAbs(path) && dir != "" {
			path = filepath.Join(dir, path)
		}
		found, err := exec.LookPath(path)
		if err != nil && !errors.Is(err, exec.ErrDot) {
			return "", notFound(command, "looked for "+path, err)
		}
		return filepath.Abs(found)
	}
	search, own := lookupEnv(env, "PATH")
	if !own {
		found, err := exec.LookPath(command)
		if err == nil {
			return found, nil
		}
		return "", notFound(command, "searched PATH="+os.Getenv("PATH"), err)
	}
	for _, d := range filepath.SplitList(search) {
		if d == "" {
			continue
		}
		if found, err := exec.LookPath(filepath.Join(d, command)); err == nil {
			return found, nil
		}
	}
	return "", notFound(command, "searched PATH="+search, exec.ErrNotFound)
}

func notFound(command, where string, err error) error {
	needs, what := NeedUnknown, "it"
	switch strings.TrimSuffix(command, filepath.Ext(command)) {
	case "npx", "node", "npm":
		needs, what = NeedNode, "Node.js (nodejs.org)"
	case "uvx", "uv":
		needs, what = NeedUV, "uv (docs.astral.sh/uv)"
	case "python", "python3", "pip":
		needs, what = NeedPython, "Python (python.org)"
	case "docker":
		needs, what = NeedDocker, "Docker"
	}
	advice := "Install " + what + ", or write the full path of the program as the command."
	if errors.Is(err, os.ErrPermission) {
		return &failure{kind: ProblemSpawn, sentence: fmt.Sprintf("the command %q may not be executed; %s", command, where),
			advice: "Give the file the right to be executed."}
	}
	return &failure{kind: ProblemNotFound, needs: needs,
		sentence: fmt.Sprintf("the command %q was not found; %s", command, secret.Text(session.Cut(where, 400))), advice: advice}
}

// lookupEnv finds a variable; on Windows their names have no case.
func lookupEnv(env map[string]string, name string) (string, bool) {
	for k, v := range env {
		if k == name || runtime.GOOS == "windows" && strings.EqualFold(k, name) {
			return v, true
		}
	}
	return "", false
}

// mergeEnv returns base with extra in place of what it names.
func mergeEnv(base []string, extra map[string]string) []string {
	merged := slices.DeleteFunc(slices.Clone(base), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		_, replaced := lookupEnv(extra, name)
		return replaced && name != ""
	})
	for name, value := range extra {
		merged = append(merged, name+"="+value)
	}
	return merged
}
