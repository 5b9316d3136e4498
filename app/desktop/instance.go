package desktop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

const (
	lockName  = "running.lock"
	stateName = "running.json"
	// bootTime is how long a program that holds the lock may take to say where its
	// dashboard is.
	bootTime = 3 * time.Second
	stateMax = 4 << 10
)

// Instance is the right to be the one program that runs on a data folder.
type Instance struct {
	lock  *flock.Flock
	state string
}

// Running says which program has that right.
type Running struct {
	PID int `json:"pid"`
	// URL is the address of its dashboard; empty when it did not say.
	URL string `json:"url"`
	// Config is its configuration file; empty when it did not say.
	Config string `json:"config,omitempty"`
	// Pass is a secret by which the program knows the commands of its own user; only they
	// can read it.
	Pass string `json:"pass,omitempty"`
}

// RunningError reports that another program runs on the same data folder.
type RunningError struct{ Running }

// Error says so.
func (e *RunningError) Error() string {
	return fmt.Sprintf("the program is running already (process %d)", e.PID)
}

// Claim takes the right to run on a data folder, which is made if it is missing. The
// error is a *RunningError while another program has it: the system takes it from a
// program that ends in whatever way, so what a crashed one left behind means nothing.
// Claim then waits a few seconds for the other to say where its dashboard is. Any
// other error means that the folder cannot be locked.
func Claim(ctx context.Context, dir string) (*Instance, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	i := &Instance{lock: flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600)), state: filepath.Join(dir, stateName)}
	for end := time.Now().Add(bootTime); ; {
		got, err := i.lock.TryLock()
		if err != nil {
			return nil, fmt.Errorf("lock the data folder: %w", err)
		}
		if got {
			os.Remove(i.state) // a crashed program's
			return i, nil
		}
		other, err := readRunning(i.state)
		if err == nil || time.Now().After(end) {
			return nil, &RunningError{other}
		}
		select {
		case <-ctx.Done():
			return nil, &RunningError{}
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// readRunning reads what the program that holds the lock says. What is not an address
// of this computer is not believed: it is about to be opened in a browser.
func readRunning(path string) (Running, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Running{}, err
	}
	if info.Size() > stateMax {
		return Running{}, errors.New("the state file is too long")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Running{}, err
	}
	var r Running
	if err := json.Unmarshal(text, &r); err != nil {
		return Running{}, err
	}
	if u, err := url.Parse(r.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return Running{}, errors.New("the state file holds no address")
	}
	return r, nil
}

// Find returns the program that runs on a data folder and has said where its dashboard
// is; false when there is none. It takes no right from anybody and changes nothing.
func Find(dir string) (Running, bool) {
	found, err := readRunning(filepath.Join(dir, stateName))
	if err != nil {
		return Running{}, false
	}
	// What a crashed program left behind means nothing: somebody must hold the lock.
	lock := flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600))
	if got, err := lock.TryRLock(); got || err != nil {
		lock.Close()
		return Running{}, false
	}
	return found, true
}

// Tell says where the dashboard and the configuration file of this program are, and the
// pass of its user's commands, which may be empty.
func (i *Instance) Tell(url, config, pass string) error {
	text, err := json.Marshal(Running{PID: os.Getpid(), URL: url, Config: config, Pass: pass})
	if err != nil {
		return err
	}
	return writeWhole(i.state, append(text, '\n'), 0o600)
}

// Release gives the right back. It is idempotent.
func (i *Instance) Release() error {
	if i.lock.Locked() {
		os.Remove(i.state)
	}
	return i.lock.Unlock()
}

// writeWhole writes a file so that readers see the old text or the new one.
func writeWhole(path string, text []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(mode), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
