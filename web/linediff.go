package web

import (
	"strings"

	"xiaozhi-switchboard/web/ui"
)

const (
	// diffAround is how many lines that are the same are shown beside those that are not.
	diffAround = 3
	// diffMost bounds the work of a comparison: two texts that differ in more lines are
	// shown as replaced as a whole.
	diffMost = 1500
)

// lineDiff compares two texts by lines, and shows what changed with some lines around.
// It is empty when they are the same.
func lineDiff(before, after string) []ui.DiffLine {
	a, b := splitLines(before), splitLines(after)
	all := make([]ui.DiffLine, 0, len(b))
	from, to := 0, 0
	for from < min(len(a), len(b)) && a[from] == b[from] {
		from++
	}
	for to < min(len(a), len(b))-from && a[len(a)-1-to] == b[len(b)-1-to] {
		to++
	}
	for i := range from {
		all = append(all, ui.DiffLine{Sign: ' ', Line: i + 1, Text: a[i]})
	}
	all = append(all, middle(a[from:len(a)-to], b[from:len(b)-to], from)...)
	for i := range to {
		all = append(all, ui.DiffLine{Sign: ' ', Line: len(b) - to + i + 1, Text: b[len(b)-to+i]})
	}
	return around(all)
}

// middle compares by the longest row of lines that both have. Line numbers of b start
// after skipped.
func middle(a, b []string, skipped int) []ui.DiffLine {
	var all []ui.DiffLine
	removed := func(s string) { all = append(all, ui.DiffLine{Sign: '-', Text: s}) }
	added := func(j int) { all = append(all, ui.DiffLine{Sign: '+', Line: skipped + j + 1, Text: b[j]}) }
	if len(a) > diffMost || len(b) > diffMost {
		for _, s := range a {
			removed(s)
		}
		for j := range b {
			added(j)
		}
		return all
	}
	// length[i][j] is that of the longest row of a[i:] and b[j:].
	length := make([][]uint16, len(a)+1)
	for i := range length {
		length[i] = make([]uint16, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			all = append(all, ui.DiffLine{Sign: ' ', Line: skipped + j + 1, Text: b[j]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && length[i+1][j] >= length[i][j+1]:
			removed(a[i])
			i++
		default:
			added(j)
			j++
		}
	}
	return all
}

// around leaves out lines that are far from any change, and marks where.
func around(all []ui.DiffLine) []ui.DiffLine {
	near := make([]bool, len(all))
	for i, l := range all {
		if l.Sign == ' ' {
			continue
		}
		for k := max(0, i-diffAround); k < min(len(all), i+diffAround+1); k++ {
			near[k] = true
		}
	}
	var shown []ui.DiffLine
	for i, l := range all {
		switch {
		case near[i]:
			shown = append(shown, l)
		case i > 0 && near[i-1] && i+1 < len(all):
			shown = append(shown, ui.DiffLine{Sign: '…'})
		}
	}
	if n := len(shown); n > 0 && shown[n-1].Sign == '…' {
		shown = shown[:n-1]
	}
	return shown
}

// splitLines splits at line ends of any kind; the last line may be without one.
func splitLines(s string) []string {
	if s == "" {
		return nil
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// diffCount is how many lines a comparison adds and removes.
func diffCount(lines []ui.DiffLine) (added, removed int) {
	for _, l := range lines {
		switch l.Sign {
		case '+':
			added++
		case '-':
			removed++
		}
	}
	return added, removed
}
