package app

import (
	"strings"
	"testing"

	"xiaozhi-switchboard/assets"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/secret"
)

func TestChoose(t *testing.T) {
	const address = "wss://h.example/mcp/?token=tokenTokenToken"
	id, err := endpoint.Identify(secret.URL(address))
	if err != nil {
		t.Fatal(err)
	}
	list := []candidate{
		{"aaa111", "Kids", "7", "h"}, {"aaa222", "kids", "8", "h"}, {"bbb333", "Study", "9", "h"},
		{"ccc444", "9", "10", "h"}, {"ddd555", "", "11", "h"}, {"eee666", "", "11", "h"}, {id.ID, "", "", "h.example"},
	}
	words := assets.Words("en")
	for word, want := range map[string]string{
		"aaa111": "aaa111", "bbb": "bbb333", "BBB3": "bbb333", "Kids": "aaa111", "kids": "aaa222", "study": "bbb333", " Study ": "bbb333",
		"9": "ccc444", "10": "ccc444", address: id.ID, "8": "aaa222",
		"KIDS": `"KIDS" could be Kids (aaa111), kids (aaa222). Use the ID.`,
		"aaa":  `"aaa" could be Kids (aaa111), kids (aaa222). Use the ID.`,
		"11":   `"11" could be agent 11 (ddd555), agent 11 (eee666). Use the ID.`,
		"bb":   `There is no endpoint "bb". There are Kids (aaa111)`, "": "There is no endpoint",
		"wss://other.example/?token=tokenTokenToken": `There is no endpoint "wss://other.example/?token=***"`,
	} {
		i, err := choose(words, list, word)
		switch {
		case err == nil && list[i].id != want:
			t.Errorf("%q is %s, want %s", word, list[i].id, want)
		case err != nil && !strings.HasPrefix(err.Error(), want):
			t.Errorf("%q: %v, want %s", word, err, want)
		case err != nil && strings.Contains(err.Error(), "tokenTokenToken"):
			t.Errorf("the token is shown: %v", err)
		}
	}
	if _, err := choose(words, nil, "x"); err == nil || err.Error() != words.Say("choose.none") {
		t.Errorf("among none: %v", err)
	}
}
