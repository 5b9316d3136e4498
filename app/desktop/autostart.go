package desktop

import (
	"fmt"
	"os"
	"path/filepath"
)

// autostartID names our entry among those of other programs.
const autostartID = "xiaozhi-switchboard"

// Autostart is the wish that the program starts when its user logs in. It is kept by
// the system, in an entry of our own, and nowhere else.
type Autostart struct {
	// Name is what lists of such programs show.
	Name string
	// Program is the absolute path of the program; Args are its arguments.
	Program string
	Args    []string
}

// NewAutostart returns the wish for the program that is running.
func NewAutostart(name string, args ...string) (Autostart, error) {
	program, err := os.Executable()
	if err == nil {
		program, err = filepath.Abs(program)
	}
	if err != nil {
		return Autostart{}, fmt.Errorf("find our own program: %w", err)
	}
	return Autostart{Name: name, Program: program, Args: args}, nil
}

// Set makes or removes the entry. An entry that is as it should be is not touched.
func (a Autostart) Set(on bool) error {
	var err error
	if on {
		if err = a.check(); err == nil {
			err = a.write()
		}
	} else {
		err = a.remove()
	}
	if err != nil {
		return fmt.Errorf("set the start at login: %w", err)
	}
	return nil
}

// Refresh writes an entry that is there anew if the program has moved since, and
// reports whether there is one.
func (a Autostart) Refresh() (on bool, err error) {
	if on, err = a.On(); err != nil || !on {
		return on, err
	}
	return true, a.Set(true)
}

// check refuses what cannot be written into an entry.
func (a Autostart) check() error {
	for _, word := range append([]string{a.Name, a.Program}, a.Args...) {
		for _, r := range word {
			if r < ' ' {
				return fmt.Errorf("%q has a control character", word)
			}
		}
	}
	if !filepath.IsAbs(a.Program) {
		return fmt.Errorf("%s is not an absolute path", a.Program)
	}
	return nil
}
