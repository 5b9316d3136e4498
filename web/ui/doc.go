// Package ui renders the pages of the dashboard: templ components and the values
// they show.
//
// A component gets values that are ready to be shown: numbers and times are
// written in the language of the page, causes are chosen, secrets are masked. It
// decides nothing but markup, and imports nothing but templ and the standard
// library. Fixed texts are fetched by key through a Say.
//
// Components that change while a page is open are fragments: each has an element
// with an id of its own, so that a stream can replace it alone. The same values
// render to the same bytes.
package ui

//go:generate go run github.com/a-h/templ/cmd/templ@v0.3.977 generate
