package tray

// surface is the toolkit beneath a tray. All calls but Run and Quit come from one
// goroutine.
type surface interface {
	// Run shows the icon until Quit, and calls ready, on a goroutine of its own, when
	// the menu can be made; the menu is not shown before ready has returned. First is
	// for systems that read it at once.
	Run(first *Model, ready func())
	Quit()
	Icon(icon Icon, badge bool)
	Tooltip(text string)
	// Add puts a row at the end of the menu or of the submenu of parent; Clear takes
	// all rows away. A line has no entry.
	Add(parent entry, row *Row) entry
	Clear()
}

// entry is one row as the toolkit has it.
type entry interface {
	// Change makes the row look like now.
	Change(before, now *Row)
	// Clicks has a value for each click, and is closed when the row is taken away.
	Clicks() <-chan struct{}
}
