// Package journal remembers what happened lately: events, calls of tools, and calls
// that moved from one source to another.
//
// It holds all of it in memory, within bounds of number and of bytes, and forgets
// the oldest first. It knows no words: what happened is told by short codes, whose
// meaning is that of who writes and who reads. It never learns what a call was
// given or what it answered, only how much that was.
package journal
