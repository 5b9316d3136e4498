package config

import "strings"

// Nearest returns the known name that name was probably meant to be: the same
// but for case, hyphens and underscores, or at most two slips of the
// keyboard away. Short names allow one slip.
func Nearest(name string, known []string) (string, bool) {
	if len(name) > 64 {
		return "", false
	}
	plain := foldName(name)
	best, slips := "", 3
	for _, k := range known {
		if k == name {
			return "", false
		}
		folded := foldName(k)
		if plain == folded {
			return k, true
		}
		allowed := 2
		if len(folded) < 6 {
			allowed = 1
		}
		if d := distance(plain, folded); d <= allowed && d < slips {
			best, slips = k, d
		}
	}
	return best, best != ""
}

func foldName(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(s), "_", ""), "-", "")
}

// distance counts the slips between two words: a letter too many, too few or
// another, or two neighbours swapped.
func distance(a, b string) int {
	if len(a)-len(b) > 2 || len(b)-len(a) > 2 {
		return 3
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
