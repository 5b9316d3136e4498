package config

import (
	"sort"
	"unicode/utf8"
)

// mark says that from offset out of the rewritten text on, the bytes come from
// offset in of the original.
type mark struct{ out, in int }

// positions leads from offsets of rewritten text back to the original.
type positions struct {
	original []byte
	marks    []mark // ascending; the first is {0, start}
}

// offset returns where in the original the byte at out of the rewritten text
// comes from. Inside a token that was rewritten it stays within that token.
func (p *positions) offset(out int) int {
	i := sort.Search(len(p.marks), func(i int) bool { return p.marks[i].out > out }) - 1
	if i < 0 {
		return min(out, len(p.original))
	}
	in := p.marks[i].in + out - p.marks[i].out
	if i+1 < len(p.marks) {
		in = min(in, p.marks[i+1].in)
	}
	return min(max(in, 0), len(p.original))
}

// lineColumn returns the line and the column of an offset, both counted from
// one, the column in characters. LF, CR LF and a lone CR end a line.
func lineColumn(text []byte, offset int) (line, column int) {
	offset = min(offset, len(text))
	start := 0
	line = 1
	for i := 0; i < offset; i++ {
		if text[i] == '\n' || text[i] == '\r' && (i+1 >= len(text) || text[i+1] != '\n') {
			line++
			start = i + 1
		}
	}
	if start == 0 && len(text) >= len(byteOrderMark) && string(text[:len(byteOrderMark)]) == byteOrderMark {
		start = min(len(byteOrderMark), offset)
	}
	return line, 1 + utf8.RuneCount(text[start:offset])
}
