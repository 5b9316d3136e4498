package ui

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// breakable is a long name, which a browser may break where its parts meet. It is no template,
// for those put spaces between their parts, and whoever copies a name wants none.
func breakable(name string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		parts := nameParts(name)
		for i, part := range parts {
			parts[i] = templ.EscapeString(part)
		}
		_, err := io.WriteString(w, strings.Join(parts, "<wbr>"))
		return err
	})
}

// nameParts are the parts of the name of a tool, which "__" ends, or of a key, which a dot
// does before a letter: together they are the name.
func nameParts(name string) []string {
	var parts []string
	start := 0
	for i := 1; i < len(name); i++ {
		after := strings.HasSuffix(name[:i], "__") && name[i] != '_'
		if dot := name[i-1] == '.' && i > 1 && isLetter(name[i]) && isLetter(name[i-2]); after || dot {
			parts = append(parts, name[start:i])
			start = i
		}
	}
	return append(parts, name[start:])
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
