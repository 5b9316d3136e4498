package app

import (
	"context"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"xiaozhi-switchboard/assets"
)

// TestReadmesNameEveryCommand and every option, and no other, in both languages.
func TestReadmesNameEveryCommand(t *testing.T) {
	var grammar cli
	model := newParser(&console{ctx: context.Background(), out: io.Discard, err: io.Discard, words: assets.Words("en")}, &grammar, func(int) {}).Model
	for _, file := range []string{"../README.md", "../README.zh.md"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var rows []string // of the table of commands
		for line := range strings.Lines(string(raw)) {
			if strings.HasPrefix(line, "| `… ") || strings.HasPrefix(line, "| `"+programName) {
				rows = append(rows, strings.ReplaceAll(line, `\|`, " "))
			}
		}
		known := map[string]bool{"--help": true}
		for _, node := range model.Leaves(true) {
			words := strings.Fields(node.Path())
			named := node == model.DefaultCmd
			for _, row := range rows {
				words := append([]string{}, words...)
				for _, word := range strings.Fields(strings.ReplaceAll(row, "`", " ")) {
					if len(words) > 0 && word == words[0] {
						words = words[1:]
					}
				}
				named = named || len(words) == 0
			}
			if !named {
				t.Errorf("%s does not name the command %q", file, node.Path())
			}
			for _, group := range node.AllFlags(true) {
				for _, f := range group {
					known["--"+f.Name] = true
				}
			}
		}
		text := string(raw)
		for flag := range known {
			if flag != "--help" && !strings.Contains(text, flag) {
				t.Errorf("%s does not name the option %s", file, flag)
			}
		}
		for _, row := range rows {
			for _, flag := range regexp.MustCompile(`--[a-z-]+`).FindAllString(row, -1) {
				if !known[flag] {
					t.Errorf("%s names the option %s, which there is not", file, flag)
				}
			}
		}
	}
}
