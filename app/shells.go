package app

import "embed"

// scripts teach shells to ask this program what can come next. They know nothing of its
// commands.
//
//go:embed shells/*
var scripts embed.FS

// shells are those that have a script.
func shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

// completionScript is the script for one of shells.
func completionScript(shell string) string {
	text, err := scripts.ReadFile("shells/" + shell)
	if err != nil {
		panic(err) // the scripts are part of the program
	}
	return string(text)
}
