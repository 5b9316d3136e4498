package app

import (
	"errors"
	"strings"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
)

// shortestID is how much of an ID names an endpoint.
const shortestID = 3

// candidate is an endpoint that a command can be about.
type candidate struct{ id, name, agent, host string }

// label is what to call it.
func (k candidate) label(words *assets.Translator) string {
	switch {
	case k.name != "":
		return printable(k.name)
	case k.agent != "":
		return words.Say("link.agent", "id", k.agent)
	}
	return k.host
}

// ways are how a word can mean an endpoint, the surest first. The first that fits any
// decides.
var ways = []func(k candidate, word string) bool{
	func(k candidate, word string) bool { return k.id == word },
	func(k candidate, word string) bool { return k.name == word },
	func(k candidate, word string) bool { return k.agent == word },
	func(k candidate, word string) bool { return strings.EqualFold(k.name, word) },
	func(k candidate, word string) bool {
		return len(word) >= shortestID && strings.HasPrefix(k.id, strings.ToLower(word))
	},
}

// choose returns the place in list of the endpoint that a word means: its ID or the
// beginning of it, its name, its agent or its address. The error is a sentence that lists
// what there is.
func choose(words *assets.Translator, list []candidate, word string) (int, error) {
	meant := strings.TrimSpace(word)
	if strings.Contains(meant, "://") {
		if id, err := endpoint.Identify(secret.URL(meant)); err == nil {
			meant = id.ID
		}
	}
	if len(list) == 0 {
		return 0, errors.New(words.Say("choose.none"))
	}
	var found []int
	for _, fits := range ways {
		for i, k := range list {
			if meant != "" && fits(k, meant) {
				found = append(found, i)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	key, shown := "choose.unknown", list
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
	default:
		key, shown = "choose.ambiguous", nil
		for _, i := range found {
			shown = append(shown, list[i])
		}
	}
	var names []string
	for _, k := range shown {
		names = append(names, k.label(words)+" ("+k.id+")")
	}
	return 0, errors.New(words.Say(key, "have", printable(secret.MaskURL(word)), "names", strings.Join(names, words.Say("list.comma"))))
}
