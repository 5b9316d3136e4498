package hub

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"xiaozhi-switchboard/core/secret"
	"xiaozhi-switchboard/core/session"
)

// Bounds of what is kept and logged of a program's standard error.
const (
	linesKept     = 100
	longestLine   = 1000
	linesASecond  = 50
	readAheadSize = 4 << 10
)

// lineRing keeps the last lines of a program's standard error.
type lineRing struct {
	mu    sync.Mutex
	lines []string
}

func (r *lineRing) add(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.lines) == linesKept {
		r.lines = slices.Delete(r.lines, 0, 1)
	}
	r.lines = append(r.lines, line)
}

func (r *lineRing) snapshot() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.lines)
}

// follow logs and keeps the lines of r until it ends. A program that writes more
// than linesASecond is kept but not logged. Hide takes out what the program was told in
// confidence.
func (r *lineRing) follow(src io.Reader, hide *strings.Replacer, log *slog.Logger) {
	lines := bufio.NewReaderSize(src, readAheadSize)
	var second time.Time
	count, silent := 0, 0
	for {
		raw, err := lines.ReadSlice('\n')
		line := hide.Replace(strings.ToValidUTF8(strings.TrimSpace(string(raw)), "?"))
		line = secret.Text(session.Cut(line, longestLine))
		if line != "" {
			r.add(line)
			if now := time.Now(); now.Sub(second) > time.Second {
				if silent > 0 {
					log.Info("server standard error not logged", "lines", silent)
				}
				second, count, silent = now, 0, 0
			}
			if count++; count <= linesASecond {
				log.Info("server standard error", "line", line)
			} else {
				silent++
			}
		}
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = lines.ReadSlice('\n') // the rest of a long line
		}
		if err != nil {
			return
		}
	}
}

var confidential = regexp.MustCompile(`(?i)key|token|secret|pass|auth|cookie|credential`)

// hiding returns a replacer for the values in env, and of options in args, whose names tell
// of a credential.
func hiding(env map[string]string, args []string) *strings.Replacer {
	var pairs []string
	hide := func(name, value string) {
		if len(value) >= 6 && confidential.MatchString(name) {
			pairs = append(pairs, value, secret.Hidden)
		}
	}
	for name, value := range env {
		hide(name, value)
	}
	before := ""
	for _, arg := range args {
		name, value, joined := strings.Cut(arg, "=")
		switch {
		case joined:
			hide(name, value)
		case strings.HasPrefix(before, "-") && !strings.HasPrefix(arg, "-"):
			hide(before, arg)
		}
		before = arg
	}
	return strings.NewReplacer(pairs...)
}
