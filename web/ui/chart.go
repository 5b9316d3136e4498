package ui

// Chart is a picture of numbers over time with the same in words and in a table.
type Chart struct {
	// ID is that of its section.
	ID, Title string
	// Ranges are the stretches of time to choose from.
	Ranges []Choice
	// Lines are the numbers, two at most, and Marks is the path of failures, in a picture of
	// 600 by 120. MarkWord says what the marks are; empty where there are never any.
	Lines           []Line
	Marks, MarkWord string
	// Top is the number at the upper edge; Start and End are the times at the sides.
	Top, Start, End string
	// Plot tells the script how to draw the same.
	Plot string
	// Texts are what the picture shows, in sentences.
	Texts []string
	Head  []string
	Rows  [][]string
}

// Line is one line of a Chart.
type Line struct{ Path, Word string }
