package assets

import "embed"

//go:embed manual/*.md
var manuals embed.FS

// Manual returns the manual for users in a language, or in Fallback if lang is none of
// Languages. It is Markdown with tables and with an id after each heading, and has
// {{NAME}} on a line of its own where the program puts in what it knows better.
func Manual(lang string) string {
	text, err := manuals.ReadFile("manual/" + lang + ".md")
	if err != nil {
		text, err = manuals.ReadFile("manual/" + Fallback + ".md")
	}
	if err != nil {
		panic("assets: " + err.Error()) // the embedded files are part of the program
	}
	return string(text)
}
