package ui

// Activity is what every part of Activity has at its top: the parts there are.
type Activity struct {
	// Tabs are the parts; that of the page is current.
	Tabs []Choice
}
