package app

import (
	"os"
	"strings"
	"sync"

	"xiaozhi-switchboard/app/desktop"
	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/config"
)

// language returns the language to speak: the wish, else that of the environment, else
// that of the system's settings.
func language(wish string) string { return spoken(wish, os.Getenv, systemLanguages) }

// systemLanguages are asked for once: a change there is seen at the next start.
var systemLanguages = sync.OnceValue(desktop.Languages)

// spoken chooses the language. The system is asked only where the environment says
// nothing, as when a program is started by a click on Windows and macOS.
func spoken(wish string, getenv func(string) string, system func() []string) string {
	wishes, silent := []string{wish}, true
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value := getenv(name)
		wishes, silent = append(wishes, locale(value)), silent && value == ""
	}
	if silent {
		wishes = append(wishes, system()...)
	}
	return assets.Match(wishes...)
}

// locale reads a POSIX locale such as zh_CN.UTF-8 as a language tag.
func locale(value string) string {
	tag, _, _ := strings.Cut(value, ".")
	tag, _, _ = strings.Cut(tag, "@")
	return tag
}

// wished is the language that the configuration asks for which a command line is about:
// the file that it names, that of the running program, or the one that a run would use.
// It is empty when the file asks for none or cannot be read, which is told elsewhere.
func wished(args []string) string {
	path := valueOf(args, "--config", "-c")
	if path == "" {
		params := Params{Data: valueOf(args, "--data", "")}
		if dir, err := params.dataDir(); err == nil {
			found, _ := desktop.Find(dir)
			path = found.Config
		}
	}
	path, err := desktop.FindConfig(path)
	if err != nil {
		return ""
	}
	text, err := config.ReadFile(path)
	if err != nil {
		return ""
	}
	c, err := config.Parse(text, nil)
	if err != nil {
		return ""
	}
	return c.Language
}

// valueOf is the value of a flag on a command line that was not understood yet; empty
// when the flag is not there. Short may be empty.
func valueOf(args []string, long, short string) string {
	for i, word := range args {
		if value, ok := strings.CutPrefix(word, long+"="); ok {
			return value
		}
		if (word == long || short != "" && word == short) && i+1 < len(args) {
			return args[i+1]
		}
		if value, ok := strings.CutPrefix(word, short); ok && short != "" && value != "" && !strings.HasPrefix(word, "--") {
			return strings.TrimPrefix(value, "=")
		}
	}
	return ""
}
