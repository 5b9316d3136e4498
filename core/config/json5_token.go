package config

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// maxNumber bounds the text of one number, so that no conversion is slow.
const maxNumber = 256

// quoted passes a string in single or double quotes.
func (r *rewriter) quoted() {
	start, quote := r.pos, r.in[r.pos]
	plain := quote == '"'
	text := []byte{'"'}
	i := start + 1
	for {
		if i >= len(r.in) {
			r.fail(start, "quote-open", map[string]any{"want": string(quote)}, "the text in quotes that starts here is never closed; add %c where it ends", quote)
		}
		c := r.in[i]
		switch {
		case c == quote:
			i++
			if plain {
				r.copy(i - start)
			} else {
				r.replace(i-start, string(append(text, '"')))
			}
			return
		case c == '\n' || c == '\r':
			r.fail(start, "quote-line", map[string]any{"want": string(quote)}, "the text in quotes that starts here is not closed on its line; add %c where it ends", quote)
		case c == '\\':
			n, spelled := r.escape(i)
			if spelled != string(r.in[i:i+n]) {
				plain = false
			}
			text = append(text, spelled...)
			i += n
		case c < ' ':
			plain = false
			text = fmt.Appendf(text, `\u%04x`, c)
			i++
		case c == '"': // inside single quotes
			text = append(text, `\"`...)
			i++
		default:
			text = append(text, c)
			i++
		}
	}
}

// escape returns the length of the escape sequence at i and its spelling in JSON.
func (r *rewriter) escape(i int) (n int, spelled string) {
	if i+1 >= len(r.in) {
		return 1, `\\` // the caller finds the end of the file next
	}
	c, width := utf8.DecodeRune(r.in[i+1:])
	n = 1 + width
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return n, string(r.in[i : i+n])
	case '\'':
		return n, `'`
	case 'v':
		return n, `\u000b`
	case '\n', '\u2028', '\u2029':
		return n, ""
	case '\r':
		if i+2 < len(r.in) && r.in[i+2] == '\n' {
			n++
		}
		return n, ""
	case 'u':
		r.hexDigits(i, 4)
		return 6, string(r.in[i : i+6])
	case 'x':
		r.hexDigits(i, 2)
		return 4, `\u00` + string(r.in[i+2:i+4])
	case '0':
		if i+2 < len(r.in) && r.in[i+2] >= '0' && r.in[i+2] <= '9' {
			r.fail(i, "escape-zero", nil, "the escape sequence \\0 must not be followed by a digit; write \\u0000")
		}
		return n, `\u0000`
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		r.fail(i, "escape", map[string]any{"have": string(c)}, "there is no escape sequence \\%c; write \\\\ for a backslash", c)
	}
	if c < ' ' {
		return n, fmt.Sprintf(`\u%04x`, c)
	}
	return n, string(c)
}

func (r *rewriter) hexDigits(i, digits int) {
	for k := i + 2; k < i+2+digits; k++ {
		if k >= len(r.in) || !isHex(r.in[k]) {
			r.fail(i, "escape-hex", map[string]any{"have": string(r.in[i+1]), "digits": digits}, "the escape sequence \\%c needs %d hexadecimal digits; write \\\\ for a backslash", r.in[i+1], digits)
		}
	}
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// identifier reads a bare word without passing it. It returns 0 if there is none.
func (r *rewriter) identifier() (name string, n int) {
	var text []byte
	i := r.pos
	for i < len(r.in) {
		c, width := utf8.DecodeRune(r.in[i:])
		if c == '\\' && i+1 < len(r.in) && r.in[i+1] == 'u' {
			r.hexDigits(i, 4)
			code, _ := strconv.ParseUint(string(r.in[i+2:i+6]), 16, 32)
			c, width = rune(code), 6
		}
		first := c == '$' || c == '_' || unicode.IsLetter(c) || unicode.Is(unicode.Nl, c)
		later := unicode.In(c, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc) || c == '\u200c' || c == '\u200d'
		if !first && (i == r.pos || !later) {
			if width == 6 {
				r.fail(i, "key-character", nil, "this character cannot stand in a key without quotes; put the key in quotes")
			}
			break
		}
		text = utf8.AppendRune(text, c)
		i += width
	}
	return string(text), i - r.pos
}

// number passes a number in any spelling of JSON5.
func (r *rewriter) number() {
	start, end := r.pos, r.pos
	for end < len(r.in) && (r.in[end] == '+' || r.in[end] == '-' || r.in[end] == '.' || isAlnum(r.in[end])) {
		end++
	}
	if end-start > maxNumber {
		r.fail(start, "number-long", map[string]any{"limit": maxNumber}, "the number that starts here has more than %d characters", maxNumber)
	}
	spelled, ok := spellNumber(string(r.in[start:end]))
	if !ok {
		r.fail(start, "number", nil, "what stands here is not a number; write a number such as 30000, or put text in quotes")
	}
	if spelled == string(r.in[start:end]) {
		r.copy(end - start)
		return
	}
	r.replace(end-start, spelled)
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// spellNumber turns a JSON5 number into a JSON number of the same value. Infinity
// becomes 1e999, which every reader takes for infinity or refuses; NaN has no such
// spelling.
func spellNumber(s string) (spelled string, ok bool) {
	sign := ""
	digits := s
	switch {
	case s == "":
		return "", false
	case s[0] == '-':
		sign, digits = "-", s[1:]
	case s[0] == '+':
		digits = s[1:]
	}
	switch {
	case digits == "":
		return "", false
	case digits == "Infinity":
		return sign + "1e999", true
	case len(digits) > 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'):
		for i := 2; i < len(digits); i++ {
			if !isHex(digits[i]) {
				return "", false
			}
		}
		n, ok := new(big.Int).SetString(digits[2:], 16)
		if !ok {
			return "", false
		}
		return sign + n.String(), true
	}
	whole := 0
	for whole < len(digits) && digits[whole] >= '0' && digits[whole] <= '9' {
		whole++
	}
	after := whole
	if after < len(digits) && digits[after] == '.' {
		after++
		fraction := after
		for after < len(digits) && digits[after] >= '0' && digits[after] <= '9' {
			after++
		}
		switch {
		case whole == 0 && after == fraction:
			return "", false
		case whole == 0:
			digits, after = "0"+digits, after+1
		case after == fraction: // "5." and "5.e3"
			digits, after = digits[:whole]+digits[fraction:], whole
		}
	}
	if after == 0 {
		return "", false
	}
	spelled = sign + digits
	return spelled, json.Valid([]byte(spelled))
}
