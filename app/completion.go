package app

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// Shells ask the program itself what can come next: the word that is being typed is the
// last argument, or empty when there is nothing of it yet. The second form is for shells
// that cannot pass an empty argument.
const (
	completeWord = "__complete"
	completeNext = "__complete-next"
)

// Lines that stand for the files and folders there are, which shells know best.
const (
	anyFile   = ":files"
	anyFolder = ":folders"
)

// lookTime bounds how long somebody who presses Tab waits for the running program, unless
// the one who asks has a time of their own.
const lookTime = time.Second

type completionCmd struct {
	Shell shellFlag `arg:"" complete:"shell" help:"${help_completion_shell}"`
}

// shellFlag is a shell that has a script.
type shellFlag string

// UnmarshalText reads the name of a shell.
func (s *shellFlag) UnmarshalText(text []byte) error {
	name := strings.ToLower(string(text))
	if name == "pwsh" {
		name = "powershell"
	}
	if !slices.Contains(shells(), name) {
		return &valueError{"shell", string(text)}
	}
	*s = shellFlag(name)
	return nil
}

// Run prints the script that a shell should read.
func (k *completionCmd) Run(c *console) error {
	_, err := io.WriteString(c.out, completionScript(string(k.Shell)))
	return err
}

// completes reports whether a command line is the question of a shell.
func completes(args []string) bool {
	return len(args) > 0 && (args[0] == completeWord || args[0] == completeNext)
}

// complete answers a shell: one candidate a line, with a tab and a description.
func complete(c *console, model *kong.Application, args []string) {
	line := args[1:]
	if args[0] == completeNext || len(line) == 0 {
		line = append(slices.Clone(line), "")
	}
	k := completer{c: c}
	for _, found := range k.candidates(model.Node, line) {
		text := found.word
		if about := printable(found.about); about != "" {
			text += "\t" + about
		}
		fmt.Fprintln(c.out, text)
	}
}

// suggestion is a word that can come next.
type suggestion struct{ word, about string }

// completer knows what can come next on a command line.
type completer struct {
	c    *console
	data string // what --data says
}

// candidates are what can stand for the last word of line, which may have begun.
func (k *completer) candidates(node *kong.Node, line []string) []suggestion {
	var waiting *kong.Flag // for its value
	places := 0            // arguments that are there already
	line = split(line)
	last := line[len(line)-1]
	for _, word := range line[:len(line)-1] {
		switch {
		case waiting != nil:
			if waiting.Name == "data" {
				k.data = word
			}
			waiting = nil
		case strings.HasPrefix(word, "-") && word != "-":
			if f := flagNamed(node, word); f != nil && !f.IsBool() {
				waiting = f
			}
		case childNamed(node, word) != nil:
			node = childNamed(node, word)
		default:
			places++
		}
	}
	var list []suggestion
	switch {
	case waiting != nil:
		list = k.values(waiting.Value)
	case strings.HasPrefix(last, "-") && last != "-":
		for _, f := range flagsOf(node) {
			about := f.Help
			if f.Name == "help" {
				about = k.c.words.Say("help.page.help")
			}
			list = append(list, suggestion{"--" + f.Name, about})
		}
	default:
		if places == 0 {
			for _, child := range node.Children {
				if !child.Hidden {
					list = append(list, suggestion{child.Name, child.Help})
				}
			}
		}
		if places < len(node.Positional) {
			list = append(list, k.values(node.Positional[places])...)
		}
	}
	return slices.DeleteFunc(list, func(s suggestion) bool {
		return s.word != anyFile && s.word != anyFolder && !strings.HasPrefix(s.word, last)
	})
}

// split takes --flag=value apart, and drops the = that bash makes a word of its own.
func split(line []string) []string {
	var words []string
	for i, word := range line {
		name, value, joined := strings.Cut(word, "=")
		switch {
		case word == "=" && i == len(line)-1:
			words = append(words, "")
		case word == "=":
		case joined && strings.HasPrefix(word, "--"):
			words = append(words, name, value)
		default:
			words = append(words, word)
		}
	}
	return words
}

// values are what can stand for a flag's value or an argument.
func (k *completer) values(v *kong.Value) []suggestion {
	switch v.Tag.Get("complete") {
	case "file":
		return []suggestion{{word: anyFile}}
	case "folder":
		return []suggestion{{word: anyFolder}}
	case "level":
		return suggested("debug", "info", "warn", "error")
	case "role":
		return []suggestion{{"serve", k.c.words.Say("role.serve")}, {"call", k.c.words.Say("role.call")}}
	case "shell":
		return suggested(shells()...)
	case "endpoint":
		return k.endpoints()
	case "tool":
		return k.tools()
	}
	return nil
}

func suggested(list ...string) []suggestion {
	var all []suggestion
	for _, word := range list {
		all = append(all, suggestion{word: word})
	}
	return all
}

// endpoints are those there are: by name where a shell would take it as one plain word,
// else by ID. What cannot be read is nobody's answer.
func (k *completer) endpoints() []suggestion {
	c := *k.c
	ctx, cancel := k.look()
	defer cancel()
	c.ctx = ctx
	path, r, err := fileFlags{placeFlags: placeFlags{Data: k.data}}.file(&c)
	if err != nil {
		return nil
	}
	list, err := endpointReports(&c, path, r)
	if err != nil {
		return nil
	}
	var all []suggestion
	for _, e := range list {
		s := suggestion{e.Name, hostOf(e.Endpoint)}
		if !plain(e.Name) {
			s = suggestion{e.ID, e.candidate().label(c.words)}
		}
		if s.word != "" {
			all = append(all, s)
		}
	}
	return all
}

// look bounds a question to the running program.
func (k *completer) look() (context.Context, context.CancelFunc) {
	if _, has := k.c.ctx.Deadline(); has {
		return context.WithCancel(k.c.ctx)
	}
	return context.WithTimeout(k.c.ctx, lookTime)
}

// plain reports whether a word means itself in every shell.
func plain(word string) bool {
	return word != "" && word[0] != '-' && !strings.ContainsFunc(word, func(r rune) bool {
		return r < 0x80 && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_.", r)) || columns(string(r)) == 0 || printable(string(r)) == ""
	})
}

// tools are those that can be called.
func (k *completer) tools() []suggestion {
	ctx, cancel := k.look()
	defer cancel()
	r, err := placeFlags{Data: k.data}.find(k.c)
	if err != nil || r == nil {
		return nil
	}
	var list []toolReport
	if r.read(ctx, "/api/v1/tools", &list) != nil {
		return nil
	}
	var all []suggestion
	for _, t := range list {
		if t.Enabled {
			all = append(all, suggestion{t.Name, clip(printable(t.Description), noteColumns)})
		}
	}
	return all
}

func childNamed(node *kong.Node, name string) *kong.Node {
	i := slices.IndexFunc(node.Children, func(child *kong.Node) bool { return child.Name == name })
	if i < 0 {
		return nil
	}
	return node.Children[i]
}

// flagsOf are the flags that may come after a command.
func flagsOf(node *kong.Node) []*kong.Flag {
	if node.DefaultCmd != nil {
		node = node.DefaultCmd
	}
	var all []*kong.Flag
	for _, group := range node.AllFlags(true) {
		all = append(all, group...)
	}
	return all
}

func flagNamed(node *kong.Node, word string) *kong.Flag {
	for _, f := range flagsOf(node) {
		if word == "--"+f.Name || f.Short != 0 && word == "-"+string(f.Short) {
			return f
		}
	}
	return nil
}
