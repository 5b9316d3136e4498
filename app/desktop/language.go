package desktop

import "strings"

// Languages returns the languages that the user has chosen in the settings of the system,
// the best liked first, as tags such as zh-Hans-CN; nil where they cannot be had. On
// Linux nothing but the environment tells, so there it is nil always. On macOS it asks
// another program, which takes some milliseconds.
func Languages() []string { return languages() }

// appleLanguages reads what "defaults read -g AppleLanguages" prints: a list in brackets,
// its elements between commas, in quotes where they hold more than letters.
func appleLanguages(printed string) (tags []string) {
	for word := range strings.FieldsFuncSeq(printed, func(r rune) bool { return strings.ContainsRune("()\", \t\r\n", r) }) {
		tags = append(tags, word)
	}
	return tags
}
