package app

import (
	"os"
	"strings"

	"xiaozhi-switchboard/assets"
)

// language returns the language to speak: the wish, else that of the environment.
func language(wish string) string {
	return assets.Match(wish, locale("LC_ALL"), locale("LC_MESSAGES"), locale("LANG"))
}

// locale reads a POSIX locale such as zh_CN.UTF-8 as a language tag.
func locale(name string) string {
	tag, _, _ := strings.Cut(os.Getenv(name), ".")
	tag, _, _ = strings.Cut(tag, "@")
	return tag
}
