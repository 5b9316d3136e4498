package app

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
	"xiaozhi-switchboard/core/secret"
)

// valueError is a value that a flag cannot take. What names the text about it.
type valueError struct{ what, have string }

func (e *valueError) Error() string { return "the value " + strconv.Quote(e.have) + " is no " + e.what }

// portFlag is a port to listen on; 0 takes any free one.
type portFlag int

// UnmarshalText reads a port.
func (p *portFlag) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 10, 16)
	if err != nil {
		return &valueError{"port", string(text)}
	}
	*p = portFlag(n)
	return nil
}

// levelFlag is a level of the log; empty leaves it to the configuration.
type levelFlag string

// UnmarshalText reads a level.
func (l *levelFlag) UnmarshalText(text []byte) error {
	switch s := strings.ToLower(string(text)); s {
	case "debug", "info", "warn", "error":
		*l = levelFlag(s)
		return nil
	}
	return &valueError{"level", string(text)}
}

// patience is how long to wait.
type patience time.Duration

// UnmarshalText reads a duration over zero.
func (p *patience) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil || d <= 0 {
		return &valueError{"duration", string(text)}
	}
	*p = patience(d)
	return nil
}

// usageText says what is wrong with a command line. It goes by types and by where the
// parser stopped, never by its English.
func usageText(words *assets.Translator, err error) string {
	var value *valueError
	if errors.As(err, &value) {
		return words.Say("usage."+value.what, "have", secret.Text(value.have))
	}
	var parse *kong.ParseError
	if !errors.As(err, &parse) || parse.Context == nil || len(parse.Context.Path) == 0 {
		return words.Say("usage.other", "reason", err.Error())
	}
	ctx := parse.Context
	node := ctx.Selected()
	if node == nil {
		node = ctx.Model.Node
	}
	if ctx.Error == nil {
		return missingText(words, node, err)
	}
	rest := ctx.Path[len(ctx.Path)-1].Remainder()
	switch {
	case len(rest) == 0:
		return words.Say("usage.other", "reason", err.Error())
	case len(rest[0]) > 1 && rest[0][0] == '-':
		return flagText(words, node, rest[0])
	}
	top := ctx.Model.Node
	if (node == top || node == top.DefaultCmd) && childNamed(top, rest[0]) != nil { // it is there, behind options of a run
		return words.Say("usage.order", "command", rest[0])
	}
	if names := childNames(node); len(names) > 0 {
		return nearText(words, "usage.verb", rest[0], names)
	}
	if node != top.DefaultCmd {
		return words.Say("usage.surplus", "have", secret.Text(rest[0]))
	}
	return nearText(words, "usage.verb", rest[0], childNames(ctx.Model.Node))
}

// flagText is about a flag that does not exist or lacks its value.
func flagText(words *assets.Translator, node *kong.Node, token string) string {
	if node.DefaultCmd != nil {
		node = node.DefaultCmd
	}
	name, _, _ := strings.Cut(token, "=")
	var known []string
	for _, group := range node.AllFlags(true) {
		for _, f := range group {
			if name != "--"+f.Name && (f.Short == 0 || name[:2] != "-"+string(f.Short)) {
				known = append(known, "--"+f.Name)
				continue
			}
			if f.IsBool() {
				return words.Say("usage.switch", "flag", "--"+f.Name)
			}
			return words.Say("usage.novalue", "flag", "--"+f.Name, "value", f.FormatPlaceHolder())
		}
	}
	return nearText(words, "usage.flag", name, known)
}

// nearText is about a word that is not known, with the one that was probably meant.
func nearText(words *assets.Translator, key, have string, known []string) string {
	if meant, ok := config.Nearest(have, known); ok {
		return words.Say(key+".near", "have", have, "meant", meant)
	}
	return words.Say(key, "have", secret.Text(have))
}

// missingText is about a command line that ends too early.
func missingText(words *assets.Translator, node *kong.Node, err error) string {
	for _, arg := range node.Positional {
		if arg.Required && !arg.Set {
			return words.Say("usage.missing", "argument", arg.Summary())
		}
	}
	if names := childNames(node); len(names) > 0 {
		return words.Say("usage.command", "names", strings.Join(names, words.Say("list.comma")))
	}
	return words.Say("usage.other", "reason", err.Error())
}

func childNames(node *kong.Node) []string {
	var names []string
	for _, child := range node.Children {
		names = append(names, child.Name)
	}
	return names
}
